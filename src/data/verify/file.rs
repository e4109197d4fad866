//! Checking one data file in one pass.

use std::io::{self, Read};
use std::path::Path;

use super::Problem;
use crate::data::checksum::{Md5Digest, Md5Reader};
use crate::data::error::{DataError, DataErrorKind};
use crate::data::manifest::ManifestEntry;
use crate::data::reader::ItemReader;

/// What [`verify_data_file`] found.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileCheck {
    /// How many bytes were read.
    pub bytes: u64,
    /// How many items were read; those before the fault if the file is not valid.
    pub items: u64,
    /// The checksum of what was read, unless reading failed.
    pub md5: Option<Md5Digest>,
    /// All that is wrong with the file.
    pub problems: Vec<Problem>,
    pub(super) was_found: bool,
    /// It has been read to its end and is what a data file should be.
    pub(super) is_valid: bool,
}

impl FileCheck {
    /// True if nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn not_opened(path: &Path, error: io::Error) -> FileCheck {
        let was_found = error.kind() != io::ErrorKind::NotFound;
        let problem = if was_found {
            Problem::Invalid(DataError::read(error).in_file(path))
        } else {
            Problem::MissingFile {
                path: path.to_owned(),
            }
        };
        FileCheck {
            bytes: 0,
            items: 0,
            md5: None,
            problems: vec![problem],
            was_found,
            is_valid: false,
        }
    }
}

/// Reads a data file from its first byte to its last, and checks it against what the manifest
/// says about it: the MD5 checksum, that it is valid, and the number of its items, in one pass
/// and in constant memory.
///
/// `path` only names the file in what is reported. A file that arrives over the network can be
/// checked on its way to the disk by a `source` that writes what it reads.
///
/// ```
/// use std::path::Path;
/// use simpledb_export::data::{
///     DEFAULT_MAX_ITEM_BYTES, ManifestEntry, Md5Digest, verify_data_file,
/// };
///
/// let file = br#"[{"itemName":"a","attributes":[]}]"#;
/// let entry = ManifestEntry::new("data/a.json")
///     .md5_checksum(Md5Digest::of(file))
///     .data_file_item_count(2);
/// let check =
///     verify_data_file(&file[..], Path::new("a.json"), &entry, DEFAULT_MAX_ITEM_BYTES);
/// assert_eq!(check.items, 1);
/// assert_eq!(
///     check.problems[0].to_string(),
///     "a.json: has 1 items, but the manifest says 2; fetch it again"
/// );
/// ```
pub fn verify_data_file(
    source: impl Read,
    path: &Path,
    entry: &ManifestEntry,
    max_item_bytes: usize,
) -> FileCheck {
    let mut source = Md5Reader::new(source);
    let mut reader = ItemReader::new(&mut source)
        .path(path)
        .max_item_bytes(max_item_bytes);
    let (items, mut outcome) = reader.check();
    let mut was_read = !matches!(&outcome, Err(error) if error.kind() == DataErrorKind::Read);
    if was_read && outcome.is_err() {
        // The checksum needs the rest as well.
        if let Err(error) = io::copy(reader.source_mut(), &mut io::sink()) {
            outcome = Err(DataError::read(error).in_file(path));
            was_read = false;
        }
    }
    let (bytes, md5) = source.finish();

    let path = || path.to_owned();
    let mut problems = Vec::new();
    match entry.md5_checksum {
        None => problems.push(Problem::NoChecksum { path: path() }),
        Some(expected) if was_read && expected != md5 => {
            problems.push(Problem::ChecksumMismatch {
                path: path(),
                expected,
                actual: md5,
            });
        }
        Some(_) => {}
    }
    let is_valid = outcome.is_ok();
    match (outcome, entry.data_file_item_count) {
        (Err(error), _) => problems.push(Problem::Invalid(error)),
        (Ok(()), None) => problems.push(Problem::NoItemsCount { path: path() }),
        (Ok(()), Some(expected)) if expected != items => {
            problems.push(Problem::ItemsMismatch {
                path: path(),
                expected,
                actual: items,
            });
        }
        (Ok(()), Some(_)) => {}
    }
    FileCheck {
        bytes,
        items,
        md5: was_read.then_some(md5),
        problems,
        was_found: true,
        is_valid,
    }
}

//! Fetches the data files of an export, several at once.

use std::fs::{self, Metadata};
use std::io::{self, BufReader};
use std::path::Path;

use super::DownloadReport;
use super::object::{OnBytes, fetch};
use super::partial_file::{PartialFile, remove_leftovers};
use crate::data::checksum::Md5Digest;
use crate::data::error::{Error, ErrorKind};
use crate::data::export::Export;
use crate::data::keys::whole_of;
use crate::data::manifest::{Entry, MANIFEST_FILE, MANIFEST_SUMMARY};
use crate::data::parallel;
use crate::data::progress::{Callback, Tracker};
use crate::data::s3::bucket::Bucket;
use crate::data::source::{Source, open_regular};

/// A data file that is complete.
struct Complete {
    bytes: u64,
    was_fetched: bool,
}

/// Completes all files of `export`, or returns the first error, which ends all threads.
/// `export_key` is the prefix of the export's keys.
pub(super) fn fetch_all(
    bucket: &Bucket,
    export_key: &str,
    export: Export,
    threads: usize,
    callback: Callback<'_>,
) -> Result<DownloadReport, Error> {
    let reserved = |entry: &&Entry| {
        whole_of(&entry.path).is_some() || [MANIFEST_FILE, MANIFEST_SUMMARY].contains(&&*entry.path)
    };
    let invalid = |message: String| {
        let error = Error::new(ErrorKind::InvalidManifest, message);
        Err(error.in_file(&export.dir().join(MANIFEST_FILE)))
    };
    if let Some(entry) = export.entries.iter().find(reserved) {
        return invalid(format!(
            "the name {} is reserved for the download itself",
            entry.path
        ));
    }
    if let Some([one, other]) = indistinct(&export.entries) {
        return invalid(format!(
            "lists {one} and {other}, which are the same file on a disk that ignores case"
        ));
    }
    let cancelled = "the download was cancelled; run it again to resume";
    let tracker = Tracker::new(cancelled, &export.entries, callback);
    let complete = parallel::try_map(threads, &export.entries, tracker.stop(), |entry| {
        let path = export.data_file(entry).path();
        let key = format!("{export_key}/{}", entry.path);
        complete(bucket, &key, &path, entry, &tracker)
    })?;
    let items = export.entries.iter().filter_map(|entry| entry.items);
    let files = complete.len() as u64;
    let fetched_files = complete.iter().filter(|file| file.was_fetched).count() as u64;
    Ok(DownloadReport {
        files,
        bytes: complete.iter().map(|file| file.bytes).sum(),
        items: items.fold(0, u64::saturating_add),
        fetched_files,
        kept_files: files - fetched_files,
        export,
    })
}

/// Returns two paths that differ in case only, if there are any.
fn indistinct(entries: &[Entry]) -> Option<[&str; 2]> {
    fn folded(path: &str) -> impl Iterator<Item = u8> {
        path.bytes().map(|byte| byte.to_ascii_lowercase())
    }
    let mut paths: Vec<&str> = entries.iter().map(|entry| &*entry.path).collect();
    paths.sort_unstable_by(|one, other| folded(one).cmp(folded(other)));
    paths.windows(2).find_map(|pair| match pair {
        [one, other] if one.eq_ignore_ascii_case(other) => Some([*one, *other]),
        _ => None,
    })
}

/// Completes one file: keeps it if it is right, and fetches it otherwise.
fn complete(
    bucket: &Bucket,
    key: &str,
    path: &Path,
    entry: &Entry,
    tracker: &Tracker<'_>,
) -> Result<Complete, Error> {
    let mut progress = tracker.file(entry.items.unwrap_or_default());
    if let Some(bytes) = existing(path, entry.md5)? {
        remove_leftovers(path)?;
        progress.complete(bytes)?;
        return Ok(Complete {
            bytes,
            was_fetched: false,
        });
    }
    let mut file = PartialFile::open(path)?;
    let fetched = fetch_verified(bucket, key, entry.md5, &mut file, &mut |bytes, length| {
        progress.set(bytes, length)
    });
    if let Err(error) = fetched {
        if file.bytes() == 0 {
            file.discard()?;
        }
        return Err(error);
    }
    let bytes = file.bytes();
    file.keep()?;
    progress.complete(bytes)?;
    Ok(Complete {
        bytes,
        was_fetched: true,
    })
}

/// Fetches a file until its checksum is right, but at most twice.
fn fetch_verified(
    bucket: &Bucket,
    key: &str,
    md5: Option<Md5Digest>,
    file: &mut PartialFile,
    on_bytes: &mut OnBytes<'_>,
) -> Result<(), Error> {
    let mut was_wrong = false;
    loop {
        fetch(bucket, key, file, on_bytes)?;
        let actual = file.md5();
        let Some(expected) = md5.filter(|expected| *expected != actual) else {
            return Ok(());
        };
        // It may have been damaged in transit, or where it was left.
        file.start(None)?;
        if was_wrong {
            let message = format!(
                "MD5 checksum is {actual}, expected {expected}, after two downloads: it was \
                 changed after the export; start a new export"
            );
            let error = Error::new(ErrorKind::Changed, message);
            return Err(error.in_file(&bucket.object(key)));
        }
        was_wrong = true;
    }
}

/// Returns the length of the file that exists already, if it is the right one.
fn existing(path: &Path, expected: Option<Md5Digest>) -> Result<Option<u64>, Error> {
    let Some(expected) = expected else {
        return Ok(None);
    };
    let read = |error| Error::read(error).in_file(path);
    let is_replaced = |found: Metadata| !found.is_file() && !found.is_dir();
    if fs::symlink_metadata(path).is_ok_and(is_replaced) {
        return Ok(None);
    }
    let file = match open_regular(path) {
        Ok((file, _)) => file,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.in_file(path)),
    };
    let source = Source::new(Box::new(file), Some(expected));
    let mut source = BufReader::with_capacity(64 * 1024, source);
    let bytes = io::copy(&mut source, &mut io::sink()).map_err(read)?;
    Ok(source.get_mut().finish().is_ok().then_some(bytes))
}

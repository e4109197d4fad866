//! What can be wrong with an export.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::data::checksum::{Md5Digest, mismatch};
use crate::data::error::DataError;
use crate::text::Escaped;

/// Something that is wrong with an export. `Display` is one line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// A manifest is not there: the export has not succeeded, or not all of it was fetched.
    ManifestMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file cannot be read or is not what it should be: torn, not JSON, of another shape, or a
    /// manifest with a key that leads out of the folder.
    Invalid(DataError),
    /// The manifest names the same file more than once.
    NamedTwice {
        /// The file.
        path: PathBuf,
    },
    /// A data file that the manifest names is not there.
    MissingFile {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file lies among the data files that the manifest does not name.
    ExtraFile {
        /// The file.
        path: PathBuf,
    },
    /// The manifest has no checksum for a data file, so that it cannot be checked.
    NoChecksum {
        /// The data file.
        path: PathBuf,
    },
    /// A data file is not the one that was written.
    ChecksumMismatch {
        /// The data file.
        path: PathBuf,
        /// The manifest's checksum.
        expected: Md5Digest,
        /// The file's checksum.
        actual: Md5Digest,
    },
    /// A manifest does not say how many items there are.
    NoItemsCount {
        /// The data file that is not counted, or the summary without a total.
        path: PathBuf,
    },
    /// A data file has another number of items than the manifest says.
    ItemsMismatch {
        /// The data file.
        path: PathBuf,
        /// The manifest's number.
        expected: u64,
        /// The file's number.
        actual: u64,
    },
    /// The data files together have another number of items than the summary says.
    TotalMismatch {
        /// The summary.
        path: PathBuf,
        /// The summary's number.
        expected: u64,
        /// The sum over the data files.
        actual: u64,
    },
    /// The data files together have another number of items than was expected.
    UnexpectedTotal {
        /// The number that was given.
        expected: u64,
        /// The sum over the data files.
        actual: u64,
    },
}

impl Problem {
    /// The file that it is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Problem::Invalid(error) => error.path(),
            Problem::ManifestMissing { path }
            | Problem::NamedTwice { path }
            | Problem::MissingFile { path }
            | Problem::ExtraFile { path }
            | Problem::NoChecksum { path }
            | Problem::ChecksumMismatch { path, .. }
            | Problem::NoItemsCount { path }
            | Problem::ItemsMismatch { path, .. }
            | Problem::TotalMismatch { path, .. } => Some(path),
            Problem::UnexpectedTotal { .. } => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Problem::Invalid(error) = self {
            return error.fmt(f);
        }
        if let Some(path) = self.path() {
            write!(f, "{}: ", Escaped(&path.to_string_lossy()))?;
        }
        match self {
            Problem::Invalid(error) => error.fmt(f),
            Problem::ManifestMissing { .. } => f.write_str(
                "is missing; the export has not succeeded, or has not been fetched whole",
            ),
            Problem::NamedTwice { .. } => f.write_str("is named more than once in the manifest"),
            Problem::MissingFile { .. } => f.write_str("is missing; fetch it"),
            Problem::ExtraFile { .. } => {
                f.write_str("is not in the manifest; it is no part of this export")
            }
            Problem::NoChecksum { .. } => {
                f.write_str("has no checksum in the manifest, and cannot be checked")
            }
            Problem::ChecksumMismatch {
                expected, actual, ..
            } => f.write_str(&mismatch(*expected, *actual)),
            Problem::NoItemsCount { .. } => f.write_str("has no items count in the manifest"),
            Problem::ItemsMismatch {
                expected, actual, ..
            } => write!(
                f,
                "has {actual} items, but the manifest says {expected}; fetch it again"
            ),
            Problem::TotalMismatch {
                expected, actual, ..
            } => write!(f, "says {expected} items, but the data files have {actual}"),
            Problem::UnexpectedTotal { expected, actual } => write!(
                f,
                "{expected} items were expected, but the data files have {actual}"
            ),
        }
    }
}

//! What can be wrong with an export.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::data::checksum::mismatch;
use crate::data::error::Error;
use crate::text::Escaped;

/// Something that is wrong with an export. `Display` is one line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// `manifest-summary.json` does not exist.
    SummaryMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file cannot be read or is not valid: truncated, not JSON, or not of the documented form.
    Invalid(Error),
    /// A data file is what the export wrote, but an item in it cannot be read.
    UnreadableItem(Error),
    /// A data file that the manifest lists does not exist.
    MissingFile {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file among the data files is not listed in the manifest.
    ExtraFile {
        /// The file.
        path: PathBuf,
    },
    /// The manifest has no checksum for a data file, which therefore cannot be checked.
    NoChecksum {
        /// The data file.
        path: PathBuf,
    },
    /// A data file is not what the export wrote.
    ChecksumMismatch {
        /// The data file.
        path: PathBuf,
        /// The manifest's MD5 checksum, in base64.
        expected: String,
        /// The file's MD5 checksum, in base64.
        actual: String,
    },
    /// A manifest does not state how many items there are.
    NoItemsCount {
        /// The data file that is not counted, or the summary.
        path: PathBuf,
    },
    /// A data file contains a different number of items than the manifest states.
    ItemsMismatch {
        /// The data file.
        path: PathBuf,
        /// The number in the manifest.
        expected: u64,
        /// The number in the file.
        actual: u64,
    },
    /// The data files together contain a different number of items than the summary states.
    TotalMismatch {
        /// The summary.
        path: PathBuf,
        /// The number in the summary.
        expected: u64,
        /// The sum over the data files.
        actual: u64,
    },
    /// The data files together contain a different number of items than expected.
    UnexpectedTotal {
        /// The expected number.
        expected: u64,
        /// The sum over the data files.
        actual: u64,
    },
}

impl Problem {
    /// Returns the file concerned, if any.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Problem::Invalid(error) | Problem::UnreadableItem(error) => error.path(),
            Problem::SummaryMissing { path }
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
        if let Problem::Invalid(error) | Problem::UnreadableItem(error) = self {
            return error.fmt(f);
        }
        if let Some(path) = self.path() {
            write!(f, "{}: ", Escaped(&path.to_string_lossy()))?;
        }
        match self {
            Problem::Invalid(error) | Problem::UnreadableItem(error) => error.fmt(f),
            Problem::SummaryMissing { .. } | Problem::MissingFile { .. } => {
                f.write_str("missing; download it")
            }
            Problem::ExtraFile { .. } => {
                f.write_str("not listed in the manifest, so not part of this export")
            }
            Problem::NoChecksum { .. } => {
                f.write_str("cannot be checked: the manifest has no checksum for it")
            }
            Problem::ChecksumMismatch {
                expected, actual, ..
            } => f.write_str(&mismatch(expected, actual)),
            Problem::NoItemsCount { .. } => f.write_str("no item count in the manifest"),
            Problem::ItemsMismatch {
                expected, actual, ..
            } => write!(
                f,
                "contains {actual} items, expected {expected}; download it again"
            ),
            Problem::TotalMismatch {
                expected, actual, ..
            } => write!(
                f,
                "states {expected} items, but the data files contain {actual}"
            ),
            Problem::UnexpectedTotal { expected, actual } => write!(
                f,
                "expected {expected} items, but the data files contain {actual}"
            ),
        }
    }
}

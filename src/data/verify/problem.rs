//! What can be wrong with an export.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::data::error::Error;
use crate::text::Escaped;

/// Something that is wrong with an export. `Display` is one line.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    path: Option<PathBuf>,
    /// With the path, if there is one.
    line: String,
}

/// The kind of a [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A data file that the manifest lists, or `manifest-summary.json`, does not exist.
    Missing,
    /// A file cannot be read or is not valid: truncated, not JSON, or not of the documented form.
    Invalid,
    /// A data file is what the export wrote, but an item in it cannot be read.
    UnreadableItem,
    /// A file among the data files is not listed in the manifest.
    ExtraFile,
    /// The MD5 checksum of a data file is not the manifest's.
    ChecksumMismatch,
    /// A data file contains a different number of items than the manifest states.
    ItemsMismatch,
    /// The data files together contain a different number of items than expected.
    TotalMismatch,
    /// A manifest lacks a checksum or an item count, which therefore cannot be checked.
    Unchecked,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, line: String) -> Problem {
        Problem {
            kind,
            path: None,
            line,
        }
    }

    pub(super) fn of_file(kind: ProblemKind, path: &Path, what: impl fmt::Display) -> Problem {
        let line = format!("{}: {what}", Escaped(&path.to_string_lossy()));
        Problem {
            path: Some(path.to_owned()),
            ..Problem::new(kind, line)
        }
    }

    pub(super) fn missing(path: &Path) -> Problem {
        Problem::of_file(ProblemKind::Missing, path, "missing; download it")
    }

    pub(super) fn no_items_count(path: &Path) -> Problem {
        let what = "no item count in the manifest";
        Problem::of_file(ProblemKind::Unchecked, path, what)
    }

    pub(super) fn error(kind: ProblemKind, error: &Error) -> Problem {
        Problem {
            path: error.path().map(Path::to_owned),
            ..Problem::new(kind, error.to_string())
        }
    }

    /// Returns the kind of the problem.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the file concerned, if any.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

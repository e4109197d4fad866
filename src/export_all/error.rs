//! Why a run could not do its work.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use crate::one_line::Escaped;

/// What kind of thing kept a run from its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportAllErrorKind {
    /// What the run was given cannot work: no domains, an empty name. Nothing was sent.
    InvalidInput,
    /// Another run uses the state file. Nothing was sent.
    InUse,
    /// The state file is of exports with other settings. Nothing was sent.
    OtherSettings,
    /// The state file is of another account than the credentials, or theirs cannot be told. Nothing
    /// was started, unless the account showed only in the answer to the first start: then the
    /// message names the export, and the state file does not know it.
    OtherAccount,
    /// The state file is damaged, or of a later version of this library. Nothing was sent.
    BadState,
    /// The state file could not be read, locked or written. What was sent until then is found
    /// again by the next run.
    Io,
}

/// Why a run of [`ExportAll`](super::ExportAll) could not do its work: one line that says what to
/// do. What the service answered is no such error, but part of the
/// [report](super::ExportAllReport::stopped_by).
#[derive(Debug)]
pub struct ExportAllError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ExportAllErrorKind,
    message: String,
    source: Option<io::Error>,
}

impl ExportAllError {
    pub(super) fn new(kind: ExportAllErrorKind, message: impl Into<String>) -> ExportAllError {
        ExportAllError(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    pub(super) fn io(doing: &str, path: &Path, source: io::Error) -> ExportAllError {
        let message = format!("{}: cannot be {doing}: {source}", path.display());
        let mut error = ExportAllError::new(ExportAllErrorKind::Io, message);
        error.0.source = Some(source);
        error
    }

    /// The same, with more to say.
    pub(super) fn adding(mut self, more: &str) -> ExportAllError {
        self.0.message.push_str(more);
        self
    }

    /// What kind of thing it was.
    #[must_use]
    pub fn kind(&self) -> ExportAllErrorKind {
        self.0.kind
    }
}

impl fmt::Display for ExportAllError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.0.message).fmt(f)
    }
}

impl StdError for ExportAllError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

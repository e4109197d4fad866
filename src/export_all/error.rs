//! Why a run could not do its work.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use crate::text::Escaped;

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
pub struct ExportAllError(Box<Inner>);

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

/// What `main` prints where it returns the error: the line of `Display` with the kind; `{:#?}` has
/// every field.
impl fmt::Debug for ExportAllError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self} ({:?})", self.0.kind);
        }
        f.debug_struct("ExportAllError")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for ExportAllError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_the_line_with_the_kind_unless_all_is_asked_for() {
        let error = ExportAllError::new(ExportAllErrorKind::InUse, "another run");
        assert_eq!(format!("{error:?}"), "another run (InUse)");
        let full = format!("{error:#?}");
        assert!(
            full.starts_with("ExportAllError {\n    kind: InUse,"),
            "{full}"
        );
    }
}

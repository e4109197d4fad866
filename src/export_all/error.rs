//! Why a run failed.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use crate::text::Escaped;

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The inputs are not valid: there are none, or a name is empty. Nothing was sent.
    InvalidInput,
    /// Another run uses the state file. Nothing was sent.
    InUse,
    /// The state file belongs to exports with other settings. Nothing was sent.
    OtherSettings,
    /// The state file belongs to another account than the credentials, or their account is not
    /// known. Nothing was started, unless the account became known only by the first response: then
    /// the message names that export, and the state file does not have it.
    OtherAccount,
    /// The state file is damaged, or was written by a later version of this library. Nothing was
    /// sent.
    BadState,
    /// The state file could not be read, locked or written. The next run recovers what was sent
    /// until then.
    Io,
}

/// Why a run of [`ExportAll`](super::ExportAll) failed: one line that says what to do. Errors of the
/// service are not among these, but in the [report](super::Report::stopped_by).
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<io::Error>,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(super) fn io(action: &str, path: &Path, source: io::Error) -> Error {
        let message = format!("{}: cannot be {action}: {source}", path.display());
        Error {
            source: Some(source),
            ..Error::new(ErrorKind::Io, message)
        }
    }

    /// Adds to the message.
    pub(super) fn adding(mut self, more: &str) -> Error {
        self.message.push_str(more);
        self
    }

    /// Returns the kind of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.message).fmt(f)
    }
}

/// The line of `Display` with the kind, as `main` prints it when it returns the error; `{:#?}` has
/// every field.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self} ({:?})", self.kind);
        }
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("source", &self.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_one_line_with_the_kind_and_alternate_debug_has_every_field() {
        let error = Error::new(ErrorKind::InUse, "another run");
        assert_eq!(format!("{error:?}"), "another run (InUse)");
        let full = format!("{error:#?}");
        assert!(full.starts_with("Error {\n    kind: InUse,"), "{full}");
    }
}

//! Errors of exported data, with their place.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::text::Escaped;

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or directory could not be read.
    Read,
    /// Output could not be written.
    Write,
    /// A file ends before its JSON does.
    Truncated,
    /// A file is not valid JSON or UTF-8, or is JSON, but not of the documented form.
    InvalidData,
    /// A data file is what the export wrote, but an item in it cannot be read.
    UnreadableItem,
    /// An item is larger than the reader's limit.
    ItemTooLarge,
    /// A manifest is too large, lacks a checksum, or lists a data file twice or by a key that is unsafe
    /// as a path.
    InvalidManifest,
    /// An attribute has the name chosen for the item name.
    NameCollision,
    /// There are more attribute names than a table may have columns.
    TooManyColumns,
    /// An option has an invalid value.
    InvalidOption,
    /// A types file is not valid.
    InvalidTypes,
    /// A value does not fit the type of its attribute.
    TypeMismatch,
    /// The export to download has not succeeded.
    NotSucceeded,
    /// An object could not be downloaded; the source is the [`Error`](crate::Error) that says why.
    Fetch,
    /// An object could not be uploaded; the source is the [`Error`](crate::Error) that says why.
    Upload,
    /// A file or object is not what the export wrote, or an object changed during the download.
    Changed,
    /// A progress callback cancelled the operation.
    Cancelled,
    /// Another download to the same directory is in progress.
    InUse,
}

/// An error while downloading, reading, verifying or converting exported data.
///
/// `Display` is one line: the file, byte and item if known, the problem, and what to do.
/// [`source`](StdError::source) returns the underlying I/O error or request
/// [`Error`](crate::Error), if any.
///
/// ```
/// use simpledb_export::data::{ErrorKind, ItemReader};
///
/// let cut = &b"[{\"itemName\":\"a\",\"attributes\":[]},"[..];
/// let mut items = ItemReader::new(cut).path("data/dataFile_1_1.json");
/// assert_eq!(items.next().unwrap()?.item_name, "a");
///
/// let error = items.next().unwrap().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Truncated);
/// assert_eq!((error.byte(), error.item()), (Some(34), Some(2)));
/// assert_eq!(
///     error.to_string(),
///     "data/dataFile_1_1.json: byte 34, item 2: unexpected end of file; download it again"
/// );
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    path: Option<PathBuf>,
    byte: Option<u64>,
    item: Option<u64>,
    item_name: Option<String>,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Messages and names are cut to this length: a parser may quote a long value. AWS names the caller,
/// the action, the resource and the policy, and the advice comes after that.
const MAX_MESSAGE_CHARS: usize = 1000;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message = Cow::Owned(format!("{}…", message.get(..end).unwrap_or_default()));
        }
        Error(Box::new(Inner {
            kind,
            path: None,
            byte: None,
            item: None,
            item_name: None,
            message,
            source: None,
        }))
    }

    pub(crate) fn read(source: io::Error) -> Error {
        Error::of_io(ErrorKind::Read, "cannot be read", source)
    }

    pub(crate) fn write(source: io::Error) -> Error {
        Error::of_io(ErrorKind::Write, "cannot write output", source)
    }

    /// A source or target elsewhere may have failed with an error of this type, which says more.
    fn of_io(kind: ErrorKind, what: &str, source: io::Error) -> Error {
        source.downcast().unwrap_or_else(|source| {
            Error::new(kind, format!("{what}: {source}")).caused_by(source)
        })
    }

    /// Returns whether a file does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        let source = self.0.source.as_deref();
        let source = source.and_then(|source| source.downcast_ref::<io::Error>());
        source.is_some_and(|source| source.kind() == io::ErrorKind::NotFound)
    }

    /// The same error about an item in a file that is what the export wrote.
    pub(crate) fn unreadable(mut self) -> Error {
        self.0.kind = ErrorKind::UnreadableItem;
        let message = format!("{}; skip or replace the item", self.0.message);
        self.0.message = Cow::Owned(message);
        self
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn at_byte(mut self, byte: u64) -> Error {
        self.0.byte = Some(byte);
        self
    }

    pub(crate) fn at_item(mut self, item: u64) -> Error {
        self.0.item = Some(item);
        self
    }

    pub(crate) fn of_item(mut self, name: &str) -> Error {
        self.0.item_name = Some(name.chars().take(MAX_MESSAGE_CHARS).collect());
        self
    }

    pub(crate) fn in_file(mut self, path: &Path) -> Error {
        self.0.path = Some(path.to_owned());
        self
    }

    /// Returns the error's kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the file or directory concerned, if known; for an object in a bucket,
    /// `s3://<bucket>/<key>`.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Returns the byte offset of the fault in the file.
    #[must_use]
    pub fn byte(&self) -> Option<u64> {
        self.0.byte
    }

    /// Returns the number of the item in its file, from 1.
    #[must_use]
    pub fn item(&self) -> Option<u64> {
        self.0.item
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(path) = &inner.path {
            write!(f, "{}: ", Escaped(&path.to_string_lossy()))?;
        }
        match (inner.byte, inner.item) {
            (Some(byte), Some(item)) => write!(f, "byte {byte}, item {item}")?,
            (Some(byte), None) => write!(f, "byte {byte}")?,
            (None, Some(item)) => write!(f, "item {item}")?,
            (None, None) => return write!(f, "{}", Escaped(&inner.message)),
        }
        if let Some(name) = &inner.item_name {
            write!(f, " ({})", Escaped(name))?;
        }
        f.write_str(": ")?;
        write!(f, "{}", Escaped(&inner.message))
    }
}

/// The line of `Display` with the kind, which is what `main` prints; `{:#?}` has every field.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self} ({:?})", self.0.kind);
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("path", &self.0.path)
            .field("byte", &self.0.byte)
            .field("item", &self.0.item)
            .field("item_name", &self.0.item_name)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_file_byte_item_and_cause_in_one_line() {
        let denied = io::Error::new(io::ErrorKind::PermissionDenied, "the cause");
        let error = Error::read(denied)
            .at_byte(7)
            .at_item(2)
            .in_file(Path::new("a\nb.json"));
        assert_eq!(
            error.to_string(),
            "a\\nb.json: byte 7, item 2: cannot be read: the cause"
        );
        assert_eq!(format!("{error:?}"), format!("{error} (Read)"));
        let full = format!("{error:#?}");
        assert!(full.starts_with("Error {\n    kind: Read,"), "{full}");
        assert_eq!(error.source().unwrap().to_string(), "the cause");
    }

    #[test]
    fn omits_what_is_unknown() {
        let error = Error::new(ErrorKind::InvalidData, "no such thing");
        assert_eq!(error.to_string(), "no such thing");
        assert_eq!(
            (error.path(), error.byte(), error.item()),
            (None, None, None)
        );
        let error = error.at_item(3);
        assert_eq!(error.to_string(), "item 3: no such thing");
    }

    #[test]
    fn cuts_a_long_message_at_a_character() {
        let error = Error::new(ErrorKind::InvalidData, "é".repeat(2000));
        assert_eq!(error.to_string().chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn is_small_and_crosses_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}

//! What can be wrong with exported data, and where.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::text::Escaped;

/// What kind of thing went wrong with exported data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataErrorKind {
    /// A file or folder could not be read.
    Read,
    /// What was converted could not be written.
    Write,
    /// A file ends before the JSON in it does.
    Truncated,
    /// A file is not JSON, or not UTF-8.
    InvalidJson,
    /// It is JSON, but not of the documented shape.
    InvalidShape,
    /// An item is longer than the reader's limit.
    ItemTooLarge,
    /// A manifest names a data file by a key that does not stay inside the export's folder.
    UnsafeKey,
    /// An attribute has the name that the target keeps for the item's name.
    NameCollision,
    /// There are more attribute names than the table may have columns.
    TooManyColumns,
    /// An option was given a value that cannot work.
    InvalidOption,
    /// An export is to be downloaded that has not succeeded.
    NotSucceeded,
    /// An object could not be fetched; the source is the [`Error`](crate::Error) that says why.
    Fetch,
    /// An object or a file is not what the export wrote, or an object changed while it was fetched.
    Changed,
    /// The caller ended the download.
    Cancelled,
    /// Another download is under way in the folder.
    InUse,
}

/// Why exported data could not be read, downloaded or converted.
///
/// `Display` is one line: the file, the byte and the item where they are known, and what to do.
/// [`source`](StdError::source) is the operating system's error where there was one, or the
/// [`Error`](crate::Error) that ended a download.
///
/// ```
/// use simpledb_export::data::{DataErrorKind, ItemReader};
///
/// let cut = &b"[{\"itemName\":\"a\",\"attributes\":[]},"[..];
/// let mut items = ItemReader::new(cut).path("data/dataFile_1_1.json");
/// assert_eq!(items.next().unwrap()?.item_name, "a");
///
/// let error = items.next().unwrap().unwrap_err();
/// assert_eq!(error.kind(), DataErrorKind::Truncated);
/// assert_eq!((error.byte(), error.item()), (Some(34), Some(2)));
/// assert_eq!(
///     error.to_string(),
///     "data/dataFile_1_1.json: byte 34, item 2: the file ends too early; fetch it again"
/// );
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
pub struct DataError(Box<Inner>);

struct Inner {
    kind: DataErrorKind,
    path: Option<PathBuf>,
    byte: Option<u64>,
    item: Option<u64>,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The longest message kept: a parser may quote the whole of a long value.
const MAX_MESSAGE_CHARS: usize = 300;

impl DataError {
    pub(crate) fn new(kind: DataErrorKind, message: impl Into<Cow<'static, str>>) -> DataError {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message = Cow::Owned(format!("{}…", message.get(..end).unwrap_or_default()));
        }
        DataError(Box::new(Inner {
            kind,
            path: None,
            byte: None,
            item: None,
            message,
            source: None,
        }))
    }

    pub(crate) fn read(source: io::Error) -> DataError {
        let message = format!("cannot be read: {}", source.kind());
        DataError::new(DataErrorKind::Read, message).caused_by(source)
    }

    pub(crate) fn write(source: io::Error) -> DataError {
        let message = format!("the output cannot be written: {}", source.kind());
        DataError::new(DataErrorKind::Write, message).caused_by(source)
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> DataError {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn at_byte(mut self, byte: u64) -> DataError {
        self.0.byte = Some(byte);
        self
    }

    pub(crate) fn at_item(mut self, item: u64) -> DataError {
        self.0.item = Some(item);
        self
    }

    pub(crate) fn in_file(mut self, path: &Path) -> DataError {
        self.0.path = Some(path.to_owned());
        self
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> DataErrorKind {
        self.0.kind
    }

    /// The file or folder that it is about, if it has a name; of an object in a bucket,
    /// `s3://<bucket>/<key>`.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// How many bytes of the file come before the place of the fault.
    #[must_use]
    pub fn byte(&self) -> Option<u64> {
        self.0.byte
    }

    /// The number of the item in its file; the first is 1.
    #[must_use]
    pub fn item(&self) -> Option<u64> {
        self.0.item
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(path) = &inner.path {
            write!(f, "{}: ", Escaped(&path.to_string_lossy()))?;
        }
        match (inner.byte, inner.item) {
            (Some(byte), Some(item)) => write!(f, "byte {byte}, item {item}: ")?,
            (Some(byte), None) => write!(f, "byte {byte}: ")?,
            (None, Some(item)) => write!(f, "item {item}: ")?,
            (None, None) => {}
        }
        write!(f, "{}", Escaped(&inner.message))
    }
}

/// What `main` prints where it returns the error: the line of `Display` with the kind; `{:#?}` has
/// every field.
impl fmt::Debug for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self} ({:?})", self.0.kind);
        }
        f.debug_struct("DataError")
            .field("kind", &self.0.kind)
            .field("path", &self.0.path)
            .field("byte", &self.0.byte)
            .field("item", &self.0.item)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for DataError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_names_file_byte_item_and_cause() {
        let denied = io::Error::new(io::ErrorKind::PermissionDenied, "the cause");
        let error = DataError::read(denied)
            .at_byte(7)
            .at_item(2)
            .in_file(Path::new("a\nb.json"));
        assert_eq!(
            error.to_string(),
            "a\\nb.json: byte 7, item 2: cannot be read: permission denied"
        );
        assert_eq!(format!("{error:?}"), format!("{error} (Read)"));
        let full = format!("{error:#?}");
        assert!(full.starts_with("DataError {\n    kind: Read,"), "{full}");
        assert_eq!(error.source().unwrap().to_string(), "the cause");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let error = DataError::new(DataErrorKind::InvalidShape, "no such thing");
        assert_eq!(error.to_string(), "no such thing");
        assert_eq!(
            (error.path(), error.byte(), error.item()),
            (None, None, None)
        );
        let error = error.at_item(3);
        assert_eq!(error.to_string(), "item 3: no such thing");
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let error = DataError::new(DataErrorKind::InvalidShape, "é".repeat(1000));
        assert_eq!(error.to_string().chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn it_is_small_and_crosses_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<DataError>();
        assert_eq!(size_of::<DataError>(), size_of::<usize>());
    }
}

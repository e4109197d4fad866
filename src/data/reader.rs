//! The items of one data file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use super::elements::{Batch, Elements};
use super::error::Error;
use super::item::read_item;
use super::repair::repair;
use crate::wire::item::Item;

/// An item in SimpleDB has at most 256 attribute-value pairs of 1 KiB each, which is 3 MiB of JSON
/// if every byte has to be escaped.
pub(super) const DEFAULT_MAX_ITEM_BYTES: usize = 4 << 20;

/// Reads the items of one data file, of any size and from any [`Read`], in constant memory.
///
/// Iterating returns a new [`Item`] each time; [`read_item`](ItemReader::read_item) reuses one,
/// which is about 1.5 times as fast. The source need not be buffered.
///
/// A byte order mark, white space, unknown members, and null for `attributes` or `values` are
/// accepted. Anything else that differs from the documented form is an error.
///
/// ```
/// use simpledb_export::data::ItemReader;
///
/// let file = br#"[{"itemName":"employee1","attributes":[{"name":"age","values":["30"]}]}]"#;
/// for item in ItemReader::new(&file[..]) {
///     let item = item?;
///     assert_eq!(item.item_name, "employee1");
///     assert_eq!(item.attributes[0].values, ["30"]);
/// }
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub struct ItemReader<R> {
    elements: Elements<R>,
    path: Option<PathBuf>,
    on_error: OnError,
    pub(super) unreadable: Vec<UnreadableItem>,
}

/// What to do about an item that cannot be read.
///
/// AWS does not document how an export represents values that JSON cannot: control characters,
/// surrogates without their other half, bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// End with an error.
    #[default]
    Fail,
    /// Skip the item.
    Skip,
    /// Keep the item: control characters are kept, anything else that is not text is replaced by
    /// U+FFFD. If the item still cannot be read, end with an error.
    Replace,
}

/// An item that could not be read, and was skipped or repaired. `Display` is one line.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreadableItem {
    /// What is wrong with the item, and where.
    pub error: Error,
    /// The item's name, if the item was repaired; `None` if it was skipped.
    pub repaired: Option<String>,
}

impl fmt::Display for UnreadableItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repaired {
            Some(_) => write!(f, "{}; the item was repaired and kept", self.error),
            None => write!(f, "{}; the item was skipped", self.error),
        }
    }
}

impl ItemReader<File> {
    /// Opens a data file.
    ///
    /// # Errors
    ///
    /// [`Read`](super::ErrorKind::Read) if the file cannot be opened.
    pub fn open(path: impl Into<PathBuf>) -> Result<ItemReader<File>, Error> {
        let path = path.into();
        match File::open(&path) {
            Ok(file) => Ok(ItemReader::new(file).path(path)),
            Err(error) => Err(Error::read(error).in_file(&path)),
        }
    }
}

impl ItemReader<io::Empty> {
    /// Reads the items of a batch.
    pub(super) fn of_batch(batch: Batch, max_item_bytes: usize) -> ItemReader<io::Empty> {
        ItemReader::of(Elements::of_batch(batch, max_item_bytes))
    }
}

impl<R: Read> ItemReader<R> {
    /// Reads a data file from `source`, starting at its first byte.
    pub fn new(source: R) -> ItemReader<R> {
        ItemReader::of(Elements::new(source, DEFAULT_MAX_ITEM_BYTES))
    }

    fn of(elements: Elements<R>) -> ItemReader<R> {
        ItemReader {
            elements,
            path: None,
            on_error: OnError::Fail,
            unreadable: Vec::new(),
        }
    }

    /// Sets the file name that errors mention. Defaults to none.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> ItemReader<R> {
        self.path = Some(path.into());
        self
    }

    /// Sets the maximum size of an item's JSON in bytes, which limits memory use. Defaults to
    /// 4 MiB.
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> ItemReader<R> {
        self.elements.set_max_bytes(bytes);
        self
    }

    /// Sets what to do about an item that cannot be read. Defaults to [`OnError::Fail`].
    ///
    /// ```
    /// use simpledb_export::data::{ItemReader, OnError};
    ///
    /// let file = b"[{\"itemName\":\"a\\ud800\"},{\"itemName\":\"b\"}]";
    /// let mut reader = ItemReader::new(&file[..]).on_error(OnError::Skip);
    /// assert_eq!(reader.next().unwrap()?.item_name, "b");
    /// assert_eq!(
    ///     reader.unreadable()[0].to_string(),
    ///     "byte 21, item 1 (a\u{fffd}): unexpected end of hex escape; the item was skipped"
    /// );
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> ItemReader<R> {
        self.on_error = on_error;
        self
    }

    /// Returns the items read so far that were skipped or repaired.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableItem] {
        &self.unreadable
    }

    /// Reads the next item into `item`, reusing its memory. Returns false at the end of the file,
    /// or after an error.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is not valid. The content of `item` is unspecified then.
    ///
    /// ```
    /// use simpledb_export::Item;
    /// use simpledb_export::data::ItemReader;
    ///
    /// let file = br#"[{"itemName":"a","attributes":[]},{"itemName":"bc","attributes":[]}]"#;
    /// let mut reader = ItemReader::new(&file[..]);
    /// let mut item = Item::default();
    /// let mut length = 0;
    /// while reader.read_item(&mut item)? {
    ///     length += item.item_name.len();
    /// }
    /// assert_eq!(length, 3);
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    pub fn read_item(&mut self, item: &mut Item) -> Result<bool, Error> {
        loop {
            let read = self
                .elements
                .next_with(|text| Ok(((), read_item(text, item)?)));
            let error = match read {
                Ok(read) => return Ok(read.is_some()),
                Err(error) => match &self.path {
                    Some(path) => error.in_file(path),
                    None => error,
                },
            };
            if self.recover(error, item)? {
                return Ok(true);
            }
        }
    }

    /// Skips or repairs the item that could not be read, and returns whether it was repaired. Returns
    /// the error if there is no way to continue.
    fn recover(&mut self, error: Error, item: &mut Item) -> Result<bool, Error> {
        let Some(json) = self.elements.take_broken() else {
            return Err(error);
        };
        let is_repairable = read_item(&repair(&json), item).is_ok();
        let error = if is_repairable {
            error.of_item(&item.item_name)
        } else {
            error
        };
        let is_repaired = match self.on_error {
            OnError::Skip => false,
            OnError::Replace if is_repairable => true,
            OnError::Fail | OnError::Replace => {
                self.elements.stop();
                return Err(error);
            }
        };
        let repaired = is_repaired.then(|| item.item_name.clone());
        self.unreadable.push(UnreadableItem { error, repaired });
        Ok(is_repaired)
    }

    pub(super) fn source_mut(&mut self) -> &mut R {
        self.elements.source_mut()
    }
}

impl<R: Read> Iterator for ItemReader<R> {
    type Item = Result<Item, Error>;

    fn next(&mut self) -> Option<Result<Item, Error>> {
        let mut item = Item::default();
        let found = self.read_item(&mut item);
        found.map(|found| found.then_some(item)).transpose()
    }
}

impl<R> fmt::Debug for ItemReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemReader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! The items of one data file.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::elements::{Elements, first};
use super::error::DataError;
use super::item_ref::{ItemRef, ItemShape, Object};
use crate::item::Item;

/// The default of [`ItemReader::max_item_bytes`]: 4 MiB.
///
/// SimpleDB keeps at most 256 pairs of names and values of 1 KiB each in an item, which is 3 MiB
/// of JSON when every byte of it has to be escaped.
pub const DEFAULT_MAX_ITEM_BYTES: usize = 4 << 20;

/// Reads the items of one data file, of any size and from any [`Read`], in constant memory.
///
/// It is an iterator of items, or of the error that ends them. The file is read in large pieces,
/// so that the source need not be buffered. [`try_for_each_ref`](ItemReader::try_for_each_ref)
/// is faster, as it hands out items without copying their text.
///
/// A byte order mark, white space, members that are not known and an `attributes` or `values`
/// that is null are taken as they are. Anything else that is not the documented shape is an
/// error, as is whatever follows the array.
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
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
pub struct ItemReader<R> {
    elements: Elements<R>,
    path: Option<PathBuf>,
}

impl ItemReader<File> {
    /// Opens a data file.
    ///
    /// # Errors
    ///
    /// [`Read`](super::DataErrorKind::Read) if it cannot be opened.
    pub fn open(path: impl Into<PathBuf>) -> Result<ItemReader<File>, DataError> {
        let path = path.into();
        match File::open(&path) {
            Ok(file) => Ok(ItemReader::new(file).path(path)),
            Err(error) => Err(DataError::read(error).in_file(&path)),
        }
    }
}

impl<R: Read> ItemReader<R> {
    /// Reads a data file from `source`, beginning with its first byte.
    pub fn new(source: R) -> ItemReader<R> {
        ItemReader {
            elements: Elements::new(source, DEFAULT_MAX_ITEM_BYTES),
            path: None,
        }
    }

    /// Sets the file's name in errors. Default: none.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> ItemReader<R> {
        self.path = Some(path.into());
        self
    }

    /// Sets how many bytes the JSON of one item may have, which limits the memory taken. Default:
    /// [`DEFAULT_MAX_ITEM_BYTES`].
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> ItemReader<R> {
        self.elements.set_max_bytes(bytes);
        self
    }

    /// Calls `each` with every item that has not been read yet, and returns how many there were.
    ///
    /// # Errors
    ///
    /// The first error of the file or of `each`.
    ///
    /// ```
    /// use simpledb_export::data::{DataError, ItemReader};
    ///
    /// let file = br#"[{"itemName":"a","attributes":[]},{"itemName":"bc","attributes":[]}]"#;
    /// let mut length = 0;
    /// let items = ItemReader::new(&file[..]).try_for_each_ref(|item| {
    ///     length += item.item_name.len();
    ///     Ok::<(), DataError>(())
    /// })?;
    /// assert_eq!((items, length), (2, 3));
    /// # Ok::<(), DataError>(())
    /// ```
    pub fn try_for_each_ref<E: From<DataError>>(
        &mut self,
        mut each: impl FnMut(&ItemRef<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut items = 0;
        loop {
            let item = self.elements.next_with(|text| {
                first::<Object<ItemRef<'_>>>(text).map(|(Object(item), used)| (each(&item), used))
            });
            match item {
                Ok(Some(outcome)) => outcome?,
                Ok(None) => return Ok(items),
                Err(error) => return Err(self.name(error).into()),
            }
            items += 1;
        }
    }

    /// Reads to the end of the file or its first fault, looking only at the shape of the items;
    /// the count of those that were right comes with either.
    pub(super) fn check(&mut self) -> (u64, Result<(), DataError>) {
        let mut items = 0;
        loop {
            match self
                .elements
                .next_with(|text| first::<Object<ItemShape>>(text))
            {
                Ok(Some(_)) => items += 1,
                Ok(None) => return (items, Ok(())),
                Err(error) => return (items, Err(self.name(error))),
            }
        }
    }

    pub(super) fn source_mut(&mut self) -> &mut R {
        self.elements.source_mut()
    }

    fn name(&self, error: DataError) -> DataError {
        match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        }
    }
}

impl<R: Read> Iterator for ItemReader<R> {
    type Item = Result<Item, DataError>;

    fn next(&mut self) -> Option<Result<Item, DataError>> {
        let item = self.elements.next_with(|text| {
            first::<Object<ItemRef<'_>>>(text).map(|(Object(item), used)| (item.into_owned(), used))
        });
        item.map_err(|error| self.name(error)).transpose()
    }
}

impl<R> fmt::Debug for ItemReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemReader")
            .field(
                "path",
                &self
                    .path
                    .as_deref()
                    .map(Path::display)
                    .map(|p| p.to_string()),
            )
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

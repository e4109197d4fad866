//! How columns are encoded.

use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::SchemaDescriptor;

use super::Rows;

/// How many columns can have a dictionary, which needs memory even if it is empty.
const MAX_DICTIONARIES: usize = 100;

/// The memory for all dictionaries.
const DICTIONARY_BYTES: usize = 2 << 20;

/// What a value in a dictionary needs in memory besides its bytes: it is allocated, counted by
/// reference, listed, and found by its hash.
const BYTES_PER_VALUE: usize = 110;

/// What a text needs in the file besides its bytes: its length.
const BYTES_PER_LENGTH: usize = 4;

/// How many bytes of values are collected before they are compressed, in all columns.
const PAGES_BYTES: usize = 1 << 20;

/// The least and the most bytes of a page.
const PAGE_BYTES: (usize, usize) = (8 << 10, 256 << 10);

/// Which columns have a dictionary.
pub(super) struct Dictionaries(Vec<bool>);

impl Dictionaries {
    /// Gives one to each of the first columns, except that of the item names, which are all
    /// different.
    pub(super) fn new(columns: usize) -> Dictionaries {
        let has_dictionary = |index| index > 0 && index <= MAX_DICTIONARIES;
        Dictionaries((0..columns).map(has_dictionary).collect())
    }

    /// Gives none to a column from the next row group on.
    pub(super) fn omit(&mut self, index: usize) {
        if let Some(has_dictionary) = self.0.get_mut(index) {
            *has_dictionary = false;
        }
    }

    /// Returns the memory for each dictionary.
    fn share(&self) -> usize {
        let dictionaries = self.0.iter().filter(|has_dictionary| **has_dictionary);
        DICTIONARY_BYTES / dictionaries.count().max(1)
    }
}

/// Returns what applies to a row group, of which the first rows are known.
pub(super) fn of_group(
    schema: &SchemaDescriptor,
    rows: &Rows,
    dictionaries: &Dictionaries,
) -> WriterProperties {
    let (least, most) = PAGE_BYTES;
    let page_bytes = (PAGES_BYTES / schema.num_columns()).clamp(least, most);
    let mut properties = common().set_data_page_size_limit(page_bytes);
    let share = dictionaries.share();
    let columns = schema.columns().iter().zip(&rows.columns);
    for ((column, values), has_dictionary) in columns.zip(&dictionaries.0) {
        let path = column.path().clone();
        properties = if *has_dictionary {
            let bytes = dictionary_bytes(share, values.average_length());
            properties.set_column_dictionary_page_size_limit(path, bytes)
        } else {
            properties.set_column_dictionary_enabled(path, false)
        };
    }
    properties.build()
}

/// Returns how many bytes of values a dictionary can have to fit into memory.
fn dictionary_bytes(memory: usize, length: usize) -> usize {
    memory / (BYTES_PER_VALUE + length) * (BYTES_PER_LENGTH + length)
}

/// Returns what applies to all of the file.
pub(super) fn common() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_created_by(concat!("simpledb-export version ", env!("CARGO_PKG_VERSION")).to_string())
        .set_compression(Compression::SNAPPY)
        // The order of the items says nothing about their values, so that statistics of pages
        // would not help to skip any.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_share_their_memory() {
        assert_eq!(Dictionaries::new(1).0, [false]);
        let mut few = Dictionaries::new(9);
        assert_eq!(few.share(), 256 << 10);
        few.omit(8);
        few.omit(7);
        few.omit(6);
        few.omit(5);
        assert_eq!(few.share(), 512 << 10);
        assert_eq!(Dictionaries::new(5_000).share(), (2 << 20) / 100);
    }

    #[test]
    fn a_dictionary_of_short_values_has_fewer_bytes() {
        assert_eq!(dictionary_bytes(1 << 20, 0), 9_532 * 4);
        assert_eq!(dictionary_bytes(1 << 20, 1_000), 944 * 1_004);
    }
}

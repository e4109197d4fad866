//! Writes items in formats that other tools read.

mod chunk;
mod columns;
mod csv;
mod driver;
mod dynamodb;
mod encoder;
mod gzip;
mod json;
mod json_lines;
mod json_rows;
mod limit;
mod losses;
mod merged;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod sql;
mod tally;
mod writer;

use std::fmt;

pub(crate) use self::chunk::Chunk;
pub use self::csv::CsvWriter;
pub use self::driver::Convert;
pub use self::dynamodb::DynamoDbWriter;
pub(crate) use self::encoder::Encoder;
pub use self::encoder::{Format, SplitFormat};
pub(crate) use self::gzip::Deflate;
pub use self::json_lines::JsonLinesWriter;
pub use self::losses::{Loss, LossKind, Losses};
#[cfg(feature = "parquet")]
pub use self::parquet::ParquetWriter;
pub use self::sql::{Dialect, SqlWriter};
pub(crate) use self::tally::Tally;
pub use self::writer::ItemWriter;
use super::counts::Counts;
use super::reader::UnreadableItem;
use crate::text::Escaped;

/// What a writer has written.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct WriteReport {
    /// The number of items.
    pub items: u64,
    /// The number of bytes, before compression.
    pub bytes: u64,
    /// What the format could not represent.
    pub losses: Losses,
    /// Columns whose attribute no item has: possibly misspelled names. Empty if there were no
    /// items.
    pub unused_columns: Vec<String>,
    /// Columns that are text because the format has no exact type for their values.
    pub text_columns: Vec<TextColumn>,
    /// Names that had to change in SQL.
    pub renamed: Vec<Renamed>,
    /// What the items contained, to be compared with the domain's metadata. Includes what was lost or
    /// did not fit, but not items that were skipped because they cannot be read.
    pub counts: Counts,
    /// The number of bytes of data files that were read. 0 if items were written one by one.
    pub read_bytes: u64,
    /// The items of an [`Export`](super::Export) that were skipped or repaired. Empty if items were
    /// written one by one.
    pub unreadable: Vec<UnreadableItem>,
}

/// A column that is text because the format has no exact type for its values. `Display` is one
/// line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextColumn {
    /// The name of the attribute.
    pub attribute: String,
    /// What the format lacks.
    pub reason: &'static str,
}

impl fmt::Display for TextColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attribute = Escaped(&self.attribute);
        write!(f, "attribute {attribute}: written as text: {}", self.reason)
    }
}

/// The name of a table or column that had to change. `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renamed {
    /// The name that was wanted.
    pub wanted: String,
    /// The name in SQL.
    pub name: String,
}

impl fmt::Display for Renamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wanted, name) = (Escaped(&self.wanted), Escaped(&self.name));
        write!(
            f,
            "\"{wanted}\" was renamed to \"{name}\": the database does not accept it, or does \
             not distinguish it from another name"
        )
    }
}

#[cfg(test)]
mod tests;

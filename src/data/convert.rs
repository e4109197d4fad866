//! Writing items in the formats that other tools read.

mod csv;
mod dynamodb;
mod json_lines;
mod lines;
mod losses;
mod merge;
mod output;

pub use self::csv::{CsvColumns, CsvOptions, CsvValues, CsvWriter};
pub use self::dynamodb::{DynamoDbValues, DynamoDbWriter};
pub use self::json_lines::JsonLinesWriter;
pub use self::losses::{Loss, LossKind, Losses};

/// What a writer has written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertSummary {
    /// How many items.
    pub items: u64,
    /// How many bytes, before compression.
    pub bytes: u64,
    /// What the format could not hold.
    pub losses: Losses,
    /// The columns of a CSV table whose attribute no item has, if there are items: names that were
    /// given and may be misspelt.
    pub unused_columns: Vec<String>,
}

#[cfg(test)]
mod tests;

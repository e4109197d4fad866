//! Writes items in formats that other tools read.

#[allow(dead_code, reason = "the formats with typed columns use it")]
mod columns;
mod csv;
mod dynamodb;
mod json_lines;
mod lines;
mod losses;
mod merged;
mod output;

pub use self::csv::CsvWriter;
pub use self::dynamodb::DynamoDbWriter;
pub use self::json_lines::JsonLinesWriter;
pub use self::losses::{Loss, LossKind, Losses};

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
    /// CSV columns whose attribute no item has: possibly misspelled names. Empty if there were no
    /// items.
    pub unused_columns: Vec<String>,
}

#[cfg(test)]
mod tests;

//! The options of a conversion.

use clap::{Args, ValueEnum};
use serde::Serialize;
use simpledb_export::cli_support::PartNames;
use simpledb_export::data;

use super::types::{DomainTypes, TypesSource};

/// Serialized, it is what a conversion is recorded with, and what a printed command repeats: names as
/// on the command line.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Conversion options")]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that has no value"
)]
pub(crate) struct ConversionOptions {
    /// Types of the values: guessed in a first pass (auto), all text (text), or read from a file
    /// that describe wrote, whose member "*" (auto or text) is for domains that it does not list
    /// [default: text]; jsonl: only with --flat
    #[arg(
        long,
        value_name = "auto|text|FILE",
        requires = "format",
        value_parser = TypesSource::parse
    )]
    pub(crate) types: Option<TypesSource>,
    /// jsonl: write each attribute as a member of the line, an array in every line or in none
    #[arg(long, requires = "format")]
    pub(crate) flat: bool,
    /// sql: database to write for; required
    #[arg(long, value_name = "DATABASE", value_enum, requires = "format")]
    pub(crate) dialect: Option<Dialect>,
    /// csv, parquet, sql, dynamodb, flat jsonl: column or attribute for item names [default: itemName]
    #[arg(long, value_name = "NAME", requires = "format")]
    pub(crate) key_name: Option<String>,
    /// csv: attributes to write, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "format")]
    pub(crate) columns: Vec<String>,
    /// csv: separator between several values [default: they become a JSON array]
    #[arg(long, value_name = "CHARACTER", requires = "format")]
    pub(crate) separator: Option<char>,
    /// csv: delimiter between fields; \t for a tab [default: a comma]
    #[arg(
        long,
        value_name = "CHARACTER",
        requires = "format",
        value_parser = delimiter
    )]
    pub(crate) delimiter: Option<char>,
    /// csv: start with a byte order mark, by which Excel recognizes UTF-8
    #[arg(long, requires = "format")]
    pub(crate) bom: bool,
    /// csv: prefix text that spreadsheets treat as a formula with ', which changes values
    #[arg(long, requires = "format")]
    pub(crate) formula_guard: bool,
    /// dynamodb: write an attribute as a set in every item if it has several values in any
    #[arg(long, requires = "format", conflicts_with = "lists")]
    pub(crate) sets: bool,
    /// dynamodb: write several values as a list instead of a set
    #[arg(long, requires = "format")]
    pub(crate) lists: bool,
    /// What to do with an item that is not valid text, or does not have its types: fail, skip the
    /// item, or replace what is not valid [default: fail]
    #[arg(long, value_name = "ACTION", value_enum, requires = "format")]
    pub(crate) on_error: Option<OnError>,
    /// Write numbered files or objects, NAME-00001.csv and so on, each of at most this size before
    /// compression, such as 500MB; not for sql, and about this size for parquet [default without a
    /// size: 1GB]
    #[arg(
        long,
        value_name = "SIZE",
        requires_all = ["format", "to"],
        num_args = 0..=1,
        default_missing_value = "1GB",
        value_parser = size
    )]
    pub(crate) split: Option<u64>,
    /// Compress the output with gzip, except Parquet, whose columns are always compressed; reported
    /// sizes are before compression
    #[arg(long, requires = "format")]
    pub(crate) gzip: bool,
}

impl ConversionOptions {
    /// Returns whether items that cannot be read are skipped or replaced.
    pub(crate) fn accepts_unreadable_items(&self) -> bool {
        matches!(self.on_error, Some(OnError::Skip | OnError::Replace))
    }

    /// Returns the name of what is written to a file or object of this name: a pattern if it is split.
    pub(crate) fn shown(&self, name: &str) -> String {
        match self.split {
            Some(_) => PartNames::of(name).pattern(),
            None => name.to_owned(),
        }
    }

    /// Returns the types of a domain, whose name may be unknown.
    pub(crate) fn domain_types(&self, name: Option<&str>) -> Result<DomainTypes<'_>, data::Error> {
        match &self.types {
            Some(types) => types.of_domain(name),
            None => Ok(DomainTypes::Text),
        }
    }
}

/// A database that SQL is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
    Mysql,
}

impl From<Dialect> for data::Dialect {
    fn from(dialect: Dialect) -> data::Dialect {
        match dialect {
            Dialect::Sqlite => data::Dialect::Sqlite,
            Dialect::Postgres => data::Dialect::Postgres,
            Dialect::Mysql => data::Dialect::MySql,
        }
    }
}

/// What to do about an item that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnError {
    Fail,
    Skip,
    Replace,
}

impl From<OnError> for data::OnError {
    fn from(on_error: OnError) -> data::OnError {
        match on_error {
            OnError::Fail => data::OnError::Fail,
            OnError::Skip => data::OnError::Skip,
            OnError::Replace => data::OnError::Replace,
        }
    }
}

/// Parses the size of a file for DynamoDB, which takes objects of at most 5 GB.
fn size(text: &str) -> Result<u64, &'static str> {
    let unit = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let factor = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 0,
    };
    let number: Option<u64> = text.strip_suffix(unit).and_then(|text| text.parse().ok());
    match number.and_then(|number| number.checked_mul(factor)) {
        Some(size @ 1_000_000..=5_000_000_000) => Ok(size),
        _ => Err("expected 1MB to 5GB, such as 500MB or 1GiB"),
    }
}

/// Parses the delimiter of CSV.
fn delimiter(text: &str) -> Result<char, &'static str> {
    let delimiter = if text == "\\t" { "\t" } else { text };
    match delimiter.as_bytes() {
        [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(char::from(*byte)),
        _ => {
            Err("expected an ASCII character other than a quote or a line break, or \\t for a tab")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_sizes_up_to_the_limit_of_an_object() {
        for (text, bytes) in [
            ("1000000", 1_000_000),
            ("500MB", 500_000_000),
            ("1GiB", 1 << 30),
            ("5GB", 5_000_000_000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MB",
            "1",
            "999999",
            "5GiB",
            "1.5GB",
            "1 GB",
            "1TB",
            "-1GB",
            "9999999999GB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn accepts_a_delimiter_or_a_tab() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(delimiter("\\t"), Ok('\t'));
        assert_eq!(delimiter("\t"), Ok('\t'));
        for text in ["", "\"", "\n", "é", "ab"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }
}

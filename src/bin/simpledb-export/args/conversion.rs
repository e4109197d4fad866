//! The options of a conversion, and the formats.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use simpledb_export::data;

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Directory of an export, or one that exactly one export was downloaded to
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// Format to convert to: JSON Lines, CSV, or that of DynamoDB's import from S3
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: DataFormat,
    /// File to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Skip the comparison with the MD5 checksums of the manifest
    #[arg(long)]
    pub(crate) skip_md5: bool,
    #[command(flatten)]
    pub(crate) options: ConversionOptions,
}

/// A format to convert to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    Jsonl,
    Csv,
    Dynamodb,
}

impl DataFormat {
    /// Returns the value of the option.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DataFormat::Jsonl => "jsonl",
            DataFormat::Csv => "csv",
            DataFormat::Dynamodb => "dynamodb",
        }
    }
}

/// Serialized, it is what a conversion is recorded with, and what a printed command repeats: names as
/// on the command line.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Conversion options")]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ConversionOptions {
    /// csv, dynamodb: column or attribute for item names [default: itemName]
    #[arg(long, value_name = "NAME", requires = "format")]
    pub(crate) key_name: Option<String>,
    /// csv: attributes to write, separated by commas [default: all, found in a first pass]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "format")]
    pub(crate) columns: Vec<String>,
    /// csv: separator between several values [default: they become a JSON array]
    #[arg(long, value_name = "CHARACTER", requires = "format")]
    pub(crate) separator: Option<char>,
    /// dynamodb: write several values as a list instead of a set
    #[arg(long, requires = "format")]
    pub(crate) lists: bool,
    /// For an item that is not text: fail, skip it, or replace what is not text [default: fail]
    #[arg(long, value_name = "ACTION", value_enum, requires = "format")]
    pub(crate) on_error: Option<OnError>,
    /// Compress the output; reports count the bytes before compression
    #[arg(long, requires = "format")]
    pub(crate) gzip: bool,
}

impl ConversionOptions {
    /// Returns whether items that cannot be read are dealt with.
    pub(crate) fn accepts_unreadable_items(&self) -> bool {
        matches!(self.on_error, Some(OnError::Skip | OnError::Replace))
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

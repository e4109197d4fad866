//! The options of a conversion, and the formats.

use clap::{Args, ValueEnum};
use serde::Serialize;
use simpledb_export::data;

use super::types::{DomainTypes, TypesSource};
use super::{DataFormat, ExportSource, FORMAT_HELP, Place, TargetOptions, values};

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) source: ExportSource,
    #[arg(long, value_enum, value_name = "FORMAT", help = FORMAT_HELP)]
    pub(crate) format: DataFormat,
    /// File to write, or object to upload: s3://BUCKET/KEY, or s3://BUCKET/PREFIX/ for an object
    /// that is named after the domain [default: stdout]
    #[arg(long, value_name = "FILE", value_parser = Place::file())]
    pub(crate) to: Option<Place>,
    /// Skip the comparison with the MD5 checksums of the manifest
    #[arg(long)]
    pub(crate) skip_md5: bool,
    /// Compare what was converted with the domain's metadata too
    #[arg(long)]
    pub(crate) against_domain: bool,
    /// Number of threads; each needs up to 16 MiB of memory. Parquet needs 60 KiB more for each column
    /// beyond the hundredth [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    #[command(flatten)]
    pub(crate) options: ConversionOptions,
}

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
        value_parser = values::delimiter
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
        value_parser = values::size
    )]
    pub(crate) split: Option<u64>,
    /// Compress the output with gzip, except Parquet, whose columns are always compressed; reported
    /// sizes are before compression
    #[arg(long, requires = "format")]
    pub(crate) gzip: bool,
}

impl ConversionOptions {
    /// Returns whether items that cannot be read are dealt with.
    pub(crate) fn accepts_unreadable_items(&self) -> bool {
        matches!(self.on_error, Some(OnError::Skip | OnError::Replace))
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

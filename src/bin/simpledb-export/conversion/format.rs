//! The formats: what the command line knows about each, in one place.

use std::collections::HashSet;
use std::io::Write;

use clap::ValueEnum;
use simpledb_export::cli_support::Escaped;
use simpledb_export::data::{
    self, CsvWriter, DynamoDbWriter, JsonLinesWriter, ParquetWriter, SqlWriter, WriteReport,
};

use super::{ConversionOptions, Converting, StartNext, TypesSource, domain_name};
use crate::Result;
use crate::failure::{Exit, Failure};

/// The help of `--format`.
pub(crate) const FORMAT_HELP: &str = "Format to convert to: JSON Lines, CSV, Parquet, DynamoDB's \
    S3 import format, or SQL";

/// A format to convert to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    Jsonl,
    Csv,
    Parquet,
    Dynamodb,
    Sql,
}

impl DataFormat {
    /// Returns the value of the option.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DataFormat::Jsonl => "jsonl",
            DataFormat::Csv => "csv",
            DataFormat::Parquet => "parquet",
            DataFormat::Dynamodb => "dynamodb",
            DataFormat::Sql => "sql",
        }
    }
}

/// Rejects an option of another format, and a types file that cannot be used.
pub(crate) fn check(options: &ConversionOptions, format: DataFormat) -> Result<()> {
    if let Some(line) = problem(options, format) {
        return Err(Failure::new(Exit::Usage, line));
    }
    if let Some(TypesSource::File(file)) = &options.types {
        file.read()
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    }
    Ok(())
}

/// Returns which option does not apply to a format, or is missing.
fn problem(options: &ConversionOptions, format: DataFormat) -> Option<String> {
    use DataFormat::{Csv, Dynamodb, Jsonl, Parquet, Sql};

    let of_one_format = [
        ("--flat", options.flat, Jsonl),
        ("--columns", !options.columns.is_empty(), Csv),
        ("--separator", options.separator.is_some(), Csv),
        ("--delimiter", options.delimiter.is_some(), Csv),
        ("--bom", options.bom, Csv),
        ("--formula-guard", options.formula_guard, Csv),
        ("--sets", options.sets, Dynamodb),
        ("--lists", options.lists, Dynamodb),
        ("--dialect", options.dialect.is_some(), Sql),
    ];
    for (option, is_given, only) in of_one_format {
        if is_given && format != only {
            let name = format.name();
            return Some(format!("{option} does not apply to the format {name}"));
        }
    }
    let problem = match format {
        Jsonl if options.types.is_some() && !options.flat => {
            "--types applies to the format jsonl only with --flat"
        }
        Jsonl if options.key_name.is_some() && !options.flat => {
            "--key-name applies to the format jsonl only with --flat"
        }
        Parquet if options.gzip => {
            "--gzip does not apply to the format parquet, whose columns are always compressed"
        }
        Sql if options.dialect.is_none() => {
            "--format sql needs --dialect: sqlite, postgres or mysql"
        }
        Sql if options.split.is_some() => {
            "--split does not apply to the format sql, whose script creates the table and loads it in \
             one transaction"
        }
        _ => return problem_of_columns(&options.columns),
    };
    Some(problem.to_owned())
}

/// Returns what is wrong with names that may be empty or repeated.
fn problem_of_columns(names: &[String]) -> Option<String> {
    let mut seen = HashSet::new();
    let wrong = names
        .iter()
        .find(|name| name.is_empty() || !seen.insert(*name))?;
    Some(if wrong.is_empty() {
        "--columns contains an empty name (stray comma?)".to_owned()
    } else {
        format!("--columns contains {} twice", Escaped(wrong))
    })
}

/// Returns how the names of converted files end.
pub(crate) fn file_suffix(options: &ConversionOptions, format: DataFormat) -> String {
    let extension = match format {
        DataFormat::Dynamodb => "json",
        _ => format.name(),
    };
    let gz = if options.gzip { ".gz" } else { "" };
    format!(".{extension}{gz}")
}

/// Returns the name of the column or attribute for item names.
pub(crate) fn key_name(options: &ConversionOptions) -> &str {
    options.key_name.as_deref().unwrap_or("itemName")
}

impl Converting<'_> {
    /// Converts all items.
    pub(crate) fn write<W: Write + Send + 'static>(
        &self,
        target: W,
        start_next: StartNext<W>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let options = self.options;
        let mut export = self.readable();
        match self.format {
            DataFormat::Jsonl => {
                let mut writer = JsonLinesWriter::new(target)
                    .flat(options.flat)
                    .gzip(options.gzip);
                if options.flat {
                    writer = writer.types(self.types(&mut export)?);
                }
                self.run_split(&export, writer, start_next)
            }
            DataFormat::Csv => {
                let mut writer = CsvWriter::new(target)
                    .types(self.columns(self.types(&mut export)?))
                    .delimiter(options.delimiter.unwrap_or(','))
                    .bom(options.bom)
                    .formula_guard(options.formula_guard)
                    .gzip(options.gzip);
                if let Some(separator) = options.separator {
                    writer = writer.separator(separator);
                }
                self.run_split(&export, writer, start_next)
            }
            DataFormat::Parquet => {
                let mut writer = ParquetWriter::new(target).types(self.types(&mut export)?);
                if let Some(arn) = export.export_arn() {
                    writer = writer.export_arn(arn);
                }
                self.run_split(&export, writer, start_next)
            }
            DataFormat::Dynamodb => {
                let mut writer = DynamoDbWriter::new(target)
                    .lists(options.lists)
                    .gzip(options.gzip);
                if options.types.is_some() || options.sets {
                    writer = writer.types(self.types(&mut export)?);
                }
                self.run_split(&export, writer, start_next)
            }
            DataFormat::Sql => {
                // The options are checked.
                let dialect = options.dialect.map_or(data::Dialect::Sqlite, Into::into);
                let writer = SqlWriter::new(target, dialect)
                    .types(self.types(&mut export)?)
                    .table(domain_name(&export).as_ref())
                    .gzip(options.gzip);
                self.run(&export, writer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::Dialect;

    #[test]
    fn rejects_an_option_of_another_format() {
        let options = ConversionOptions {
            lists: true,
            ..ConversionOptions::default()
        };
        assert_eq!(check(&options, DataFormat::Dynamodb), Ok(()));
        assert_eq!(
            check(&options, DataFormat::Csv),
            Err(Failure::new(
                Exit::Usage,
                "--lists does not apply to the format csv"
            ))
        );
        let options = ConversionOptions {
            key_name: Some("id".to_owned()),
            gzip: true,
            ..ConversionOptions::default()
        };
        assert_eq!(check(&options, DataFormat::Csv), Ok(()));
        assert_eq!(check(&options, DataFormat::Dynamodb), Ok(()));
        assert_eq!(
            check(&options, DataFormat::Jsonl),
            Err(Failure::new(
                Exit::Usage,
                "--key-name applies to the format jsonl only with --flat"
            ))
        );
        let options = ConversionOptions {
            flat: true,
            ..options
        };
        assert_eq!(check(&options, DataFormat::Jsonl), Ok(()));
    }

    #[test]
    fn requires_a_dialect_for_sql_alone() {
        let usage = |line: &str| Err(Failure::new(Exit::Usage, line));
        let options = ConversionOptions::default();
        assert_eq!(
            check(&options, DataFormat::Sql),
            usage("--format sql needs --dialect: sqlite, postgres or mysql")
        );
        let options = ConversionOptions {
            dialect: Some(Dialect::Mysql),
            key_name: Some("id".to_owned()),
            ..options
        };
        assert_eq!(check(&options, DataFormat::Sql), Ok(()));
        assert_eq!(
            check(&options, DataFormat::Csv),
            usage("--dialect does not apply to the format csv")
        );
    }

    #[test]
    fn rejects_gzip_for_parquet() {
        let options = ConversionOptions {
            gzip: true,
            ..ConversionOptions::default()
        };
        assert_eq!(
            check(&options, DataFormat::Parquet),
            Err(Failure::new(
                Exit::Usage,
                "--gzip does not apply to the format parquet, whose columns are always compressed"
            ))
        );
    }

    #[test]
    fn ends_file_names_with_the_format() {
        let plain = ConversionOptions::default();
        let gzip = ConversionOptions {
            gzip: true,
            ..ConversionOptions::default()
        };
        assert_eq!(file_suffix(&plain, DataFormat::Jsonl), ".jsonl");
        assert_eq!(file_suffix(&plain, DataFormat::Csv), ".csv");
        assert_eq!(file_suffix(&plain, DataFormat::Parquet), ".parquet");
        assert_eq!(file_suffix(&gzip, DataFormat::Dynamodb), ".json.gz");
        assert_eq!(file_suffix(&gzip, DataFormat::Sql), ".sql.gz");
    }
}

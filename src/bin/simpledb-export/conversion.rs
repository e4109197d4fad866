//! Conversion of an export to a file, to an object, or to stdout.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use simpledb_export::cli_support::{AtomicFile, Escaped};
use simpledb_export::data::{
    self, AttributeType, CsvWriter, DataType, DynamoDbWriter, Export, ItemWriter, JsonLinesWriter,
    ObjectParts, ParquetWriter, SqlWriter, Types, WriteReport,
};

use super::Result;
use super::args::{ConversionOptions, DataFormat, DomainTypes, Global, TypesSource};
use super::failure::{Exit, Failure};
use super::objects::Objects;
use super::parts::{PartFile, Parts};
use super::progress::Progress;
use super::stderr;

/// Rejects an option of another format, and a types file that cannot be used.
pub(crate) fn check(options: &ConversionOptions, format: DataFormat) -> Result<()> {
    let (jsonl, csv, dynamodb) = (DataFormat::Jsonl, DataFormat::Csv, DataFormat::Dynamodb);
    let sql = DataFormat::Sql;
    let given: &[(_, _, &[_])] = &[
        ("--flat", options.flat, &[jsonl]),
        ("--columns", !options.columns.is_empty(), &[csv]),
        ("--separator", options.separator.is_some(), &[csv]),
        ("--delimiter", options.delimiter.is_some(), &[csv]),
        ("--bom", options.bom, &[csv]),
        ("--formula-guard", options.formula_guard, &[csv]),
        ("--sets", options.sets, &[dynamodb]),
        ("--lists", options.lists, &[dynamodb]),
        ("--dialect", options.dialect.is_some(), &[sql]),
    ];
    for (option, is_given, formats) in given {
        if *is_given && !formats.contains(&format) {
            let line = format!("{option} does not apply to the format {}", format.name());
            return Err(Failure::new(Exit::Usage, line));
        }
    }
    if format == DataFormat::Parquet && options.gzip {
        let line =
            "--gzip does not apply to the format parquet, whose columns are always compressed";
        return Err(Failure::new(Exit::Usage, line));
    }
    if format == sql && options.dialect.is_none() {
        let line = "--format sql needs --dialect: sqlite, postgres or mysql";
        return Err(Failure::new(Exit::Usage, line));
    }
    if format == sql && options.split.is_some() {
        let line = "--split does not apply to the format sql, whose script creates the table and \
                    loads it in one transaction";
        return Err(Failure::new(Exit::Usage, line));
    }
    if format == jsonl && !options.flat {
        let of_flat_lines = [
            ("--types", options.types.is_some()),
            ("--key-name", options.key_name.is_some()),
        ];
        if let Some((option, _)) = of_flat_lines.iter().find(|(_, is_given)| *is_given) {
            let line = format!("{option} applies to the format jsonl only with --flat");
            return Err(Failure::new(Exit::Usage, line));
        }
    }
    if let Some(TypesSource::File(file)) = &options.types {
        file.read()
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    }
    check_columns(&options.columns)
}

/// Reports that a domain stays text because the types file does not name it.
pub(crate) fn note_types(global: &Global, options: &ConversionOptions, export: &Export) {
    let Some(TypesSource::File(file)) = &options.types else {
        return;
    };
    let is_text = matches!(
        options.domain_types(export.domain_name()),
        Ok(DomainTypes::Text)
    );
    if is_text && !global.quiet {
        let file = file.path().display();
        stderr::note(&match export.domain_name() {
            Some(name) => {
                format!("{file} does not name the domain {name}: its values are text")
            }
            None => format!("{file}: the export does not state its domain: its values are text"),
        });
    }
}

/// Rejects empty and repeated names.
fn check_columns(names: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    for name in names {
        if name.is_empty() {
            let line = "--columns contains an empty name (stray comma?)";
            return Err(Failure::new(Exit::Usage, line));
        }
        if !seen.insert(name) {
            let line = format!("--columns contains {} twice", Escaped(name));
            return Err(Failure::new(Exit::Usage, line));
        }
    }
    Ok(())
}

/// Returns how the names of converted files end.
pub(crate) fn file_suffix(options: &ConversionOptions, format: DataFormat) -> String {
    let extension = match format {
        DataFormat::Jsonl => "jsonl",
        DataFormat::Csv => "csv",
        DataFormat::Parquet => "parquet",
        DataFormat::Dynamodb => "json",
        DataFormat::Sql => "sql",
    };
    let gz = if options.gzip { ".gz" } else { "" };
    format!(".{extension}{gz}")
}

/// A conversion, with progress.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Converting<'a> {
    pub(crate) export: &'a Export,
    pub(crate) options: &'a ConversionOptions,
    pub(crate) format: DataFormat,
    pub(crate) progress: &'a Progress,
    /// The subject of the progress.
    pub(crate) name: &'a str,
    /// How many threads convert; by default as many as there are cores.
    pub(crate) threads: Option<usize>,
    /// The number of items that the export must have, if that was not compared before.
    pub(crate) expected_items: Option<u64>,
}

/// A report, and how many files there are, if there can be several.
pub(crate) type Converted = (WriteReport, Option<usize>);

/// How output is split: the size of the targets, and what completes one and starts the next.
type Split<W> = Option<(u64, fn(&mut W) -> io::Result<()>)>;

impl Converting<'_> {
    /// Converts to a file, or to several of limited size, which appear once all are complete. So many
    /// earlier ones are replaced; others are in the way.
    pub(crate) fn to_disk(
        self,
        file: &Path,
        replaced: usize,
    ) -> std::result::Result<Converted, NotConverted> {
        self.check_place(file)?;
        match self.options.split {
            Some(max_bytes) => {
                let (report, count) = self.to_parts(&Parts::of(file, max_bytes), replaced)?;
                Ok((report, Some(count)))
            }
            None => Ok((self.to_file(file)?, None)),
        }
    }

    fn to_file(self, file: &Path) -> std::result::Result<WriteReport, NotConverted> {
        let target = AtomicFile::create(file).map_err(|error| not_written(file, &error))?;
        let (target, report) = self
            .write(target, None)
            .map_err(|error| not_converted(file, error))?;
        self.check_count(&report)?;
        target.commit().map_err(|error| not_written(file, &error))?;
        Ok(report)
    }

    fn to_parts(
        self,
        parts: &Parts,
        replaced: usize,
    ) -> std::result::Result<(WriteReport, usize), NotConverted> {
        let file = &parts.path();
        parts.check(replaced)?;
        let target = PartFile::start(parts.clone()).map_err(|error| not_written(file, &error))?;
        let (target, report) = self
            .write(target, Some((parts.max_bytes, PartFile::next)))
            .map_err(|error| not_converted(file, error))?;
        self.check_count(&report)?;
        let count = target.finish().map_err(|error| not_written(file, &error))?;
        for number in count + 1..=replaced {
            let surplus = parts.file(number);
            fs::remove_file(&surplus).map_err(|error| not_written(&surplus, &error))?;
        }
        Ok((report, count))
    }

    /// Rejects a file among those of the export.
    fn check_place(self, file: &Path) -> std::result::Result<(), NotConverted> {
        if is_inside(file, self.export.dir()) {
            let line = "is in the export's own directory; expected a file elsewhere";
            let failure = Failure::new(Exit::Usage, line).about(&file.display().to_string());
            return Err(failure.into());
        }
        Ok(())
    }

    fn on_error(self) -> data::OnError {
        self.options.on_error.map(Into::into).unwrap_or_default()
    }

    /// Returns the export that is read as the options say.
    fn readable(self) -> Export {
        self.export.clone().on_error(self.on_error())
    }

    fn dynamodb<W: Write>(
        self,
        target: W,
        export: &mut Export,
    ) -> std::result::Result<DynamoDbWriter<W>, data::Error> {
        let options = self.options;
        let writer = DynamoDbWriter::new(target)
            .key_name(key_name(options))
            .lists(options.lists)
            .on_error(self.on_error())
            .gzip(options.gzip);
        if options.types.is_some() || options.sets {
            return Ok(writer.types(self.types(export)?));
        }
        Ok(writer)
    }

    /// Converts to an object in S3, or to several of limited size, which appear once all are complete.
    pub(crate) fn to_objects(
        self,
        objects: Objects,
    ) -> std::result::Result<Converted, NotConverted> {
        match objects {
            Objects::One(object) => {
                let (object, report) = self.write(object, None)?;
                self.check_count(&report)?;
                object.finish()?;
                Ok((report, None))
            }
            Objects::Parts(parts, max_bytes) => {
                let split = Some((max_bytes, ObjectParts::start_next as fn(&mut _) -> _));
                let (parts, report) = self.write(parts, split)?;
                self.check_count(&report)?;
                let count = parts.finish()?;
                Ok((report, Some(count)))
            }
        }
    }

    /// Compares the number of items with the export's own; that of an export on the disk is for
    /// `verify` to compare.
    fn check_count(self, report: &WriteReport) -> std::result::Result<(), NotConverted> {
        let items = report.items;
        let expected = self.expected_items.unwrap_or(items);
        let skipped = report.unreadable.len() as u64;
        if (items..=items + skipped).contains(&expected) {
            return Ok(());
        }
        let line = format!(
            "contains {items} items, expected {expected}, and was not converted: files are missing in \
             its manifest; start a new export"
        );
        let failure = Failure::new(Exit::General, line);
        Err(failure
            .about(&self.export.dir().display().to_string())
            .into())
    }

    /// Converts all items.
    pub(crate) fn write<W: Write + Send + 'static>(
        self,
        target: W,
        split: Split<W>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let options = self.options;
        let key_name = key_name(options);
        let on_error = self.on_error();
        let mut export = self.readable();
        match self.format {
            DataFormat::Jsonl => {
                let mut writer = JsonLinesWriter::new(target)
                    .flat(options.flat)
                    .key_name(key_name)
                    .on_error(on_error)
                    .gzip(options.gzip);
                if options.flat {
                    writer = writer.types(self.types(&mut export)?);
                }
                self.run_split(&export, writer, split)
            }
            DataFormat::Csv => {
                let mut writer = CsvWriter::new(target)
                    .types(self.columns(self.types(&mut export)?))
                    .key_name(key_name)
                    .on_error(on_error)
                    .delimiter(options.delimiter.unwrap_or(','))
                    .bom(options.bom)
                    .formula_guard(options.formula_guard)
                    .gzip(options.gzip);
                if let Some(separator) = options.separator {
                    writer = writer.separator(separator);
                }
                self.run_split(&export, writer, split)
            }
            DataFormat::Parquet => {
                let mut writer = ParquetWriter::new(target)
                    .types(self.types(&mut export)?)
                    .key_name(key_name)
                    .on_error(on_error);
                if let Some(arn) = export.export_arn() {
                    writer = writer.export_arn(arn);
                }
                self.run_split(&export, writer, split)
            }
            DataFormat::Dynamodb => {
                let writer = self.dynamodb(target, &mut export)?;
                self.run_split(&export, writer, split)
            }
            DataFormat::Sql => {
                // The options are checked.
                let dialect = options.dialect.map_or(data::Dialect::Sqlite, Into::into);
                let writer = SqlWriter::new(target, dialect)
                    .types(self.types(&mut export)?)
                    .table(export.domain_name().unwrap_or(self.name))
                    .key_name(key_name)
                    .on_error(on_error)
                    .gzip(options.gzip);
                self.run(&export, writer)
            }
        }
    }

    fn run_split<W: Write + Send + 'static, F: data::SplitFormat>(
        self,
        export: &Export,
        writer: ItemWriter<W, F>,
        split: Split<W>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let writer = match split {
            Some((max_bytes, next)) => writer.split(max_bytes, next),
            None => writer,
        };
        self.run(export, writer)
    }

    fn run<W: Write + Send, F: data::Format>(
        self,
        export: &Export,
        writer: ItemWriter<W, F>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let convert = export.convert().threads(self.threads.unwrap_or_default());
        let convert = convert.on_progress(|state| {
            self.progress.files(self.name, state);
            ControlFlow::Continue(())
        });
        convert.write_to(writer)
    }

    /// Returns the types of the domain's attributes: those of the types file, or what a first pass
    /// finds. After such a pass, the checksums need no second comparison.
    fn types(self, export: &mut Export) -> std::result::Result<Types, data::Error> {
        let is_guessed = match self.options.domain_types(export.domain_name())? {
            DomainTypes::Listed(types) => return Ok(types.clone()),
            DomainTypes::Auto => true,
            DomainTypes::Text => false,
        };
        let subject = format!("columns of {}", self.name);
        let describe = export.describe().threads(self.threads.unwrap_or_default());
        let describe = describe.on_progress(|state| {
            self.progress.files(&subject, state);
            ControlFlow::Continue(())
        });
        let description = describe.run()?;
        *export = export.clone().check_md5(false);
        Ok(if is_guessed {
            description.types()
        } else {
            description.text_types()
        })
    }

    /// Returns the types of the given columns, or all.
    fn columns(self, types: Types) -> Types {
        if self.options.columns.is_empty() {
            return types;
        }
        let names = self.options.columns.iter();
        names
            .map(|name| {
                let known = types.get(name).copied();
                let text = || AttributeType::new(DataType::Text);
                (name.as_str(), known.unwrap_or_else(text))
            })
            .collect()
    }
}

/// Returns the failure for an export that cannot be read.
pub(crate) fn failure(error: &data::Error) -> Failure {
    match error.kind() {
        data::ErrorKind::UnreadableItem => Failure::new(
            Exit::General,
            format!("{error}: --on-error skip or --on-error replace"),
        ),
        data::ErrorKind::TypeMismatch => Failure::new(
            Exit::General,
            format!("{error}: --types FILE, --on-error skip or --on-error replace"),
        ),
        _ => Failure::general(error),
    }
}

/// Returns the name of the column or attribute for item names.
pub(crate) fn key_name(options: &ConversionOptions) -> &str {
    options.key_name.as_deref().unwrap_or("itemName")
}

fn not_written(file: &Path, error: &(dyn Error + 'static)) -> NotConverted {
    Failure::general(error)
        .about(&file.display().to_string())
        .into()
}

fn not_converted(file: &Path, error: data::Error) -> NotConverted {
    match error.kind() {
        data::ErrorKind::Write => not_written(file, &error),
        _ => error.into(),
    }
}

/// Why there is no conversion.
#[derive(Debug)]
pub(crate) struct NotConverted {
    pub(crate) failure: Failure,
    /// Whether the exported files are damaged.
    pub(crate) is_source_damaged: bool,
    /// Whether the same command cannot succeed without another `--key-name`.
    pub(crate) is_key_name_taken: bool,
}

impl From<data::Error> for NotConverted {
    fn from(error: data::Error) -> NotConverted {
        NotConverted {
            failure: failure(&error),
            is_source_damaged: is_damage(&error),
            is_key_name_taken: error.kind() == data::ErrorKind::NameCollision,
        }
    }
}

impl From<Failure> for NotConverted {
    fn from(failure: Failure) -> NotConverted {
        NotConverted {
            failure,
            is_source_damaged: false,
            is_key_name_taken: false,
        }
    }
}

/// Returns whether a file that need not exist is in a directory or below it.
fn is_inside(file: &Path, directory: &Path) -> bool {
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new(".")).canonicalize();
    let directory = directory.canonicalize();
    matches!((parent, directory), (Ok(parent), Ok(directory)) if parent.starts_with(&directory))
}

/// Returns whether an export's files have to be downloaded again.
pub(crate) fn is_damage(error: &data::Error) -> bool {
    matches!(
        error.kind(),
        data::ErrorKind::Read
            | data::ErrorKind::Changed
            | data::ErrorKind::Truncated
            | data::ErrorKind::InvalidJson
            | data::ErrorKind::InvalidShape
            | data::ErrorKind::InvalidManifest
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::args::Dialect;

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

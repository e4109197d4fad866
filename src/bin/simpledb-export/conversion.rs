//! Conversion of an export to a file, to an object, or to stdout.

mod format;

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use simpledb_export::cli_support::AtomicFile;
use simpledb_export::data::{
    self, AttributeType, DataType, Export, ItemWriter, ObjectParts, Types, WriteReport,
};

pub(crate) use self::format::{DataFormat, FORMAT_HELP, check, file_suffix, key_name};
use super::args::{ConversionOptions, DomainTypes, Global, TypesSource};
use super::failure::{Exit, Failure};
use super::objects::Objects;
use super::parts::{PartFile, Parts};
use super::progress::Progress;
use super::stderr;

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

    /// Converts all items with the options that the formats share.
    fn run<W: Write + Send, F: data::Format>(
        self,
        export: &Export,
        writer: ItemWriter<W, F>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let writer = writer
            .key_name(key_name(self.options))
            .on_error(self.on_error());
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

//! Conversion of an export to a file, to an object, or to stdout: its options, and its steps.

mod files;
mod format;
mod losses;
mod objects;
mod options;
mod types;

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use simpledb_export::cli_support::directory_of;
use simpledb_export::data::{
    self, AttributeType, DataType, Export, ItemWriter, ObjectParts, Types, WriteReport,
};

use self::files::FileWriter;
pub(crate) use self::files::Files;
pub(crate) use self::format::{DataFormat, FORMAT_HELP, check, file_suffix, key_name};
pub(crate) use self::losses::report_losses;
pub(crate) use self::objects::Objects;
#[cfg(test)]
pub(crate) use self::options::Dialect;
pub(crate) use self::options::{ConversionOptions, OnError};
pub(crate) use self::types::{DomainTypes, TypesSource};
use super::failure::{Exit, Failure};
use super::progress::Progress;
use super::{Result, stderr};

/// Returns the name of an export's domain, which is also that of its directory.
pub(crate) fn domain_name(export: &Export) -> Cow<'_, str> {
    let directory = || {
        let directory = export.dir();
        let name = directory.file_name().unwrap_or(directory.as_os_str());
        name.to_string_lossy()
    };
    export.domain_name().map_or_else(directory, Cow::Borrowed)
}

/// A conversion, with progress.
#[derive(Debug)]
pub(crate) struct Converting<'a> {
    pub(crate) export: &'a Export,
    pub(crate) options: &'a ConversionOptions,
    pub(crate) format: DataFormat,
    pub(crate) progress: Progress,
    /// How many threads convert; by default as many as there are cores.
    pub(crate) threads: Option<usize>,
    /// The number of items that the export must have, if that was not compared before.
    pub(crate) expected_items: Option<u64>,
}

/// A report, and how many files or objects there are, if there can be several.
pub(crate) type Written = (WriteReport, Option<usize>);

/// Completes a target and starts the next one, if the output is split.
type StartNext<W> = fn(&mut W) -> io::Result<()>;

impl Converting<'_> {
    /// Converts to a file, or to parts of limited size, which appear once all are complete. The first
    /// `replaced` parts of an earlier conversion are replaced; others are in the way.
    pub(crate) fn to_disk(&self, file: &Path, replaced: usize) -> Result<Written> {
        if is_inside(file, self.export.dir()) {
            let line = "is in the export's own directory; expected a file elsewhere";
            return Err(Failure::new(Exit::Usage, line).at(file));
        }
        let files = Files::new(file, self.options.split.is_some());
        files.check(replaced)?;
        let path = files.path();
        let not_written = |failure: Failure| failure.at(&path);
        let target = FileWriter::start(files.clone()).map_err(|error| not_written(error.into()))?;
        let written = self.write(target, FileWriter::start_next);
        let (target, report) = written.map_err(|error| match error.kind() {
            data::ErrorKind::Write => not_written(error.into()),
            _ => error.into(),
        })?;
        self.check_count(&report)?;
        let count = target.finish().map_err(|error| not_written(error.into()))?;
        if self.options.split.is_none() {
            return Ok((report, None));
        }
        for number in count + 1..=replaced {
            let surplus = files.get(number);
            fs::remove_file(&surplus).map_err(|error| Failure::from(error).at(&surplus))?;
        }
        Ok((report, Some(count)))
    }

    /// Converts to an object in S3, or to parts of limited size, which appear once all are complete.
    pub(crate) fn to_objects(&self, objects: Objects) -> Result<Written> {
        match objects {
            Objects::One(object) => {
                let (object, report) = self.write(object, |_| Ok(()))?;
                self.check_count(&report)?;
                object.finish()?;
                Ok((report, None))
            }
            Objects::Parts(parts) => {
                let (parts, report) = self.write(parts, ObjectParts::start_next)?;
                self.check_count(&report)?;
                let count = parts.finish()?;
                Ok((report, Some(count)))
            }
        }
    }

    /// Compares the number of items with the export's own; that of an export on the disk is for
    /// `verify` to compare.
    fn check_count(&self, report: &WriteReport) -> Result<()> {
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
        Err(Failure::new(Exit::General, line).at(self.export.dir()))
    }

    fn on_error(&self) -> data::OnError {
        self.options.on_error.map(Into::into).unwrap_or_default()
    }

    /// Returns the export that is read as the options say.
    fn readable(&self) -> Export {
        self.export.clone().on_error(self.on_error())
    }

    fn run_split<W: Write + Send + 'static, F: data::SplitFormat>(
        &self,
        export: &Export,
        writer: ItemWriter<W, F>,
        start_next: StartNext<W>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let writer = match self.options.split {
            Some(max_bytes) => writer.split(max_bytes, start_next),
            None => writer,
        };
        self.run(export, writer)
    }

    /// Converts all items with the options that the formats share.
    fn run<W: Write + Send, F: data::Format>(
        &self,
        export: &Export,
        writer: ItemWriter<W, F>,
    ) -> std::result::Result<(W, WriteReport), data::Error> {
        let writer = writer
            .key_name(key_name(self.options))
            .on_error(self.on_error());
        let convert = export.convert().threads(self.threads.unwrap_or_default());
        let convert = convert.on_progress(self.progress.of(&domain_name(self.export)));
        convert.write_to(writer)
    }

    /// Returns the types of the domain's attributes: those of the types file, or what a first pass
    /// finds. After such a pass, the checksums need no second comparison.
    fn types(&self, export: &mut Export) -> std::result::Result<Types, data::Error> {
        let is_guessed = match self.options.domain_types(export.domain_name())? {
            DomainTypes::Listed(types) => return Ok(types.clone()),
            DomainTypes::Auto => true,
            DomainTypes::Text => {
                self.note_that_all_is_text();
                false
            }
        };
        let subject = format!("columns of {}", domain_name(self.export));
        let describe = export.describe().threads(self.threads.unwrap_or_default());
        let description = describe.on_progress(self.progress.of(&subject)).run()?;
        *export = export.clone().check_md5(false);
        Ok(if is_guessed {
            description.types()
        } else {
            description.text_types()
        })
    }

    /// Reports that a domain stays text because the types file does not name it.
    fn note_that_all_is_text(&self) {
        if let Some(TypesSource::File(file)) = &self.options.types {
            let file = file.path().display();
            let reason = match self.export.domain_name() {
                Some(name) => format!("{file} does not name the domain {name}"),
                None => format!("{file}: the export does not state its domain"),
            };
            stderr::note(&format!("{reason}: its values are text"));
        }
    }

    /// Returns the types of the given columns, or all.
    fn columns(&self, types: Types) -> Types {
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

/// Returns whether a file that need not exist is in a directory or below it.
fn is_inside(file: &Path, directory: &Path) -> bool {
    let paths = (directory_of(file).canonicalize(), directory.canonicalize());
    matches!(paths, (Ok(parent), Ok(directory)) if parent.starts_with(&directory))
}

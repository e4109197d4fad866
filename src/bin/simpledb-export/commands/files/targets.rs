//! The converted files of a run: their names, and whether they are up to date.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use simpledb_export::cli_support::{AtomicFile, directory_of, names};
use simpledb_export::data::{ErrorKind, Export};

use super::record::{Made, Record, Source};
use crate::args::FileOptions;
use crate::conversion::{Converting, DataFormat, Files, file_suffix, report_losses};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::results::Converted;
use crate::{Result, hint, stderr};

/// A file that a conversion must not replace, and what it is.
pub(crate) type Reserved = (PathBuf, &'static str);

/// The files that a run converts exports to.
#[derive(Debug)]
pub(crate) struct Targets<'a> {
    to: &'a Path,
    args: &'a FileOptions,
    format: DataFormat,
    /// The file name for each domain.
    names: BTreeMap<String, String>,
    record: Record,
}

impl<'a> Targets<'a> {
    /// Names the files and makes sure that they can be written, before an export is started: an
    /// account has few starts a day. Returns `None` if nothing is to be converted.
    ///
    /// Earlier runs count as well: two domains whose names differ in case only get two files even if
    /// they are exported one after the other.
    pub(crate) fn prepare(
        args: &'a FileOptions,
        domain_names: &[String],
        reserved: &[Reserved],
    ) -> Result<Option<Targets<'a>>> {
        let Some(to) = args.directory() else {
            return Ok(None);
        };
        try_directory(to).map_err(|error| {
            let line = format!("cannot write to this directory: {error}; no export was started");
            Failure::new(Exit::General, line).at(to)
        })?;
        let Some(format) = args.format else {
            return Ok(None);
        };
        let suffix = file_suffix(&args.conversion, format);
        let record = Record::read(to);
        let mut targets = Targets {
            to,
            args,
            format,
            names: distinct_names(&record, domain_names, &suffix),
            record,
        };
        for name in domain_names {
            targets.check(name, reserved)?;
            let plain = names::encode(name, &suffix);
            if targets.names[name] != plain {
                stderr::note(&format!(
                    "{name}: is converted to {}, because another domain's name differs in case only",
                    targets.names[name]
                ));
            }
        }
        let renamed = targets.record.rename(to, &targets.names, &suffix);
        renamed.map_err(|error| Failure::from(error).at(to))?;
        Ok(Some(targets))
    }

    /// Returns the name of each domain's file, or the pattern of its parts, without touching any; `None`
    /// if nothing is to be converted.
    pub(crate) fn names(
        args: &FileOptions,
        domain_names: &[String],
    ) -> Option<BTreeMap<String, String>> {
        let record = Record::read(args.directory()?);
        let suffix = file_suffix(&args.conversion, args.format?);
        let mut names = distinct_names(&record, domain_names, &suffix);
        for name in names.values_mut() {
            *name = args.conversion.shown(name);
        }
        Some(names)
    }

    /// Fails if a domain's file cannot be written, or would replace another one.
    fn check(&self, domain_name: &str, reserved: &[Reserved]) -> Result<()> {
        let file = self.file(domain_name);
        let not_started = |failure: Failure| failure.adding("no export was started");
        if let Some((_, what)) = reserved.iter().find(|(path, _)| is_same(path, &file)) {
            let line = format!(
                "the converted file of the domain {domain_name} would replace {what}; name another \
                 directory with --to"
            );
            return Err(not_started(Failure::new(Exit::Usage, line)).at(&file));
        }
        // Opening a pipe would wait for its reader.
        if fs::metadata(&file).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return Ok(());
        }
        let files = self.files(domain_name);
        files
            .check(self.made_parts(domain_name))
            .map_err(not_started)?;
        match AtomicFile::create(&files.get(1)) {
            Ok(_) => Ok(()),
            Err(error) => Err(not_started(error.into()).at(&file)),
        }
    }

    /// Returns the file of a domain.
    fn file(&self, domain_name: &str) -> PathBuf {
        self.to.join(&self.names[domain_name])
    }

    /// Returns the file of a domain, or its parts.
    fn files(&self, domain_name: &str) -> Files {
        let is_split = self.args.conversion.split.is_some();
        Files::new(&self.file(domain_name), is_split)
    }

    /// Returns how many parts an earlier conversion of a domain has written: a new one replaces them.
    fn made_parts(&self, domain_name: &str) -> usize {
        let made = self.record.files.get(&self.names[domain_name]);
        made.and_then(|made| made.parts).unwrap_or_default()
    }

    /// Returns the name of the file of a domain; a pattern if there are several.
    pub(crate) fn shown(&self, domain_name: &str) -> String {
        self.files(domain_name).path().display().to_string()
    }

    /// Converts a verified export; a failure says how to do it later.
    pub(crate) fn convert(&mut self, domain_name: &str, export: &Export) -> Result<Converted> {
        let file = self.file(domain_name);
        let (options, format) = (&self.args.conversion, self.format);
        let converted = Converting {
            export,
            options,
            format,
            progress: Progress::start(),
            threads: self.args.source.threads,
            expected_items: None,
        }
        .to_disk(&file, self.made_parts(domain_name))
        .map_err(|failure| {
            let is_key_name_taken = failure.cause() == Some(ErrorKind::NameCollision);
            let later = hint::convert(export.dir(), format, options, is_key_name_taken, &file);
            failure.with_hint(later)
        })?;
        self.record_made(domain_name, export, converted.1)
            .map_err(|error| Failure::from(error).at(&file))?;
        report_losses(&converted.0);
        Ok(Converted::new(&self.shown(domain_name), format, converted))
    }

    /// Returns whether a domain's file is what converting this export would make.
    pub(crate) fn is_current(&self, domain_name: &str, export: &Export) -> io::Result<bool> {
        let Some(made) = self.record.files.get(&self.names[domain_name]) else {
            return Ok(false);
        };
        Ok(made.source == self.source(domain_name, export)?
            && made.is_unchanged(&self.file(domain_name)))
    }

    /// Records that a domain's file, or its parts, were made from this export.
    fn record_made(
        &mut self,
        domain_name: &str,
        export: &Export,
        parts: Option<usize>,
    ) -> io::Result<()> {
        let file = self.file(domain_name);
        if parts.is_none() && !file.is_file() {
            return Ok(());
        }
        let made = Made::new(self.source(domain_name, export)?, &file, parts)?;
        let name = self.names[domain_name].clone();
        self.record.files.insert(name, made);
        self.record.write(self.to)
    }

    fn source(&self, domain_name: &str, export: &Export) -> io::Result<Source> {
        Source::new(domain_name, export, self.format, &self.args.conversion)
    }
}

/// Returns the name of the file of each domain, those of earlier runs included.
fn distinct_names(
    record: &Record,
    domain_names: &[String],
    suffix: &str,
) -> BTreeMap<String, String> {
    let known = record.domains_with(suffix);
    let all = domain_names.iter().map(String::as_str).chain(known);
    let names = names::distinct(all, suffix).into_iter();
    names.map(|(name, file)| (name.to_owned(), file)).collect()
}

/// Creates the directory if it is missing, and a file in it for a moment.
fn try_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    AtomicFile::create(&directory.join(".probe")).map(drop)
}

/// Returns whether two paths lead to the same file, at least on a system that ignores case.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let directory = directory_of(path).canonicalize().ok()?;
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        Some((directory, name))
    };
    place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
}

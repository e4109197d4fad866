//! `convert`.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::path::Path;

use simpledb_export::Client;
use simpledb_export::cli_support::{Escaped, names};
use simpledb_export::data::{self, Export};

use super::download::open;
use super::objects::source;
use super::proof::{self, Proof};
use super::verify;
use crate::args::{ConvertArgs, Global, Place, S3Url};
use crate::conversion::{
    self, Converting, DataFormat, Files, Objects, domain_name, file_suffix, report_losses,
};
use crate::failure::{Exit, Failure};
use crate::hint::dynamodb;
use crate::progress::Progress;
use crate::results::Converted;
use crate::{Result, hint, interrupt, output, session, stderr, stdout};

pub(super) fn run(global: &Global, args: &ConvertArgs) -> Result<()> {
    conversion::check(&args.options, args.format)?;
    let is_remote = args.source.export_arn.is_some() || matches!(args.to, Some(Place::Bucket(_)));
    let client = is_remote.then(|| session::client(global)).transpose()?;
    let export = open(global, &args.source, client.as_ref())?.check_md5(!args.skip_md5);
    if !args.skip_md5 {
        check_has_md5(&export)?;
    }
    let run = Run {
        global,
        args,
        proof: proof(global, args, &export, client.as_ref())?,
        export,
    };
    match (&args.to, &client, args.options.split) {
        (Some(Place::Disk(file)), ..) if !stdout::is(file) => run.to_file(file),
        (Some(Place::Bucket(url)), Some(client), _) => run.to_object(client, &run.object(url)),
        (.., Some(_)) => {
            let line = "--split needs the name of a file in --to";
            Err(Failure::new(Exit::Usage, line))
        }
        _ => run.to_stdout(),
    }
}

/// Rejects early what would otherwise fail in the middle of the conversion.
fn check_has_md5(export: &Export) -> Result<()> {
    let mut files = export.data_files();
    match files.find(|file| file.md5_checksum().is_none()) {
        Some(file) => {
            let line = "cannot be checked: the manifest has no checksum for it; to convert it anyway, \
                        use --skip-md5";
            Err(Failure::new(Exit::General, line).at(&file.path()))
        }
        None => Ok(()),
    }
}

/// Returns how to compare what is converted with its domain. Before the conversion, so that a missing
/// region is known at once.
fn proof(
    global: &Global,
    args: &ConvertArgs,
    export: &Export,
    client: Option<&Client>,
) -> Result<Proof> {
    if !args.against_domain {
        return Ok(Proof::default());
    }
    match client.filter(|_| args.source.export_arn.is_some()) {
        Some(client) => Ok(Proof::new(client, true)),
        None => Ok(Proof::new(&verify::client(global, export)?, true)),
    }
}

struct Run<'a> {
    global: &'a Global,
    args: &'a ConvertArgs,
    export: Export,
    proof: Proof,
}

impl Run<'_> {
    fn to_file(&self, file: &Path) -> Result<()> {
        let args = self.args;
        let files = Files::new(file, args.options.split.is_some());
        let shown = files.path().display().to_string();
        watch(&shown)?;
        let converted = self.converting(Progress::start()).to_disk(file, 0);
        let mut next_steps = Vec::new();
        if args.format == DataFormat::Dynamodb {
            let table = domain_name(&self.export);
            next_steps.extend(dynamodb::load(&files, &table, &args.options));
        }
        self.finish(&shown, converted, &next_steps)
    }

    /// Converts to an object, or to several.
    fn to_object(&self, client: &Client, url: &S3Url) -> Result<()> {
        let args = self.args;
        let shown = args.options.shown(&url.to_string());
        watch(&shown)?;
        let mut upload = args.source.bucket.upload(client, url, &args.target);
        if let (Some(arn), Some(domain)) = (self.export.export_arn(), self.export.domain_name()) {
            upload = upload.source(source(arn, domain, args.format, &args.options)?);
        }
        let objects = Objects::start(upload, &args.options)?;
        let converted = self.converting(Progress::start()).to_objects(objects);
        self.finish(&shown, converted, &[])
    }

    /// Writes the items themselves to stdout, for the next program.
    fn to_stdout(&self) -> Result<()> {
        let stdout = io::stdout();
        if self.args.format == DataFormat::Parquet && stdout.is_terminal() {
            let line = "Parquet is not text for a terminal; use --to FILE, or a pipe";
            return Err(Failure::new(Exit::Usage, line));
        }
        // Items and progress on the same terminal would be mixed.
        let progress = if stdout.is_terminal() {
            Progress::hidden()
        } else {
            Progress::start()
        };
        let written = self.converting(progress).write(stdout, |_| Ok(()));
        match written {
            Ok((_, report)) => {
                report_losses(&report);
                proof::check(self.proof.of_converted(&self.export, &report).as_ref())
            }
            Err(error) if is_broken_pipe(&error) => Ok(()),
            Err(error) => Err(self.explained(error.into())),
        }
    }

    /// Returns the object to write: below a prefix, it is named as the domain's file would be.
    fn object(&self, url: &S3Url) -> S3Url {
        if !url.is_prefix() {
            return url.clone();
        }
        let suffix = file_suffix(&self.args.options, self.args.format);
        url.below(&names::encode(&domain_name(&self.export), &suffix))
    }

    fn converting(&self, progress: Progress) -> Converting<'_> {
        let args = self.args;
        let is_remote = args.source.export_arn.is_some();
        Converting {
            export: &self.export,
            options: &args.options,
            format: args.format,
            progress,
            threads: args.threads,
            expected_items: self.export.items_count().filter(|_| is_remote),
        }
    }

    /// Reports what was written, compares it with its domain, and says what to do next.
    fn finish(
        &self,
        shown: &str,
        converted: Result<conversion::Written>,
        next_steps: &[String],
    ) -> Result<()> {
        let converted = converted.map_err(|failure| self.explained(failure))?;
        report_losses(&converted.0);
        for step in next_steps {
            stderr::note(step);
        }
        let comparison = self.proof.of_converted(&self.export, &converted.0);
        let mut converted = Converted::new(shown, self.args.format, converted);
        converted.domain = comparison;
        output::print(self.global.output, &converted)?;
        proof::check(converted.domain.as_ref())
    }

    /// Adds how to repair damaged files on the disk.
    fn explained(&self, failure: Failure) -> Failure {
        let is_on_disk = self.args.source.export_arn.is_none();
        let is_damaged = is_on_disk && failure.is_damage();
        failure.with_hint(is_damaged.then(|| hint::fetch_again(self.export.dir())))
    }
}

fn watch(target: &str) -> Result<()> {
    interrupt::watch()?;
    let target = Escaped(target);
    interrupt::say(format!(
        "{target} was not written; run the same command again"
    ));
    Ok(())
}

fn is_broken_pipe(error: &data::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}

//! `convert`.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::path::Path;

use simpledb_export::Client;
use simpledb_export::cli_support::{Escaped, names};
use simpledb_export::data::{self, Export, WriteReport};

use super::download::open;
use super::losses::report_losses;
use super::objects::source;
use super::proof::{self, Proof};
use super::verify::{self, name};
use crate::app::args::{ConvertArgs, DataFormat, Global, Place, S3Url};
use crate::app::conversion::{Converting, NotConverted};
use crate::app::failure::{Exit, Failure};
use crate::app::hint::dynamodb::{Files, load};
use crate::app::interrupt::Interrupt;
use crate::app::objects::Objects;
use crate::app::parts::Parts;
use crate::app::progress::Progress;
use crate::app::results::{Comparison, Converted};
use crate::app::{Result, conversion, hint, objects, output, session, stderr, stdout};

pub(super) fn run(global: &Global, args: &ConvertArgs) -> Result<()> {
    conversion::check(&args.options, args.format)?;
    let is_remote = args.source.export_arn.is_some() || matches!(args.to, Some(Place::Bucket(_)));
    let client = is_remote.then(|| session::client(global)).transpose()?;
    let export = open(global, &args.source, client.as_ref())?.check_md5(!args.skip_md5);
    if !args.skip_md5 {
        check_has_md5(&export)?;
    }
    conversion::note_types(global, &args.options, &export);
    let proof = proof(global, args, &export, client.as_ref())?;
    match (&args.to, &client, args.options.split) {
        (Some(Place::Disk(file)), ..) if !stdout::is(file) => {
            to_file(global, args, &export, &proof, file)
        }
        (Some(Place::Bucket(url)), Some(client), _) => {
            let url = object(url, args, &export);
            to_object(global, args, &export, &proof, client, &url)
        }
        (.., Some(_)) => {
            let line = "--split needs the name of a file in --to";
            Err(Failure::new(Exit::Usage, line))
        }
        _ => to_stdout(global, args, &export, &proof),
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
        return Ok(Proof::NotWanted);
    }
    match client.filter(|_| args.source.export_arn.is_some()) {
        Some(client) => Ok(Proof::new(client, true)),
        None => Ok(Proof::new(&verify::client(global, export)?, true)),
    }
}

/// Compares what was converted with its domain, if that is wanted.
fn compare(proof: &Proof, export: &Export, report: &WriteReport) -> Option<Comparison> {
    let name = name(export);
    proof.of_converted(export.domain_name().unwrap_or(&name), export, report)
}

/// Prints the result, and fails if it is not equal to its domain.
fn print(global: &Global, converted: &Converted) -> Result<()> {
    output::print(global.output, converted)?;
    let comparison = converted.domain.as_ref();
    comparison.map_or(Ok(()), |comparison| proof::check(global, comparison))
}

/// Returns the object to write: below a prefix, it is named as the domain's file would be.
fn object(url: &S3Url, args: &ConvertArgs, export: &Export) -> S3Url {
    if !url.is_prefix() {
        return url.clone();
    }
    let name = name(export);
    let domain_name = export.domain_name().unwrap_or(&name);
    let suffix = conversion::file_suffix(&args.options, args.format);
    url.below(&names::encode(domain_name, &suffix))
}

/// Rejects early what would otherwise fail in the middle of the conversion.
fn check_has_md5(export: &Export) -> Result<()> {
    let mut files = export.data_files();
    match files.find(|file| file.md5_checksum().is_none()) {
        Some(file) => {
            let line = "cannot be checked: the manifest has no checksum for it; to convert it anyway, \
                        use --skip-md5";
            let failure = Failure::new(Exit::General, line);
            Err(failure.about(&file.path().display().to_string()))
        }
        None => Ok(()),
    }
}

fn converting<'a>(
    args: &'a ConvertArgs,
    export: &'a Export,
    progress: &'a Progress,
    name: &'a str,
) -> Converting<'a> {
    Converting {
        export,
        options: &args.options,
        format: args.format,
        progress,
        name,
        threads: args.threads,
        expected_items: args.source.export_arn.as_ref().and(export.items_count()),
    }
}

fn to_file(
    global: &Global,
    args: &ConvertArgs,
    export: &Export,
    proof: &Proof,
    file: &Path,
) -> Result<()> {
    let split = args.options.split;
    let parts = split.map(|max_bytes| Parts::of(file, max_bytes));
    let written = parts.as_ref().map(Parts::path);
    let shown = written.as_deref().unwrap_or(file).display().to_string();
    let interrupt = Interrupt::watch()?;
    interrupt.say(not_written(&shown));
    let progress = Progress::start(global);
    let name = name(export);
    let (report, count) = converting(args, export, &progress, &name)
        .to_disk(file, 0)
        .map_err(|not_converted| explained(args, export, not_converted))?;
    drop(progress);
    report_losses(global, &report);
    if args.format == DataFormat::Dynamodb && !global.quiet {
        let table = export.domain_name().unwrap_or(&name);
        let files = parts.as_ref().map_or(Files::One(file), Files::Parts);
        for command in load(&files, table, &args.options) {
            stderr::note(&command);
        }
    }
    let comparison = compare(proof, export, &report);
    let converted = Converted::new(&shown, args.format, report);
    let mut converted = converted.files(count);
    converted.domain = comparison;
    print(global, &converted)
}

fn not_written(target: &str) -> String {
    format!(
        "{} was not written; run the same command again",
        Escaped(target)
    )
}

/// Converts to an object, or to several, and reports what was written.
fn to_object(
    global: &Global,
    args: &ConvertArgs,
    export: &Export,
    proof: &Proof,
    client: &Client,
    url: &S3Url,
) -> Result<()> {
    let shown = objects::shown(url, &args.options);
    let interrupt = Interrupt::watch()?;
    interrupt.say(not_written(&shown));
    let mut upload = args.source.bucket.upload(client, url, &args.target);
    if let (Some(arn), Some(domain_name)) = (export.export_arn(), export.domain_name()) {
        upload = upload.source(source(arn, domain_name, args.format, &args.options)?);
    }
    let objects = Objects::start(upload, &args.options);
    let objects = objects.map_err(|error| Failure::general(&error))?;
    let progress = Progress::start(global);
    let name = name(export);
    let (report, count) = converting(args, export, &progress, &name)
        .to_objects(objects)
        .map_err(|not_converted| explained(args, export, not_converted))?;
    drop(progress);
    report_losses(global, &report);
    let comparison = compare(proof, export, &report);
    let mut converted = Converted::new(&shown, args.format, report).files(count);
    converted.domain = comparison;
    print(global, &converted)
}

/// Adds how to repair damaged files on the disk.
fn explained(args: &ConvertArgs, export: &Export, not_converted: NotConverted) -> Failure {
    match fetch_again(args, export).filter(|_| not_converted.is_source_damaged) {
        Some(hint) => not_converted.failure.with_hint(hint),
        None => not_converted.failure,
    }
}

/// Returns how to repair the files on the disk.
fn fetch_again(args: &ConvertArgs, export: &Export) -> Option<String> {
    let is_on_disk = args.source.export_arn.is_none();
    is_on_disk.then(|| hint::fetch_again(export.dir()))
}

/// Writes the items themselves to stdout, for the next program.
fn to_stdout(global: &Global, args: &ConvertArgs, export: &Export, proof: &Proof) -> Result<()> {
    let stdout = io::stdout();
    if args.format == DataFormat::Parquet && stdout.is_terminal() {
        let line = "Parquet is not text for a terminal; use --to FILE, or a pipe";
        return Err(Failure::new(Exit::Usage, line));
    }
    // Items and progress on the same terminal would be mixed.
    let progress = if stdout.is_terminal() {
        Progress::hidden()
    } else {
        Progress::start(global)
    };
    let name = name(export);
    let written = converting(args, export, &progress, &name).write(stdout, None);
    drop(progress);
    match written {
        Ok((_, report)) => {
            report_losses(global, &report);
            match compare(proof, export, &report) {
                Some(comparison) => proof::check(global, &comparison),
                None => Ok(()),
            }
        }
        Err(error) if is_broken_pipe(&error) => Ok(()),
        Err(error) => {
            let failure = conversion::failure(&error);
            let hint = fetch_again(args, export).filter(|_| conversion::is_damage(&error));
            Err(match hint {
                Some(hint) => failure.with_hint(hint),
                None => failure,
            })
        }
    }
}

fn is_broken_pipe(error: &data::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}

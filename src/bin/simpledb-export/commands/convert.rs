//! `convert`.

use std::error::Error;
use std::io;
use std::path::Path;

use simpledb_export::data::{ConvertSummary, DataError, ExportFolder};

use crate::app::answers::Converted;
use crate::app::args::{ConvertArgs, Global};
use crate::app::failure::{Exit, Failure};
use crate::app::interrupt::Interrupt;
use crate::app::{Result, conversion, hint, output, stderr, stdout};
use simpledb_export::cli_support::Escaped;

pub(super) fn run(global: &Global, args: &ConvertArgs) -> Result<()> {
    conversion::check(&args.options, args.format)?;
    let folder = ExportFolder::open(&args.folder)
        .map_err(|error| Failure::general(&error))?
        .check_md5(!args.skip_md5);
    if !args.skip_md5 {
        check_has_md5(&folder)?;
    }
    match &args.to {
        Some(file) if !stdout::is(file) => to_file(global, args, &folder, file),
        _ => to_stdout(global, args, &folder),
    }
}

/// Refuses what could only be found out in the middle of the work.
fn check_has_md5(folder: &ExportFolder) -> Result<()> {
    let mut files = folder.data_files().iter();
    match files.find(|file| file.entry.md5_checksum.is_none()) {
        Some(file) => {
            let line = "has no checksum in the manifest; to convert it unchecked: --skip-md5";
            let failure = Failure::new(Exit::General, line);
            Err(failure.about(&file.path.display().to_string()))
        }
        None => Ok(()),
    }
}

fn to_file(global: &Global, args: &ConvertArgs, folder: &ExportFolder, file: &Path) -> Result<()> {
    let interrupt = Interrupt::watch()?;
    interrupt.say(format!(
        "{} was not written; run the same command again",
        Escaped(&file.to_string_lossy())
    ));
    let summary = conversion::to_file(file, folder, &args.options, args.format).map_err(|not| {
        if not.is_source_damaged {
            not.failure.with_hint(hint::fetch_again(folder.path()))
        } else {
            not.failure
        }
    })?;
    tell_losses(global, &summary);
    let answer = Converted::new(file, args.format, &summary);
    output::print(global.output, "Convert", &answer)
}

/// Writes the items themselves to stdout, for the next program.
fn to_stdout(global: &Global, args: &ConvertArgs, folder: &ExportFolder) -> Result<()> {
    let stdout = io::stdout().lock();
    match conversion::convert(folder, &args.options, args.format, stdout) {
        Ok((_, summary)) => {
            tell_losses(global, &summary);
            Ok(())
        }
        Err(error) if nobody_reads(&error) => Ok(()),
        Err(error) if conversion::is_damage(&error) => {
            Err(Failure::general(&error).with_hint(hint::fetch_again(folder.path())))
        }
        Err(error) => Err(Failure::general(&error)),
    }
}

fn nobody_reads(error: &DataError) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Says on stderr what the format could not hold, how often and where first; and which columns
/// may be misspelt.
pub(super) fn tell_losses(global: &Global, summary: &ConvertSummary) {
    if global.quiet {
        return;
    }
    for (kind, count) in summary.losses.counts() {
        let examples = summary.losses.examples();
        if let Some(first) = examples.iter().find(|loss| loss.kind == kind) {
            let times = if count == 1 { "time" } else { "times" };
            stderr::note(&format!("lost {count} {times}, first: {first}"));
        }
    }
    for column in &summary.unused_columns {
        let column = Escaped(column);
        stderr::note(&format!(
            "no item has the attribute {column}; its column is empty"
        ));
    }
}

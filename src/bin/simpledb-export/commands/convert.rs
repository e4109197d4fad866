//! `convert`.

use std::error::Error;
use std::io;
use std::path::Path;

use simpledb_export::export_data::{ConvertSummary, DataError};

use crate::app::answers::Converted;
use crate::app::args::{ConvertArgs, Global};
use crate::app::conversion::Target;
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::one_line::Escaped;
use crate::app::{Result, conversion, output, stderr, stdout};

pub(super) fn run(global: &Global, args: &ConvertArgs) -> Result<()> {
    conversion::check(&args.options, args.format)?;
    match &args.to {
        Some(file) if !stdout::is(file) => to_file(global, args, file),
        _ => to_stdout(global, args),
    }
}

fn to_file(global: &Global, args: &ConvertArgs, file: &Path) -> Result<()> {
    let target = Target::find(file)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(format!(
        "{} is not complete; run the same command again",
        Escaped(&target.while_incomplete().to_string_lossy())
    ));
    let summary = target.write(&args.folder, &args.options, args.format)?;
    tell_losses(global, &summary);
    let answer = Converted::new(file, args.format, &summary);
    output::print(global.output, "Convert", &answer)
}

/// Writes the items themselves to stdout, for the next program.
fn to_stdout(global: &Global, args: &ConvertArgs) -> Result<()> {
    let stdout = io::stdout().lock();
    match conversion::convert(&args.folder, &args.options, args.format, stdout) {
        Ok((_, summary)) => {
            tell_losses(global, &summary);
            Ok(())
        }
        Err(error) if nobody_reads(&error) => Ok(()),
        Err(error) => Err(Failure::general(&error)),
    }
}

fn nobody_reads(error: &DataError) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Says on stderr what the format could not hold: how often, and where first.
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
}

//! `verify`.

use std::path::Path;

use simpledb_export::data::{Export, Problem, VerifyReport};

use crate::app::args::{Global, VerifyArgs};
use crate::app::failure::{Exit, Failure};
use crate::app::results::Artifacts;
use crate::app::{Result, hint, output};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let export = Export::open(&args.directory).map_err(|error| {
        let failure = Failure::general(&error);
        let summary = args.directory.join("manifest-summary.json");
        if error.path() == Some(&args.directory) && !summary.exists() {
            // Not the directory of an export, which could be downloaded again.
            failure
        } else {
            failure.with_hint(hint::fetch_again(&args.directory))
        }
    })?;
    let report = export.verify().run();
    let report = report.map_err(|error| Failure::general(&error))?;
    output::print(global.output, &Artifacts::new(export.dir(), &report))?;
    check(export.dir(), &report)
}

/// Fails with the first problem; the output has all of them.
pub(super) fn check(directory: &Path, report: &VerifyReport) -> Result<()> {
    let Some(first) = report.problems.first() else {
        return Ok(());
    };
    let line = match report.problems.len() {
        1 => format!("the export is damaged: {first}"),
        count => format!("the export is damaged, {count} problems, the first: {first}"),
    };
    let failure = Failure::new(Exit::General, line).about(&directory.display().to_string());
    if report.problems.iter().any(is_fixed_by_download) {
        Err(failure.with_hint(hint::fetch_again(directory)))
    } else {
        Err(failure)
    }
}

fn is_fixed_by_download(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::SummaryMissing { .. }
            | Problem::Invalid(_)
            | Problem::MissingFile { .. }
            | Problem::ChecksumMismatch { .. }
            | Problem::ItemsMismatch { .. }
    )
}

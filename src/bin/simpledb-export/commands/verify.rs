//! `verify`.

use std::path::Path;

use simpledb_export::data::{
    ExportFolder, MANIFEST_FILE, MANIFEST_SUMMARY, Problem, VerifyOptions, VerifyReport,
    verify_export,
};

use crate::app::args::{Global, VerifyArgs};
use crate::app::failure::{Exit, Failure};
use crate::app::results::Artifacts;
use crate::app::{Result, hint, output};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let directory = &args.directory;
    let has_manifest = |name: &&str| directory.join(name).symlink_metadata().is_ok();
    if ![MANIFEST_FILE, MANIFEST_SUMMARY].iter().any(has_manifest) {
        // Not the directory of an export, which could have missing files.
        ExportFolder::open(directory).map_err(|error| Failure::general(&error))?;
    }
    let report = verify_export(directory, &VerifyOptions::new());
    output::print(global.output, &Artifacts::new(directory, &report))?;
    check(directory, &report)
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
        Problem::ManifestMissing { .. }
            | Problem::Invalid(_)
            | Problem::MissingFile { .. }
            | Problem::ChecksumMismatch { .. }
            | Problem::ItemsMismatch { .. }
    )
}

//! `verify`.

use std::path::Path;

use simpledb_export::data::{
    ExportFolder, MANIFEST_FILE, MANIFEST_SUMMARY, Problem, VerifyOptions, VerifyReport,
    verify_export,
};

use crate::app::answers::Artifacts;
use crate::app::args::{Global, VerifyArgs};
use crate::app::failure::{Exit, Failure};
use crate::app::{Result, hint, output};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let folder = &args.folder;
    let has_manifest = |name: &&str| folder.join(name).symlink_metadata().is_ok();
    if ![MANIFEST_FILE, MANIFEST_SUMMARY].iter().any(has_manifest) {
        // It is no export's folder, of which files could be missing.
        ExportFolder::open(folder).map_err(|error| Failure::general(&error))?;
    }
    let report = verify_export(folder, &VerifyOptions::new());
    let answer = Artifacts::new(folder, &report);
    output::print(global.output, "Verify", &answer)?;
    check(folder, &report)
}

/// A failure that tells the first of what is wrong; the report has all of it.
pub(super) fn check(folder: &Path, report: &VerifyReport) -> Result<()> {
    let Some(first) = report.problems.first() else {
        return Ok(());
    };
    let line = match report.problems.len() {
        1 => format!("the export is not whole: {first}"),
        count => format!("the export is not whole, {count} problems, the first: {first}"),
    };
    let failure = Failure::new(Exit::General, line).about(&folder.display().to_string());
    if report.problems.iter().any(is_mended_by_download) {
        Err(failure.with_hint(hint::fetch_again(folder)))
    } else {
        Err(failure)
    }
}

fn is_mended_by_download(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::ManifestMissing { .. }
            | Problem::Invalid(_)
            | Problem::MissingFile { .. }
            | Problem::ChecksumMismatch { .. }
            | Problem::ItemsMismatch { .. }
    )
}

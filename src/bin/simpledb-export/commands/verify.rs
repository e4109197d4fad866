//! `verify`.

use std::path::Path;

use simpledb_export::export_data::{VerifyOptions, VerifyReport, verify_export};

use crate::app::answers::Artifacts;
use crate::app::args::{Global, VerifyArgs};
use crate::app::failure::{Exit, Failure};
use crate::app::{Result, output};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let report = verify_export(&args.folder, &VerifyOptions::new());
    let answer = Artifacts::new(&args.folder, &report);
    output::print(global.output, "Verify", &answer)?;
    check(&args.folder, &report)
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
    Err(Failure::new(Exit::General, line).about(&folder.display().to_string()))
}

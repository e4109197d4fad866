//! The files of exported domains: downloaded, verified, converted.
//!
//! An intact export is not downloaded again, and a converted file that is newer than its export is
//! not written again.

use std::fs;
use std::path::{Path, PathBuf};

use simpledb_export::cli_support::export_path;
use simpledb_export::data::{Export, VerifyReport};
use simpledb_export::export_all::{DomainReport, DomainStatus, Report};
use simpledb_export::{Client, GetExportInput};

use crate::app::Result;
use crate::app::args::{FileOptions, Global};
use crate::app::commands::download::download;
use crate::app::commands::files;
use crate::app::commands::verify::{check, verify};
use crate::app::failure::Failure;
use crate::app::results::Artifacts;

/// The files of a domain.
pub(super) struct DomainFiles {
    pub(super) artifacts: Artifacts,
    pub(super) converted_file: Option<String>,
}

/// Processes each domain's files, in the order of the report; `None` if they were not asked for, or
/// if the domain is not exported yet.
pub(super) fn all(
    global: &Global,
    args: &FileOptions,
    client: &Client,
    report: &Report,
) -> Vec<Option<Result<DomainFiles>>> {
    let of_domain = |domain: &DomainReport| {
        let (Some(to), DomainStatus::Done { export_arn, .. }) = (&args.to, &domain.status) else {
            return None;
        };
        let files = of_domain(global, args, client, to, domain, export_arn);
        Some(files.map_err(|failure| failure.about(&domain.domain_name)))
    };
    report.domains.iter().map(of_domain).collect()
}

fn of_domain(
    global: &Global,
    args: &FileOptions,
    client: &Client,
    to: &Path,
    domain: &DomainReport,
    export_arn: &str,
) -> Result<DomainFiles> {
    let dir = to.join(export_path(export_arn, &domain.domain_name));
    let (local, report) = match intact(global, dir, domain)? {
        Some(intact) => intact,
        None => {
            let export = client.get_export(&GetExportInput::new(export_arn))?;
            let local = download(global, client, &export, to, &args.source)?.export;
            let report = examine(global, &local, domain)?;
            (local, report)
        }
    };
    check(local.dir(), &report)?;
    Ok(DomainFiles {
        artifacts: Artifacts::new(local.dir(), &report),
        converted_file: convert(global, args, to, &local, &domain.domain_name)?,
    })
}

/// Returns the export in a directory, if it is intact.
fn intact(
    global: &Global,
    dir: PathBuf,
    domain: &DomainReport,
) -> Result<Option<(Export, VerifyReport)>> {
    let Ok(local) = Export::open(dir) else {
        return Ok(None);
    };
    let report = examine(global, &local, domain)?;
    Ok(report.is_ok().then_some((local, report)))
}

fn examine(global: &Global, local: &Export, domain: &DomainReport) -> Result<VerifyReport> {
    let items_count = match domain.status {
        DomainStatus::Done { items_count, .. } => items_count,
        _ => None,
    };
    verify(global, local, items_count)
}

/// Converts an export, unless that was done after its download.
fn convert(
    global: &Global,
    args: &FileOptions,
    to: &Path,
    local: &Export,
    domain_name: &str,
) -> Result<Option<String>> {
    let Some(format) = args.format else {
        return Ok(None);
    };
    let file = files::converted_file(to, domain_name, args, format);
    if !is_newer(&file, &local.dir().join("manifest-file.json")) {
        files::convert(global, args, format, local, &file)?;
    }
    Ok(Some(file.display().to_string()))
}

/// Returns whether a file exists and was written after another.
fn is_newer(file: &Path, other: &Path) -> bool {
    let written = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
    written(file).is_some_and(|time| written(other).is_some_and(|other| time >= other))
}

/// Reports the failures of all domains but the last, which is the command's own.
pub(super) fn failure(files: Vec<Option<Result<DomainFiles>>>) -> Result<()> {
    let mut failures: Vec<Failure> = files
        .into_iter()
        .flatten()
        .filter_map(Result::err)
        .collect();
    let Some(last) = failures.pop() else {
        return Ok(());
    };
    for failure in &failures {
        failure.report();
    }
    Err(last)
}

//! The files of exported domains: downloaded, verified, converted.
//!
//! An intact export is not downloaded again, and a converted file that is newer than its export is
//! not written again.

use std::fs;
use std::path::{Path, PathBuf};

use simpledb_export::data::{MANIFEST_FILE, VerifyOptions, VerifyReport, verify_export};
use simpledb_export::export_all::{DomainReport, DomainStatus, Report};
use simpledb_export::{Client, GetExportInput};

use crate::app::Result;
use crate::app::args::{FileOptions, Global};
use crate::app::commands::download::download;
use crate::app::commands::files;
use crate::app::commands::verify::check;
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
    let mut folder = folder(to, export_arn, &domain.domain_name);
    let mut report = examine(&folder, domain);
    if !report.is_ok() {
        let export = client.get_export(&GetExportInput::new(export_arn))?;
        folder = download(global, client, &export, to, &args.source)?.folder;
        report = examine(&folder, domain);
    }
    check(&folder, &report)?;
    Ok(DomainFiles {
        artifacts: Artifacts::new(&folder, &report),
        converted_file: convert(global, args, to, &folder, &domain.domain_name)?,
    })
}

/// Returns where a download puts an export.
fn folder(to: &Path, export_arn: &str, domain_name: &str) -> PathBuf {
    let id = export_arn.rsplit('/').next().unwrap_or_default();
    to.join("AWSSimpleDB").join(id).join(domain_name)
}

fn examine(folder: &Path, domain: &DomainReport) -> VerifyReport {
    let mut options = VerifyOptions::new();
    if let DomainStatus::Done {
        items_count: Some(items),
        ..
    } = &domain.status
    {
        options = options.expected_items_count(*items);
    }
    verify_export(folder, &options)
}

/// Converts an export, unless that was done after its download.
fn convert(
    global: &Global,
    args: &FileOptions,
    to: &Path,
    folder: &Path,
    domain_name: &str,
) -> Result<Option<String>> {
    let Some(format) = args.format else {
        return Ok(None);
    };
    let file = files::converted_file(to, domain_name, args, format);
    if !is_newer(&file, &folder.join(MANIFEST_FILE)) {
        files::convert(global, args, format, folder, &file)?;
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

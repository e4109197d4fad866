//! The files of exported domains: downloaded, verified, converted.
//!
//! An intact export is not downloaded again, and a converted file is not written again if it is as
//! the same options made it of the same export.

use std::path::{Path, PathBuf};

use simpledb_export::cli_support::export_path;
use simpledb_export::data::{Export, VerifyReport};
use simpledb_export::export_all::{DomainReport, DomainStatus, Report};
use simpledb_export::{Client, GetExportInput};

use crate::app::Result;
use crate::app::args::{FileOptions, Global};
use crate::app::commands::download::download;
use crate::app::commands::files::{self, Targets, is_usable};
use crate::app::commands::objects::Objects;
use crate::app::commands::proof::{self, Proof};
use crate::app::commands::verify::{check, verify};
use crate::app::failure::Failure;
use crate::app::results::Artifacts;

/// The files of a domain.
pub(super) struct DomainFiles {
    /// `None` if the object that they are converted to is up to date: then they are not read.
    pub(super) artifacts: Option<Artifacts>,
    pub(super) converted_file: Option<String>,
}

/// Processes each domain's files, in the order of the report; `None` if they were not asked for, or
/// if the domain is not exported yet.
pub(super) fn all(
    global: &Global,
    args: &FileOptions,
    client: &Client,
    report: &Report,
    mut targets: Option<Targets<'_>>,
) -> Vec<Option<Result<DomainFiles>>> {
    let Some(to) = args.directory() else {
        return report.domains.iter().map(|_| None).collect();
    };
    let steps = Steps {
        global,
        args,
        client,
        to,
        proof: Proof::new(client, !args.no_count),
    };
    let of_domain = |domain: &DomainReport| {
        let DomainStatus::Done { export_arn, .. } = &domain.status else {
            return None;
        };
        let files = steps.run(domain, export_arn, targets.as_mut());
        Some(files.map_err(|failure| failure.about(&domain.domain_name)))
    };
    report.domains.iter().map(of_domain).collect()
}

/// Converts each domain's export to an object, unless that is up to date, in the order of the report;
/// `None` if the domain is not exported yet.
pub(super) fn in_bucket(
    global: &Global,
    client: &Client,
    report: &Report,
    objects: &Objects<'_>,
) -> Vec<Option<Result<DomainFiles>>> {
    let convert = |export_arn: &str| {
        let export = client.get_export(&GetExportInput::new(export_arn))?;
        let converted = objects.convert_if_needed(global, &export)?;
        Ok(DomainFiles {
            artifacts: converted.map(|object| object.artifacts),
            converted_file: Some(objects.name(&export)),
        })
    };
    let of_domain = |domain: &DomainReport| {
        let DomainStatus::Done { export_arn, .. } = &domain.status else {
            return None;
        };
        let files = convert(export_arn);
        Some(files.map_err(|failure: Failure| failure.about(&domain.domain_name)))
    };
    report.domains.iter().map(of_domain).collect()
}

/// Returns whether a domain's files are still to be downloaded.
pub(super) fn is_missing(to: &Path, domain: &DomainReport) -> bool {
    match &domain.status {
        DomainStatus::Done { export_arn, .. } => !to
            .join(export_path(export_arn, &domain.domain_name))
            .exists(),
        DomainStatus::Failed { permanent, .. } => !permanent,
        _ => true,
    }
}

/// What is done with the files of each domain.
struct Steps<'a> {
    global: &'a Global,
    args: &'a FileOptions,
    client: &'a Client,
    to: &'a Path,
    proof: Proof,
}

impl Steps<'_> {
    fn run(
        &self,
        domain: &DomainReport,
        export_arn: &str,
        targets: Option<&mut Targets<'_>>,
    ) -> Result<DomainFiles> {
        let global = self.global;
        let threads = self.args.source.threads;
        let dir = self.to.join(export_path(export_arn, &domain.domain_name));
        let (local, report) = if let Some(intact) = intact(global, dir, domain, threads)? {
            intact
        } else {
            let export = self.client.get_export(&GetExportInput::new(export_arn))?;
            let local = download(global, self.client, &export, self.to, &self.args.source)?.export;
            let report = examine(global, &local, domain, threads)?;
            (local, report)
        };
        if !is_usable(&report, &self.args.conversion) {
            check(local.dir(), &report)?;
        }
        let mut artifacts = Artifacts::new(local.dir(), &report);
        artifacts.domain = self.proof.of_verified(&domain.domain_name, &local, &report);
        proof::report(global, artifacts.domain.as_ref());
        Ok(DomainFiles {
            artifacts: Some(artifacts),
            converted_file: convert(global, targets, &local, &domain.domain_name)?,
        })
    }
}

/// Returns the export in a directory, if it is intact.
fn intact(
    global: &Global,
    dir: PathBuf,
    domain: &DomainReport,
    threads: Option<usize>,
) -> Result<Option<(Export, VerifyReport)>> {
    let Ok(local) = Export::open(dir) else {
        return Ok(None);
    };
    let report = examine(global, &local, domain, threads)?;
    Ok(report.is_intact().then_some((local, report)))
}

fn examine(
    global: &Global,
    local: &Export,
    domain: &DomainReport,
    threads: Option<usize>,
) -> Result<VerifyReport> {
    let items_count = match domain.status {
        DomainStatus::Done { items_count, .. } => items_count,
        _ => None,
    };
    verify(global, local, items_count, threads)
}

/// Converts an export, unless its file is up to date.
fn convert(
    global: &Global,
    targets: Option<&mut Targets<'_>>,
    local: &Export,
    domain_name: &str,
) -> Result<Option<String>> {
    let Some(targets) = targets else {
        return Ok(None);
    };
    let file = targets.shown(domain_name);
    let is_current = targets.is_current(domain_name, local);
    if !is_current.map_err(|error| Failure::general(&error).about(&file))? {
        files::convert(global, targets, domain_name, local)?;
    }
    Ok(Some(file))
}

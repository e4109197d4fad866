//! The files of exported domains: downloaded, verified, converted.
//!
//! An intact export is not downloaded again, and a converted file or object is not written again if it
//! was made from the same export with the same options and has not changed since.

use std::path::Path;

use simpledb_export::cli_support::export_path;
use simpledb_export::data::Export;
use simpledb_export::export_all::{DomainReport, DomainStatus, Report};
use simpledb_export::{Client, GetExportInput};

use crate::Result;
use crate::args::{FileOptions, Global};
use crate::commands::download::download;
use crate::commands::files::{self, Targets};
use crate::commands::objects::Objects;
use crate::commands::proof::Proof;
use crate::commands::verify::verify;
use crate::failure::Failure;
use crate::results::Artifacts;

/// The files of a domain.
pub(super) struct DomainFiles {
    /// `None` if the object that they are converted to is up to date: then they are not read.
    pub(super) artifacts: Option<Artifacts>,
    pub(super) converted_file: Option<String>,
}

/// Processes each domain's files, on the disk or in the bucket, in the order of the report; `None` if
/// that is not wanted, or if the domain is not exported yet.
pub(super) fn all(
    global: &Global,
    args: &FileOptions,
    client: &Client,
    report: &Report,
    mut targets: Option<Targets<'_>>,
    objects: Option<&Objects<'_>>,
) -> Vec<Option<Result<DomainFiles>>> {
    let steps = Steps {
        global,
        args,
        client,
        proof: Proof::new(client, !args.no_count),
    };
    let of_domain = |domain: &DomainReport| {
        let DomainStatus::Done {
            export_arn,
            items_count,
            ..
        } = &domain.status
        else {
            return None;
        };
        let files = match (objects, args.directory()) {
            (Some(objects), _) => steps.in_bucket(export_arn, objects),
            (None, Some(to)) => {
                let name = &domain.domain_name;
                steps.on_disk(to, name, export_arn, *items_count, targets.as_mut())
            }
            (None, None) => return None,
        };
        Some(files.map_err(|failure| failure.about(&domain.domain_name)))
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
    proof: Proof,
}

impl Steps<'_> {
    /// Converts an export to an object, unless that is up to date.
    fn in_bucket(&self, export_arn: &str, objects: &Objects<'_>) -> Result<DomainFiles> {
        let export = self.client.get_export(&GetExportInput::new(export_arn))?;
        let converted = objects.convert(self.global, &export, &self.proof)?;
        Ok(DomainFiles {
            artifacts: converted.map(|(artifacts, _)| artifacts),
            converted_file: Some(objects.name(&export)),
        })
    }

    /// Downloads and verifies an export, unless it is intact, and converts it, unless its file is up to
    /// date.
    fn on_disk(
        &self,
        to: &Path,
        domain_name: &str,
        export_arn: &str,
        items_count: Option<u64>,
        targets: Option<&mut Targets<'_>>,
    ) -> Result<DomainFiles> {
        let args = self.args;
        let verify = |local: &Export| verify(local, items_count, args.source.threads);
        let found = match Export::open(to.join(export_path(export_arn, domain_name))) {
            Ok(local) => Some((verify(&local)?, local)),
            Err(_) => None,
        };
        let intact = found.filter(|(report, _)| report.is_intact());
        let (report, local) = if let Some(intact) = intact {
            intact
        } else {
            let export = self.client.get_export(&GetExportInput::new(export_arn))?;
            let local = download(self.global, self.client, &export, to, &args.source)?.export;
            (verify(&local)?, local)
        };
        files::check(&local, &report, &args.conversion)?;
        Ok(DomainFiles {
            artifacts: Some(files::artifacts(&self.proof, &local, &report)),
            converted_file: targets
                .map(|targets| convert(targets, &local, domain_name))
                .transpose()?,
        })
    }
}

/// Converts an export, unless its file is up to date, and returns the file's name.
fn convert(targets: &mut Targets<'_>, local: &Export, domain_name: &str) -> Result<String> {
    let file = targets.shown(domain_name);
    let is_current = targets.is_current(domain_name, local);
    if !is_current.map_err(|error| Failure::from(error).about(&file))? {
        targets.convert(domain_name, local)?;
    }
    Ok(file)
}

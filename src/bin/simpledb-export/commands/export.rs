//! `export`: start, wait, and optionally download, verify and convert.

use std::time::Duration;

use simpledb_export::data::Export;
use simpledb_export::local::LocalService;
use simpledb_export::{Client, ErrorKind, GetExportOutput};

use super::download::download;
use super::files::{self, Targets, check_options};
use super::objects::Objects;
use super::proof::Proof;
use super::verify::verify;
use super::wait::{wait_for, wait_or_resume};
use super::{local, space};
use crate::args::{ExportArgs, Global};
use crate::failure::{Exit, Failure};
use crate::results::{Artifacts, Converted, Exports, Report};
use crate::{Result, help, hint, interrupt, output, session};

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    check_options(&args.files)?;
    interrupt::watch()?;
    // Without --local, clap requires a bucket.
    let bucket = args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET);
    let service = local::service(&args.service, bucket)?;
    let client = session::client_for(service.as_ref(), global)?;
    let domain_names = domain_names(args, service.as_ref())?;
    let reserved = local::domain_files(&args.service, &domain_names);
    let targets = Targets::prepare(&args.files, &domain_names, &reserved)?;
    let objects = Objects::prepare(&args.files, &client, &domain_names)?;
    if let Some(objects) = &objects {
        let mut names = domain_names.iter();
        names.try_for_each(|name| objects.check_parts(name))?;
    }
    if let Some(to) = args.files.directory() {
        space::check(to, &client, domain_names.iter().map(String::as_str))?;
    }
    let run = Run {
        global,
        args,
        bucket,
        service,
        client: &client,
        proof: Proof::new(&client, !args.files.no_count),
        objects: objects.as_ref(),
    };
    run.export(&domain_names, targets)
}

fn domain_names(args: &ExportArgs, service: Option<&LocalService>) -> Result<Vec<String>> {
    if let Some(name) = &args.domain_name {
        return Ok(vec![name.clone()]);
    }
    // Without --local, clap requires a name.
    let names = service.map_or_else(Vec::new, |service| service.domain_names().to_vec());
    match &args.service.domains {
        Some(directory) if names.is_empty() => Err(Failure::new(
            Exit::General,
            "contains no domains: expected NAME.json, each an array of items like an export's \
             data files",
        )
        .at(directory)),
        _ => Ok(names),
    }
}

/// What was found of an export, and what it was converted to.
type Processed = (Option<Artifacts>, Result<Option<Converted>>);

/// Exports of one command.
struct Run<'a> {
    global: &'a Global,
    args: &'a ExportArgs,
    bucket: &'a str,
    service: Option<LocalService>,
    client: &'a Client,
    proof: Proof,
    objects: Option<&'a Objects<'a>>,
}

impl Run<'_> {
    /// Starts all exports at once, then waits for each and processes its files.
    fn export(&self, domain_names: &[String], mut targets: Option<Targets<'_>>) -> Result<()> {
        let arns = domain_names.iter().map(|name| self.start(name));
        let arns: Vec<String> = arns.collect::<Result<_>>()?;
        let mut reports = Vec::new();
        let mut failures = Vec::new();
        for (name, arn) in domain_names.iter().zip(&arns) {
            let about = |failure| self.about(name, failure);
            let export = self.wait(arn).map_err(about)?;
            let (artifacts, converted) = match self.objects {
                Some(objects) => self.to_object(objects, &export),
                None => self
                    .to_disk(name, &export, targets.as_mut())
                    .map_err(about)?,
            };
            // The export has succeeded, even if the conversion fails.
            let converted = converted.unwrap_or_else(|failure| {
                failures.push(about(failure));
                None
            });
            reports.push(Report {
                export,
                artifacts,
                converted,
            });
        }
        self.print(reports)?;
        Failure::last(failures.into_iter().map(Err))
    }

    fn start(&self, domain_name: &str) -> Result<String> {
        interrupt::say(match self.service {
            Some(_) => {
                "the local service and its exports have ended; run the command again".to_owned()
            }
            None => hint::look_for(self.global, domain_name),
        });
        let input = self.args.options.input(domain_name, self.bucket);
        let started = self.client.start_domain_export(&input).map_err(|error| {
            let is_unknown = error.kind() == ErrorKind::NoSuchDomainException;
            let service = self.service.as_ref().filter(|_| is_unknown);
            let names = service.map(|service| service.domain_names().join(", "));
            let hint = names.map(|names| format!("the local domains are: {names}"));
            self.about(domain_name, Failure::from(error).with_hint(hint))
        })?;
        Ok(started.export_arn)
    }

    fn wait(&self, arn: &str) -> Result<GetExportOutput> {
        let patience = &self.args.patience;
        if self.service.is_some() {
            let waiter = self.client.wait_for_export(arn);
            let waiter = waiter
                .min_delay(local::MIN_DELAY)
                .max_delay(Duration::from_secs(1));
            return Ok(wait_for(waiter, patience)?);
        }
        let files = &self.args.files;
        let resume = match files.directory() {
            Some(to) => hint::wait_and_download(self.global, arn, to, files),
            None => hint::wait_again(self.global, arn),
        };
        wait_or_resume(self.client, arn, patience, resume)
    }

    fn to_object(&self, objects: &Objects<'_>, export: &GetExportOutput) -> Processed {
        interrupt::say(objects.later(export));
        match objects.convert(self.global, export, &self.proof) {
            Ok(converted) => {
                let (artifacts, converted) = converted.unzip();
                (artifacts, Ok(converted))
            }
            Err(failure) => (None, Err(failure)),
        }
    }

    fn to_disk(
        &self,
        domain_name: &str,
        export: &GetExportOutput,
        targets: Option<&mut Targets<'_>>,
    ) -> Result<Processed> {
        let Some(local) = self.local(export)? else {
            return Ok((None, Ok(None)));
        };
        let args = &self.args.files;
        let report = verify(&local, export.items_count, args.source.threads)?;
        let artifacts = files::artifacts(&self.proof, &local, &report);
        let converted = files::check(&local, &report, &args.conversion).and_then(|()| {
            let converted = targets.map(|targets| targets.convert(domain_name, &local));
            converted.transpose()
        });
        Ok((Some(artifacts), converted))
    }

    /// Returns the export on the disk: downloaded, or in a local bucket; `None` if it is in S3 only.
    fn local(&self, export: &GetExportOutput) -> Result<Option<Export>> {
        let files = &self.args.files;
        match (files.directory(), &self.service) {
            (Some(to), service) => {
                let again = || hint::download_again(self.global, &export.export_arn, to, files);
                let resume = service.is_none().then(again);
                if let Some(resume) = &resume {
                    interrupt::say(resume);
                }
                let report = download(self.global, self.client, export, to, &files.source);
                Ok(Some(
                    report.map_err(|failure| failure.with_hint(resume))?.export,
                ))
            }
            (None, Some(service)) => {
                let manifest = export.export_manifest.as_deref().unwrap_or_default();
                let (prefix, _) = manifest.rsplit_once('/').unwrap_or_default();
                let directory = service.object_path(&export.s3_bucket, prefix);
                Ok(Some(Export::open(directory)?))
            }
            (None, None) => Ok(None),
        }
    }

    /// Returns whether one domain was asked for, instead of all in a directory.
    fn is_single(&self) -> bool {
        self.args.domain_name.is_some() || self.args.service.domains.is_none()
    }

    /// Names the domain if there are several.
    fn about(&self, domain_name: &str, failure: Failure) -> Failure {
        if self.is_single() {
            failure
        } else {
            failure.about(domain_name)
        }
    }

    fn print(&self, mut reports: Vec<Report>) -> Result<()> {
        match reports.pop() {
            Some(report) if self.is_single() => {
                output::print(self.global.output, &report).map_err(|failure| {
                    let GetExportOutput {
                        client_token,
                        export_arn,
                        ..
                    } = &report.export;
                    let show = || hint::show(self.global, client_token, export_arn);
                    failure.with_hint(self.service.is_none().then(show))
                })
            }
            last => {
                reports.extend(last);
                output::print(self.global.output, &Exports { exports: reports })
            }
        }
    }
}

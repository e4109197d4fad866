//! `export`: start, wait, and optionally download, verify and convert.

use std::time::Duration;

use simpledb_export::data::Export;
use simpledb_export::local::LocalService;
use simpledb_export::{Client, ErrorKind, GetExportOutput};

use super::files::{Files, Targets, check_options};
use super::objects::Objects;
use super::proof::Proof;
use super::wait::{Delays, wait_for, wait_or_resume};
use super::{download, local, space};
use crate::app::args::{ExportArgs, Global};
use crate::app::failure::{Exit, Failure};
use crate::app::hint::Download;
use crate::app::interrupt::Interrupt;
use crate::app::results::{Exports, Report};
use crate::app::{Result, help, hint, output, session};

/// An export of a local service takes about a second.
const LOCAL_DELAYS: Delays = Delays {
    min: Some(Duration::from_millis(100)),
    max: Some(Duration::from_secs(1)),
};

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    check_options(&args.files)?;
    let interrupt = Interrupt::watch()?;
    // Without --local, clap requires a bucket.
    let bucket = args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET);
    let service = if args.service.local {
        Some(local::service(global, &args.service, bucket)?)
    } else {
        None
    };
    let client = match &service {
        Some(service) => session::local_client(global, service)?,
        None => session::client(global)?,
    };
    let domain_names = domain_names(args, service.as_ref())?;
    let targets = Targets::prepare(
        global,
        &args.files,
        &domain_names,
        &local::domain_files(&args.service, &domain_names),
    )?;
    let run = Run {
        global,
        args,
        bucket,
        service,
        proof: Proof::new(&client, !args.files.no_count),
        client,
        interrupt,
    };
    let objects = Objects::prepare(&args.files, &run.client, &domain_names)?;
    if let Some(objects) = &objects {
        let mut names = domain_names.iter();
        names.try_for_each(|name| objects.check_parts(name))?;
    }
    if let Some(to) = args.files.directory() {
        space::check(to, &run.client, domain_names.iter().map(String::as_str))?;
    }
    run.export(&domain_names, targets, objects.as_ref())
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
        .about(&directory.display().to_string())),
        _ => Ok(names),
    }
}

/// Exports of one command.
struct Run<'a> {
    global: &'a Global,
    args: &'a ExportArgs,
    bucket: &'a str,
    service: Option<LocalService>,
    client: Client,
    proof: Proof,
    interrupt: Interrupt,
}

impl Run<'_> {
    /// Starts all exports at once, then waits for each and processes its files.
    fn export(
        &self,
        domain_names: &[String],
        mut targets: Option<Targets<'_>>,
        objects: Option<&Objects<'_>>,
    ) -> Result<()> {
        let arns = domain_names.iter().map(|name| self.start(name));
        let arns: Vec<String> = arns.collect::<Result<_>>()?;
        let mut reports = Vec::new();
        let mut failures = Vec::new();
        for (name, arn) in domain_names.iter().zip(&arns) {
            let about = |failure| self.about(name, failure);
            let export = self.wait(arn).map_err(about)?;
            if let Some(objects) = objects {
                self.interrupt.say(objects.later(&export));
                let object = objects.convert(self.global, &export);
                let object = object.map_err(|failure| failures.push(about(failure)));
                let (artifacts, converted) = object
                    .map(|object| (object.artifacts, object.converted))
                    .ok()
                    .unzip();
                reports.push(Report {
                    export,
                    artifacts,
                    converted,
                });
                continue;
            }
            let Some(mut files) = self.files(&export).map_err(about)? else {
                reports.push(Report {
                    export,
                    artifacts: None,
                    converted: None,
                });
                continue;
            };
            // The export has succeeded and is here, even if the conversion fails.
            let converted = files.convert(self.global, targets.as_mut());
            let converted = converted.unwrap_or_else(|failure| {
                failures.push(about(failure));
                None
            });
            failures.extend(files.check(&self.args.files.conversion).err().map(about));
            reports.push(Report {
                export,
                artifacts: Some(files.artifacts()),
                converted,
            });
        }
        self.print(reports)?;
        let last = failures.pop();
        failures.iter().for_each(Failure::report);
        last.map_or(Ok(()), Err)
    }

    fn start(&self, domain_name: &str) -> Result<String> {
        self.interrupt.say(match self.service {
            Some(_) => {
                "the local service and its exports have ended; run the command again".to_owned()
            }
            None => hint::look_for(self.global, domain_name),
        });
        let input = self.args.options.input(domain_name, self.bucket);
        match self.client.start_domain_export(&input) {
            Ok(started) => Ok(started.export_arn),
            Err(error) => {
                let is_unknown = error.kind() == ErrorKind::NoSuchDomainException;
                let mut failure = Failure::from(error);
                if let Some(service) = self.service.as_ref().filter(|_| is_unknown) {
                    let names = service.domain_names().join(", ");
                    failure = failure.with_hint(format!("the local domains are: {names}"));
                }
                Err(self.about(domain_name, failure))
            }
        }
    }

    fn wait(&self, arn: &str) -> Result<GetExportOutput> {
        let patience = &self.args.patience;
        if self.service.is_some() {
            return wait_for(self.global, &self.client, arn, patience, &LOCAL_DELAYS)
                .map_err(Failure::from);
        }
        let resume = match self.download() {
            Some(download) => hint::wait_and_download(self.global, arn, &download),
            None => hint::wait_again(self.global, arn),
        };
        wait_or_resume(
            self.global,
            &self.client,
            arn,
            patience,
            &self.interrupt,
            resume,
        )
    }

    /// The download after the wait, if any.
    fn download(&self) -> Option<Download<'_>> {
        let files = &self.args.files;
        files.directory().map(|to| Download {
            to,
            source: &files.source,
            format: files.format,
        })
    }

    /// The export's files on disk: downloaded, or those in a local bucket.
    fn files(&self, export: &GetExportOutput) -> Result<Option<Files>> {
        let local = match (self.download(), &self.service) {
            (Some(next), service) => {
                let resume = hint::download_again(self.global, &export.export_arn, &next);
                if service.is_none() {
                    self.interrupt.say(resume.clone());
                }
                let report =
                    download::download(self.global, &self.client, export, next.to, next.source);
                let report = report.map_err(|failure| match service {
                    Some(_) => failure,
                    None => failure.with_hint(resume),
                })?;
                report.export
            }
            (None, Some(service)) => {
                let manifest = export.export_manifest.as_deref().unwrap_or_default();
                let (prefix, _) = manifest.rsplit_once('/').unwrap_or_default();
                let directory = service.object_path(&export.s3_bucket, prefix);
                Export::open(directory).map_err(|error| Failure::general(&error))?
            }
            (None, None) => return Ok(None),
        };
        let threads = self.args.files.source.threads;
        Files::verify(self.global, export, local, threads, &self.proof).map(Some)
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
                    if self.service.is_some() {
                        return failure;
                    }
                    let export = &report.export;
                    let hint = hint::show(self.global, &export.client_token, &export.export_arn);
                    failure.with_hint(hint)
                })
            }
            last => {
                reports.extend(last);
                output::print(self.global.output, &Exports { exports: reports })
            }
        }
    }
}

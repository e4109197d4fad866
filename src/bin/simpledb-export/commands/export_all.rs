//! `export-all`: many domains within the quotas, over several runs.

mod domains;
mod dry_run;
mod files;
mod report;

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use simpledb_export::export_all::{DomainStatus, Event, ExportAll, Report};
use simpledb_export::{Client, ErrorKind, GetExportOutput};

use self::domains::Chosen;
use super::files::{Reserved, Targets, check_options};
use super::objects::Objects;
use super::{local, space};
use crate::args::Global;
use crate::args::export_all::ExportAllArgs;
use crate::failure::{Exit, Failure};
use crate::{Result, help, interrupt, output, session, stderr};

/// How to resume after any interruption.
const RESUME: &str = "nothing is lost; run the same command again to resume";

pub(super) fn run(global: &Global, args: &ExportAllArgs) -> Result<()> {
    check_options(&args.files)?;
    interrupt::watch()?;
    interrupt::say(RESUME);
    let service = local::service(&args.service, bucket(args))?;
    let given = domains::given(args, service.as_ref())?;
    let client = session::client_for(service.as_ref(), global)?;
    let chosen = match given {
        Some(chosen) => chosen,
        None => domains::listed(args, &client)?,
    };
    if args.dry_run {
        return dry_run::run(global, args, &client, &chosen);
    }
    let min_delay = service.as_ref().map(|_| local::MIN_DELAY);
    run_with(global, args, &client, &chosen, min_delay)
}

fn run_with(
    global: &Global,
    args: &ExportAllArgs,
    client: &Client,
    chosen: &Chosen,
    min_delay: Option<Duration>,
) -> Result<()> {
    let domain_names = &chosen.names;
    let reserved = reserved(args, domain_names);
    let targets = Targets::prepare(&args.files, domain_names, &reserved)?;
    let objects = Objects::prepare(&args.files, client, domain_names)?;
    let status = status(args, client, domain_names)?;
    let domains = status.domains.iter();
    if let Some(objects) = &objects {
        domains
            .clone()
            .filter(|domain| !matches!(domain.status, DomainStatus::Done { .. }))
            .try_for_each(|domain| objects.check_parts(&domain.domain_name))?;
    }
    if let Some(to) = args.files.directory() {
        let missing = domains
            .filter(|domain| files::is_missing(to, domain))
            .map(|domain| domain.domain_name.as_str());
        space::check(to, client, missing)?;
    }
    let report = export_all(args, client.clone(), domain_names, min_delay)?;
    let files = files::all(
        global,
        &args.files,
        client,
        &report,
        targets,
        objects.as_ref(),
    );
    let result = report::Report::new(&report, &files, &chosen.vanished);
    output::print(global.output, &result)?;
    let failures = files.into_iter().flatten().filter_map(Result::err);
    end(report, failures.collect())
}

/// Returns the files that no conversion may replace.
fn reserved(args: &ExportAllArgs, domain_names: &[String]) -> Vec<Reserved> {
    let mut lock = args.state.as_os_str().to_owned();
    lock.push(".lock");
    let mut reserved = local::domain_files(&args.service, domain_names);
    reserved.push((args.state.clone(), "the state file"));
    reserved.push((lock.into(), "the lock of the state file"));
    if let Some(file) = &args.domains.domains_file {
        reserved.push((file.clone(), "the list of domains"));
    }
    reserved
}

fn bucket(args: &ExportAllArgs) -> &str {
    // Without --local, clap requires a bucket.
    args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET)
}

fn export_all(
    args: &ExportAllArgs,
    client: Client,
    domain_names: &[String],
    min_delay: Option<Duration>,
) -> Result<Report> {
    let mut last_wait = None;
    let s3_client = client.clone();
    let mut export_all = planned(args, client, domain_names)
        .max_wait(args.waiting.max_wait())
        .has_started(|export| has_started(args, &s3_client, export))
        .on_event(|event| {
            // Not every second or poll of a wait is worth a line.
            let is_news = match event {
                Event::Waiting { in_progress, .. } => {
                    last_wait.replace(*in_progress) != Some(*in_progress)
                }
                _ => true,
            };
            if is_news {
                stderr::note(&event.to_string());
            }
            ControlFlow::Continue(())
        });
    if let Some(min_delay) = min_delay {
        export_all = export_all.min_delay(min_delay);
    }
    Ok(export_all.run()?)
}

fn planned<'a>(args: &ExportAllArgs, client: Client, domain_names: &[String]) -> ExportAll<'a> {
    let bucket = bucket(args);
    let inputs = domain_names.iter().map(|name| args.s3.input(name, bucket));
    ExportAll::new(client, inputs, &args.state)
        .max_attempts(args.max_attempts)
        .retry_failed(args.retry_failed)
}

/// Returns what the state file says of the domains.
fn status(args: &ExportAllArgs, client: &Client, domain_names: &[String]) -> Result<Report> {
    Ok(planned(args, client.clone(), domain_names).status()?)
}

/// Asks S3 only if the files are read from it anyway.
fn has_started(args: &ExportAllArgs, client: &Client, export: &GetExportOutput) -> bool {
    let files = &args.files;
    let is_read = files.directory().is_some() || files.prefix().is_some();
    is_read && {
        let download = client.download(export, files.directory().unwrap_or(Path::new("")));
        files.source.apply(download).has_started()
    }
}

/// Reports what is left, with its exit code.
fn end(report: Report, files: Vec<Failure>) -> Result<()> {
    let line = report::summary(&report, files.len());
    let exit = exit(&report, files.last());
    for failure in files {
        failure.report();
    }
    match report.stopped_by {
        // It says what to correct first.
        Some(error) if error.kind() == ErrorKind::ExportFailed => return Err(error.into()),
        Some(error) => return Err(Failure::from(error).with_hint(RESUME.to_owned())),
        None => {}
    }
    stderr::note(&line);
    match exit {
        Exit::Success => Ok(()),
        exit => Err(Failure::reported(exit)),
    }
}

/// Work left for a later run comes first: a script has to know whether to run again. Missing files
/// come next: they can still be downloaded.
fn exit(report: &Report, files: Option<&Failure>) -> Exit {
    match files {
        _ if report.next_run.is_some() => Exit::WorkLeft,
        Some(failure) => failure.exit(),
        None if report.failed_permanently() > 0 => Exit::FailedPermanently,
        None => Exit::Success,
    }
}

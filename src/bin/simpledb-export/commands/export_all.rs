//! `export-all`: many domains within the quotas, run again until all are done.

mod answer;
mod domains;
mod files;

use std::time::Duration;

use simpledb_export::Client;
use simpledb_export::export_all::{
    ExportAll, ExportAllError, ExportAllErrorKind, ExportAllEvent, ExportAllReport,
};

use super::files::{check_options, try_out};
use super::local;
use crate::app::args::Global;
use crate::app::args::export_all::ExportAllArgs;
use crate::app::failure::{Exit, Failure};
use crate::app::interrupt::Interrupt;
use crate::app::{Result, help, output, session, stderr};

/// How to go on, whatever ended the run.
const GO_ON: &str = "nothing is lost; to go on, run the same command again";

/// How often to look at exports that take about a second.
const LOCAL_MIN_DELAY: Duration = Duration::from_millis(100);

pub(super) fn run(global: &Global, args: &ExportAllArgs) -> Result<()> {
    check_options(&args.files)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(GO_ON.to_owned());
    if args.service.local {
        let service = local::service(&args.service, bucket(args))?;
        let domain_names = domains::names(args, Some(&service))?;
        let client = session::local_client(global, &service)?;
        run_with(global, args, &client, domain_names, Some(LOCAL_MIN_DELAY))
    } else {
        let domain_names = domains::names(args, None)?;
        run_with(global, args, &session::client(global)?, domain_names, None)
    }
}

fn run_with(
    global: &Global,
    args: &ExportAllArgs,
    client: &Client,
    domain_names: Vec<String>,
    min_delay: Option<Duration>,
) -> Result<()> {
    try_out(&args.files, domain_names.iter().map(String::as_str))?;
    let report = export_all(global, args, client.clone(), domain_names, min_delay)?;
    let files = files::all(global, &args.files, client, &report);
    output::print(
        global.output,
        "ExportAll",
        &answer::ExportAllAnswer::new(&report, &files),
    )?;
    end(global, report, files::failure(files))
}

fn bucket(args: &ExportAllArgs) -> &str {
    // Without --local, clap has seen to it that there is one.
    args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET)
}

fn export_all(
    global: &Global,
    args: &ExportAllArgs,
    client: Client,
    domain_names: Vec<String>,
    min_delay: Option<Duration>,
) -> Result<ExportAllReport> {
    let mut told = Told::default();
    let mut export_all = ExportAll::new(client, domain_names, bucket(args), &args.state)
        .max_attempts(args.max_attempts)
        .retry_failed(args.retry_failed)
        .max_wait(args.max_wait())
        .on_event(|event| {
            if !global.quiet && told.is_news(event) {
                stderr::note(&event.to_string());
            }
        });
    if let Some(min_delay) = min_delay {
        export_all = export_all.min_delay(min_delay);
    }
    let export_all = args.s3.set_all(export_all);
    export_all.run().map_err(|error| failure(&error))
}

fn failure(error: &ExportAllError) -> Failure {
    match error.kind() {
        ExportAllErrorKind::InvalidInput
        | ExportAllErrorKind::OtherSettings
        | ExportAllErrorKind::OtherAccount => Failure::new(Exit::Usage, error.to_string()),
        _ => Failure::general(error),
    }
}

/// What was last told of the waiting, of which not every round is worth a line.
#[derive(Debug, Default)]
struct Told(Option<usize>);

impl Told {
    fn is_news(&mut self, event: &ExportAllEvent) -> bool {
        match event {
            ExportAllEvent::Waiting { under_way, .. } => {
                self.0.replace(*under_way) != Some(*under_way)
            }
            _ => true,
        }
    }
}

/// Says what is left, and ends with the exit code for it.
fn end(global: &Global, report: ExportAllReport, files: Result<()>) -> Result<()> {
    let line = answer::summary(&report);
    let exit = exit(&report, files.as_ref().err());
    if let Err(failure) = files {
        failure.report();
    }
    if let Some(error) = report.stopped_by {
        return Err(Failure::from(error).with_hint(GO_ON));
    }
    if !global.quiet {
        stderr::note(&line);
    }
    match exit {
        Exit::Success => Ok(()),
        exit => Err(Failure::told(exit)),
    }
}

/// As long as a later run can do something, that is what counts: it is how a script knows whether
/// to go on. Files that are not here come next: they can still be fetched.
fn exit(report: &ExportAllReport, files: Option<&Failure>) -> Exit {
    match files {
        _ if report.next_run.is_some() => Exit::WorkLeft,
        Some(failure) => failure.exit(),
        None if report.failed_for_good() > 0 => Exit::FailedForGood,
        None => Exit::Success,
    }
}

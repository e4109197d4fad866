//! `export --local`: start, wait, check, report, all against a service in this process.

use std::time::Duration;

use simpledb_export::local::LocalService;
use simpledb_export::{Client, GetExportOutput};

use super::files::{Done, check_options, download, try_out};
use super::local;
use super::wait::with_progress;
use crate::app::answers::{Converted, LocalExports};
use crate::app::args::{ExportArgs, Global};
use crate::app::failure::{Exit, Failure};
use crate::app::interrupt::Interrupt;
use crate::app::{Result, help, output, session};

/// How often to look at an export that takes about a second.
const MIN_DELAY: Duration = Duration::from_millis(100);

/// How long to leave one alone that takes longer.
const MAX_DELAY: Duration = Duration::from_secs(1);

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    check_options(&args.files)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(
        "the local service has ended, and the export with it; run the command again".to_owned(),
    );
    let bucket = args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET);
    let service = local::service(&args.service, bucket)?;
    let client = session::local_client(global, &service)?;
    let names = domain_names(args, &service)?;
    try_out(&args.files, names.iter().map(String::as_str))?;
    let done = export_all(global, args, &service, &client, &names)?;
    drop(service);

    let mut failures = Vec::new();
    let mut converted = Vec::new();
    for (name, done) in names.iter().zip(&done) {
        converted.push(done.convert(global, &args.files).unwrap_or_else(|failure| {
            failures.push(about(args, name, failure));
            None
        }));
    }
    report(global, &done, converted, is_one(args))?;
    let last = failures.pop();
    failures.iter().for_each(Failure::report);
    last.map_or_else(|| done.iter().try_for_each(Done::check), Err)
}

/// Whether one domain was asked for, rather than all of a folder.
fn is_one(args: &ExportArgs) -> bool {
    args.domain_name.is_some() || args.service.domains.is_none()
}

/// Says which domain it is about, where there are several.
fn about(args: &ExportArgs, name: &str, failure: Failure) -> Failure {
    if is_one(args) {
        failure
    } else {
        failure.about(name)
    }
}

fn domain_names(args: &ExportArgs, service: &LocalService) -> Result<Vec<String>> {
    if let Some(name) = &args.domain_name {
        return Ok(vec![name.clone()]);
    }
    let names = service.domain_names().to_vec();
    match &args.service.domains {
        Some(folder) if names.is_empty() => Err(Failure::new(
            Exit::General,
            "there are no domains here: expected NAME.json, each an array of items like an \
             export's data files",
        )
        .about(&folder.display().to_string())),
        _ => Ok(names),
    }
}

/// Starts all, so that no one waits for the one before, then waits for each.
fn export_all(
    global: &Global,
    args: &ExportArgs,
    service: &LocalService,
    client: &Client,
    names: &[String],
) -> Result<Vec<Done>> {
    let bucket = args.s3_bucket.as_deref().unwrap_or(help::LOCAL_BUCKET);
    let mut arns = Vec::new();
    for name in names {
        let started = client
            .start_domain_export(&args.options.input(name, bucket))
            .map_err(|error| about(args, name, error.into()))?;
        arns.push(started.export_arn);
    }
    let mut all = Vec::new();
    for (name, arn) in names.iter().zip(&arns) {
        let min_delay = args.patience.min_delay.map(Duration::from_secs);
        let waiter = client
            .wait_for_export(arn)
            .min_delay(min_delay.unwrap_or(MIN_DELAY))
            .max_delay(MAX_DELAY);
        let export = with_progress(global, waiter, &args.patience)
            .map_err(|error| about(args, name, error.into()))?;
        all.push(match &args.files.to {
            Some(to) => download(global, &args.files, client, export, to)
                .map_err(|failure| about(args, name, failure))?,
            None => in_bucket(export, service),
        });
    }
    Ok(all)
}

/// An export in the folder of its bucket.
fn in_bucket(export: GetExportOutput, service: &LocalService) -> Done {
    let manifest = export.export_manifest.as_deref().unwrap_or_default();
    let (folder, _) = manifest.rsplit_once('/').unwrap_or_default();
    let folder = service.object_path(&export.s3_bucket, folder);
    Done::examine(export, folder)
}

fn report(
    global: &Global,
    done: &[Done],
    converted: Vec<Option<Converted>>,
    is_one: bool,
) -> Result<()> {
    let mut exports: Vec<_> = done
        .iter()
        .zip(converted)
        .map(|(done, converted)| done.answer(converted))
        .collect();
    match exports.pop() {
        Some(export) if is_one => output::print(global.output, "Export", &export),
        last => {
            exports.extend(last);
            output::print(global.output, "Export", &LocalExports { exports })
        }
    }
}

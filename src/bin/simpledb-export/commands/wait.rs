//! `wait export-succeeded`.

use std::ops::ControlFlow;
use std::time::Duration;

use simpledb_export::{Client, Error, ErrorKind, ExportWaiter, GetExportOutput};

use crate::args::{Global, Patience, WaitArgs};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{Result, hint, interrupt, session};

pub(super) fn run(global: &Global, args: &WaitArgs) -> Result<()> {
    let client = session::client(global)?;
    interrupt::watch()?;
    let arn = &args.export.export_arn;
    wait_or_resume(&client, arn, &args.patience, hint::wait_again(global, arn))?;
    Ok(())
}

/// Waits for an export; if the wait ends before the export does, the hint says how to resume.
pub(super) fn wait_or_resume(
    client: &Client,
    export_arn: &str,
    patience: &Patience,
    resume: String,
) -> Result<GetExportOutput> {
    interrupt::say(format!("the export keeps running; {resume}"));
    wait_for(client.wait_for_export(export_arn), patience).map_err(|error| {
        let is_running = error.kind() == ErrorKind::WaitTimeout || error.is_retryable();
        Failure::from(error).with_hint(is_running.then_some(resume))
    })
}

/// Waits for an export, with progress.
pub(super) fn wait_for(
    waiter: ExportWaiter<'_>,
    patience: &Patience,
) -> std::result::Result<GetExportOutput, Error> {
    let progress = Progress::start();
    let mut waiter = waiter
        .timeout(Duration::from_secs(patience.max_wait))
        .on_poll(move |export| {
            progress.status(export.export_status.as_str(), &export.domain_name);
            ControlFlow::Continue(())
        });
    if let Some(delay) = patience.min_delay {
        waiter = waiter.min_delay(Duration::from_secs(delay));
    }
    waiter.wait()
}

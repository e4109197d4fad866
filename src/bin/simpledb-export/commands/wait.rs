//! `wait export-succeeded`.

use std::ops::ControlFlow;
use std::time::Duration;

use simpledb_export::{Client, Error, ErrorKind, GetExportOutput};

use crate::app::args::{Global, Patience, WaitArgs};
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::progress::Progress;
use crate::app::{Result, hint, session};

pub(super) fn run(global: &Global, args: &WaitArgs) -> Result<()> {
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    let arn = &args.export.export_arn;
    let resume = hint::wait_again(global, arn);
    wait_or_resume(global, &client, arn, &args.patience, &interrupt, resume)?;
    Ok(())
}

/// Waits for an export; if the wait ends before the export does, the hint says how to resume.
pub(super) fn wait_or_resume(
    global: &Global,
    client: &Client,
    export_arn: &str,
    patience: &Patience,
    interrupt: &Interrupt,
    resume: String,
) -> Result<GetExportOutput> {
    interrupt.say(format!("the export keeps running; {resume}"));
    wait_for(global, client, export_arn, patience, &Delays::default()).map_err(|error| {
        let is_running = error.kind() == ErrorKind::WaitTimeout || error.is_retryable();
        let failure = Failure::from(error);
        if is_running {
            failure.with_hint(resume)
        } else {
            failure
        }
    })
}

/// The default delays between two polls; those of the library if there are none.
#[derive(Debug, Default)]
pub(super) struct Delays {
    pub(super) min: Option<Duration>,
    pub(super) max: Option<Duration>,
}

/// Waits for an export, with progress.
pub(super) fn wait_for(
    global: &Global,
    client: &Client,
    export_arn: &str,
    patience: &Patience,
    delays: &Delays,
) -> std::result::Result<GetExportOutput, Error> {
    let progress = Progress::start(global);
    let mut waiter = client
        .wait_for_export(export_arn)
        .timeout(Duration::from_secs(patience.max_wait))
        .on_poll(move |export| {
            progress.status(export.export_status.as_str(), &export.domain_name);
            ControlFlow::Continue(())
        });
    if let Some(delay) = patience.min_delay.map(Duration::from_secs).or(delays.min) {
        waiter = waiter.min_delay(delay);
    }
    if let Some(delay) = delays.max {
        waiter = waiter.max_delay(delay);
    }
    waiter.wait()
}

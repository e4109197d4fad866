//! `wait export-succeeded`.

use std::ops::ControlFlow;
use std::time::Duration;

use simpledb_export::{Client, Error, ErrorKind, ExportWaiter, GetExportOutput};

use crate::app::args::{Global, Patience, WaitArgs};
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::progress::Progress;
use crate::app::{Result, hint, session};

pub(super) fn run(global: &Global, args: &WaitArgs) -> Result<()> {
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    let arn = &args.export.export_arn;
    let how_to_go_on = hint::wait_again(global, arn);
    wait_for(
        global,
        &client,
        arn,
        &args.patience,
        &interrupt,
        how_to_go_on,
    )?;
    Ok(())
}

/// Waits for an export of the service; where the wait ends before the export does, it is said how
/// to go on.
pub(super) fn wait_for(
    global: &Global,
    client: &Client,
    export_arn: &str,
    patience: &Patience,
    interrupt: &Interrupt,
    how_to_go_on: String,
) -> Result<GetExportOutput> {
    interrupt.say(format!("the export goes on by itself; {how_to_go_on}"));
    let mut waiter = client.wait_for_export(export_arn);
    if let Some(seconds) = patience.min_delay {
        waiter = waiter.min_delay(Duration::from_secs(seconds));
    }
    with_progress(global, waiter, patience).map_err(|error| {
        let goes_on = error.kind() == ErrorKind::WaitTimeout || error.is_retryable();
        let failure = Failure::from(error);
        if goes_on {
            failure.with_hint(how_to_go_on)
        } else {
            failure
        }
    })
}

/// Waits, with a line on the terminal that says how far it is.
pub(super) fn with_progress(
    global: &Global,
    waiter: ExportWaiter<'_>,
    patience: &Patience,
) -> std::result::Result<GetExportOutput, Error> {
    let progress = Progress::start(global.quiet);
    let tell = progress.teller();
    waiter
        .timeout(Duration::from_secs(patience.max_wait))
        .on_poll(move |export| {
            tell(&export.domain_name, export.export_status.as_str());
            ControlFlow::Continue(())
        })
        .wait()
}

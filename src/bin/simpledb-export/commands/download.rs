//! `download`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use simpledb_export::export_data::{DataErrorKind, DownloadProgress, DownloadReport};
use simpledb_export::{Client, GetExportInput, GetExportOutput};

use crate::app::answers::Downloaded;
use crate::app::args::{DownloadArgs, Global, SourceOptions};
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::progress::{Progress, clock};
use crate::app::{Result, hint, output, session};

/// What an interruption leaves.
const GOES_ON: &str = "what is here is kept; run the same command again and it goes on";

/// The line on the terminal changes no more often.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) fn run(global: &Global, args: &DownloadArgs) -> Result<()> {
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(GOES_ON.to_owned());
    let export = client.get_export(&GetExportInput::new(&args.export.export_arn))?;
    let report = fetch(global, &client, &export, &args.to, &args.source)?;
    output::print(global.output, "Download", &Downloaded::from(&report))
}

/// Downloads, with a line on the terminal that says how far it is.
pub(super) fn fetch(
    global: &Global,
    client: &Client,
    export: &GetExportOutput,
    to: &Path,
    source: &SourceOptions,
) -> Result<DownloadReport> {
    let progress = Progress::start(global.quiet);
    let tell = progress.teller();
    let told = Mutex::new(None::<Told>);
    let options = source.options().on_progress(|state| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told.get_or_insert_with(|| Told::first(state));
        if told.is_due() {
            let left = time_left(state, told.bytes_before, told.begun.elapsed());
            tell(&export.domain_name, &line(state, left));
        }
        ControlFlow::Continue(())
    });
    client
        .download_export_with(export, to, &options)
        .map_err(|error| {
            let failure = Failure::general(&error);
            let is_elsewhere =
                source.s3_endpoint_url.is_some() || client.config().get_s3_endpoint_url().is_some();
            if error.kind() == DataErrorKind::Fetch
                && global.endpoint_url.is_some()
                && !is_elsewhere
            {
                failure.adding(hint::S3_ENDPOINT)
            } else {
                failure
            }
        })
}

/// What was told last, and what the speed is measured from.
struct Told {
    begun: Instant,
    /// What was here before, from an earlier run.
    bytes_before: u64,
    last: Option<Instant>,
}

impl Told {
    fn first(progress: &DownloadProgress) -> Told {
        Told {
            begun: Instant::now(),
            bytes_before: progress.bytes,
            last: None,
        }
    }

    /// Whether it is time to tell again, which it then is not for a while.
    fn is_due(&mut self) -> bool {
        let is_due = self.last.is_none_or(|last| last.elapsed() >= PAUSE);
        if is_due {
            self.last = Some(Instant::now());
        }
        is_due
    }
}

/// How long the rest takes at the speed so far; nothing before there is one.
fn time_left(progress: &DownloadProgress, before: u64, passed: Duration) -> Option<Duration> {
    let done = progress
        .bytes
        .checked_sub(before)
        .filter(|done| *done > 0)?;
    let rest = progress.total_bytes?.saturating_sub(progress.bytes);
    let seconds = u128::from(rest) * passed.as_millis() / u128::from(done) / 1000;
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// How far it is, in a few words.
fn line(progress: &DownloadProgress, left: Option<Duration>) -> String {
    let DownloadProgress {
        files,
        total_files,
        items,
        total_items,
        bytes,
        total_bytes,
        ..
    } = progress;
    let total = total_bytes.unwrap_or_default().max(*bytes);
    let percent = bytes.saturating_mul(100).checked_div(total).unwrap_or(100);
    let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
    let mut line = format!(
        "{percent} %, {} of {} MB, {files} of {total_files} files, {items} of {total_items} items",
        megabytes(*bytes),
        megabytes(total),
    );
    if let Some(left) = left {
        line.push_str(", ");
        line.push_str(&clock(left));
        line.push_str(" left");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_bytes_files_items_and_the_time_left() {
        let mut progress = DownloadProgress::default();
        progress.total_files = 7;
        progress.total_items = 3376;
        progress.files = 2;
        progress.items = 1000;
        progress.bytes = 5_000_000;
        progress.total_bytes = Some(15_250_000);
        assert_eq!(
            line(&progress, Some(Duration::from_secs(65))),
            "32 %, 5.0 of 15.2 MB, 2 of 7 files, 1000 of 3376 items, 1:05 left"
        );
        progress.total_bytes = None;
        assert!(line(&progress, None).starts_with("100 %, 5.0 of 5.0 MB, "));
        assert!(line(&DownloadProgress::default(), None).starts_with("100 %, 0.0 of 0.0 MB, "));
    }

    #[test]
    fn the_time_left_follows_from_the_speed_of_this_run() {
        let mut progress = DownloadProgress::default();
        progress.bytes = 3_000;
        progress.total_bytes = Some(9_000);
        let after = Duration::from_secs(10);
        assert_eq!(
            time_left(&progress, 1_000, after),
            Some(Duration::from_secs(30))
        );
        assert_eq!(time_left(&progress, 3_000, after), None);
        assert_eq!(time_left(&progress, 9_999, after), None);
        progress.total_bytes = None;
        assert_eq!(time_left(&progress, 1_000, after), None);
    }
}

//! `download`.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use simpledb_export::data::{DataErrorKind, DownloadProgress, DownloadReport};
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
        if told.is_due(state) {
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
                source.s3_endpoint_url.is_some() || client.config().s3_endpoint_url().is_some();
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

    /// Whether it is time to tell again, which it then is not for a while, unless that is the end.
    fn is_due(&mut self, progress: &DownloadProgress) -> bool {
        let is_due = progress.files == progress.total_files
            || self.last.is_none_or(|last| last.elapsed() >= PAUSE);
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
    let rest = progress.total_bytes?.checked_sub(progress.bytes)?;
    if rest == 0 {
        return None;
    }
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
    let is_done = files == total_files;
    let mut line = match total_bytes {
        None => size(*bytes),
        Some(total) => {
            // An estimate may be too low.
            let total = *total.max(bytes);
            let percent = bytes.saturating_mul(100).checked_div(total).unwrap_or(100);
            let percent = if is_done { 100 } else { percent.min(99) };
            format!("{percent} %, {} of {}", number(*bytes, total), size(total))
        }
    };
    let _ = write!(
        line,
        ", {files} of {total_files} files, {items} of {total_items} items"
    );
    if let Some(left) = left {
        line.push_str(", ");
        line.push_str(&clock(left));
        line.push_str(" left");
    }
    line
}

/// A number of bytes, in a unit that shows it.
fn size(bytes: u64) -> String {
    let unit = match bytes {
        1_000_000.. => "MB",
        1_000.. => "kB",
        _ => "bytes",
    };
    format!("{} {unit}", number(bytes, bytes))
}

/// A number of bytes in the unit of their total.
fn number(bytes: u64, total: u64) -> String {
    match total {
        1_000_000.. => format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10),
        1_000.. => format!("{}.{}", bytes / 1_000, bytes / 100 % 10),
        _ => bytes.to_string(),
    }
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
        assert!(line(&progress, None).starts_with("5.0 MB, 2 of 7 files, "));
    }

    #[test]
    fn sizes_are_told_in_a_unit_that_shows_them() {
        let mut progress = DownloadProgress::default();
        progress.total_files = 1;
        assert_eq!(line(&progress, None), "0 bytes, 0 of 1 files, 0 of 0 items");
        for (bytes, total, expected) in [
            (0, 0, "99 %, 0 of 0 bytes, "),
            (0, 999, "0 %, 0 of 999 bytes, "),
            (120, 5_678, "2 %, 0.1 of 5.6 kB, "),
            (5_678, 5_678, "99 %, 5.6 of 5.6 kB, "),
            (6_000, 5_678, "99 %, 6.0 of 6.0 kB, "),
            (5_678, 1_000_000, "0 %, 0.0 of 1.0 MB, "),
        ] {
            progress.bytes = bytes;
            progress.total_bytes = Some(total);
            let line = line(&progress, None);
            assert!(line.starts_with(expected), "{line}");
        }
        progress.files = 1;
        assert!(line(&progress, None).starts_with("100 %, "));
    }

    #[test]
    fn the_last_state_is_told_however_soon_it_comes() {
        let mut progress = DownloadProgress::default();
        progress.total_files = 2;
        let mut told = Told::first(&progress);
        assert!(told.is_due(&progress));
        progress.files = 1;
        told.last = Some(Instant::now() + Duration::from_secs(3600));
        assert!(!told.is_due(&progress));
        progress.files = 2;
        assert!(told.is_due(&progress));
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
        progress.bytes = 9_000;
        assert_eq!(time_left(&progress, 1_000, after), None);
        progress.total_bytes = None;
        assert_eq!(time_left(&progress, 1_000, after), None);
    }
}

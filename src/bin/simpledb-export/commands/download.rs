//! `download`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use simpledb_export::export_data::{DownloadProgress, DownloadReport};
use simpledb_export::{Client, GetExportInput, GetExportOutput};

use crate::app::answers::Downloaded;
use crate::app::args::{DownloadArgs, Global, SourceOptions};
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::progress::Progress;
use crate::app::{Result, output, session};

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
    let told = Mutex::new(None::<Instant>);
    let options = source.options().on_progress(|state| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= PAUSE) {
            *told = Some(Instant::now());
            tell(&export.domain_name, &line(state));
        }
        ControlFlow::Continue(())
    });
    client
        .download_export_with(export, to, &options)
        .map_err(|error| Failure::general(&error))
}

/// How far it is, in a few words.
fn line(progress: &DownloadProgress) -> String {
    let DownloadProgress {
        files,
        total_files,
        items,
        total_items,
        bytes,
        total_bytes,
        ..
    } = progress;
    let percent = total_bytes
        .filter(|total| *total > 0)
        .map_or(100, |total| bytes.saturating_mul(100) / total)
        .min(100);
    format!("{percent} %, {files} of {total_files} files, {items} of {total_items} items")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_bytes_files_and_items() {
        let mut progress = DownloadProgress::default();
        progress.total_files = 7;
        progress.total_items = 3376;
        progress.files = 2;
        progress.items = 1000;
        progress.bytes = 500;
        progress.total_bytes = Some(1500);
        assert_eq!(line(&progress), "33 %, 2 of 7 files, 1000 of 3376 items");
        progress.total_bytes = Some(0);
        assert!(line(&progress).starts_with("100 %"));
    }
}

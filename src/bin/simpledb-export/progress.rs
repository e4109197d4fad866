//! Progress on the terminal: one line, cut to the terminal's width.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{
    DecimalBytes, FormattedDuration, ProgressBar, ProgressDrawTarget, ProgressFinish,
    ProgressStyle, WeakProgressBar,
};
use log::LevelFilter;
use simpledb_export::cli_support::Escaped;
use simpledb_export::data;

use super::stderr;

/// A line on stderr that shows the time passed and the current status, and that disappears with
/// its last clone. Nothing is drawn if stderr is not a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

/// The last line that was started.
static LAST: Mutex<Option<WeakProgressBar>> = Mutex::new(None);

/// Clears the line while something else uses the terminal.
pub(crate) fn suspend<T>(work: impl FnOnce() -> T) -> T {
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match last.and_then(|bar| bar.upgrade()) {
        Some(bar) => bar.suspend(work),
        None => work(),
    }
}

impl Progress {
    /// Starts to draw, unless stderr is quiet or has the log.
    pub(crate) fn start() -> Progress {
        if stderr::is_quiet() || log::max_level() >= LevelFilter::Debug {
            Progress::hidden()
        } else {
            Progress::on(ProgressDrawTarget::stderr())
        }
    }

    pub(crate) fn hidden() -> Progress {
        Progress::on(ProgressDrawTarget::hidden())
    }

    fn on(target: ProgressDrawTarget) -> Progress {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target)
            .with_style(style)
            .with_finish(ProgressFinish::AndClear);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_secs(1));
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.downgrade());
        }
        Progress(bar)
    }

    /// Shows what happens to a domain, a file or the like.
    pub(crate) fn status(&self, status: &str, subject: &str) {
        self.0
            .set_message(format!("{} {}", Escaped(status), Escaped(subject)));
    }

    /// Returns what shows the progress of a download, a verification or a conversion.
    pub(crate) fn of(
        &self,
        subject: &str,
    ) -> impl FnMut(&data::Progress) -> ControlFlow<()> + Send + use<> {
        let (line, subject) = (self.clone(), Escaped(subject).to_string());
        move |progress| {
            line.show(&subject, progress);
            ControlFlow::Continue(())
        }
    }

    fn show(&self, subject: &str, progress: &data::Progress) {
        let bar = &self.0;
        let is_new = progress.bytes == 0 || progress.bytes < bar.position();
        bar.set_position(progress.bytes);
        bar.set_length(progress.total_bytes.unwrap_or_default().max(progress.bytes));
        if is_new {
            // What an earlier run or pass has done says nothing about the speed of this one.
            bar.reset_eta();
        }
        bar.set_message(message(subject, progress, bar.per_sec(), bar.eta()));
        if is_new {
            // However short it is, it is seen.
            bar.force_draw();
        }
    }
}

/// Puts what is most important first: the end may not fit on the terminal.
fn message(subject: &str, progress: &data::Progress, per_second: f64, left: Duration) -> String {
    let mut message = String::new();
    if let Some(total) = progress.total_bytes {
        // The total may be an estimate that is too low.
        let total = u128::from(total.max(progress.bytes).max(1));
        let percent = u128::from(progress.bytes) * 100 / total;
        let _ = write!(message, "{percent} % ");
    }
    let _ = write!(
        message,
        "{subject}: {}, {} of {} files, {} of {} items",
        DecimalBytes(progress.bytes),
        progress.files,
        progress.total_files,
        progress.items,
        progress.total_items
    );
    if per_second >= 1.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of bytes"
        )]
        let per_second = per_second as u64;
        let _ = write!(message, ", {}/s", DecimalBytes(per_second));
    }
    if progress.total_bytes.is_some() && left.as_secs() > 0 {
        let _ = write!(message, ", {} left", FormattedDuration(left));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_percent_counts_and_the_remaining_time() {
        let message = |bytes, total_bytes, left| {
            let mut progress = data::Progress::default();
            progress.bytes = bytes;
            progress.total_bytes = total_bytes;
            (progress.files, progress.total_files) = (2, 7);
            message("Books", &progress, 2_000_000.4, Duration::from_secs(left))
        };
        assert_eq!(
            message(5_000_000, Some(15_250_000), 65),
            "32 % Books: 5.00 MB, 2 of 7 files, 0 of 0 items, 2.00 MB/s, 00:01:05 left"
        );
        assert_eq!(
            message(9, Some(0), 0),
            "100 % Books: 9 B, 2 of 7 files, 0 of 0 items, 2.00 MB/s"
        );
        assert_eq!(
            message(999, None, 9),
            "Books: 999 B, 2 of 7 files, 0 of 0 items, 2.00 MB/s"
        );
    }

    #[test]
    fn draws_nothing_that_controls_the_terminal() {
        let progress = Progress::hidden();
        progress.status("x\ny", "a\x1b[2J");
        assert_eq!(progress.0.message(), "x\\ny a\\u{1b}[2J");
    }
}

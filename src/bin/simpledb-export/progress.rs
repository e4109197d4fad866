//! Progress on the terminal: one line, cut to the terminal's width.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{
    DecimalBytes, FormattedDuration, ProgressBar, ProgressDrawTarget, ProgressFinish,
    ProgressStyle, WeakProgressBar,
};

use simpledb_export::cli_support::Escaped;
use simpledb_export::data;

use super::args::Global;

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
    pub(crate) fn start(global: &Global) -> Progress {
        if global.quiet || global.debug {
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

    /// Shows the progress of a download, a verification or a conversion.
    pub(crate) fn files(&self, subject: &str, progress: &data::Progress) {
        let counts = format!(
            "{}, {} of {} files, {} of {} items",
            DecimalBytes(progress.bytes),
            progress.files,
            progress.total_files,
            progress.items,
            progress.total_items
        );
        let is_new = progress.bytes == 0 || progress.bytes < self.0.position();
        self.0.set_position(progress.bytes);
        let total = progress.total_bytes.unwrap_or(progress.bytes);
        self.0.set_length(total.max(progress.bytes));
        if is_new {
            // What an earlier run or pass has done says nothing about the speed of this one.
            self.0.reset_eta();
        }
        let part = Part {
            done: progress.bytes,
            total: progress.total_bytes,
            counts,
            per_second: self.0.per_sec(),
        };
        self.0.set_message(part.message(subject, self.0.eta()));
        if is_new {
            // However short it is, it is seen.
            self.0.force_draw();
        }
    }
}

/// The done part of a total, in bytes.
struct Part {
    done: u64,
    total: Option<u64>,
    /// The same in words.
    counts: String,
    per_second: f64,
}

impl Part {
    /// What is most important comes first: the end may not fit on the terminal.
    fn message(&self, subject: &str, left: Duration) -> String {
        let mut message = String::new();
        if let Some(total) = self.total {
            // The total may be an estimate that is too low.
            let total = u128::from(total.max(self.done).max(1));
            let percent = u128::from(self.done) * 100 / total;
            let _ = write!(message, "{percent} % ");
        }
        let _ = write!(message, "{}: {}", Escaped(subject), self.counts);
        if self.per_second >= 1.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a positive number of bytes"
            )]
            let per_second = self.per_second as u64;
            let _ = write!(message, ", {}/s", DecimalBytes(per_second));
        }
        if self.total.is_some() && left.as_secs() > 0 {
            let _ = write!(message, ", {} left", FormattedDuration(left));
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_percent_counts_and_the_remaining_time() {
        let message = |done, total, left| {
            let counts = "2 of 7 files".to_owned();
            let part = Part {
                done,
                total,
                counts,
                per_second: 2_000_000.4,
            };
            part.message("Books", Duration::from_secs(left))
        };
        assert_eq!(
            message(5_000_000, Some(15_250_000), 65),
            "32 % Books: 2 of 7 files, 2.00 MB/s, 00:01:05 left"
        );
        assert_eq!(
            message(9, Some(0), 0),
            "100 % Books: 2 of 7 files, 2.00 MB/s"
        );
        assert_eq!(message(999, None, 9), "Books: 2 of 7 files, 2.00 MB/s");
    }

    #[test]
    fn draws_nothing_that_controls_the_terminal() {
        let progress = Progress::hidden();
        progress.status("x\ny", "a\x1b[2J");
        assert_eq!(progress.0.message(), "x\\ny a\\u{1b}[2J");
    }
}

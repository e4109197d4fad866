//! Progress on the terminal: one line, cut to the terminal's width.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{
    DecimalBytes, FormattedDuration, ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle,
};

use simpledb_export::cli_support::Escaped;

/// A line on stderr that shows the time passed and the current status, and that disappears with
/// its last clone. Nothing is drawn if stderr is not a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(quiet: bool) -> Progress {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Progress::on(target)
    }

    fn on(target: ProgressDrawTarget) -> Progress {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target)
            .with_style(style)
            .with_finish(ProgressFinish::AndClear);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_secs(1));
        }
        Progress(bar)
    }

    /// Shows the status of a domain, a file or the like.
    pub(crate) fn status(&self, subject: &str, status: &str) {
        self.0
            .set_message(format!("{}: {}", Escaped(subject), Escaped(status)));
    }

    /// Shows how many bytes of a total are done, with the remaining time if it can be estimated.
    pub(crate) fn bytes(&self, subject: &str, done: u64, total: Option<u64>, counts: &str) {
        let is_first = self.0.position() == 0;
        self.0.set_position(done);
        // The total may be an estimate that is too low.
        let total = total.map(|total| total.max(done));
        if let Some(total) = total {
            self.0.set_length(total);
        }
        if is_first {
            // What an earlier run has done says nothing about the speed of this one.
            self.0.reset_eta();
        }
        self.status(subject, &bytes_status(done, total, counts, self.0.eta()));
    }
}

fn bytes_status(done: u64, total: Option<u64>, counts: &str, left: Duration) -> String {
    let Some(total) = total else {
        return format!("{}, {counts}", DecimalBytes(done));
    };
    let percent = u128::from(done) * 100 / u128::from(total.max(1));
    let mut status = format!(
        "{percent} %, {} of {}, {counts}",
        DecimalBytes(done),
        DecimalBytes(total)
    );
    if left.as_secs() > 0 {
        let _ = write!(status, ", {} left", FormattedDuration(left));
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_bytes_counts_and_the_remaining_time() {
        let status = |done, total, left| {
            bytes_status(done, total, "2 of 7 files", Duration::from_secs(left))
        };
        assert_eq!(
            status(5_000_000, Some(15_250_000), 65),
            "32 %, 5.00 MB of 15.25 MB, 2 of 7 files, 00:01:05 left"
        );
        assert_eq!(status(0, Some(0), 0), "0 %, 0 B of 0 B, 2 of 7 files");
        assert_eq!(status(999, None, 9), "999 B, 2 of 7 files");
    }

    #[test]
    fn draws_nothing_that_controls_the_terminal() {
        let progress = Progress::on(ProgressDrawTarget::hidden());
        progress.status("a\x1b[2J", "x\ny");
        assert_eq!(progress.0.message(), "a\\u{1b}[2J: x\\ny");
    }
}

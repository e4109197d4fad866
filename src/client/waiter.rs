//! Waiting for an export to end, by the rules of the [Smithy waiters][smithy].
//!
//! [smithy]: https://smithy.io/2.0/additional-specs/waiters.html#waiter-retries

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::client::Client;
use crate::error::Error;
use crate::operation::get_export::{GetExportInput, GetExportOutput};
use crate::operation::types::ExportStatus;
use crate::retry::fraction_of;
use crate::system::random_fraction;

/// No wish for news is worth more requests of a service that others use too.
pub(crate) const SHORTEST_DELAY: Duration = Duration::from_millis(100);

impl Client {
    /// Waits until an export has succeeded: looks at once, then every 30 s to 120 s, for `max_wait`
    /// at the most. [`export_waiter`](Client::export_waiter) is the same with other delays and a
    /// look at each answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExportFailed`](crate::ErrorKind::ExportFailed) with the export's failure code
    /// and message, [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout), or the error of a
    /// GetExport, which ends the waiting.
    pub fn wait_until_export_succeeded(
        &self,
        export_arn: &str,
        max_wait: Duration,
    ) -> Result<GetExportOutput, Error> {
        self.export_waiter(export_arn).wait(max_wait)
    }

    /// A waiter for an export, to be set up and then told to wait.
    pub fn export_waiter(&self, export_arn: &str) -> ExportWaiter {
        ExportWaiter::new(self.clone(), GetExportInput::new(export_arn))
    }
}

/// Looks at an export until it has ended.
///
/// Made by [`Client::export_waiter`].
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use std::time::Duration;
/// use simpledb_export::Client;
///
/// # let export_arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";
/// let client = Client::from_env()?;
/// let export = client
///     .export_waiter(export_arn)
///     .min_delay(Duration::from_secs(10))
///     .on_poll(|export| {
///         eprintln!("{}", export.export_status);
///         ControlFlow::Continue(())
///     })
///     .wait(Duration::from_secs(3600))?;
/// # let _ = export;
/// # Ok::<(), simpledb_export::Error>(())
/// ```
#[must_use = "a waiter does nothing until it is told to wait"]
pub struct ExportWaiter {
    client: Client,
    input: GetExportInput,
    delays: Delays,
    on_poll: OnPoll,
}

type OnPoll = Box<dyn FnMut(&GetExportOutput) -> ControlFlow<()> + Send>;

#[derive(Debug, Clone, Copy)]
struct Delays {
    min: Duration,
    max: Duration,
}

impl ExportWaiter {
    pub(crate) fn new(client: Client, input: GetExportInput) -> ExportWaiter {
        ExportWaiter {
            client,
            input,
            delays: Delays {
                min: Duration::from_secs(30),
                max: Duration::from_secs(120),
            },
            on_poll: Box::new(|_| ControlFlow::Continue(())),
        }
    }

    /// Sets the least time between two looks: 100 ms or more, what is less is taken as 100 ms. It
    /// holds where [`max_delay`](ExportWaiter::max_delay) is less. Default: 30 s.
    pub fn min_delay(mut self, min_delay: Duration) -> ExportWaiter {
        self.delays.min = min_delay.max(SHORTEST_DELAY);
        self
    }

    /// Sets the longest time between two looks; where it is less than the least, the least is
    /// always waited. Default: 120 s.
    pub fn max_delay(mut self, max_delay: Duration) -> ExportWaiter {
        self.delays.max = max_delay;
        self
    }

    /// Calls `on_poll` with every answer; `ControlFlow::Break` ends the waiting with
    /// [`ErrorKind::WaitCancelled`](crate::ErrorKind::WaitCancelled), unless the export has ended.
    pub fn on_poll(
        mut self,
        on_poll: impl FnMut(&GetExportOutput) -> ControlFlow<()> + Send + 'static,
    ) -> ExportWaiter {
        self.on_poll = Box::new(on_poll);
        self
    }

    /// Waits until the export has succeeded, `max_wait` at the most; the last look begins then at
    /// the latest, and may itself take as long as a call may.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExportFailed`](crate::ErrorKind::ExportFailed) with the export's failure code
    /// and message; [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) or `WaitCancelled`,
    /// with how far it got; or the error of a GetExport, which ends the waiting.
    pub fn wait(mut self, max_wait: Duration) -> Result<GetExportOutput, Error> {
        let started = self.client.system().instant();
        let export_arn = &self.input.export_arn;
        let mut poll: u32 = 0;
        loop {
            poll = poll.saturating_add(1);
            let export = self.client.get_export(&self.input)?;
            let flow = (self.on_poll)(&export);
            match &export.export_status {
                ExportStatus::Succeeded => return Ok(export),
                ExportStatus::Failed => {
                    return Err(Error::export_failed(
                        export_arn,
                        export.failure_code,
                        export.failure_message,
                    ));
                }
                _ => {}
            }
            let waited = self
                .client
                .system()
                .instant()
                .saturating_duration_since(started);
            if flow.is_break() {
                return Err(Error::wait_cancelled(
                    export_arn,
                    poll,
                    &export.export_status,
                ));
            }
            let random = random_fraction(self.client.system());
            let left = max_wait.saturating_sub(waited);
            let Some(delay) = self.delays.after_poll(poll, left, random) else {
                let status = &export.export_status;
                return Err(Error::wait_timeout(export_arn, max_wait, poll, status));
            };
            self.client.system().sleep(delay);
        }
    }
}

impl Delays {
    /// How long to wait after poll `poll` (from 1) with `left` of the time; `None` to give up.
    ///
    /// A random time between the least delay and its double, fourfold …, up to the longest. Where
    /// hardly more than the least delay would be left after it, it is cut so that a last look
    /// falls just into the time; and where not even that is left, the rest is waited out.
    fn after_poll(self, poll: u32, left: Duration, random: f64) -> Option<Duration> {
        if left.is_zero() {
            return None;
        }
        let doublings = poll.saturating_sub(1).min(31);
        let longest = self
            .min
            .saturating_mul(1 << doublings)
            .min(self.max)
            .max(self.min);
        let spread = longest.saturating_sub(self.min);
        let delay = self.min.saturating_add(fraction_of(spread, random));
        if left <= self.min {
            Some(left)
        } else if left.saturating_sub(delay) <= self.min {
            Some(left.saturating_sub(self.min).max(self.min).min(left))
        } else {
            Some(delay)
        }
    }
}

impl fmt::Debug for ExportWaiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportWaiter")
            .field("input", &self.input)
            .field("delays", &self.delays)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAYS: Delays = Delays {
        min: Duration::from_secs(30),
        max: Duration::from_secs(120),
    };

    fn secs(poll: u32, left: u64, random: f64) -> Option<u64> {
        let delay = DELAYS.after_poll(poll, Duration::from_secs(left), random);
        delay.map(|delay| delay.as_secs())
    }

    #[test]
    fn the_delay_grows_from_the_least_to_the_longest() {
        let longest: Vec<_> = (1..=6).map(|poll| secs(poll, 9_999, 1.0)).collect();
        assert_eq!(longest, [30, 60, 120, 120, 120, 120].map(Some));
        assert_eq!(secs(6, 9_999, 0.0), Some(30));
        assert_eq!(secs(6, 9_999, 0.5), Some(75));
        assert_eq!(secs(u32::MAX, 9_999, 1.0), Some(120));
    }

    #[test]
    fn the_last_looks_fall_into_the_time() {
        assert_eq!(secs(3, 140, 1.0), Some(110));
        assert_eq!(secs(3, 40, 1.0), Some(30));
        assert_eq!(secs(3, 30, 1.0), Some(30));
        assert_eq!(secs(1, 7, 1.0), Some(7));
        assert_eq!(secs(1, 0, 1.0), None);
    }

    #[test]
    fn a_longest_delay_below_the_least_is_the_least() {
        let delays = Delays {
            min: Duration::from_secs(5),
            max: Duration::from_secs(1),
        };
        let delay = delays.after_poll(4, Duration::from_secs(100), 1.0);
        assert_eq!(delay, Some(Duration::from_secs(5)));
    }
}

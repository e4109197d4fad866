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
use crate::system::{Deadline, random_fraction};

/// The service is shared: no export is polled more often than this.
pub(crate) const SHORTEST_DELAY: Duration = Duration::from_millis(100);

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3600);

impl Client {
    /// Waits until an export has succeeded: set the options, then call
    /// [`wait`](ExportWaiter::wait).
    ///
    /// ```no_run
    /// use std::ops::ControlFlow;
    /// use std::time::Duration;
    /// use simpledb_export::Client;
    ///
    /// # let export_arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";
    /// let client = Client::from_env()?;
    /// let export = client
    ///     .wait_for_export(export_arn)
    ///     .timeout(Duration::from_secs(4 * 3600))
    ///     .on_poll(|export| {
    ///         eprintln!("{}", export.export_status);
    ///         ControlFlow::Continue(())
    ///     })
    ///     .wait()?;
    /// println!("{} items", export.items_count.unwrap_or_default());
    /// # Ok::<(), simpledb_export::Error>(())
    /// ```
    pub fn wait_for_export(&self, export_arn: impl Into<String>) -> ExportWaiter<'_> {
        ExportWaiter {
            client: self,
            input: GetExportInput::new(export_arn),
            timeout: DEFAULT_TIMEOUT,
            delays: Delays::DEFAULT,
            on_poll: Box::new(|_| ControlFlow::Continue(())),
        }
    }
}

/// Polls an export until it has ended; see [`Client::wait_for_export`].
#[must_use = "nothing is polled until `wait` is called"]
pub struct ExportWaiter<'a> {
    client: &'a Client,
    input: GetExportInput,
    timeout: Duration,
    delays: Delays,
    on_poll: Box<OnPoll<'a>>,
}

type OnPoll<'a> = dyn FnMut(&GetExportOutput) -> ControlFlow<()> + Send + 'a;

#[derive(Debug, Clone, Copy)]
struct Delays {
    min: Duration,
    max: Duration,
}

impl<'a> ExportWaiter<'a> {
    /// Sets how long to wait. The last poll starts at this time at the latest, and may take as long
    /// as any call. Zero means a single poll, [`Duration::MAX`] no limit. Defaults to 1 hour.
    pub fn timeout(mut self, timeout: Duration) -> ExportWaiter<'a> {
        self.timeout = timeout;
        self
    }

    /// Sets the minimum time between two polls: at least 100 ms (shorter times count as 100 ms).
    /// Takes precedence over [`max_delay`](ExportWaiter::max_delay). Defaults to 30 s.
    pub fn min_delay(mut self, min_delay: Duration) -> ExportWaiter<'a> {
        self.delays.min = min_delay.max(SHORTEST_DELAY);
        self
    }

    /// Sets the maximum time between two polls; the time grows from the minimum to this.
    /// Defaults to 120 s.
    pub fn max_delay(mut self, max_delay: Duration) -> ExportWaiter<'a> {
        self.delays.max = max_delay;
        self
    }

    /// Sets a callback for the response of every poll. `ControlFlow::Break` ends the wait with
    /// [`ErrorKind::WaitCancelled`](crate::ErrorKind::WaitCancelled), unless the export has ended.
    pub fn on_poll(
        mut self,
        on_poll: impl FnMut(&GetExportOutput) -> ControlFlow<()> + Send + 'a,
    ) -> ExportWaiter<'a> {
        self.on_poll = Box::new(on_poll);
        self
    }

    /// Polls until the export has succeeded, and returns it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExportFailed`](crate::ErrorKind::ExportFailed) with the export's failure code
    /// and message; [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) or
    /// [`ErrorKind::WaitCancelled`](crate::ErrorKind::WaitCancelled) with its last status; or the
    /// error of a GetExport, which ends the wait.
    pub fn wait(mut self) -> Result<GetExportOutput, Error> {
        let system = self.client.system();
        let deadline = Deadline::new(system, self.timeout);
        let export_arn = &self.input.export_arn;
        let mut poll: u32 = 0;
        loop {
            poll = poll.saturating_add(1);
            let export = self.client.get_export(&self.input)?;
            let flow = (self.on_poll)(&export);
            let status = export.export_status.as_str();
            match &export.export_status {
                ExportStatus::Succeeded => return Ok(export),
                ExportStatus::Failed => {
                    return Err(Error::export_failed(
                        export_arn,
                        export.failure_code,
                        export.failure_message,
                    ));
                }
                _ if flow.is_break() => {
                    return Err(Error::wait_cancelled(export_arn, poll, status));
                }
                _ => {}
            }
            let left = deadline.left();
            let Some(delay) = self.delays.after_poll(poll, left, random_fraction(system)) else {
                return Err(Error::wait_timeout(export_arn, self.timeout, poll, status));
            };
            system.sleep(delay);
        }
    }
}

impl Delays {
    const DEFAULT: Delays = Delays {
        min: Duration::from_secs(30),
        max: Duration::from_secs(120),
    };

    /// Returns how long to wait after poll number `poll` (from 1) if `left` remains; `None` to
    /// give up.
    ///
    /// A random time between the minimum and its double, fourfold …, up to the maximum. It is cut
    /// if hardly more than the minimum would remain after it, so that the last poll still falls
    /// into the time; if not even the minimum remains, the rest is waited out.
    fn after_poll(self, poll: u32, left: Duration, random: f64) -> Option<Duration> {
        if left.is_zero() {
            return None;
        }
        let doublings = poll.saturating_sub(1).min(31);
        let max = self
            .min
            .saturating_mul(1 << doublings)
            .min(self.max)
            .max(self.min);
        let spread = max.saturating_sub(self.min);
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

impl fmt::Debug for ExportWaiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportWaiter")
            .field("input", &self.input)
            .field("timeout", &self.timeout)
            .field("delays", &self.delays)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(poll: u32, left: u64, random: f64) -> Option<u64> {
        let delay = Delays::DEFAULT.after_poll(poll, Duration::from_secs(left), random);
        delay.map(|delay| delay.as_secs())
    }

    #[test]
    fn grows_the_delay_from_the_minimum_to_the_maximum() {
        let delays: Vec<_> = (1..=6).map(|poll| secs(poll, 9_999, 1.0)).collect();
        assert_eq!(delays, [30, 60, 120, 120, 120, 120].map(Some));
        assert_eq!(secs(6, 9_999, 0.0), Some(30));
        assert_eq!(secs(6, 9_999, 0.5), Some(75));
        assert_eq!(secs(u32::MAX, 9_999, 1.0), Some(120));
    }

    #[test]
    fn fits_the_last_polls_into_the_time() {
        assert_eq!(secs(3, 140, 1.0), Some(110));
        assert_eq!(secs(3, 40, 1.0), Some(30));
        assert_eq!(secs(3, 30, 1.0), Some(30));
        assert_eq!(secs(1, 7, 1.0), Some(7));
        assert_eq!(secs(1, 0, 1.0), None);
    }

    #[test]
    fn prefers_the_minimum_to_a_smaller_maximum() {
        let delays = Delays {
            min: Duration::from_secs(5),
            max: Duration::from_secs(1),
        };
        let delay = delays.after_poll(4, Duration::from_secs(100), 1.0);
        assert_eq!(delay, Some(Duration::from_secs(5)));
    }
}

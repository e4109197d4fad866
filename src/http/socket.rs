//! Socket timeouts that are set once and serve many requests.

#[cfg(feature = "data")]
use std::cell::Cell;
use std::time;

use ureq::Error;
use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

/// A deadline may be overrun by a 32nd of the time that is left.
const SLACK: u32 = 32;

#[cfg(feature = "data")]
thread_local! {
    static STEP_END: Cell<Option<time::Instant>> = const { Cell::new(None) };
}

/// Limits the time of everything that this thread reads during `step`. A limit of ureq's for single
/// reads would not do: it reads trailers in a loop, for as long as they arrive.
#[cfg(feature = "data")]
pub(super) fn within<T>(limit: time::Duration, step: impl FnOnce() -> T) -> T {
    STEP_END.set(Some(time::Instant::now() + limit));
    let result = step();
    STEP_END.set(None);
    result
}

/// Returns the time that is left for a read, given its own limit; `None` if there is none.
#[cfg(feature = "data")]
fn left_in_step(own: Duration) -> Option<Duration> {
    let Some(end) = STEP_END.get() else {
        return Some(own);
    };
    let left = end.saturating_duration_since(time::Instant::now());
    let left = match own {
        Duration::Exact(own) => own.min(left),
        Duration::NotHappening => left,
    };
    (!left.is_zero()).then_some(Duration::Exact(left))
}

/// A socket whose timeouts follow the deadline of a request only approximately: following it
/// exactly takes a system call before every read and write.
#[derive(Debug)]
pub(super) struct Socket<T> {
    inner: T,
    read: Rounded,
    write: Rounded,
}

impl<T> Socket<T> {
    pub(super) fn new(inner: T) -> Socket<T> {
        Socket {
            inner,
            read: Rounded::default(),
            write: Rounded::default(),
        }
    }
}

impl<T: Transport> Transport for Socket<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let after = self.write.timeout(timeout.after);
        self.inner
            .transmit_output(amount, NextTimeout { after, ..timeout })
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let left = timeout.after;
        #[cfg(feature = "data")]
        let left = left_in_step(left).ok_or(Error::Timeout(timeout.reason))?;
        let after = self.read.timeout(left);
        self.inner.await_input(NextTimeout { after, ..timeout })
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

/// The timeout that one direction of a socket has.
#[derive(Debug, Default)]
struct Rounded(Option<time::Duration>);

impl Rounded {
    /// Returns the timeout to set for the time that is left: the current one if it is close enough.
    fn timeout(&mut self, left: Duration) -> Duration {
        let Duration::Exact(left) = left else {
            self.0 = None;
            return left;
        };
        let longest = left.saturating_add(left / SLACK);
        let timeout = match self.0 {
            Some(current) if (left..=longest).contains(&current) => current,
            _ => left.saturating_add(left / (2 * SLACK)),
        };
        self.0 = Some(timeout);
        Duration::Exact(timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: time::Duration = time::Duration::from_secs(1);

    fn timeouts(rounded: &mut Rounded, left: &[time::Duration]) -> Vec<time::Duration> {
        left.iter()
            .map(|left| *rounded.timeout(Duration::Exact(*left)))
            .collect()
    }

    #[test]
    fn keeps_a_timeout_while_little_time_passes() {
        let left = [
            30 * SECOND,
            SECOND / 100 * 2_990,
            30 * SECOND + SECOND / 100,
        ];
        let timeouts = timeouts(&mut Rounded::default(), &left);
        assert!(
            timeouts.iter().all(|timeout| *timeout == timeouts[0]),
            "{timeouts:?}"
        );
    }

    #[test]
    fn never_sets_a_timeout_short_of_or_far_beyond_the_time_left() {
        let left: Vec<_> = (1..=300)
            .rev()
            .chain(1..=300)
            .map(|n| SECOND / 10 * n)
            .collect();
        let timeouts = timeouts(&mut Rounded::default(), &left);
        for (left, timeout) in left.iter().zip(timeouts) {
            assert!(
                timeout >= *left && timeout <= *left + *left / SLACK,
                "{left:?} {timeout:?}"
            );
        }
    }

    #[test]
    fn sets_no_timeout_if_there_is_no_deadline() {
        let mut rounded = Rounded(Some(SECOND));
        assert!(rounded.timeout(Duration::NotHappening).is_not_happening());
        assert_eq!(rounded.0, None);
    }
}

//! Connections whose time-outs hold, and cost no system call while nothing is late.
//!
//! With a limit on the whole call, every read and write has a little less time than the one
//! before, and setting that on the socket takes a system call each. A socket's time-out may as
//! well be some hundredths too long: then one setting serves many calls.
//!
//! While it connects, ureq gives every read the same time. A proxy whose answer to `CONNECT` comes
//! byte by byte would never be late, so that time is counted down here.

use std::time;

use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::resolver::CachingResolver;

/// A deadline may be overrun by a 32nd of the time that is left.
const SLACK: u32 = 32;

/// Wraps what opens connections: gives them [`SteadyTransport`], and makes a failure forget the
/// address that failed.
#[derive(Debug)]
pub(super) struct SteadyConnector<C> {
    inner: C,
    resolver: CachingResolver,
}

impl<C> SteadyConnector<C> {
    pub(super) fn new(inner: C, resolver: CachingResolver) -> SteadyConnector<C> {
        SteadyConnector { inner, resolver }
    }
}

impl<In: Transport, C: Connector<In>> Connector<In> for SteadyConnector<C> {
    type Out = SteadyTransport<C::Out>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let transport = self.inner.connect(details, chained).inspect_err(|_| {
            self.resolver.forget(details.uri);
        })?;
        Ok(transport.map(|inner| SteadyTransport {
            inner,
            connecting: Connecting::new(details.timeout.after, details.now),
            read: Steady::default(),
            write: Steady::default(),
        }))
    }
}

#[derive(Debug)]
pub(super) struct SteadyTransport<T> {
    inner: T,
    connecting: Option<Connecting>,
    read: Steady,
    write: Steady,
}

impl<T: Transport> Transport for SteadyTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let after = self.write.limit(timeout.after);
        self.inner
            .transmit_output(amount, NextTimeout { after, ..timeout })
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let left = match &self.connecting {
            Some(connecting) => connecting.left(timeout.after, time::Instant::now()),
            None => timeout.after,
        };
        if left.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        let after = self.read.limit(left);
        self.inner.await_input(NextTimeout { after, ..timeout })
    }

    fn is_open(&mut self) -> bool {
        // It comes out of the pool: connecting is long over.
        self.connecting = None;
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The time that connecting may take in all.
#[derive(Debug, Clone, Copy)]
struct Connecting {
    timeout: time::Duration,
    deadline: time::Instant,
}

impl Connecting {
    fn new(timeout: Duration, began: Instant) -> Option<Connecting> {
        match (timeout, began) {
            (Duration::Exact(timeout), Instant::Exact(began)) => Some(Connecting {
                timeout,
                deadline: began.checked_add(timeout)?,
            }),
            _ => None,
        }
    }

    /// What is left for a read that is given this time. Only while connecting is it the same time
    /// to the nanosecond again and again; a request has less with every read.
    fn left(&self, given: Duration, now: time::Instant) -> Duration {
        if given == Duration::Exact(self.timeout) {
            Duration::Exact(self.deadline.saturating_duration_since(now))
        } else {
            given
        }
    }
}

/// The limit that is set on one direction of a socket.
#[derive(Debug, Default)]
struct Steady(Option<time::Duration>);

impl Steady {
    /// The limit to set for what is left: the one already set, where that is close enough.
    fn limit(&mut self, left: Duration) -> Duration {
        let Duration::Exact(left) = left else {
            self.0 = None;
            return left;
        };
        let longest = left.saturating_add(left / SLACK);
        let limit = match self.0 {
            Some(set) if (left..=longest).contains(&set) => set,
            _ => left.saturating_add(left / (2 * SLACK)),
        };
        self.0 = Some(limit);
        Duration::Exact(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: time::Duration = time::Duration::from_secs(1);

    fn limits(steady: &mut Steady, left: &[time::Duration]) -> Vec<time::Duration> {
        left.iter()
            .map(|left| *steady.limit(Duration::Exact(*left)))
            .collect()
    }

    #[test]
    fn one_setting_serves_while_little_time_passes() {
        let mut steady = Steady::default();
        let left = [
            30 * SECOND,
            SECOND / 100 * 2_990,
            30 * SECOND + SECOND / 100,
        ];
        let limits = limits(&mut steady, &left);
        assert!(limits.iter().all(|limit| *limit == limits[0]), "{limits:?}");
    }

    #[test]
    fn no_limit_is_short_of_what_is_left_or_long_past_it() {
        let mut steady = Steady::default();
        let left: Vec<_> = (1..=300)
            .rev()
            .chain(1..=300)
            .map(|n| SECOND / 10 * n)
            .collect();
        for (left, limit) in left.iter().zip(limits(&mut steady, &left)) {
            assert!(
                limit >= *left && limit <= *left + *left / SLACK,
                "{left:?} {limit:?}"
            );
        }
    }

    #[test]
    fn connecting_has_one_deadline_and_a_request_its_own() {
        let began = time::Instant::now();
        let timeout = Duration::Exact(3 * SECOND);
        let connecting = Connecting::new(timeout, Instant::Exact(began)).unwrap();
        let left = |after| connecting.left(timeout, began + after);
        assert_eq!(left(SECOND), Duration::Exact(2 * SECOND));
        assert_eq!(left(4 * SECOND), Duration::Exact(time::Duration::ZERO));
        let request = Duration::Exact(2 * SECOND);
        assert_eq!(connecting.left(request, began + 4 * SECOND), request);
        assert!(Connecting::new(Duration::NotHappening, Instant::Exact(began)).is_none());
    }

    #[test]
    fn no_limit_stays_none() {
        let mut steady = Steady(Some(SECOND));
        assert!(steady.limit(Duration::NotHappening).is_not_happening());
        assert_eq!(steady.0, None);
    }
}

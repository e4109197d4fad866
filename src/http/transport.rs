//! Connections whose time-outs cost no system call while nothing is late.
//!
//! With a limit on the whole call, every read and write has a little less time than the one
//! before, and setting that on the socket takes a system call each. A socket's time-out may as
//! well be some hundredths too long: then one setting serves many calls.

use std::time;

use ureq::Error;
use ureq::unversioned::transport::time::Duration;
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
            read: Steady::default(),
            write: Steady::default(),
        }))
    }
}

#[derive(Debug)]
pub(super) struct SteadyTransport<T> {
    inner: T,
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
        let after = self.read.limit(timeout.after);
        self.inner.await_input(NextTimeout { after, ..timeout })
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
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
    fn no_limit_stays_none() {
        let mut steady = Steady(Some(SECOND));
        assert!(steady.limit(Duration::NotHappening).is_not_happening());
        assert_eq!(steady.0, None);
    }
}

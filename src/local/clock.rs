//! The service's clock, and the pace of its exports.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use time::{OffsetDateTime, UtcOffset};

use crate::system::{System, lock};

/// A clock that only moves when it is advanced.
///
/// Clones share the time: pass one to the [builder](super::LocalServiceBuilder::clock) and keep the
/// other.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::local::ManualClock;
/// use time::{OffsetDateTime, UtcOffset};
///
/// let clock = ManualClock::new(OffsetDateTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(8 * 3600));
/// assert_eq!(clock.now().unix_timestamp(), 28_800);
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<OffsetDateTime>>);

impl ManualClock {
    /// Creates a clock that shows `now`.
    #[must_use]
    pub fn new(now: OffsetDateTime) -> ManualClock {
        ManualClock(Arc::new(Mutex::new(now)))
    }

    /// Returns the clock's time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        *lock(&self.0)
    }

    /// Moves the clock forward, at most to the end of the year 9999.
    pub fn advance(&self, by: Duration) {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        let mut now = lock(&self.0);
        *now = now.saturating_add(by);
    }
}

#[derive(Debug, Clone)]
pub(super) enum Clock {
    System,
    Manual(ManualClock),
}

impl Clock {
    /// Returns the time in UTC, cut to milliseconds like every timestamp of the service.
    pub(super) fn now(&self) -> OffsetDateTime {
        let now = match self {
            Clock::System => OffsetDateTime::now_utc(),
            Clock::Manual(clock) => clock.now().to_offset(UtcOffset::UTC),
        };
        now.replace_millisecond(now.millisecond()).unwrap_or(now)
    }
}

/// The system of a client with a manual clock: it signs with the clock's time, and advances the clock
/// instead of sleeping.
#[derive(Debug)]
pub(super) struct ManualSystem {
    clock: ManualClock,
    began: (OffsetDateTime, Instant),
}

impl ManualSystem {
    pub(super) fn new(clock: ManualClock) -> ManualSystem {
        let began = (clock.now(), Instant::now());
        ManualSystem { clock, began }
    }
}

impl System for ManualSystem {
    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    fn instant(&self) -> Instant {
        let (time, instant) = self.began;
        let passed = Duration::try_from(self.clock.now() - time).unwrap_or_default();
        instant.checked_add(passed).unwrap_or(instant)
    }

    fn sleep(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}

/// How long an export has each status.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::local::Pace;
///
/// assert_eq!(Pace::default().pending, Duration::from_millis(300));
/// assert_eq!(Pace::instant().in_progress, Duration::ZERO);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long an export is PENDING. Defaults to 300 ms.
    pub pending: Duration,
    /// How long it is IN_PROGRESS; longer if writing the files takes longer. Defaults to 700 ms.
    pub in_progress: Duration,
}

impl Pace {
    /// Returns a pace without delays: an export has ended when StartDomainExport returns.
    #[must_use]
    pub const fn instant() -> Pace {
        Pace {
            pending: Duration::ZERO,
            in_progress: Duration::ZERO,
        }
    }
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            pending: Duration::from_millis(300),
            in_progress: Duration::from_millis(700),
        }
    }
}

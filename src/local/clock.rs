//! What time it is for the service, and how fast its exports go.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::system::System;

/// A clock that moves only when it is told to.
///
/// Clones show the same time: give one to the [builder](super::LocalServiceBuilder::manual_clock)
/// and keep the other.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::local::ManualClock;
/// use time::OffsetDateTime;
///
/// let clock = ManualClock::new(OffsetDateTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(8 * 3600));
/// assert_eq!(clock.now().unix_timestamp(), 28_800);
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<OffsetDateTime>>);

impl ManualClock {
    /// A clock that stands at a time.
    #[must_use]
    pub fn new(now: OffsetDateTime) -> ManualClock {
        ManualClock(Arc::new(Mutex::new(now)))
    }

    /// The time that it shows.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it forward. It stops at the last time that can be told (the end of the year 9999).
    pub fn advance(&self, by: Duration) {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by);
    }
}

#[derive(Debug, Clone)]
pub(super) enum Clock {
    System,
    Manual(ManualClock),
}

impl Clock {
    pub(super) fn now(&self) -> OffsetDateTime {
        match self {
            Clock::System => OffsetDateTime::now_utc(),
            Clock::Manual(clock) => clock.now(),
        }
    }
}

/// The machine of a client that lives by a manual clock: it signs at the clock's time, and when it
/// sleeps, the clock moves on and nobody waits.
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

/// How long an export shows each status before it may show the next one.
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
    /// How long it is PENDING. Default: 300 ms.
    pub pending: Duration,
    /// How long it is IN_PROGRESS, or longer if writing the files takes longer. Default: 700 ms.
    pub in_progress: Duration,
}

impl Pace {
    /// An export is over by the time that StartDomainExport answers.
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

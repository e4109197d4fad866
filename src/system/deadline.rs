//! The time by which something must be finished.

use std::fmt;
use std::time::{Duration, Instant};

use super::System;

/// A point in time that work may not go beyond, measured with the [`System`]'s monotonic clock.
#[derive(Clone, Copy)]
pub(crate) struct Deadline<'a> {
    system: &'a dyn System,
    started: Instant,
    timeout: Duration,
}

impl<'a> Deadline<'a> {
    /// Starts now. [`Duration::MAX`] means no limit.
    pub(crate) fn new(system: &'a dyn System, timeout: Duration) -> Deadline<'a> {
        Deadline {
            system,
            started: system.instant(),
            timeout,
        }
    }

    /// The same time limit, counted from now.
    pub(crate) fn restarted(&self) -> Deadline<'a> {
        Deadline::new(self.system, self.timeout)
    }

    /// Returns the time that remains; zero once the deadline has passed.
    pub(crate) fn left(&self) -> Duration {
        let now = self.system.instant();
        let elapsed = now.saturating_duration_since(self.started);
        self.timeout.saturating_sub(elapsed)
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.left().is_zero()
    }

    pub(crate) fn system(&self) -> &'a dyn System {
        self.system
    }
}

impl fmt::Debug for Deadline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline")
            .field("left", &self.left())
            .finish_non_exhaustive()
    }
}

//! When credentials are refreshed, as a pure function of their expiry and the time.

use std::time::Duration;

use time::OffsetDateTime;

/// How long before the expiration a refresh is due, if the lifetime is long enough.
const LEAD: time::Duration = time::Duration::minutes(5);

/// How long before the expiration credentials are too old to start a call with, if there may be
/// newer ones.
const MARGIN: time::Duration = time::Duration::seconds(10);

/// The times of cached credentials; `None` for those that do not expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule(Option<Times>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    expires: OffsetDateTime,
    /// How long before the expiration a refresh is due.
    lead: time::Duration,
    /// How long before the expiration a refresh is urgent.
    margin: time::Duration,
}

impl Schedule {
    /// Returns the times of credentials that arrived just now; `None` if they have already expired.
    /// Jitter, from 0 to 1, takes up to a fifth off the lead.
    pub(super) fn new(
        expires: Option<OffsetDateTime>,
        now: OffsetDateTime,
        jitter: impl FnOnce() -> f64,
    ) -> Option<Schedule> {
        let Some(expires) = expires else {
            return Some(Schedule(None));
        };
        let remaining = expires - now;
        if !remaining.is_positive() {
            return None;
        }
        let lead = LEAD.min(remaining / 4) * (1.0 - jitter().clamp(0.0, 1.0) / 5.0);
        Some(Schedule(Some(Times {
            expires,
            lead,
            margin: MARGIN.min(remaining / 8),
        })))
    }

    pub(super) fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.0.is_none_or(|times| now < times.expires)
    }
}

/// What a thread that needs credentials does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Use the current ones.
    Use,
    /// Get new ones; early if the current ones would last a little longer.
    Refresh { is_early: bool },
    /// Wait for the thread that is getting new ones.
    Wait,
}

/// `is_delayed` is true for a while after a failed refresh. Without valid credentials nothing is
/// delayed.
pub(super) fn decide(
    schedule: Option<&Schedule>,
    now: OffsetDateTime,
    is_refreshing: bool,
    is_delayed: bool,
) -> Action {
    let times = match schedule {
        Some(Schedule(Some(times))) => times,
        Some(Schedule(None)) => return Action::Use,
        None if is_refreshing => return Action::Wait,
        None => return Action::Refresh { is_early: false },
    };
    let remaining = times.expires - now;
    let is_valid = remaining.is_positive();
    if remaining > times.lead || (is_delayed && is_valid && !is_refreshing) {
        Action::Use
    } else if remaining > times.margin {
        if is_refreshing {
            Action::Use
        } else {
            Action::Refresh { is_early: true }
        }
    } else if is_refreshing {
        Action::Wait
    } else {
        Action::Refresh { is_early: false }
    }
}

/// Returns the delay after failed refreshes: 5 s, 10 s … 60 s, less up to half.
pub(super) fn backoff(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(4);
    let longest = Duration::from_secs(5 * (1 << doublings)).min(Duration::from_secs(60));
    longest.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds)
    }

    fn schedule(remaining: i64, jitter: f64) -> Schedule {
        Schedule::new(Some(at(remaining)), at(0), || jitter).unwrap()
    }

    /// Returns the seconds at which early and late refreshes start.
    fn phases(schedule: &Schedule, until: i64) -> (i64, i64) {
        let first = |wanted: Action| {
            (0..=until)
                .find(|&second| decide(Some(schedule), at(second), false, false) == wanted)
                .unwrap()
        };
        (
            first(Action::Refresh { is_early: true }),
            first(Action::Refresh { is_early: false }),
        )
    }

    #[test]
    fn refreshes_five_minutes_before_the_expiration() {
        assert_eq!(phases(&schedule(3_600, 0.0), 3_600), (3_300, 3_590));
        assert_eq!(phases(&schedule(3_600, 1.0), 3_600), (3_360, 3_590));
    }

    #[test]
    fn refreshes_short_lived_credentials_in_proportion() {
        assert_eq!(phases(&schedule(40, 0.0), 40), (30, 35));
        assert_eq!(phases(&schedule(400, 1.0), 400), (320, 390));
    }

    #[test]
    fn never_refreshes_credentials_that_do_not_expire() {
        let schedule = Schedule::new(None, at(0), || unreachable!()).unwrap();
        let far = at(100_000_000_000);
        assert_eq!(decide(Some(&schedule), far, false, false), Action::Use);
        assert!(schedule.is_valid(far));
    }

    #[test]
    fn does_not_cache_expired_credentials() {
        assert_eq!(Schedule::new(Some(at(0)), at(0), || 0.0), None);
        assert_eq!(Schedule::new(Some(at(-1)), at(0), || 0.0), None);
    }

    #[test]
    fn waits_only_during_the_last_seconds() {
        let schedule = schedule(3_600, 0.0);
        let other_refreshes = |second| decide(Some(&schedule), at(second), true, false);
        assert_eq!(other_refreshes(3_299), Action::Use);
        assert_eq!(other_refreshes(3_300), Action::Use);
        assert_eq!(other_refreshes(3_589), Action::Use);
        assert_eq!(other_refreshes(3_590), Action::Wait);
        assert_eq!(other_refreshes(3_600), Action::Wait);
        assert_eq!(decide(None, at(0), true, false), Action::Wait);
    }

    #[test]
    fn a_failure_delays_until_the_expiration_at_most() {
        let schedule = schedule(3_600, 0.0);
        let delayed = |second| decide(Some(&schedule), at(second), false, true);
        assert_eq!(delayed(3_300), Action::Use);
        assert_eq!(delayed(3_599), Action::Use);
        assert_eq!(delayed(3_600), Action::Refresh { is_early: false });
        let nothing = decide(None, at(0), false, true);
        assert_eq!(nothing, Action::Refresh { is_early: false });
    }

    #[test]
    fn the_delay_after_failures_grows_to_a_minute() {
        let seconds = |jitter| [1, 2, 3, 4, 5, 99].map(|n| backoff(n, jitter).as_millis());
        assert_eq!(
            seconds(0.0),
            [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]
        );
        assert_eq!(seconds(1.0), [2_500, 5_000, 10_000, 20_000, 30_000, 30_000]);
    }
}

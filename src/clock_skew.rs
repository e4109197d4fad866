//! The time that requests are signed with: the machine's, corrected by what the service shows.
//!
//! A service refuses a signature that is more than some minutes off. Every answer carries the
//! service's time, so the client can learn by how much the machine's clock is wrong and sign the
//! next attempt with the right time.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::wire::timestamp::parse_http_date;

/// A signature's time that is off by no more than this is not why it was refused.
const TOLERANCE: Duration = Duration::minutes(4);

/// An answer that took longer says too little about the time at which it was given.
const LONGEST_ROUND_TRIP: Duration = Duration::minutes(15);

/// The difference between the service's clock and the machine's, as last seen.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    milliseconds: AtomicI64,
}

impl Skew {
    pub(crate) fn get(&self) -> Duration {
        Duration::milliseconds(self.milliseconds.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, skew: Duration) {
        let milliseconds = i64::try_from(skew.whole_milliseconds()).unwrap_or_default();
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
    }
}

/// What an answer's `Date` says about the machine's clock, given when the request was sent and
/// when the answer came; nothing where the answer was cached or took too long.
pub(crate) fn measure(
    date: Option<&str>,
    is_cached: bool,
    sent: OffsetDateTime,
    received: OffsetDateTime,
) -> Option<Duration> {
    let round_trip = received - sent;
    if is_cached || round_trip.is_negative() || round_trip > LONGEST_ROUND_TRIP {
        return None;
    }
    Some(parse_http_date(date?)? - (sent + round_trip / 2))
}

/// Whether an error says that the request's time was wrong, and the measured skew agrees: the
/// attempt was signed with another one.
pub(crate) fn is_to_blame(code: Option<&str>, signed_with: Duration, measured: Duration) -> bool {
    let is_about_time = matches!(
        code,
        Some(
            "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "AuthFailure"
                | "RequestTimeTooSkewed"
                | "AccessDeniedException"
        )
    );
    is_about_time && (measured - signed_with).abs() > TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_398_796_238 + seconds).unwrap()
    }

    const DATE: Option<&str> = Some("Tue, 29 Apr 2014 18:30:38 GMT");

    #[test]
    fn the_skew_is_taken_at_the_middle_of_the_round_trip() {
        assert_eq!(
            measure(DATE, false, at(-602), at(-598)),
            Some(Duration::minutes(10))
        );
        assert_eq!(measure(DATE, false, at(0), at(0)), Some(Duration::ZERO));
        assert_eq!(
            measure(DATE, false, at(60), at(60)),
            Some(Duration::minutes(-1))
        );
    }

    #[test]
    fn an_answer_that_proves_nothing_is_not_believed() {
        assert_eq!(measure(None, false, at(0), at(0)), None);
        assert_eq!(measure(Some("today"), false, at(0), at(0)), None);
        assert_eq!(measure(DATE, true, at(0), at(0)), None);
        assert_eq!(measure(DATE, false, at(0), at(901)), None);
        assert_eq!(measure(DATE, false, at(1), at(0)), None);
    }

    #[test]
    fn only_an_attempt_that_was_signed_with_a_wrong_time_is_worth_another() {
        let code = Some("InvalidSignatureException");
        let (none, hour) = (Duration::ZERO, Duration::HOUR);
        assert!(is_to_blame(code, none, hour));
        assert!(is_to_blame(code, none, -hour));
        assert!(!is_to_blame(code, hour, hour));
        assert!(!is_to_blame(code, none, Duration::minutes(4)));
        assert!(!is_to_blame(Some("NoSuchDomainException"), none, hour));
        assert!(!is_to_blame(None, none, hour));
    }

    #[test]
    fn the_skew_is_kept_to_the_millisecond() {
        let skew = Skew::default();
        assert_eq!(skew.get(), Duration::ZERO);
        skew.set(Duration::milliseconds(-1_234_567));
        assert_eq!(skew.get(), Duration::milliseconds(-1_234_567));
    }
}

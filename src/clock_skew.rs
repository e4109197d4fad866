//! The difference between the system's clock and the service's, learned from responses.
//!
//! A service refuses a signature whose time is off by more than some minutes. Every response
//! carries the service's time, so the client learns the difference and signs the next attempt with
//! the right time.

use std::sync::Mutex;

use time::{Duration, OffsetDateTime};

use crate::system::lock;
use crate::wire::timestamp::parse_http_date;

/// A signature whose time is off by no more than this was refused for another reason.
const TOLERANCE: Duration = Duration::minutes(4);

/// A response that took longer says too little about when its `Date` was written.
const MAX_ROUND_TRIP: Duration = Duration::minutes(15);

/// The service's clock minus the system's, as last measured.
#[derive(Debug)]
pub(crate) struct Skew {
    is_corrected: bool,
    last: Mutex<Duration>,
}

impl Skew {
    /// Without correction, the skew stays zero.
    pub(crate) fn new(is_corrected: bool) -> Skew {
        Skew {
            is_corrected,
            last: Mutex::new(Duration::ZERO),
        }
    }

    /// Returns what to add to the system's time.
    pub(crate) fn get(&self) -> Duration {
        *lock(&self.last)
    }

    /// Learns the skew from a response; see [`measure`].
    pub(crate) fn learn(
        &self,
        date: Option<&str>,
        is_cached: bool,
        sent: OffsetDateTime,
        received: OffsetDateTime,
    ) -> Option<Duration> {
        if !self.is_corrected {
            return None;
        }
        let measured = measure(date, is_cached, sent, received)?;
        *lock(&self.last) = measured;
        Some(measured)
    }
}

/// Returns the skew that a response's `Date` shows, or `None` if the response was cached or took
/// too long.
fn measure(
    date: Option<&str>,
    is_cached: bool,
    sent: OffsetDateTime,
    received: OffsetDateTime,
) -> Option<Duration> {
    let round_trip = received - sent;
    if is_cached || round_trip.is_negative() || round_trip > MAX_ROUND_TRIP {
        return None;
    }
    Some(parse_http_date(date?)? - sent - round_trip / 2)
}

/// Returns whether an error code can mean that the request's time was wrong, and the signature's
/// time was indeed `off_by` more than services tolerate.
pub(crate) fn explains(code: Option<&str>, off_by: Option<Duration>) -> bool {
    let is_about_time = matches!(
        code,
        Some(
            "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "AuthFailure"
                | "RequestTimeTooSkewed"
                | "RequestExpired"
                | "AccessDeniedException"
        )
    );
    is_about_time && is_intolerable(off_by)
}

/// Returns whether a request's time was `off_by` more than services tolerate.
pub(crate) fn is_intolerable(off_by: Option<Duration>) -> bool {
    off_by.is_some_and(|off_by| off_by.abs() > TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_398_796_238 + seconds).unwrap()
    }

    const DATE: Option<&str> = Some("Tue, 29 Apr 2014 18:30:38 GMT");

    #[test]
    fn measures_the_skew_at_the_middle_of_the_round_trip() {
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
    fn ignores_a_response_that_proves_nothing() {
        assert_eq!(measure(None, false, at(0), at(0)), None);
        assert_eq!(measure(Some("today"), false, at(0), at(0)), None);
        assert_eq!(measure(DATE, true, at(0), at(0)), None);
        assert_eq!(measure(DATE, false, at(0), at(901)), None);
        assert_eq!(measure(DATE, false, at(1), at(0)), None);
    }

    #[test]
    fn explains_only_a_refused_signature_with_a_wrong_time() {
        let code = Some("InvalidSignatureException");
        let hour = Some(Duration::HOUR);
        assert!(explains(code, hour));
        assert!(explains(code, Some(-Duration::HOUR)));
        assert!(explains(Some("RequestExpired"), hour));
        assert!(!explains(code, Some(Duration::minutes(4))));
        assert!(!explains(code, None));
        assert!(!explains(Some("NoSuchDomainException"), hour));
        assert!(!explains(None, hour));
    }

    #[test]
    fn learns_the_skew_only_if_it_is_to_be_corrected() {
        let [corrected, ignored] = [true, false].map(Skew::new);
        let ten_minutes = Duration::minutes(10);
        let learned = corrected.learn(DATE, false, at(-600), at(-600));
        assert_eq!(learned, Some(ten_minutes));
        assert_eq!(corrected.learn(None, false, at(0), at(0)), None);
        assert_eq!(corrected.get(), ten_minutes);
        assert_eq!(ignored.learn(DATE, false, at(-600), at(-600)), None);
        assert_eq!(ignored.get(), Duration::ZERO);
    }
}

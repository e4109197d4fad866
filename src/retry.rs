//! When to try again, and after how long: the 2026 revision ("2.1") of the SDKs' standard retry
//! mode, as a pure state machine.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Tokens that a retry takes from the quota.
const RETRY_COST: u32 = 14;

/// Tokens that a retry after throttling takes.
const THROTTLING_RETRY_COST: u32 = 5;

/// Tokens that a success at the first attempt gives back.
const SUCCESS_REFUND: u32 = 1;

/// The least delay before a retry after throttling, before jitter.
const THROTTLING_BACKOFF: Duration = Duration::from_secs(1);

/// How far the service may stretch a delay with `x-amz-retry-after`.
const MAX_STRETCH: Duration = Duration::from_secs(5);

/// How often, and how patiently, a call is tried.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::RetryConfig;
///
/// let patient = RetryConfig::standard()
///     .with_max_attempts(5)
///     .with_max_backoff(Duration::from_secs(60));
/// assert_eq!(patient.max_attempts(), 5);
/// assert_eq!(RetryConfig::disabled().max_attempts(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RetryConfig {
    max_attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    quota: u32,
}

impl RetryConfig {
    /// The standard mode of every AWS SDK: 3 attempts; before the second a random part of 50 ms,
    /// before each further one twice as much, 20 s at the most, and from 1 s on after throttling;
    /// a quota of 500 tokens.
    #[must_use]
    pub const fn standard() -> RetryConfig {
        RetryConfig {
            max_attempts: 3,
            initial_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(20),
            quota: 500,
        }
    }

    /// One attempt and no retry.
    #[must_use]
    pub const fn disabled() -> RetryConfig {
        RetryConfig::standard().with_max_attempts(1)
    }

    /// Sets the number of attempts in all, the first included; 0 is taken as 1. Default: 3.
    #[must_use]
    pub const fn with_max_attempts(mut self, max_attempts: u32) -> RetryConfig {
        self.max_attempts = if max_attempts == 0 { 1 } else { max_attempts };
        self
    }

    /// Sets what the first retry waits at the most, unless after throttling. Default: 50 ms.
    #[must_use]
    pub const fn with_initial_backoff(mut self, initial_backoff: Duration) -> RetryConfig {
        self.initial_backoff = initial_backoff;
        self
    }

    /// Sets what any retry waits at the most, before the service stretches it. Default: 20 s.
    #[must_use]
    pub const fn with_max_backoff(mut self, max_backoff: Duration) -> RetryConfig {
        self.max_backoff = max_backoff;
        self
    }

    /// Sets the tokens that the calls of a client share for their retries. A retry takes 14 (5
    /// after throttling), a success gives back what its last retry took, or 1. Without tokens
    /// left, an error is not retried. Default: 500.
    #[must_use]
    pub const fn with_quota(mut self, quota: u32) -> RetryConfig {
        self.quota = quota;
        self
    }

    /// The number of attempts in all, the first included: at least 1.
    #[must_use]
    pub const fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The delay before retry `retry` (from 1) without jitter.
    fn backoff(&self, failure: Failure, retry: u32) -> Duration {
        let base = match failure {
            Failure::Transient => self.initial_backoff,
            Failure::Throttling => THROTTLING_BACKOFF,
        };
        let doublings = retry.saturating_sub(1).min(31);
        base.saturating_mul(1 << doublings).min(self.max_backoff)
    }
}

impl Default for RetryConfig {
    fn default() -> RetryConfig {
        RetryConfig::standard()
    }
}

/// A failure after which another attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Transient,
    Throttling,
}

impl Failure {
    /// Whether an answer that is no success is worth another attempt.
    pub(crate) fn of_answer(status: u16, code: Option<&str>) -> Option<Failure> {
        match code {
            Some(code) if is_throttling(code) => Some(Failure::Throttling),
            Some("RequestTimeout" | "RequestTimeoutException") => Some(Failure::Transient),
            _ if matches!(status, 500 | 502 | 503 | 504) => Some(Failure::Transient),
            None if status == 429 => Some(Failure::Throttling),
            _ => None,
        }
    }

    fn cost(self) -> u32 {
        match self {
            Failure::Transient => RETRY_COST,
            Failure::Throttling => THROTTLING_RETRY_COST,
        }
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "TransactionInProgressException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "LimitExceededException"
            | "RequestThrottled"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2ThrottledException"
    )
}

/// The retry tokens that all calls of a client share, so that a service in trouble is not made
/// worse by retries.
#[derive(Debug)]
pub(crate) struct Quota {
    capacity: u32,
    tokens: Mutex<u32>,
}

impl Quota {
    pub(crate) fn new(config: &RetryConfig) -> Quota {
        Quota {
            capacity: config.quota,
            tokens: Mutex::new(config.quota),
        }
    }

    pub(crate) fn tokens(&self) -> u32 {
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, cost: u32) -> bool {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.checked_sub(cost) {
            Some(rest) => {
                *tokens = rest;
                true
            }
            None => false,
        }
    }

    fn give_back(&self, refund: u32) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.saturating_add(refund).min(self.capacity);
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    config: &'a RetryConfig,
    quota: &'a Quota,
    made: u32,
    last_cost: Option<u32>,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(config: &'a RetryConfig, quota: &'a Quota) -> Attempts<'a> {
        Attempts {
            config,
            quota,
            made: 0,
            last_cost: None,
        }
    }

    /// Counts an attempt that is about to be made, from 1.
    pub(crate) fn begin(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    pub(crate) fn succeeded(&self) {
        self.quota
            .give_back(self.last_cost.unwrap_or(SUCCESS_REFUND));
    }

    /// How long to wait before the next attempt; `None` to give up.
    ///
    /// `retry_after` is the value of `x-amz-retry-after`, in milliseconds; `jitter` from 0 to 1;
    /// `left` what is left of the call's time.
    pub(crate) fn failed(
        &mut self,
        failure: Failure,
        retry_after: Option<&str>,
        jitter: f64,
        left: Duration,
    ) -> Option<Duration> {
        let delay = fraction_of(self.config.backoff(failure, self.made), jitter);
        let asked = retry_after.and_then(|value| value.trim().parse().ok());
        let asked = asked.map(Duration::from_millis);
        let delay = asked.map_or(delay, |asked| {
            asked.clamp(delay, delay.saturating_add(MAX_STRETCH))
        });
        if self.made >= self.config.max_attempts
            || delay >= left
            || !self.quota.take(failure.cost())
        {
            return None;
        }
        self.last_cost = Some(failure.cost());
        Some(delay)
    }
}

/// A part of a duration, from 0 for nothing to 1 for all of it.
pub(crate) fn fraction_of(duration: Duration, fraction: f64) -> Duration {
    let seconds = duration.as_secs_f64() * fraction.clamp(0.0, 1.0);
    // The longest durations are rounded up to more than there can be.
    Duration::try_from_secs_f64(seconds).map_or(duration, |part| part.min(duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_delay_doubles_up_to_its_limit() {
        let config = RetryConfig::standard();
        let delays = |failure| [1, 2, 3, 9, 10, 99].map(|retry| config.backoff(failure, retry));
        let millis = |delays: [u32; 6]| delays.map(|delay| MILLI * delay);
        assert_eq!(
            delays(Failure::Transient),
            millis([50, 100, 200, 12_800, 20_000, 20_000])
        );
        assert_eq!(
            delays(Failure::Throttling),
            millis([1_000, 2_000, 4_000, 20_000, 20_000, 20_000])
        );
    }

    #[test]
    fn no_delay_is_too_long_to_be_reckoned_with() {
        assert_eq!(fraction_of(2 * MINUTE, 0.5), MINUTE);
        assert_eq!(fraction_of(MINUTE, 7.0), MINUTE);
        assert_eq!(fraction_of(Duration::MAX, 1.0), Duration::MAX);
        let config = RetryConfig::standard()
            .with_initial_backoff(Duration::MAX)
            .with_max_backoff(Duration::MAX);
        let quota = Quota::new(&config);
        let mut attempts = Attempts::new(&config, &quota);
        attempts.begin();
        let delay = attempts.failed(Failure::Transient, Some("1"), 1.0, MINUTE);
        assert_eq!(delay, None);
    }

    #[test]
    fn attempts_are_counted_before_the_quota_is_touched() {
        let config = RetryConfig::standard().with_max_attempts(2);
        let quota = Quota::new(&config);
        let mut attempts = Attempts::new(&config, &quota);
        attempts.begin();
        assert_eq!(
            attempts.failed(Failure::Transient, None, 1.0, MINUTE),
            Some(50 * MILLI)
        );
        assert_eq!(quota.tokens(), 486);
        assert_eq!(attempts.begin(), 2);
        assert_eq!(attempts.failed(Failure::Transient, None, 1.0, MINUTE), None);
        assert_eq!(quota.tokens(), 486);
    }

    #[test]
    fn a_delay_that_outlives_the_call_is_not_begun() {
        let config = RetryConfig::standard();
        let quota = Quota::new(&config);
        let mut attempts = Attempts::new(&config, &quota);
        attempts.begin();
        assert_eq!(
            attempts.failed(Failure::Transient, None, 1.0, 50 * MILLI),
            None
        );
        assert_eq!(quota.tokens(), 500);
        let delay = attempts.failed(Failure::Transient, None, 1.0, 51 * MILLI);
        assert_eq!(delay, Some(50 * MILLI));
    }

    #[test]
    fn a_success_gives_back_what_the_last_retry_took() {
        let config = RetryConfig::standard().with_max_attempts(9);
        let quota = Quota::new(&config);
        let mut attempts = Attempts::new(&config, &quota);
        attempts.begin();
        attempts.failed(Failure::Transient, None, 0.0, MINUTE);
        attempts.begin();
        attempts.failed(Failure::Throttling, None, 0.0, MINUTE);
        assert_eq!(quota.tokens(), 481);
        attempts.succeeded();
        assert_eq!(quota.tokens(), 486);
        Attempts::new(&config, &quota).succeeded();
        assert_eq!(quota.tokens(), 487);
        quota.give_back(u32::MAX);
        assert_eq!(quota.tokens(), 500);
    }

    #[test]
    fn the_service_can_stretch_a_delay_by_five_seconds_and_shorten_none() {
        let delay = |retry_after, jitter| {
            let config = RetryConfig::standard();
            let quota = Quota::new(&config);
            let mut attempts = Attempts::new(&config, &quota);
            attempts.begin();
            attempts.failed(Failure::Transient, Some(retry_after), jitter, MINUTE)
        };
        assert_eq!(delay("1500", 1.0), Some(1_500 * MILLI));
        assert_eq!(delay("10", 1.0), Some(50 * MILLI));
        assert_eq!(delay("18446744073709551615", 1.0), Some(5_050 * MILLI));
        assert_eq!(delay("10", 0.0), Some(10 * MILLI));
        for garbage in ["", "soon", "-1", "1.5", "99999999999999999999"] {
            assert_eq!(delay(garbage, 1.0), Some(50 * MILLI), "{garbage}");
        }
    }

    #[test]
    fn only_what_may_pass_is_retried() {
        use Failure::{Throttling, Transient};
        let cases = [
            (500, None, Some(Transient)),
            (502, Some("BadGateway"), Some(Transient)),
            (503, Some("SlowDown"), Some(Throttling)),
            (504, None, Some(Transient)),
            (429, None, Some(Throttling)),
            (429, Some("SomethingElse"), None),
            (400, Some("ThrottlingException"), Some(Throttling)),
            (400, Some("RequestTimeout"), Some(Transient)),
            (409, Some("NumberExportsLimitExceeded"), None),
            (400, Some("ConflictException"), None),
            (501, None, None),
            (301, None, None),
        ];
        for (status, code, expected) in cases {
            assert_eq!(
                Failure::of_answer(status, code),
                expected,
                "{status} {code:?}"
            );
        }
    }
}

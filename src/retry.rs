//! Retries: the 2026 revision ("2.1") of the SDKs' standard retry mode.

mod config;
#[cfg(test)]
mod suite;

use std::fmt;
use std::mem;
use std::sync::Mutex;
use std::time::Duration;

use log::debug;

pub use self::config::RetryConfig;
use crate::system::{Deadline, lock, random_fraction};

/// Tokens that a retry takes.
const RETRY_COST: u32 = 14;

/// Tokens that a retry after throttling takes.
const THROTTLING_RETRY_COST: u32 = 5;

/// Tokens that a success at the first attempt returns.
const SUCCESS_REFUND: u32 = 1;

/// The delay before the first retry after throttling, before jitter.
const THROTTLING_BACKOFF: Duration = Duration::from_secs(1);

/// How much the service can add to a delay with `x-amz-retry-after`.
const MAX_STRETCH: Duration = Duration::from_secs(5);

impl RetryConfig {
    /// Returns the delay before retry number `retry` (from 1), without jitter.
    fn backoff(&self, failure: Failure, retry: u32) -> Duration {
        let base = match failure {
            Failure::Transient => self.initial_backoff,
            Failure::Throttling => THROTTLING_BACKOFF,
        };
        let doublings = retry.saturating_sub(1).min(31);
        base.saturating_mul(1 << doublings).min(self.max_backoff)
    }
}

/// A failure after which another attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Transient,
    Throttling,
}

impl Failure {
    /// Classifies a response that is not a success.
    pub(crate) fn of_response(status: u16, code: Option<&str>) -> Option<Failure> {
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

/// The retry tokens that all calls of a client share, so that retries do not make an outage worse.
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

    #[cfg(test)]
    fn tokens(&self) -> u32 {
        *lock(&self.tokens)
    }

    fn take(&self, cost: u32) -> bool {
        let mut tokens = lock(&self.tokens);
        let rest = tokens.checked_sub(cost);
        *tokens = rest.unwrap_or(*tokens);
        rest.is_some()
    }

    fn give_back(&self, refund: u32) {
        let mut tokens = lock(&self.tokens);
        *tokens = tokens.saturating_add(refund).min(self.capacity);
    }
}

/// An attempt that failed, and whether another may succeed.
#[derive(Debug)]
pub(crate) struct Failed<E> {
    pub(crate) error: E,
    /// `None` if another attempt would fail too.
    pub(crate) failure: Option<Failure>,
    /// The response's `x-amz-retry-after`.
    pub(crate) retry_after: Option<String>,
}

impl<E> Failed<E> {
    pub(crate) fn new(error: E, failure: Option<Failure>) -> Failed<E> {
        Failed {
            error,
            failure,
            retry_after: None,
        }
    }
}

impl<E> From<E> for Failed<E> {
    fn from(error: E) -> Failed<E> {
        Failed::new(error, None)
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    /// Names the call in the log.
    call: &'a str,
    config: &'a RetryConfig,
    quota: &'a Quota,
    deadline: Deadline<'a>,
    made: u32,
    last_cost: Option<u32>,
    has_changed_credentials: bool,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(
        call: &'a str,
        config: &'a RetryConfig,
        quota: &'a Quota,
        deadline: Deadline<'a>,
    ) -> Attempts<'a> {
        Attempts {
            call,
            config,
            quota,
            deadline,
            made: 0,
            last_cost: None,
            has_changed_credentials: false,
        }
    }

    /// Makes attempts until one succeeds or no other may follow: the failure is not retryable, the
    /// attempts or the quota are used up, or the deadline is too near.
    ///
    /// `attempt` calls [`begin`](Attempts::begin) when it is about to send its request.
    pub(crate) fn run<T, E: fmt::Display>(
        &mut self,
        mut attempt: impl FnMut(&mut Attempts<'a>) -> Result<T, Failed<E>>,
    ) -> Result<T, Failed<E>> {
        loop {
            let failed = match attempt(self) {
                Ok(output) => {
                    self.succeeded();
                    return Ok(output);
                }
                Err(failed) => failed,
            };
            let retry_after = failed.retry_after.as_deref();
            match self.delay_after(failed.failure, retry_after, &failed.error) {
                Some(delay) => self.deadline.system().sleep(delay),
                None => return Err(failed),
            }
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

    /// Returns true once: other credentials are tried only once per call.
    pub(crate) fn may_change_credentials(&mut self) -> bool {
        !mem::replace(&mut self.has_changed_credentials, true)
    }

    pub(crate) fn deadline(&self) -> &Deadline<'a> {
        &self.deadline
    }

    /// Restarts the time limit, as after progress.
    #[cfg(feature = "data")]
    pub(crate) fn restart_deadline(&mut self) {
        self.deadline = self.deadline.restarted();
    }

    fn succeeded(&self) {
        self.quota
            .give_back(self.last_cost.unwrap_or(SUCCESS_REFUND));
    }

    fn delay_after(
        &mut self,
        failure: Option<Failure>,
        retry_after: Option<&str>,
        error: &dyn fmt::Display,
    ) -> Option<Duration> {
        let delay = failure.and_then(|failure| {
            let jitter = random_fraction(self.deadline.system());
            self.delay(failure, retry_after, jitter)
        });
        let (call, made) = (self.call, self.made);
        match delay {
            Some(delay) => debug!("{call}: attempt {made} failed, retry in {delay:?}: {error}"),
            None => debug!("{call}: attempt {made} failed, no retry: {error}"),
        }
        delay
    }

    /// How long to wait before the next attempt; `None` to give up.
    ///
    /// `retry_after` is the value of `x-amz-retry-after`, in milliseconds; `jitter` from 0 to 1.
    fn delay(
        &mut self,
        failure: Failure,
        retry_after: Option<&str>,
        jitter: f64,
    ) -> Option<Duration> {
        let delay = fraction_of(self.config.backoff(failure, self.made), jitter);
        let requested = retry_after.and_then(|value| value.trim().parse().ok());
        let requested = requested.map(Duration::from_millis);
        let delay = requested.map_or(delay, |requested| {
            requested.clamp(delay, delay.saturating_add(MAX_STRETCH))
        });
        if self.made >= self.config.max_attempts
            || delay >= self.deadline.left()
            || !self.quota.take(failure.cost())
        {
            return None;
        }
        self.last_cost = Some(failure.cost());
        Some(delay)
    }
}

/// Returns a part of a duration: `fraction` is from 0 to 1.
pub(crate) fn fraction_of(duration: Duration, fraction: f64) -> Duration {
    let seconds = duration.as_secs_f64() * fraction.clamp(0.0, 1.0);
    // Rounding the longest durations overflows.
    Duration::try_from_secs_f64(seconds).map_or(duration, |part| part.min(duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Instant;

    use crate::system::System;

    const MILLI: Duration = Duration::from_millis(1);
    const MINUTE: Duration = Duration::from_secs(60);

    /// A system on which no time passes.
    #[derive(Debug)]
    pub(super) struct Frozen(Instant);

    impl System for Frozen {
        fn instant(&self) -> Instant {
            self.0
        }

        fn sleep(&self, _duration: Duration) {}
    }

    pub(super) fn frozen() -> Frozen {
        Frozen(Instant::now())
    }

    pub(super) fn attempts<'a>(
        system: &'a Frozen,
        config: &'a RetryConfig,
        quota: &'a Quota,
        timeout: Duration,
    ) -> Attempts<'a> {
        Attempts::new("Test", config, quota, Deadline::new(system, timeout))
    }

    #[test]
    fn doubles_the_delay_up_to_its_limit() {
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
    fn computes_with_the_longest_delays() {
        assert_eq!(fraction_of(2 * MINUTE, 0.5), MINUTE);
        assert_eq!(fraction_of(MINUTE, 7.0), MINUTE);
        assert_eq!(fraction_of(Duration::MAX, 1.0), Duration::MAX);
        let config = RetryConfig::standard()
            .initial_backoff(Duration::MAX)
            .max_backoff(Duration::MAX);
        let quota = Quota::new(&config);
        let system = frozen();
        let mut attempts = attempts(&system, &config, &quota, MINUTE);
        attempts.begin();
        assert_eq!(attempts.delay(Failure::Transient, Some("1"), 1.0), None);
    }

    #[test]
    fn makes_attempts_until_one_succeeds_or_none_may_follow() {
        let run = |failures: &[Option<Failure>]| {
            let config = RetryConfig::standard();
            let quota = Quota::new(&config);
            let system = frozen();
            let mut failures = failures.iter();
            attempts(&system, &config, &quota, MINUTE)
                .run(|attempts| {
                    let number = attempts.begin();
                    match failures.next() {
                        Some(failure) => Err(Failed::new(number, *failure)),
                        None => Ok(number),
                    }
                })
                .map_err(|failed| failed.error)
        };
        let transient = Some(Failure::Transient);
        assert_eq!(run(&[]), Ok(1));
        assert_eq!(run(&[transient, transient]), Ok(3));
        assert_eq!(run(&[transient, transient, transient]), Err(3));
        assert_eq!(run(&[transient, None]), Err(2));
    }

    #[test]
    fn counts_attempts_before_it_takes_tokens() {
        let config = RetryConfig::standard().max_attempts(2);
        let quota = Quota::new(&config);
        let system = frozen();
        let mut attempts = attempts(&system, &config, &quota, MINUTE);
        attempts.begin();
        let delay = attempts.delay(Failure::Transient, None, 1.0);
        assert_eq!(delay, Some(50 * MILLI));
        assert_eq!(quota.tokens(), 486);
        assert_eq!(attempts.begin(), 2);
        assert_eq!(attempts.delay(Failure::Transient, None, 1.0), None);
        assert_eq!(quota.tokens(), 486);
    }

    #[test]
    fn gives_up_if_the_delay_outlasts_the_deadline() {
        let config = RetryConfig::standard();
        let quota = Quota::new(&config);
        let system = frozen();
        let delay = |timeout| {
            let mut attempts = attempts(&system, &config, &quota, timeout);
            attempts.begin();
            attempts.delay(Failure::Transient, None, 1.0)
        };
        assert_eq!(delay(50 * MILLI), None);
        assert_eq!(quota.tokens(), 500);
        assert_eq!(delay(51 * MILLI), Some(50 * MILLI));
    }

    #[test]
    fn returns_the_tokens_of_the_last_retry_after_a_success() {
        let config = RetryConfig::standard().max_attempts(9);
        let quota = Quota::new(&config);
        let system = frozen();
        let new_call = || attempts(&system, &config, &quota, MINUTE);
        let mut call = new_call();
        call.begin();
        call.delay(Failure::Transient, None, 0.0);
        call.begin();
        call.delay(Failure::Throttling, None, 0.0);
        assert_eq!(quota.tokens(), 481);
        call.succeeded();
        assert_eq!(quota.tokens(), 486);
        new_call().succeeded();
        assert_eq!(quota.tokens(), 487);
        quota.give_back(u32::MAX);
        assert_eq!(quota.tokens(), 500);
    }

    #[test]
    fn lets_the_service_add_five_seconds_and_shorten_no_delay() {
        let delay = |retry_after, jitter| {
            let config = RetryConfig::standard();
            let quota = Quota::new(&config);
            let system = frozen();
            let mut attempts = attempts(&system, &config, &quota, MINUTE);
            attempts.begin();
            attempts.delay(Failure::Transient, Some(retry_after), jitter)
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
    fn classifies_responses() {
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
                Failure::of_response(status, code),
                expected,
                "{status} {code:?}"
            );
        }
    }
}

//! The settings of retries.

use std::time::Duration;

/// How often, and after what delays, a failed attempt is retried.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::RetryConfig;
///
/// let patient = RetryConfig::standard()
///     .max_attempts(5)
///     .max_backoff(Duration::from_secs(60));
/// assert_eq!(patient.max_attempts, 5);
/// assert_eq!(RetryConfig::disabled().max_attempts, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Number of attempts per call, including the first. 0 counts as 1. Defaults to 3.
    pub max_attempts: u32,
    /// Upper bound of the delay before the first retry; it doubles with each further one
    /// (throttling starts at 1 s). The delay is a random part of it. Defaults to 50 ms.
    pub initial_backoff: Duration,
    /// Upper bound of every delay; the service can add up to 5 s. Defaults to 20 s.
    pub max_backoff: Duration,
    /// Number of retry tokens that a client's calls share. A retry takes 14 (5 after throttling);
    /// a success returns what its last retry took, or 1. An error is not retried if too few tokens
    /// are left. Defaults to 500.
    pub quota: u32,
}

impl RetryConfig {
    /// Returns the standard mode of the AWS SDKs: the default of every field.
    #[must_use]
    pub const fn standard() -> RetryConfig {
        RetryConfig {
            max_attempts: 3,
            initial_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(20),
            quota: 500,
        }
    }

    /// Returns a configuration without retries: one attempt per call.
    #[must_use]
    pub const fn disabled() -> RetryConfig {
        RetryConfig::standard().max_attempts(1)
    }

    /// Sets [`max_attempts`](RetryConfig::max_attempts).
    #[must_use]
    pub const fn max_attempts(mut self, max_attempts: u32) -> RetryConfig {
        self.max_attempts = max_attempts;
        self
    }

    /// Sets [`initial_backoff`](RetryConfig::initial_backoff).
    #[must_use]
    pub const fn initial_backoff(mut self, initial_backoff: Duration) -> RetryConfig {
        self.initial_backoff = initial_backoff;
        self
    }

    /// Sets [`max_backoff`](RetryConfig::max_backoff).
    #[must_use]
    pub const fn max_backoff(mut self, max_backoff: Duration) -> RetryConfig {
        self.max_backoff = max_backoff;
        self
    }

    /// Sets [`quota`](RetryConfig::quota).
    #[must_use]
    pub const fn quota(mut self, quota: u32) -> RetryConfig {
        self.quota = quota;
        self
    }
}

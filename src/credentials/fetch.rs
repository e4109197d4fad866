//! Requests that sources of credentials make: short ones, tried a few times, and never beyond the
//! time that the caller gave.

use std::cell::Cell;
use std::time::Duration;

use zeroize::Zeroizing;

use super::CredentialsError;
use super::context::{Context, Limits};
use crate::http::{
    FailureKind, Http, HttpFailure, HttpRequest, HttpResponse, HttpSettings, IsAllowed, Method,
};
use crate::retry::{self, Attempts, Failure, Quota, RetryConfig};
pub(super) use crate::system::Deadline;

/// No answer with credentials comes near this.
const MAX_ANSWER_BYTES: u64 = 256 * 1024;

pub(super) type Failed = retry::Failed<CredentialsError>;

/// Makes attempts until one succeeds, no other may follow, or the deadline is too near.
pub(super) fn with_retries<T>(
    deadline: &Deadline<'_>,
    max_attempts: u32,
    mut attempt: impl FnMut() -> Result<T, Failed>,
) -> Result<T, CredentialsError> {
    let config = RetryConfig::standard().max_attempts(max_attempts);
    let quota = Quota::new(&config);
    let mut attempts = Attempts::new("credentials", &config, &quota, *deadline);
    let result = attempts.run(|attempts| {
        attempts.begin();
        attempt()
    });
    result.map_err(|failed| failed.error)
}

/// What one source needs to talk to one service.
pub(super) struct Exchange<'a> {
    http: Http,
    /// What the service is called in errors.
    service: &'static str,
    request_timeout: Duration,
    deadline: Deadline<'a>,
    last_failure: Cell<Option<FailureKind>>,
}

/// A body that may hold secrets.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) date: Option<String>,
}

impl<'a> Exchange<'a> {
    /// Prepares requests to an AWS service, through the proxy if there is one.
    pub(super) fn with_service(
        context: &Context,
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        limits: Limits,
    ) -> Result<Exchange<'a>, CredentialsError> {
        let settings = HttpSettings {
            proxy: Some(&context.settings().proxy),
            ..http_settings(context, limits)
        };
        Exchange::new(deadline, service, url, &settings)
    }

    /// Prepares requests to a metadata endpoint, which never go through a proxy.
    pub(super) fn with_metadata(
        context: &Context,
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        limits: Limits,
        is_allowed: Option<IsAllowed>,
    ) -> Result<Exchange<'a>, CredentialsError> {
        let settings = HttpSettings {
            is_allowed,
            ..http_settings(context, limits)
        };
        Exchange::new(deadline, service, url, &settings)
    }

    fn new(
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        settings: &HttpSettings<'_>,
    ) -> Result<Exchange<'a>, CredentialsError> {
        let http = Http::new(url, settings).map_err(|error| {
            CredentialsError::failed(format!("no connection to {service}: {}", error.0))
        })?;
        Ok(Exchange {
            http,
            service,
            request_timeout: settings.request_timeout,
            deadline,
            last_failure: Cell::new(None),
        })
    }

    pub(super) fn deadline(&self) -> &Deadline<'a> {
        &self.deadline
    }

    /// How the last request broke; `None` where it was answered.
    pub(super) fn last_failure(&self) -> Option<FailureKind> {
        self.last_failure.get()
    }

    /// Sends one request and reads the answer, whatever its status.
    pub(super) fn send(
        &self,
        method: Method,
        url: &str,
        body: &[u8],
        headers: &[(&'static str, &str)],
    ) -> Result<Answer, Failed> {
        self.last_failure.set(None);
        let left = self.deadline.left();
        if left.is_zero() {
            return Err(CredentialsError::timed_out(format!(
                "no time was left to ask {}",
                self.service
            ))
            .into());
        }
        let request = HttpRequest {
            // A refresh token can be used only once.
            is_unrepeatable: method == Method::POST,
            method,
            url,
            body,
            max_body: MAX_ANSWER_BYTES,
            timeout: left.min(self.request_timeout),
        };
        let sent = self.http.send(&request, headers.iter().copied());
        sent.map(Answer::from).map_err(|failure| {
            self.last_failure.set(Some(failure.kind));
            self.failed(&failure)
        })
    }

    fn failed(&self, failure: &HttpFailure) -> Failed {
        let text = format!("{} cannot be asked: {failure}", self.service);
        let error = match failure.kind {
            FailureKind::Timeout => CredentialsError::timed_out(text),
            _ => CredentialsError::failed(text),
        };
        Failed::new(error, failure.is_transient.then_some(Failure::Transient))
    }
}

/// The settings of direct connections.
fn http_settings(context: &Context, limits: Limits) -> HttpSettings<'_> {
    let ca_bundle = context.settings().ca_bundle.as_ref();
    HttpSettings {
        connect_timeout: limits.connect,
        request_timeout: limits.request,
        ca_bundle: ca_bundle.map(|path| path.value.as_path()),
        proxy: None,
        is_allowed: None,
    }
}

impl From<HttpResponse> for Answer {
    fn from(answer: HttpResponse) -> Answer {
        Answer {
            status: answer.status,
            date: answer.header("date").map(str::to_owned),
            body: Zeroizing::new(answer.body),
        }
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use std::time::Instant;

    use super::*;
    use crate::system::System;

    /// A machine whose clock moves only when it sleeps, by a full second then.
    #[derive(Debug, Default)]
    struct Sleeper(AtomicU64);

    static START: OnceLock<Instant> = OnceLock::new();

    impl System for Sleeper {
        fn instant(&self) -> Instant {
            let start = *START.get_or_init(Instant::now);
            start + Duration::from_secs(self.0.load(Ordering::Relaxed))
        }

        fn sleep(&self, _duration: Duration) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn tries(timeout: u64, max_attempts: u32, failure: Option<Failure>) -> (u32, String) {
        let system = Sleeper::default();
        let deadline = Deadline::new(&system, Duration::from_secs(timeout));
        let mut made = 0;
        let result: Result<(), _> = with_retries(&deadline, max_attempts, || {
            made += 1;
            let error = CredentialsError::failed(format!("try {made}"));
            Err(Failed::new(error, failure))
        });
        (made, result.unwrap_err().to_string())
    }

    #[test]
    fn tries_end_with_the_last_error() {
        let transient = Some(Failure::Transient);
        assert_eq!(tries(60, 3, transient), (3, "try 3".to_owned()));
        assert_eq!(tries(60, 1, transient), (1, "try 1".to_owned()));
        assert_eq!(tries(60, 3, None), (1, "try 1".to_owned()));
    }

    #[test]
    fn tries_end_with_the_time_that_was_given() {
        assert_eq!(
            tries(2, 9, Some(Failure::Transient)),
            (3, "try 3".to_owned())
        );
    }

    #[test]
    fn a_success_ends_the_tries() {
        let system = Sleeper::default();
        let deadline = Deadline::new(&system, Duration::from_secs(60));
        let mut made = 0;
        let result = with_retries(&deadline, 3, || {
            made += 1;
            if made == 2 {
                return Ok(made);
            }
            let error = CredentialsError::failed("no");
            Err(Failed::new(error, Some(Failure::Transient)))
        });
        assert_eq!(result.unwrap(), 2);
    }
}

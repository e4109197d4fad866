//! Requests to the services that give credentials: short ones, retried a few times, and never
//! beyond the caller's deadline.

use std::time::Duration;

use zeroize::Zeroizing;

use super::CredentialsError;
use super::context::Context;
use crate::http::{
    FailureKind, Http, HttpFailure, HttpRequest, HttpResponse, HttpSettings, IsAllowed, Method, Url,
};
use crate::retry::{self, Attempts, Failure, Quota, RetryConfig};
use crate::system::Deadline;

/// No response with credentials comes near this.
const MAX_BODY_BYTES: u64 = 256 * 1024;

/// The limits of one request.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    /// For the whole request, including the connection.
    pub(super) request: Duration,
}

pub(super) type Failed = retry::Failed<CredentialsError>;

/// Makes attempts until one succeeds, no other may follow, or the deadline is too near.
pub(super) fn with_retries(
    deadline: &Deadline<'_>,
    max_attempts: u32,
    attempt: &mut dyn FnMut() -> Result<Response, Failed>,
) -> Result<Response, CredentialsError> {
    let config = RetryConfig::standard().max_attempts(max_attempts);
    let quota = Quota::new(&config);
    let mut attempts = Attempts::new("credentials", &config, &quota, *deadline);
    let result = attempts.run(|attempts| {
        attempts.begin();
        attempt()
    });
    result.map_err(|failed| failed.error)
}

/// A connection to one service, with a deadline for all its requests.
pub(super) struct Connection<'a> {
    http: Http,
    /// The service's name in errors.
    service: &'static str,
    request_timeout: Duration,
    deadline: Deadline<'a>,
}

/// The body of a request.
#[derive(Clone, Copy)]
pub(super) struct Body<'a> {
    pub(super) content_type: &'static str,
    pub(super) bytes: &'a [u8],
}

impl Body<'_> {
    pub(super) fn json(bytes: &[u8]) -> Body<'_> {
        Body {
            content_type: "application/json",
            bytes,
        }
    }
}

/// A response, whose body may hold secrets.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) date: Option<String>,
}

/// Why a request got no response.
pub(super) struct SendFailure {
    error: CredentialsError,
    /// `None` if there was no time left to send it.
    http: Option<HttpFailure>,
}

impl<'a> Connection<'a> {
    /// Prepares requests to an AWS service, through the proxy if there is one.
    pub(super) fn to_service(
        context: &Context,
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        limits: Limits,
    ) -> Result<Connection<'a>, CredentialsError> {
        let settings = HttpSettings {
            proxy: Some(&context.settings().proxy),
            ..http_settings(context, limits)
        };
        Connection::new(deadline, service, url, &settings)
    }

    /// Prepares requests to a metadata endpoint, which never go through a proxy.
    pub(super) fn to_metadata(
        context: &Context,
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        limits: Limits,
        is_allowed: Option<IsAllowed>,
    ) -> Result<Connection<'a>, CredentialsError> {
        let settings = HttpSettings {
            is_allowed,
            ..http_settings(context, limits)
        };
        Connection::new(deadline, service, url, &settings)
    }

    fn new(
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        settings: &HttpSettings<'_>,
    ) -> Result<Connection<'a>, CredentialsError> {
        // A CA bundle is read within the request timeout.
        let settings = HttpSettings {
            request_timeout: settings.request_timeout.min(deadline.left()),
            ..*settings
        };
        let http = Http::new(url, &settings).map_err(|error| {
            CredentialsError::failed(format!("cannot connect to {service}: {}", error.0))
        })?;
        Ok(Connection {
            http,
            service,
            request_timeout: settings.request_timeout,
            deadline,
        })
    }

    pub(super) fn deadline(&self) -> &Deadline<'a> {
        &self.deadline
    }

    /// Sends one request and reads the response, whatever its status.
    pub(super) fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<Body<'_>>,
        headers: &[(&'static str, &str)],
    ) -> Result<Response, SendFailure> {
        let service = self.service;
        let left = self.deadline.left();
        if left.is_zero() {
            let text = format!("timed out before requesting {service}");
            return Err(SendFailure {
                error: CredentialsError::timed_out(text),
                http: None,
            });
        }
        let request = HttpRequest {
            // A refresh token can be used only once.
            is_unrepeatable: method == Method::POST,
            method,
            url: &Url::new(url),
            headers,
            content_type: body.map(|body| body.content_type),
            body: body.map_or(&[], |body| body.bytes),
            max_body: MAX_BODY_BYTES,
            timeout: left.min(self.request_timeout),
        };
        let sent = self.http.send(&request);
        sent.map(Response::from).map_err(|failure| {
            let text = format!("request to {service} failed: {failure}");
            SendFailure {
                error: match failure.kind {
                    FailureKind::Timeout => CredentialsError::timed_out(text),
                    _ => CredentialsError::failed(text),
                },
                http: Some(failure),
            }
        })
    }
}

/// The settings of direct connections.
fn http_settings(context: &Context, limits: Limits) -> HttpSettings<'_> {
    HttpSettings {
        connect_timeout: limits.connect,
        request_timeout: limits.request,
        ca_bundle: context.settings().ca_bundle.as_ref(),
        proxy: None,
        user_agent: "",
        is_allowed: None,
    }
}

impl Response {
    pub(super) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }
}

impl From<HttpResponse> for Response {
    fn from(response: HttpResponse) -> Response {
        Response {
            status: response.status,
            date: response.header("date").map(str::to_owned),
            body: Zeroizing::new(response.body),
        }
    }
}

impl SendFailure {
    /// Returns whether nothing was there to respond: no connection, or silence.
    pub(super) fn is_no_response(&self) -> bool {
        self.http.as_ref().is_some_and(|failure| {
            matches!(
                failure.kind,
                FailureKind::Connect | FailureKind::Timeout | FailureKind::Io
            )
        })
    }

    /// Returns the failure as one that must not be retried.
    pub(super) fn permanent(self) -> Failed {
        self.error.into()
    }
}

impl From<SendFailure> for Failed {
    fn from(failure: SendFailure) -> Failed {
        let is_transient = failure.http.is_some_and(|failure| failure.is_transient);
        Failed::new(failure.error, is_transient.then_some(Failure::Transient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::RealSystem;

    #[test]
    fn sends_nothing_once_the_deadline_has_passed() {
        let limits = Limits {
            connect: Duration::from_secs(1),
            request: Duration::from_secs(1),
        };
        let settings = HttpSettings {
            connect_timeout: limits.connect,
            request_timeout: limits.request,
            ca_bundle: None,
            proxy: None,
            user_agent: "",
            is_allowed: None,
        };
        let deadline = Deadline::new(&RealSystem, Duration::ZERO);
        let url = "http://127.0.0.1:1";
        let connection = Connection::new(deadline, "STS", url, &settings).unwrap();
        let failure = connection.send(Method::GET, url, None, &[]).err().unwrap();
        assert!(!failure.is_no_response());
        let failed = Failed::from(failure);
        assert!(failed.error.is_timed_out());
        assert_eq!(failed.error.to_string(), "timed out before requesting STS");
        assert_eq!(failed.failure, None);
    }
}

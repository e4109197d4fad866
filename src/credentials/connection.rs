//! Requests to the services that give credentials: short ones, retried a few times, and never
//! beyond the caller's deadline.

use std::time::Duration;

use zeroize::Zeroizing;

use super::CredentialsError;
use super::context::Context;
use super::document::Document;
use crate::http::{
    FailureKind, Http, HttpRequest, HttpResponse, HttpSettings, IsAllowed, Method, Url,
};
use crate::retry::{self, Attempts, Failure, Quota, RetryConfig};
use crate::system::Deadline;

/// No response with credentials comes near this.
const MAX_BODY_BYTES: u64 = 256 * 1024;

/// The time limits of a request to an AWS service: for connecting, and for all of it.
const SERVICE_LIMITS: [Duration; 2] = [Duration::from_millis(3_100), Duration::from_secs(10)];

/// The header of a body in JSON.
pub(super) const JSON: (&str, &str) = ("content-type", "application/json");

pub(super) type Failed = retry::Failed<CredentialsError>;

/// A connection to one service, with a deadline for all its requests.
pub(super) struct Connection<'a> {
    http: Http,
    /// The service's name in errors.
    service: &'static str,
    request_timeout: Duration,
    deadline: Deadline<'a>,
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
    is_transient: bool,
    /// Whether nothing was there to respond before the deadline: no connection, or silence.
    pub(super) is_no_response: bool,
}

impl<'a> Connection<'a> {
    /// Prepares requests to an AWS service, through the proxy if there is one.
    pub(super) fn to_service(
        context: Context<'a>,
        service: &'static str,
        url: &str,
    ) -> Result<Connection<'a>, CredentialsError> {
        let settings = HttpSettings {
            proxy: Some(&context.shared.settings.proxy),
            ..direct(context, SERVICE_LIMITS)
        };
        Connection::new(context.deadline, service, url, &settings)
    }

    /// Prepares requests to a metadata endpoint, which never go through a proxy.
    pub(super) fn to_metadata(
        context: Context<'a>,
        service: &'static str,
        url: &str,
        limits: [Duration; 2],
        is_allowed: Option<IsAllowed>,
    ) -> Result<Connection<'a>, CredentialsError> {
        let settings = HttpSettings {
            is_allowed,
            ..direct(context, limits)
        };
        Connection::new(context.deadline, service, url, &settings)
    }

    fn new(
        deadline: Deadline<'a>,
        service: &'static str,
        url: &str,
        settings: &HttpSettings<'_>,
    ) -> Result<Connection<'a>, CredentialsError> {
        let http = Http::new(url, settings).map_err(|error| {
            CredentialsError::failed(format!("cannot connect to {service}: {}", error.0))
        })?;
        Ok(Connection {
            http,
            service,
            request_timeout: settings.request_timeout,
            deadline,
        })
    }

    /// Makes attempts until one succeeds, no other may follow, or the deadline is too near.
    pub(super) fn retry(
        &self,
        mut attempt: impl FnMut() -> Result<Response, Failed>,
    ) -> Result<Response, CredentialsError> {
        let config = RetryConfig::standard();
        let quota = Quota::new(&config);
        let mut attempts = Attempts::new("credentials", &config, &quota, self.deadline);
        let result = attempts.run(|attempts| {
            attempts.begin();
            attempt()
        });
        result.map_err(|failed| failed.error)
    }

    /// Sends one request and reads the response, of any status.
    pub(super) fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<Response, SendFailure> {
        let service = self.service;
        let left = self.deadline.left();
        if left.is_zero() {
            let text = format!("timed out before requesting {service}");
            return Err(SendFailure {
                error: CredentialsError::timed_out(text),
                is_transient: false,
                is_no_response: false,
            });
        }
        let request = HttpRequest {
            // A refresh token can be used only once.
            is_unrepeatable: method == Method::POST,
            method,
            url: &Url::new(url),
            headers,
            content_type: None,
            body,
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
                is_transient: failure.is_transient,
                is_no_response: !self.deadline.has_passed()
                    && matches!(
                        failure.kind,
                        FailureKind::Connect | FailureKind::Timeout | FailureKind::Io
                    ),
            }
        })
    }
}

/// Returns the settings of direct connections.
fn direct(context: Context<'_>, [connect, request]: [Duration; 2]) -> HttpSettings<'_> {
    HttpSettings {
        connect_timeout: connect,
        // A CA bundle is read within the request timeout.
        request_timeout: request.min(context.deadline.left()),
        ca_bundle: context.shared.settings.ca_bundle.as_ref(),
        proxy: None,
        user_agent: "",
        is_allowed: None,
    }
}

impl Response {
    pub(super) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// Returns a response that is a success; turns any other into a failure.
    pub(super) fn or_refused(
        self,
        refused: impl FnOnce(&Response) -> Failed,
    ) -> Result<Response, Failed> {
        if self.is_success() {
            Ok(self)
        } else {
            Err(refused(&self))
        }
    }

    /// Describes a response that is not a success: its status, and what its JSON body says in these
    /// members.
    pub(super) fn describe(&self, service: &str, members: &[&str]) -> String {
        let text = format!("{service} responded with HTTP {}", self.status);
        match Document::read(service, &self.body) {
            Ok(body) => body.describe(text, members),
            Err(_) => text,
        }
    }

    /// Returns the failure of a response that is not a success; `code` is the service's own.
    pub(super) fn failed(&self, text: String, code: Option<&str>, is_temporary: bool) -> Failed {
        let failure = Failure::of_response(self.status, code);
        let failure = failure.or(is_temporary.then_some(Failure::Transient));
        Failed::new(CredentialsError::failed(text), failure)
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
    /// Returns the failure as one that must not be retried.
    pub(super) fn permanent(self) -> Failed {
        self.error.into()
    }
}

impl From<SendFailure> for Failed {
    fn from(failure: SendFailure) -> Failed {
        let transient = failure.is_transient.then_some(Failure::Transient);
        Failed::new(failure.error, transient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::RealSystem;

    #[test]
    fn sends_nothing_once_the_deadline_has_passed() {
        let settings = HttpSettings {
            connect_timeout: Duration::from_secs(1),
            request_timeout: Duration::from_secs(1),
            ca_bundle: None,
            proxy: None,
            user_agent: "",
            is_allowed: None,
        };
        let deadline = Deadline::new(&RealSystem, Duration::ZERO);
        let url = "http://127.0.0.1:1";
        let connection = Connection::new(deadline, "STS", url, &settings).unwrap();
        let failure = connection.send(Method::GET, url, &[], &[]).err().unwrap();
        assert!(!failure.is_no_response);
        let failed = Failed::from(failure);
        assert!(failed.error.is_timed_out());
        assert_eq!(failed.error.to_string(), "timed out before requesting STS");
        assert_eq!(failed.failure, None);
    }
}

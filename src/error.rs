//! The error of every call.

mod display;
mod kind;

use std::error::Error as StdError;
use std::time::Duration;

use self::display::{Subject, counted};
pub use self::kind::ErrorKind;
use crate::http::{FailureKind, HttpFailure};
use crate::settings::error::ConfigError;
use crate::wire::error_body::{ErrorBody, not_json};

/// Why a call failed.
///
/// `Display` is one line with the operation (or the export that failed), the code, the message, the
/// request id and the number of attempts. `Debug`, which a `main` prints that returns the error, is
/// the same line with the kind and the client token; `{:#?}` has every field.
/// [`source`](StdError::source) is the underlying error, if there is one.
///
/// Programs match on [`kind`](Error::kind). For a start, check
/// [`is_outcome_unknown`](Error::is_outcome_unknown) first: the kind is that of the last attempt,
/// and an earlier one may have started the export.
///
/// ```no_run
/// use simpledb_export::{Client, ErrorKind, StartDomainExportInput};
///
/// let client = Client::from_env()?;
/// match client.start_domain_export(&StartDomainExportInput::new("Books", "my-export-bucket")) {
///     Ok(started) => println!("{}", started.export_arn),
///     Err(error) if error.is_outcome_unknown() => {
///         println!("call again with the token {}", error.client_token().unwrap_or_default());
///     }
///     Err(error) if error.kind() == ErrorKind::NumberExportsLimitExceeded => {
///         println!("5 exports of this domain within 24 hours: try again tomorrow");
///     }
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), simpledb_export::Error>(())
/// ```
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    subject: Option<Subject>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    status: Option<u16>,
    attempts: u32,
    is_retryable: bool,
    client_token: Option<String>,
    is_outcome_unknown: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            subject: None,
            code: None,
            message: Some(message.into()),
            request_id: None,
            status: None,
            attempts: 0,
            is_retryable: false,
            client_token: None,
            is_outcome_unknown: false,
            source: None,
        }))
    }

    /// An error response of the service.
    pub(crate) fn service(status: u16, request_id: Option<String>, body: ErrorBody) -> Error {
        let kind = body
            .code
            .as_deref()
            .map_or(ErrorKind::Service, ErrorKind::of_code);
        let mut error = Error::new(kind, String::new());
        error.0.code = body.code;
        error.0.message = body.message;
        error.0.status = Some(status);
        error.0.request_id = request_id;
        error
    }

    /// A response of status 2xx that cannot be parsed.
    pub(crate) fn unreadable(
        status: u16,
        request_id: Option<String>,
        body: &[u8],
        source: serde_json::Error,
    ) -> Error {
        let not_json = match body.trim_ascii_start().first() {
            None | Some(b'{' | b'[') => None,
            Some(_) => not_json(body),
        };
        if let Some(message) = not_json {
            return Error::broken_response(status, request_id, message);
        }
        // It may repeat what it could not parse, which may be as long as a response.
        let reason: String = source.to_string().chars().take(200).collect();
        let message = format!("the response could not be parsed: {reason}");
        Error::broken_response(status, request_id, message).with_source(source)
    }

    /// A response of status 2xx that is not one to the request.
    pub(crate) fn broken_response(
        status: u16,
        request_id: Option<String>,
        message: impl Into<String>,
    ) -> Error {
        let mut error = Error::new(ErrorKind::Response, message);
        error.0.status = Some(status);
        error.0.request_id = request_id;
        error
    }

    pub(crate) fn missing_member(member: &str) -> Error {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{member} is required and must not be empty"),
        )
    }

    pub(crate) fn export_failed(
        export_arn: &str,
        code: Option<String>,
        message: Option<String>,
    ) -> Error {
        let message = message.unwrap_or_else(|| "no reason given".to_owned());
        let mut error = Error::new(ErrorKind::ExportFailed, message);
        error.0.code = code;
        error.0.subject = Some(Subject::Export(export_arn.to_owned()));
        error
    }

    pub(crate) fn wait_timeout(
        export_arn: &str,
        timeout: Duration,
        polls: u32,
        status: &str,
    ) -> Error {
        let time = if timeout.is_zero() {
            String::new()
        } else {
            format!(" in {timeout:?}")
        };
        Error::new(
            ErrorKind::WaitTimeout,
            format!(
                "export {export_arn} is still {status} after {}{time}; it keeps running: wait again \
                 with the same ARN",
                counted(polls, "poll")
            ),
        )
    }

    pub(crate) fn wait_cancelled(export_arn: &str, polls: u32, status: &str) -> Error {
        Error::new(
            ErrorKind::WaitCancelled,
            format!(
                "export {export_arn} is {status}; wait cancelled after {}",
                counted(polls, "poll")
            ),
        )
    }

    pub(crate) fn in_operation(mut self, operation: &'static str) -> Error {
        self.0.subject = Some(Subject::Operation(operation));
        self
    }

    pub(crate) fn after_attempts(mut self, attempts: u32) -> Error {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn retryable(mut self, is_retryable: bool) -> Error {
        self.0.is_retryable |= is_retryable;
        self
    }

    pub(crate) fn with_client_token(mut self, client_token: Option<&str>) -> Error {
        self.0.client_token = client_token.map(str::to_owned);
        self
    }

    pub(crate) fn with_outcome_unknown(mut self, is_outcome_unknown: bool) -> Error {
        self.0.is_outcome_unknown = is_outcome_unknown;
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// Returns the kind of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the service's error code, or the failure code of a failed export.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the message: the service's own if the service responded with an error.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the AWS request id of the last attempt; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the HTTP status of the last response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the number of attempts to send a request; 0 if it failed before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns whether the client retries such an error: a broken connection, throttling, an error
    /// inside the service. It has already done so, as often as its
    /// [`RetryConfig`](crate::RetryConfig) and the call's timeout allowed. A call that failed for
    /// another reason, such as a quota, may still succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Returns the client token that a failed StartDomainExport sent. If the
    /// [outcome is unknown](Error::is_outcome_unknown), a call with this token within 8 hours
    /// returns the export that the failed call may have started; one with a new token would start a
    /// second.
    #[must_use]
    pub fn client_token(&self) -> Option<&str> {
        self.0.client_token.as_deref()
    }

    /// Returns whether a failed StartDomainExport may still have started the export: an attempt
    /// timed out, its connection broke, its response could not be parsed, or the service responded
    /// with a status of 5xx. Call again with the same [`client_token`](Error::client_token) to find
    /// out. False if the service refused every attempt or no request was sent: then no export was
    /// started. Always false for operations that only read.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.is_outcome_unknown
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Error {
        let ConfigError { message, source } = error;
        let error = Error::new(ErrorKind::Config, message);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl From<HttpFailure> for Error {
    fn from(failure: HttpFailure) -> Error {
        let kind = match failure.kind {
            FailureKind::Connect => ErrorKind::Connect,
            FailureKind::Tls => ErrorKind::Tls,
            FailureKind::Io => ErrorKind::Io,
            FailureKind::Timeout => ErrorKind::Timeout,
            FailureKind::Response => ErrorKind::Response,
            FailureKind::Request => ErrorKind::Config,
        };
        let error = Error::new(kind, failure.to_string());
        match failure.into_source() {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_html_in_place_of_json() {
        let unreadable = |body: &[u8]| {
            let source = serde_json::from_slice::<serde_json::Value>(body).unwrap_err();
            Error::unreadable(200, None, body, source)
        };
        let page = unreadable(b"<!DOCTYPE html>\n<title>Please sign in</title>");
        assert_eq!(
            page.to_string(),
            "the response is HTML, not JSON (is a proxy or login page in the way?): <!DOCTYPE \
             html> <title>Please sign in</title> (HTTP status 200)"
        );
        assert!(page.source().is_none());
        let cut = unreadable(b"{\"exportArn\":");
        assert_eq!(
            cut.to_string(),
            "the response could not be parsed: EOF while parsing a value at line 1 column 13 (HTTP \
             status 200)"
        );
        assert!(cut.source().is_some());
    }

    #[test]
    fn says_what_to_do() {
        let cases = [
            (
                Error::missing_member("s3Bucket"),
                "s3Bucket is required and must not be empty",
            ),
            (
                Error::export_failed("arn:x", Some("AccessDenied".into()), Some("no".into())),
                "export arn:x FAILED: AccessDenied: no",
            ),
            (
                Error::export_failed("arn:x", None, None),
                "export arn:x FAILED: no reason given",
            ),
            (
                Error::wait_timeout("arn:x", Duration::from_millis(100), 3, "PENDING"),
                "export arn:x is still PENDING after 3 polls in 100ms; it keeps running: wait again \
                 with the same ARN",
            ),
            (
                Error::wait_timeout("arn:x", Duration::ZERO, 1, "IN_PROGRESS"),
                "export arn:x is still IN_PROGRESS after 1 poll; it keeps running: wait again with the \
                 same ARN",
            ),
            (
                Error::wait_cancelled("arn:x", 1, "PENDING"),
                "export arn:x is PENDING; wait cancelled after 1 poll",
            ),
        ];
        for (error, text) in cases {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn is_send_and_sync() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}

//! What can go wrong, and how it is told.

mod display;
mod kind;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::Duration;

use self::display::counted;
pub use self::kind::ErrorKind;
use crate::operation::types::ExportStatus;
use crate::settings::endpoint::EndpointError;
use crate::settings::error::ConfigError;
pub(crate) use crate::wire::error_body::ErrorBody;

/// Why a call failed.
///
/// [`kind`](Error::kind) is for programs, `Display` for people: one line with the operation (or the
/// export that failed), the code, the message, the request id and the number of attempts. `Debug`,
/// which a `main` prints that returns the error, is the same line with the kind and the client
/// token; `{:#?}` has every field. [`source`](StdError::source) is the error of the layer below,
/// where there is one.
///
/// ```no_run
/// use simpledb_export::{Client, ErrorKind, StartDomainExportInput};
///
/// let client = Client::from_env()?;
/// match client.start_domain_export(&StartDomainExportInput::new("Books", "my-export-bucket")) {
///     Ok(started) => println!("{}", started.export_arn),
///     Err(error) if error.kind() == ErrorKind::NumberExportsLimitExceeded => {
///         println!("five exports of this domain within 24 hours: try again tomorrow");
///     }
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), simpledb_export::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// The operation, or the export that failed.
    subject: Option<Cow<'static, str>>,
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

    /// An answer of the service that is no success.
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

    /// An answer that says success and cannot be read.
    pub(crate) fn unreadable(
        status: u16,
        request_id: Option<String>,
        source: serde_json::Error,
    ) -> Error {
        // It may repeat what it could not read, which may be as long as an answer.
        let reason: String = source.to_string().chars().take(200).collect();
        let message = format!("the answer could not be understood: {reason}");
        let mut error = Error::new(ErrorKind::Response, message);
        error.0.status = Some(status);
        error.0.request_id = request_id;
        error.with_source(source)
    }

    pub(crate) fn missing_member(member: &str) -> Error {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{member} is required and must not be empty"),
        )
    }

    pub(crate) fn repeated_token(operation: &'static str) -> Error {
        Error::new(
            ErrorKind::Response,
            "the service gave a nextToken that it had given before; going on would never end",
        )
        .in_operation(operation)
    }

    pub(crate) fn export_failed(
        export_arn: &str,
        code: Option<String>,
        message: Option<String>,
    ) -> Error {
        let message = message.unwrap_or_else(|| "the service gave no reason".to_owned());
        let mut error = Error::new(ErrorKind::ExportFailed, message);
        error.0.code = code;
        error.0.subject = Some(format!("export {export_arn} {}", ExportStatus::Failed).into());
        error
    }

    pub(crate) fn wait_timeout(
        export_arn: &str,
        max_wait: Duration,
        polls: u32,
        status: &ExportStatus,
    ) -> Error {
        let time = if max_wait.is_zero() {
            String::new()
        } else {
            format!(" in {max_wait:?}")
        };
        Error::new(
            ErrorKind::WaitTimeout,
            format!(
                "export {export_arn} is still {status} after {}{time}; it goes on by itself: wait \
                 again with the same ARN",
                counted(polls, "poll")
            ),
        )
    }

    pub(crate) fn wait_cancelled(export_arn: &str, polls: u32, status: &ExportStatus) -> Error {
        Error::new(
            ErrorKind::WaitCancelled,
            format!(
                "export {export_arn} is {status}; the waiting was ended after {}",
                counted(polls, "poll")
            ),
        )
    }

    pub(crate) fn in_operation(mut self, operation: &'static str) -> Error {
        self.0.subject = Some(operation.into());
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

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service's code, or that of a failed export.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The message: the service's own for an error of the service.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The id that the service gave the last request, to be named when asking AWS about it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The HTTP status of the last answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How many requests were sent, or tried to be; 0 where it did not come to that.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether it is one that the client itself retries, which it has done already, as often as its
    /// [`RetryConfig`](crate::RetryConfig) and the time for the call allowed: a broken connection,
    /// throttling, trouble within the service. A call that failed of anything else, such as a quota
    /// that is used up, may still succeed on another day.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// The client token that a failed StartDomainExport sent. Where
    /// [`is_outcome_unknown`](Error::is_outcome_unknown), a call with this token within eight hours
    /// finds the export that the failed call may have started; one with a new token would start a
    /// second.
    #[must_use]
    pub fn client_token(&self) -> Option<&str> {
        self.0.client_token.as_deref()
    }

    /// Whether a StartDomainExport that failed may have started the export all the same: an attempt
    /// ran out of time, or its connection broke, or its answer could not be read or told of trouble
    /// within the service (HTTP status 5xx). What came of it, a call with the same
    /// [`client_token`](Error::client_token) shows. After a refusal of every attempt, and where no
    /// request was sent, no export was started, and this is false; so it is for the operations that
    /// only read.
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
        let (message, source) = error.into_parts();
        let error = Error::new(ErrorKind::Config, message);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Error {
        Error::new(ErrorKind::Config, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(code: Option<&str>, message: Option<&str>) -> ErrorBody {
        ErrorBody {
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
        }
    }

    #[test]
    fn an_error_of_the_service_is_one_line_with_all_that_is_known() {
        let body = body(
            Some("NoSuchDomainException"),
            Some("There is no domain\nBooks."),
        );
        let error = Error::service(400, Some("1f-2e".to_owned()), body)
            .in_operation("StartDomainExport")
            .after_attempts(1);
        assert_eq!(error.kind(), ErrorKind::NoSuchDomainException);
        assert_eq!(
            error.to_string(),
            "StartDomainExport: NoSuchDomainException: There is no domain Books. \
             (HTTP status 400, request id 1f-2e, 1 attempt)"
        );
    }

    #[test]
    fn an_error_of_which_nothing_is_known_still_says_what_it_is() {
        let error = Error::service(502, None, body(None, None))
            .in_operation("GetExport")
            .after_attempts(3);
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.to_string(), "GetExport (HTTP status 502, 3 attempts)");
        assert_eq!(
            Error::service(502, None, body(None, None)).to_string(),
            "the service gave no reason (HTTP status 502)"
        );
    }

    #[test]
    fn debug_is_for_people_too_and_has_everything_where_that_is_asked_for() {
        let error = Error::service(400, Some("1f".to_owned()), body(Some("Odd"), Some("no")))
            .in_operation("GetExport")
            .with_client_token(Some("the-token"));
        assert_eq!(
            format!("{error:?}"),
            "GetExport: Odd: no (Service, HTTP status 400, request id 1f, client token the-token)"
        );
        let error = Error::new(ErrorKind::Config, "no region is set");
        assert_eq!(format!("{error:?}"), "no region is set (Config)");
        let full = format!("{error:#?}");
        assert!(full.starts_with("Error {\n    kind: Config,"), "{full}");
        assert!(full.contains("\n    is_retryable: false,\n"), "{full}");
    }

    #[test]
    fn the_seven_codes_have_kinds_of_their_own() {
        let codes = [
            "ConflictException",
            "InvalidNextTokenException",
            "InvalidParameterCombinationException",
            "InvalidParameterValueException",
            "NoSuchDomainException",
            "NoSuchExportException",
            "NumberExportsLimitExceeded",
        ];
        for code in codes {
            let error = Error::service(400, None, body(Some(code), None));
            assert_eq!(error.kind().to_string(), code);
        }
        let error = Error::service(403, None, body(Some("AccessDeniedException"), None));
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.code(), Some("AccessDeniedException"));
    }

    #[test]
    fn errors_of_the_client_say_what_to_do() {
        let cases = [
            (
                Error::missing_member("s3Bucket"),
                "s3Bucket is required and must not be empty",
            ),
            (
                Error::repeated_token("ListExports"),
                "ListExports: the service gave a nextToken that it had given before; going on \
                 would never end",
            ),
            (
                Error::export_failed("arn:x", Some("AccessDenied".into()), Some("no".into())),
                "export arn:x FAILED: AccessDenied: no",
            ),
            (
                Error::export_failed("arn:x", None, None),
                "export arn:x FAILED: the service gave no reason",
            ),
            (
                Error::wait_timeout(
                    "arn:x",
                    Duration::from_millis(100),
                    3,
                    &ExportStatus::Pending,
                ),
                "export arn:x is still PENDING after 3 polls in 100ms; it goes on by itself: wait \
                 again with the same ARN",
            ),
            (
                Error::wait_timeout("arn:x", Duration::ZERO, 1, &ExportStatus::InProgress),
                "export arn:x is still IN_PROGRESS after 1 poll; it goes on by itself: wait again \
                 with the same ARN",
            ),
            (
                Error::wait_cancelled("arn:x", 1, &ExportStatus::Pending),
                "export arn:x is PENDING; the waiting was ended after 1 poll",
            ),
        ];
        for (error, text) in cases {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}

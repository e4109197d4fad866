//! The kinds of errors.

use std::fmt;

/// The kind of an [`Error`](crate::Error): the service's modeled errors, then the stages of a call.
///
/// `Display` is the name of the kind. The text of each kind ends with what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client token was used with other parameters within the last 8 hours. Repeat those
    /// parameters, or use a new token.
    ConflictException,
    /// The page token is not one that the list returned. Start with the first page again.
    InvalidNextTokenException,
    /// Two parameters cannot be combined. Correct the input as the message says.
    InvalidParameterCombinationException,
    /// A parameter violates one of the service's constraints. Correct the input as the message
    /// says.
    InvalidParameterValueException,
    /// The account has no such domain in the region. Check the name, the region and the account.
    NoSuchDomainException,
    /// The account has no such export in the region, or it is older than three months. Check the
    /// ARN, or export again.
    NoSuchExportException,
    /// A quota is used up: 5 exports per domain, or 25 per account, within 24 hours. Try again when
    /// the oldest of them is 24 hours old. The code may also be `NumberDomainExportsExceeded`.
    NumberExportsLimitExceeded,
    /// The service responded with another error code, or with none: see
    /// [`Error::code`](crate::Error::code) and [`Error::status`](crate::Error::status). Look up the
    /// code, and check permissions first; after a status of 5xx, try again later.
    Service,
    /// A required member of the input is empty; nothing was sent. Fill it in.
    InvalidInput,
    /// A setting is missing or invalid; nothing was sent. Correct the one that the message names.
    Config,
    /// No credentials were found, or a configured source failed; no further request was sent. Set
    /// credentials, or fix the source that the message names.
    Credentials,
    /// The host name could not be resolved, or no connection could be made. Check the network, the
    /// proxy and the endpoint, and try again.
    Connect,
    /// The TLS handshake failed, because of a certificate or a protocol version. Check the
    /// [CA bundle](crate::config::ConfigBuilder::ca_bundle), the proxy and the system clock.
    Tls,
    /// The connection broke before the response was complete, or the OS random number generator
    /// failed. Try again; repeat a start with the same
    /// [`Error::client_token`](crate::Error::client_token).
    Io,
    /// An attempt or the whole call timed out. Try again; repeat a start with the same
    /// [`Error::client_token`](crate::Error::client_token).
    Timeout,
    /// The response could not be parsed, does not belong to the request, or is too long. Check that
    /// the endpoint is the service.
    Response,
    /// The export failed: [`Error::code`](crate::Error::code) and
    /// [`Error::message`](crate::Error::message) are the export's. Remove the cause and start a new
    /// export.
    ExportFailed,
    /// The export did not end within the wait's timeout. Wait again with the same ARN.
    WaitTimeout,
    /// The caller ended the wait. The export keeps running; wait again with the same ARN.
    WaitCancelled,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl ErrorKind {
    /// Returns the kind of a service error's code: the model's names, then those of the guide and
    /// of the older API.
    pub(super) fn of_code(code: &str) -> ErrorKind {
        match code {
            "ConflictException" => ErrorKind::ConflictException,
            "InvalidNextTokenException" | "InvalidNextToken" => {
                ErrorKind::InvalidNextTokenException
            }
            "InvalidParameterCombinationException" => {
                ErrorKind::InvalidParameterCombinationException
            }
            "InvalidParameterValueException" | "InvalidParameterValue" | "MissingParameter" => {
                ErrorKind::InvalidParameterValueException
            }
            "NoSuchDomainException" | "NoSuchDomain" => ErrorKind::NoSuchDomainException,
            "NoSuchExportException" => ErrorKind::NoSuchExportException,
            "NumberExportsLimitExceeded" | "NumberDomainExportsExceeded" => {
                ErrorKind::NumberExportsLimitExceeded
            }
            _ => ErrorKind::Service,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::wire::error_body::ErrorBody;

    fn of(status: u16, code: &str) -> Error {
        let body = ErrorBody {
            code: Some(code.to_owned()),
            message: None,
        };
        Error::service(status, None, body)
    }

    #[test]
    fn knows_the_codes_of_the_guide_too() {
        for (code, kind) in [
            (
                "NumberDomainExportsExceeded",
                ErrorKind::NumberExportsLimitExceeded,
            ),
            ("NoSuchDomain", ErrorKind::NoSuchDomainException),
            (
                "InvalidParameterValue",
                ErrorKind::InvalidParameterValueException,
            ),
            (
                "MissingParameter",
                ErrorKind::InvalidParameterValueException,
            ),
            ("InvalidNextToken", ErrorKind::InvalidNextTokenException),
        ] {
            assert_eq!(of(400, code).kind(), kind);
        }
        for status in [400, 409] {
            let error = of(status, "ConflictException");
            assert_eq!(error.kind(), ErrorKind::ConflictException);
        }
    }

    #[test]
    fn gives_modeled_codes_their_own_kinds() {
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
            let error = of(400, code);
            assert_eq!(error.kind().to_string(), code);
        }
        let error = of(403, "AccessDeniedException");
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.code(), Some("AccessDeniedException"));
    }
}

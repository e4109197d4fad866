//! What an error is, for programs.

use std::fmt;

/// The kinds of [`Error`](crate::Error): the seven that the service names, then the stages of a
/// call. `Display` is the name of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client token was used with other parameters within the last eight hours. Repeat those
    /// parameters, or take a new token.
    ConflictException,
    /// The token to go on with is not one that ListExports gave. Begin with the first page again.
    InvalidNextTokenException,
    /// Two parameters that do not go together. Correct the input as the message says.
    InvalidParameterCombinationException,
    /// A parameter that breaks one of the service's constraints. Correct the input as the message
    /// says.
    InvalidParameterValueException,
    /// The account has no such domain in the region. Check the name, the region and the account.
    NoSuchDomainException,
    /// The account has no such export in the region, or it is older than three months. Check the
    /// ARN, or export again.
    NoSuchExportException,
    /// Five exports of the domain, or twenty-five of the account, within 24 hours. Try again when
    /// the oldest of them is 24 hours old.
    NumberExportsLimitExceeded,
    /// The service refused with another code, or with none:
    /// [`Error::code`](crate::Error::code), [`Error::status`](crate::Error::status).
    /// Look the code up, permissions first; after a status of 5xx try again later.
    Service,
    /// A required member of the input is empty. Nothing was sent. Fill it in.
    InvalidInput,
    /// A setting is missing or wrong. Nothing was sent. Correct the one that the message names.
    Config,
    /// No credentials were found, or a source of them is broken; no further request was sent. Set
    /// credentials, or repair the source that the message names.
    Credentials,
    /// The name could not be resolved, or no connection could be made. Check the network, the proxy
    /// and the endpoint, and try again.
    Connect,
    /// TLS could not be established: a certificate, a protocol version. Check
    /// [`Config::ca_bundle`](crate::config::ConfigBuilder::ca_bundle), the proxy and the machine's clock.
    Tls,
    /// The connection broke before the answer was complete. Try again; a start, with the same
    /// [`Error::client_token`](crate::Error::client_token).
    Io,
    /// An attempt or the whole call ran out of time. Try again; a start, with the same
    /// [`Error::client_token`](crate::Error::client_token).
    Timeout,
    /// The answer could not be understood, or was larger than any answer may be. Check that the
    /// endpoint is the service.
    Response,
    /// The export that was waited for failed: its code and message are this error's. Remove the
    /// cause, and start a new export.
    ExportFailed,
    /// The export that was waited for had not ended when the time to wait was over. Wait again with
    /// the same ARN.
    WaitTimeout,
    /// The caller ended the waiting. The export goes on; wait again with the same ARN.
    WaitCancelled,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl ErrorKind {
    /// The kind of a service error's code.
    pub(super) fn of_code(code: &str) -> ErrorKind {
        match code {
            "ConflictException" => ErrorKind::ConflictException,
            "InvalidNextTokenException" => ErrorKind::InvalidNextTokenException,
            "InvalidParameterCombinationException" => {
                ErrorKind::InvalidParameterCombinationException
            }
            "InvalidParameterValueException" => ErrorKind::InvalidParameterValueException,
            "NoSuchDomainException" => ErrorKind::NoSuchDomainException,
            "NoSuchExportException" => ErrorKind::NoSuchExportException,
            "NumberExportsLimitExceeded" => ErrorKind::NumberExportsLimitExceeded,
            _ => ErrorKind::Service,
        }
    }
}

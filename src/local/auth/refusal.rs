//! Why a request's signature is refused, and each API's code for it.

use std::fmt;

use time::OffsetDateTime;

use crate::local::api::Api;
use crate::local::error::ServiceError;
use crate::wire::timestamp::rfc3339;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no signature: what is missing.
    Missing(&'static str),
    /// The signature is malformed, or does not cover what it must.
    Incomplete(String),
    /// The service does not accept this access key ID.
    UnknownKey(String),
    /// The session token is not the key's.
    WrongToken,
    /// The credential scope names another service.
    WrongService { expected: &'static str, got: String },
    /// The credential scope names another region.
    WrongRegion { expected: String, got: String },
    /// Too far from the service's time.
    Skewed { sent: String, now: OffsetDateTime },
    /// The body is not the one that was signed.
    WrongContentHash,
    /// Signed with another secret key, or changed since.
    WrongSignature,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing(what) => write!(f, "the request is not signed: it has no {what}"),
            Refusal::Incomplete(what) => write!(f, "the signature is incomplete: {what}"),
            Refusal::UnknownKey(id) => write!(f, "unknown access key ID {id:?}"),
            Refusal::WrongToken => {
                f.write_str("the session token does not belong to the access key ID")
            }
            Refusal::WrongService { expected, got } => write!(
                f,
                "the request is signed for service {got:?}; expected {expected:?}"
            ),
            Refusal::WrongRegion { expected, got } => write!(
                f,
                "the request is signed for region {got:?}; expected {expected:?}"
            ),
            Refusal::Skewed { sent, now } => write!(
                f,
                "the request was signed at {sent}, more than 15 minutes from this service's time, {}; \
                 set the clock",
                rfc3339(*now)
            ),
            Refusal::WrongContentHash => {
                f.write_str("x-amz-content-sha256 is not the SHA-256 of the body")
            }
            Refusal::WrongSignature => f.write_str(
                "the signature does not match the request; check the secret access key, and that no \
                 proxy changes the request",
            ),
        }
    }
}

impl Refusal {
    /// Returns the error that an API reports it with.
    pub(crate) fn into_error(self, api: Api) -> ServiceError {
        let (exports, domains, s3) = match &self {
            Refusal::Missing(_) => (
                (403, "MissingAuthenticationTokenException"),
                (403, "AuthMissingFailure"),
                (403, "AccessDenied"),
            ),
            Refusal::Incomplete(_) => (
                (400, "IncompleteSignatureException"),
                (403, "SignatureDoesNotMatch"),
                (400, "AuthorizationHeaderMalformed"),
            ),
            Refusal::UnknownKey(_) => (
                (403, "UnrecognizedClientException"),
                (403, "AuthFailure"),
                (403, "InvalidAccessKeyId"),
            ),
            Refusal::WrongToken => (
                (403, "UnrecognizedClientException"),
                (403, "AuthFailure"),
                (400, "InvalidToken"),
            ),
            Refusal::WrongService { .. } | Refusal::WrongRegion { .. } => (
                (403, "InvalidSignatureException"),
                (403, "SignatureDoesNotMatch"),
                (400, "AuthorizationHeaderMalformed"),
            ),
            // The codes that make clients check their clock.
            Refusal::Skewed { .. } => (
                (403, "InvalidSignatureException"),
                (400, "RequestExpired"),
                (403, "RequestTimeTooSkewed"),
            ),
            Refusal::WrongContentHash => (
                (403, "InvalidSignatureException"),
                (403, "SignatureDoesNotMatch"),
                (400, "XAmzContentSHA256Mismatch"),
            ),
            Refusal::WrongSignature => (
                (403, "InvalidSignatureException"),
                (403, "SignatureDoesNotMatch"),
                (403, "SignatureDoesNotMatch"),
            ),
        };
        let (status, code) = match api {
            Api::Exports => exports,
            Api::Domains => domains,
            Api::S3 => s3,
        };
        let mut error = ServiceError::new(status, code, self.to_string());
        if let Refusal::WrongRegion { expected, .. } = self {
            error.region = Some(expected);
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn the_apis_have_their_own_codes() {
        let (expected, got) = ("us-east-1".to_owned(), "eu-west-1".to_owned());
        let table = [
            (
                Refusal::Missing(""),
                [
                    (403, "MissingAuthenticationTokenException"),
                    (403, "AuthMissingFailure"),
                    (403, "AccessDenied"),
                ],
            ),
            (
                Refusal::Incomplete(String::new()),
                [
                    (400, "IncompleteSignatureException"),
                    (403, "SignatureDoesNotMatch"),
                    (400, "AuthorizationHeaderMalformed"),
                ],
            ),
            (
                Refusal::UnknownKey(String::new()),
                [
                    (403, "UnrecognizedClientException"),
                    (403, "AuthFailure"),
                    (403, "InvalidAccessKeyId"),
                ],
            ),
            (
                Refusal::WrongToken,
                [
                    (403, "UnrecognizedClientException"),
                    (403, "AuthFailure"),
                    (400, "InvalidToken"),
                ],
            ),
            (
                Refusal::WrongService {
                    expected: "sdb",
                    got: "s3".to_owned(),
                },
                [
                    (403, "InvalidSignatureException"),
                    (403, "SignatureDoesNotMatch"),
                    (400, "AuthorizationHeaderMalformed"),
                ],
            ),
            (
                Refusal::WrongRegion { expected, got },
                [
                    (403, "InvalidSignatureException"),
                    (403, "SignatureDoesNotMatch"),
                    (400, "AuthorizationHeaderMalformed"),
                ],
            ),
            (
                Refusal::Skewed {
                    sent: String::new(),
                    now: OffsetDateTime::UNIX_EPOCH,
                },
                [
                    (403, "InvalidSignatureException"),
                    (400, "RequestExpired"),
                    (403, "RequestTimeTooSkewed"),
                ],
            ),
            (
                Refusal::WrongContentHash,
                [
                    (403, "InvalidSignatureException"),
                    (403, "SignatureDoesNotMatch"),
                    (400, "XAmzContentSHA256Mismatch"),
                ],
            ),
            (
                Refusal::WrongSignature,
                [
                    (403, "InvalidSignatureException"),
                    (403, "SignatureDoesNotMatch"),
                    (403, "SignatureDoesNotMatch"),
                ],
            ),
        ];
        for (refusal, codes) in table {
            let apis = [Api::Exports, Api::Domains, Api::S3];
            let errors = apis.map(|api| refusal.clone().into_error(api));
            assert_eq!(errors.map(|error| (error.status, error.code)), codes);
        }
    }

    #[test]
    fn only_another_region_comes_with_the_right_one() {
        let wrong_region = Refusal::WrongRegion {
            expected: "us-east-1".to_owned(),
            got: "eu-west-1".to_owned(),
        };
        let region = |refusal: Refusal| refusal.into_error(Api::S3).region;
        assert_eq!(region(wrong_region).as_deref(), Some("us-east-1"));
        assert_eq!(region(Refusal::WrongSignature), None);
    }
}

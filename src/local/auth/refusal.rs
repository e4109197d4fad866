//! Why a request's signature is refused, and each service's code for it.

use std::fmt;

use time::OffsetDateTime;

use crate::local::s3_error::S3Error;
use crate::local::simpledb_error::SimpleDbError;
use crate::wire::timestamp::rfc3339;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The headers have no signature.
    Missing,
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
            Refusal::Missing => f.write_str("the request is not signed: it has no Authorization header"),
            Refusal::Incomplete(what) => write!(f, "the signature is incomplete: {what}"),
            Refusal::UnknownKey(id) => {
                write!(f, "unknown access key ID {id:?}")
            }
            Refusal::WrongToken => {
                f.write_str("the session token does not belong to the access key ID")
            }
            Refusal::WrongService { expected, got } => write!(
                f,
                "the request is signed for service {got:?}; expected {expected:?}"
            ),
            Refusal::WrongRegion { expected, got } => {
                write!(
                    f,
                    "the request is signed for region {got:?}; expected {expected:?}"
                )
            }
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

impl From<Refusal> for SimpleDbError {
    fn from(refusal: Refusal) -> SimpleDbError {
        let (status, code) = match &refusal {
            Refusal::Missing => (403, "MissingAuthenticationTokenException"),
            Refusal::Incomplete(_) => (400, "IncompleteSignatureException"),
            Refusal::UnknownKey(_) | Refusal::WrongToken => (403, "UnrecognizedClientException"),
            // The code that makes clients check their clock.
            Refusal::Skewed { .. }
            | Refusal::WrongService { .. }
            | Refusal::WrongRegion { .. }
            | Refusal::WrongContentHash
            | Refusal::WrongSignature => (403, "InvalidSignatureException"),
        };
        SimpleDbError::new(status, code, refusal.to_string())
    }
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> S3Error {
        let (status, code) = match &refusal {
            Refusal::Missing => (403, "AccessDenied"),
            Refusal::Incomplete(_) | Refusal::WrongService { .. } | Refusal::WrongRegion { .. } => {
                (400, "AuthorizationHeaderMalformed")
            }
            Refusal::UnknownKey(_) => (403, "InvalidAccessKeyId"),
            Refusal::WrongToken => (400, "InvalidToken"),
            Refusal::Skewed { .. } => (403, "RequestTimeTooSkewed"),
            Refusal::WrongContentHash => (400, "XAmzContentSHA256Mismatch"),
            Refusal::WrongSignature => (403, "SignatureDoesNotMatch"),
        };
        let error = S3Error::new(status, code, refusal.to_string());
        match refusal {
            Refusal::WrongRegion { expected, .. } => error.with_region(expected),
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn each_service_has_its_own_codes() {
        let table = [
            (
                Refusal::Missing,
                403,
                "MissingAuthenticationTokenException",
                403,
                "AccessDenied",
            ),
            (
                Refusal::Incomplete(String::new()),
                400,
                "IncompleteSignatureException",
                400,
                "AuthorizationHeaderMalformed",
            ),
            (
                Refusal::UnknownKey(String::new()),
                403,
                "UnrecognizedClientException",
                403,
                "InvalidAccessKeyId",
            ),
            (
                Refusal::WrongToken,
                403,
                "UnrecognizedClientException",
                400,
                "InvalidToken",
            ),
            (
                Refusal::WrongService {
                    expected: "sdb",
                    got: "s3".to_owned(),
                },
                403,
                "InvalidSignatureException",
                400,
                "AuthorizationHeaderMalformed",
            ),
            (
                Refusal::WrongRegion {
                    expected: "us-east-1".to_owned(),
                    got: "eu-west-1".to_owned(),
                },
                403,
                "InvalidSignatureException",
                400,
                "AuthorizationHeaderMalformed",
            ),
            (
                Refusal::Skewed {
                    sent: String::new(),
                    now: OffsetDateTime::UNIX_EPOCH,
                },
                403,
                "InvalidSignatureException",
                403,
                "RequestTimeTooSkewed",
            ),
            (
                Refusal::WrongContentHash,
                403,
                "InvalidSignatureException",
                400,
                "XAmzContentSHA256Mismatch",
            ),
            (
                Refusal::WrongSignature,
                403,
                "InvalidSignatureException",
                403,
                "SignatureDoesNotMatch",
            ),
        ];
        for (refusal, status, code, s3_status, s3_code) in table {
            let error = SimpleDbError::from(refusal.clone());
            assert_eq!((error.status, error.code), (status, code));
            let error = S3Error::from(refusal);
            assert_eq!((error.status, error.code), (s3_status, s3_code));
        }
    }
}

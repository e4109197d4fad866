//! How each service words a refusal of the signature.

use super::auth::Refusal;
use super::fault::Fault;
use super::s3_error::S3Error;

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        let (status, code) = match &refusal {
            Refusal::Missing => (403, "MissingAuthenticationTokenException"),
            Refusal::Incomplete(_) => (400, "IncompleteSignatureException"),
            Refusal::UnknownKey(_) | Refusal::WrongToken => (403, "UnrecognizedClientException"),
            // The code by which clients notice that their clock is wrong.
            Refusal::Skewed { .. }
            | Refusal::WrongService { .. }
            | Refusal::WrongRegion { .. }
            | Refusal::WrongContentHash
            | Refusal::WrongSignature => (403, "InvalidSignatureException"),
        };
        Fault::new(status, code, refusal.to_string())
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
    fn each_service_has_its_own_names() {
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
            let fault = Fault::from(refusal.clone());
            assert_eq!((fault.status, fault.code), (status, code));
            let error = S3Error::from(refusal);
            assert_eq!((error.status, error.code), (s3_status, s3_code));
        }
    }
}

//! S3's refusals, and what to do about them.

use std::path::Path;

use time::Duration;

use crate::clock_skew;
use crate::data::error::{Error, ErrorKind};
use crate::error::{Error as RequestError, ErrorKind as RequestErrorKind};
use crate::http::HttpStream;
use crate::retry::{Failed, Failure};
use crate::wire::error_body::ErrorBody;
use crate::wire::xml;

/// A refusal as S3's XML describes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Option<String>,
    message: Option<String>,
    pub(crate) region: Option<String>,
    request_id: Option<String>,
}

impl Refusal {
    /// Reads a refusal; a body that is not S3's XML yields an empty one.
    pub(crate) fn read(body: &[u8]) -> Refusal {
        const PATHS: [&str; 5] = ["Code", "Message", "Region", "BucketRegion", "RequestId"];
        let texts = xml::texts(body, PATHS).unwrap_or_default();
        let texts = texts.map(|text| text.map(|text| text.as_str().to_owned()));
        let [code, message, region, bucket_region, request_id] = texts;
        Refusal {
            code,
            message,
            region: region.or(bucket_region),
            request_id,
        }
    }

    /// Returns the failure that it is, as the reply to a request that was signed for a time that is
    /// `off_by` wrong.
    pub(crate) fn into_failed(
        self,
        status: u16,
        response: &HttpStream,
        off_by: Option<Duration>,
    ) -> Failed<RequestError> {
        let code = self.code.as_deref();
        let is_skewed = clock_skew::explains(code, off_by);
        Failed {
            failure: Failure::of_response(status, code).or(is_skewed.then_some(Failure::Transient)),
            retry_after: response.header("x-amz-retry-after").map(str::to_owned),
            error: self.into_error(status, response.header("x-amz-request-id")),
        }
    }

    fn into_error(self, status: u16, request_id: Option<&str>) -> RequestError {
        let request_id = request_id.map(str::to_owned).or(self.request_id);
        let body = ErrorBody {
            code: self.code,
            message: self.message,
        };
        RequestError::service(status, request_id, body)
    }
}

/// What is done with an object.
struct Task {
    kind: ErrorKind,
    done: &'static str,
    again: &'static str,
    permissions: &'static str,
}

const DOWNLOAD: Task = Task {
    kind: ErrorKind::Fetch,
    done: "downloaded",
    again: "download again to resume",
    permissions: "allow s3:GetObject on it, and kms:Decrypt if it is encrypted with a KMS key",
};

const UPLOAD: Task = Task {
    kind: ErrorKind::Upload,
    done: "uploaded",
    again: "upload again",
    permissions: "allow s3:PutObject on it, and kms:GenerateDataKey and kms:Decrypt if the bucket \
                  encrypts with a KMS key",
};

/// Returns the error for an object that could not be fetched: what happened, then what to do.
pub(crate) fn not_fetched(object: &Path, owner: Option<&str>, error: RequestError) -> Error {
    let advice = match (error.status(), error.code()) {
        (_, Some("InvalidObjectState")) => {
            "restore it from its archive storage class first (aws s3api restore-object)"
        }
        (_, Some(code)) if code.starts_with("KMS.") => {
            "enable the KMS key that it is encrypted with, or start a new export"
        }
        (Some(400), Some("InvalidRequest")) if is_about_encryption(&error) => {
            "it is encrypted with a customer-provided key (SSE-C), which no export is: start a new \
             export"
        }
        (_, Some("NoSuchBucket")) => "the bucket was deleted, or the endpoint is wrong",
        (Some(404), _) => "it is no longer in the bucket; start a new export",
        _ => return DOWNLOAD.failed(object, &DOWNLOAD.advice(&error, owner), error),
    };
    DOWNLOAD.failed(object, advice, error)
}

/// Returns the error for an object that could not be uploaded: what happened, then what to do.
pub(crate) fn not_uploaded(object: &Path, owner: Option<&str>, error: RequestError) -> Error {
    let advice = match (error.status(), error.code()) {
        (_, Some(code)) if code.starts_with("KMS.") => {
            "enable the KMS key that the bucket encrypts with"
        }
        (_, Some("NoSuchBucket")) => "create the bucket, or correct its name or the endpoint",
        (_, Some("NoSuchUpload")) => {
            "another upload to the same key has ended this one: upload again once there is only one"
        }
        (Some(412), _) | (_, Some("ConditionalRequestConflict")) => {
            "another process wrote the object during this upload; upload again to replace it"
        }
        _ => return UPLOAD.failed(object, &UPLOAD.advice(&error, owner), error),
    };
    UPLOAD.failed(object, advice, error)
}

impl Task {
    fn failed(&self, object: &Path, advice: &str, error: RequestError) -> Error {
        Error::new(self.kind, format!("{error}; {advice}"))
            .caused_by(error)
            .in_file(object)
    }

    /// Returns what to do about an error that means the same for every task; `owner` is the account that
    /// must own the bucket.
    fn advice(&self, error: &RequestError, owner: Option<&str>) -> String {
        let again = self.again;
        match (error.kind(), error.status(), error.code()) {
            (RequestErrorKind::Credentials | RequestErrorKind::Config, ..) => {
                format!("nothing was {}", self.done)
            }
            (.., Some("InvalidAccessKeyId" | "SignatureDoesNotMatch")) => {
                "check the credentials".to_owned()
            }
            (.., Some("ExpiredToken" | "InvalidToken")) => {
                format!("obtain new credentials and {again}")
            }
            (.., Some("RequestTimeTooSkewed")) => "correct the system clock".to_owned(),
            (_, Some(403), _) => match owner {
                Some(owner) => format!(
                    "{}, and check that account {owner} owns the bucket",
                    self.permissions
                ),
                None => self.permissions.to_owned(),
            },
            (_, Some(301 | 307), _)
            | (_, Some(400), None | Some("AuthorizationHeaderMalformed")) => {
                "set the bucket's region".to_owned()
            }
            (_, Some(400..=499), _) => format!("fix this and {again}"),
            _ => again.to_owned(),
        }
    }
}

/// Returns whether S3 requires the key of an object that is encrypted with a customer's.
fn is_about_encryption(error: &RequestError) -> bool {
    error
        .message()
        .is_some_and(|message| message.contains("Server Side Encryption"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied\
        </Code><Message>no &amp; no</Message><Region>eu-west-1</Region><RequestId>r</RequestId>\
        <HostId>h</HostId></Error>";

    #[test]
    fn reads_xml_and_ignores_anything_else() {
        let refusal = Refusal::read(XML);
        assert_eq!(refusal.region.as_deref(), Some("eu-west-1"));
        let error = refusal.into_error(403, None);
        assert_eq!(
            error.to_string(),
            "AccessDenied: no & no (HTTP status 403, request id r)"
        );
        let other = b"<Error><BucketRegion>eu-west-1</BucketRegion></Error>";
        assert_eq!(Refusal::read(other).region.as_deref(), Some("eu-west-1"));
        for body in [&b""[..], b"<html>", b"\xff", b"{}"] {
            assert_eq!(Refusal::read(body), Refusal::default());
        }
    }

    fn message(status: u16, code: Option<&str>, owner: Option<&str>) -> String {
        let refusal = Refusal {
            code: code.map(str::to_owned),
            ..Refusal::default()
        };
        not_fetched(
            Path::new("s3://b/k"),
            owner,
            refusal.into_error(status, Some("r")),
        )
        .to_string()
    }

    #[test]
    fn says_what_to_do_about_every_refusal() {
        let denied = Some("AccessDenied");
        assert_eq!(
            message(403, denied, None),
            "s3://b/k: AccessDenied (HTTP status 403, request id r); allow s3:GetObject on it, \
             and kms:Decrypt if it is encrypted with a KMS key"
        );
        let with_owner = message(403, denied, Some("111122223333"));
        assert!(with_owner.ends_with(", and check that account 111122223333 owns the bucket"));
        for (status, code, ending) in [
            (403, "SignatureDoesNotMatch", "check the credentials"),
            (
                400,
                "ExpiredToken",
                "obtain new credentials and download again to resume",
            ),
            (403, "RequestTimeTooSkewed", "correct the system clock"),
            (
                404,
                "NoSuchBucket",
                "the bucket was deleted, or the endpoint is wrong",
            ),
            (
                404,
                "NoSuchKey",
                "it is no longer in the bucket; start a new export",
            ),
            (301, "PermanentRedirect", "set the bucket's region"),
            (
                400,
                "AuthorizationHeaderMalformed",
                "set the bucket's region",
            ),
            (
                403,
                "InvalidObjectState",
                "restore it from its archive storage class first (aws s3api restore-object)",
            ),
            (
                400,
                "KMS.DisabledException",
                "enable the KMS key that it is encrypted with, or start a new export",
            ),
            (
                400,
                "InvalidRequest",
                "fix this and download again to resume",
            ),
            (503, "SlowDown", "download again to resume"),
        ] {
            let message = message(status, Some(code), None);
            assert!(message.ends_with(&format!("; {ending}")), "{message}");
        }
    }

    #[test]
    fn says_what_to_do_about_every_refused_upload() {
        let message = |status, code: &str, owner| {
            let refusal = Refusal {
                code: Some(code.to_owned()),
                ..Refusal::default()
            };
            let error = refusal.into_error(status, None);
            not_uploaded(Path::new("s3://b/k"), owner, error).to_string()
        };
        assert_eq!(
            message(403, "AccessDenied", Some("111122223333")),
            "s3://b/k: AccessDenied (HTTP status 403); allow s3:PutObject on it, and \
             kms:GenerateDataKey and kms:Decrypt if the bucket encrypts with a KMS key, and check \
             that account 111122223333 owns the bucket"
        );
        for (status, code, ending) in [
            (403, "SignatureDoesNotMatch", "check the credentials"),
            (
                400,
                "ExpiredToken",
                "obtain new credentials and upload again",
            ),
            (
                404,
                "NoSuchBucket",
                "create the bucket, or correct its name or the endpoint",
            ),
            (
                404,
                "NoSuchUpload",
                "another upload to the same key has ended this one: upload again once there is only \
                 one",
            ),
            (
                412,
                "PreconditionFailed",
                "another process wrote the object during this upload; upload again to replace it",
            ),
            (301, "PermanentRedirect", "set the bucket's region"),
            (400, "EntityTooLarge", "fix this and upload again"),
            (503, "SlowDown", "upload again"),
        ] {
            let message = message(status, code, None);
            assert!(message.ends_with(&format!("; {ending}")), "{message}");
        }
    }

    #[test]
    fn gives_its_advice_after_a_long_message_too() {
        let role = "assumed-role/a-role-with-a-name-that-is-long/and-a-session-that-is-no-shorter";
        let refusal = Refusal {
            code: Some("AccessDenied".to_owned()),
            message: Some(format!(
                "User: arn:aws:sts::111122223333:{role} is not authorized to perform: s3:GetObject \
                 on resource: \"arn:aws:s3:::my-export-bucket/exports/AWSSimpleDB/0e1e2f9a/Books/\
                 data/0e1e2f9a.json\" because no identity-based policy allows the s3:GetObject action"
            )),
            ..Refusal::default()
        };
        let error = refusal.into_error(403, None);
        let message = not_fetched(Path::new("s3://b/k"), None, error).to_string();
        let ending = "kms:Decrypt if it is encrypted with a KMS key";
        assert!(message.ends_with(ending), "{message}");
    }

    #[test]
    fn explains_an_object_with_a_customer_provided_key() {
        let refusal = Refusal {
            code: Some("InvalidRequest".to_owned()),
            message: Some("stored using a form of Server Side Encryption.".to_owned()),
            ..Refusal::default()
        };
        let error = refusal.into_error(400, None);
        assert_eq!(
            not_fetched(Path::new("s3://b/k"), None, error).to_string(),
            "s3://b/k: InvalidRequest: stored using a form of Server Side Encryption. (HTTP status \
             400); it is encrypted with a customer-provided key (SSE-C), which no export is: start \
             a new export"
        );
    }
}

//! Reading S3's refusals, and saying what to do about them.

use std::path::Path;

use crate::data::error::{DataError, DataErrorKind};
use crate::error::{Error, ErrorBody, ErrorKind};
use crate::wire::xml;

/// What S3's XML says of a refusal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Option<String>,
    message: Option<String>,
    region: Option<String>,
    request_id: Option<String>,
}

impl Refusal {
    /// Reads what there is; anything but S3's XML says nothing.
    pub(super) fn read(body: &[u8]) -> Refusal {
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

    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    pub(super) fn into_error(self, status: u16, request_id: Option<&str>) -> Error {
        let request_id = request_id.map(str::to_owned).or(self.request_id);
        let body = ErrorBody {
            code: self.code,
            message: self.message,
        };
        Error::service(status, request_id, body)
    }
}

/// The error for an object that could not be fetched: what happened, then what to do.
pub(super) fn not_fetched(
    bucket: &str,
    key: &str,
    expected_owner: Option<&str>,
    error: Error,
) -> DataError {
    let advice = advice(&error, expected_owner);
    DataError::new(DataErrorKind::Fetch, format!("{error}; {advice}"))
        .caused_by(error)
        .in_file(Path::new(&format!("s3://{bucket}/{key}")))
}

fn advice(error: &Error, expected_owner: Option<&str>) -> String {
    let fixed = match (error.kind(), error.status(), error.code()) {
        (ErrorKind::Credentials | ErrorKind::Config, ..) => "nothing was fetched",
        (_, _, Some("InvalidAccessKeyId" | "SignatureDoesNotMatch")) => {
            "check the credentials: S3 does not know them"
        }
        (_, _, Some("ExpiredToken" | "InvalidToken")) => {
            "get new credentials and download it again"
        }
        (_, _, Some("RequestTimeTooSkewed")) => "set the machine's clock right",
        (_, Some(403), _) => match expected_owner {
            Some(owner) => {
                return format!(
                    "allow s3:GetObject on it, and kms:Decrypt if it is encrypted with a key; \
                     and see that the account {owner} owns the bucket"
                );
            }
            None => "allow s3:GetObject on it, and kms:Decrypt if it is encrypted with a key",
        },
        (_, _, Some("NoSuchBucket")) => "the bucket has been deleted, or the endpoint is wrong",
        (_, Some(404), _) => "it is no longer in the bucket: start a new export",
        (_, Some(301 | 307 | 400), _) => "set the bucket's region",
        _ => "download it again: what is here is kept",
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied\
        </Code><Message>no &amp; no</Message><Region>eu-west-1</Region><RequestId>r</RequestId>\
        <HostId>h</HostId></Error>";

    #[test]
    fn xml_is_read_and_anything_else_says_nothing() {
        let refusal = Refusal::read(XML);
        assert_eq!(refusal.region(), Some("eu-west-1"));
        let error = refusal.into_error(403, None);
        assert_eq!(
            error.to_string(),
            "AccessDenied: no & no (HTTP status 403, request id r)"
        );
        let other = b"<Error><BucketRegion>eu-west-1</BucketRegion></Error>";
        assert_eq!(Refusal::read(other).region(), Some("eu-west-1"));
        for body in [&b""[..], b"<html>", b"\xff", b"{}"] {
            assert_eq!(Refusal::read(body), Refusal::default());
        }
    }

    fn told(status: u16, code: Option<&str>, owner: Option<&str>) -> String {
        let refusal = Refusal {
            code: code.map(str::to_owned),
            ..Refusal::default()
        };
        not_fetched("b", "k", owner, refusal.into_error(status, Some("r"))).to_string()
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let denied = Some("AccessDenied");
        assert_eq!(
            told(403, denied, None),
            "s3://b/k: AccessDenied (HTTP status 403, request id r); allow s3:GetObject on it, \
             and kms:Decrypt if it is encrypted with a key"
        );
        let told_owner = told(403, denied, Some("111122223333"));
        assert!(told_owner.ends_with("; and see that the account 111122223333 owns the bucket"));
        for (status, code, ending) in [
            (
                403,
                "SignatureDoesNotMatch",
                "check the credentials: S3 does not know them",
            ),
            (
                400,
                "ExpiredToken",
                "get new credentials and download it again",
            ),
            (403, "RequestTimeTooSkewed", "set the machine's clock right"),
            (
                404,
                "NoSuchBucket",
                "the bucket has been deleted, or the endpoint is wrong",
            ),
            (
                404,
                "NoSuchKey",
                "it is no longer in the bucket: start a new export",
            ),
            (301, "PermanentRedirect", "set the bucket's region"),
            (503, "SlowDown", "download it again: what is here is kept"),
        ] {
            let told = told(status, Some(code), None);
            assert!(told.ends_with(&format!("; {ending}")), "{told}");
        }
    }
}

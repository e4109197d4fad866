//! The errors of S3, in XML.

use super::exchange::Response;
use super::xml::Xml;

/// An error response of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct S3Error {
    pub(super) status: u16,
    pub(super) code: &'static str,
    message: String,
    region: Option<String>,
    /// The length of the object that a range is outside of.
    object_length: Option<u64>,
}

impl S3Error {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> S3Error {
        S3Error {
            status,
            code,
            message: message.into(),
            region: None,
            object_length: None,
        }
    }

    /// Adds the bucket's region, so that a client can sign again for it.
    pub(super) fn with_region(mut self, region: String) -> S3Error {
        self.region = Some(region);
        self
    }

    pub(super) fn access_denied(message: impl Into<String>) -> S3Error {
        S3Error::new(403, "AccessDenied", message)
    }

    pub(super) fn not_implemented(what: &str) -> S3Error {
        S3Error::new(
            501,
            "NotImplemented",
            format!("{what} is not implemented here"),
        )
    }

    pub(super) fn precondition_failed(message: impl Into<String>) -> S3Error {
        S3Error::new(412, "PreconditionFailed", message)
    }

    pub(super) fn invalid_range(length: u64) -> S3Error {
        let mut error = S3Error::new(
            416,
            "InvalidRange",
            format!("the range is outside of the object's {length} bytes"),
        );
        error.object_length = Some(length);
        error
    }

    pub(super) fn into_response(self, request_id: &str) -> Response {
        let region = self.region.as_deref();
        let xml = Xml::error(|xml| {
            xml.text("Code", self.code);
            xml.text("Message", &self.message);
            xml.optional("Region", region);
            xml.text("RequestId", request_id);
        });
        let mut response = Response::new(self.status, "application/xml", xml);
        if let Some(region) = self.region {
            response = response.with_header("x-amz-bucket-region", &region);
        }
        if let Some(length) = self.object_length {
            response = response.with_header("content-range", &format!("bytes */{length}"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_any_text_in_xml() {
        let error = S3Error::new(404, "NoSuchKey", "no <key> & \"more\"\0")
            .with_region("eu-west-1".to_owned());
        let response = error.into_response("id-1");
        assert_eq!(response.status(), 404);
        assert_eq!(response.header("x-amz-bucket-region"), Some("eu-west-1"));
        assert_eq!(
            response.text(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>\
             <Message>no &lt;key&gt; &amp; \"more\"\u{fffd}</Message><Region>eu-west-1</Region>\
             <RequestId>id-1</RequestId></Error>"
        );
    }

    #[test]
    fn an_invalid_range_reports_the_length() {
        let response = S3Error::invalid_range(12).into_response("id");
        assert_eq!(response.header("content-range"), Some("bytes */12"));
    }
}

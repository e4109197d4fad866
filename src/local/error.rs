//! The errors of the service, and each API's form of them.

use serde_json::json;

use super::api::Api;
use super::exchange::Response;
use super::xml::Xml;

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The bucket's region, so that a client of S3 can sign again for it.
    pub(super) region: Option<String>,
    /// The length of the object that a range is outside of.
    object_length: Option<u64>,
}

impl ServiceError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> ServiceError {
        ServiceError {
            status,
            code,
            message: message.into(),
            region: None,
            object_length: None,
        }
    }

    pub(super) fn bad_request(code: &'static str, message: impl Into<String>) -> ServiceError {
        ServiceError::new(400, code, message)
    }

    pub(super) fn invalid_value(message: impl Into<String>) -> ServiceError {
        ServiceError::bad_request("InvalidParameterValueException", message)
    }

    pub(super) fn serialization(reason: &impl std::fmt::Display) -> ServiceError {
        let message = format!("invalid JSON input: {reason}");
        ServiceError::bad_request("SerializationException", message)
    }

    pub(super) fn internal(message: impl Into<String>) -> ServiceError {
        ServiceError::new(500, "InternalFailure", message)
    }

    pub(super) fn not_implemented(what: &str) -> ServiceError {
        let message = format!("{what} is not implemented here");
        ServiceError::new(501, "NotImplemented", message)
    }

    pub(super) fn precondition_failed(message: impl Into<String>) -> ServiceError {
        ServiceError::new(412, "PreconditionFailed", message)
    }

    pub(super) fn invalid_range(length: u64) -> ServiceError {
        let message = format!("the range is outside of the object's {length} bytes");
        let mut error = ServiceError::new(416, "InvalidRange", message);
        error.object_length = Some(length);
        error
    }

    pub(super) fn into_response(self, api: Api, request_id: &str) -> Response {
        let (status, code) = (self.status, self.code);
        match api {
            // Clients read the code from either place.
            Api::Exports => {
                let body = json!({ "__type": code, "message": self.message });
                Response::new(status, "application/json", body.to_string().into())
                    .with_header("x-amzn-errortype", code)
            }
            Api::Domains => {
                let xml = Xml::document("Response", "", |xml| {
                    xml.parent("Errors", |xml| {
                        xml.parent("Error", |xml| {
                            xml.text("Code", code);
                            xml.text("Message", &self.message);
                            xml.text("BoxUsage", "0");
                        });
                    });
                    xml.text("RequestID", request_id);
                });
                Response::new(status, "text/xml", xml)
            }
            Api::S3 => {
                let xml = Xml::document("Error", "", |xml| {
                    xml.text("Code", code);
                    xml.text("Message", &self.message);
                    xml.optional("Region", self.region.as_deref());
                    xml.text("RequestId", request_id);
                });
                let mut response = Response::new(status, "application/xml", xml);
                if let Some(region) = &self.region {
                    response = response.with_header("x-amz-bucket-region", region);
                }
                if let Some(length) = self.object_length {
                    response = response.with_header("content-range", &format!("bytes */{length}"));
                }
                response
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_any_text_in_xml() {
        let mut error = ServiceError::new(404, "NoSuchKey", "no <key> & \"more\"\0");
        error.region = Some("eu-west-1".to_owned());
        let response = error.into_response(Api::S3, "id-1");
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
        let response = ServiceError::invalid_range(12).into_response(Api::S3, "id");
        assert_eq!(response.header("content-range"), Some("bytes */12"));
    }

    #[test]
    fn sends_the_code_in_the_header_and_in_the_body() {
        let response = ServiceError::invalid_value("say \"what\"").into_response(Api::Exports, "");
        assert_eq!(response.status(), 400);
        assert_eq!(
            response.header("x-amzn-errortype"),
            Some("InvalidParameterValueException")
        );
        assert_eq!(
            response.text(),
            "{\"__type\":\"InvalidParameterValueException\",\"message\":\"say \\\"what\\\"\"}"
        );
    }
}

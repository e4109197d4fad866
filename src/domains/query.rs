//! The requests and responses of the older API: a signed form, and XML.

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::client::call::Request;
use crate::client::response::{self, broken, is_success, refused};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::http::{HttpResponse, Url};
use crate::retry::Failed;
use crate::sigv2;
use crate::wire::error_body::{ErrorBody, not_xml};
use crate::wire::xml::{self, Leaf};

const VERSION: &str = "2009-04-15";

/// Where a success has its request id.
pub(super) const REQUEST_ID: &str = "ResponseMetadata/RequestId";

/// Where a success has what it cost.
pub(super) const BOX_USAGE: &str = "ResponseMetadata/BoxUsage";

/// What the pipeline needs to know about an operation.
pub(super) trait QueryOperation {
    const NAME: &'static str;

    type Output;

    /// Returns a required member that is empty; the service checks everything else.
    fn missing_member(&self) -> Option<&'static str> {
        None
    }

    /// Returns the members that are set.
    fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)>;

    /// Reads a response; `None` if it is not one of this operation.
    fn read(xml: &[u8]) -> Option<Self::Output>;

    /// Returns the place of an output's request id.
    fn request_id(output: &mut Self::Output) -> &mut Option<String>;
}

/// An input as a form.
pub(super) struct QueryRequest<'a, O> {
    input: &'a O,
    url: &'a Url,
}

impl<'a, O: QueryOperation> QueryRequest<'a, O> {
    pub(super) fn new(url: &'a Url, input: &'a O) -> Result<QueryRequest<'a, O>, Error> {
        if let Some(member) = input.missing_member() {
            return Err(Error::missing_member(member).in_operation(O::NAME));
        }
        Ok(QueryRequest { input, url })
    }

    /// Returns host and path.
    fn place(&self) -> (&str, &str) {
        let rest = self
            .url
            .as_str()
            .split_once("://")
            .map_or("", |(_, rest)| rest);
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    }
}

impl<O: QueryOperation> Request for QueryRequest<'_, O> {
    const OPERATION: &'static str = O::NAME;
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded; charset=utf-8";

    type Signed = Zeroizing<String>;
    type Output = O::Output;

    fn url(&self) -> &Url {
        self.url
    }

    fn sign(&self, credentials: &Credentials, time: OffsetDateTime) -> Zeroizing<String> {
        let members = self.input.parameters();
        let members = members.iter().map(|(name, value)| (*name, &**value));
        let parameters = [("Action", O::NAME), ("Version", VERSION)];
        let parameters: Vec<_> = parameters.into_iter().chain(members).collect();
        let (host, path) = self.place();
        sigv2::sign(host, path, &parameters, credentials, time)
    }

    fn signing_headers(_signed: &Zeroizing<String>) -> impl Iterator<Item = (&'static str, &str)> {
        std::iter::empty()
    }

    fn body<'s>(&'s self, signed: &'s Zeroizing<String>) -> &'s [u8] {
        signed.as_bytes()
    }

    fn read(
        &self,
        response: &HttpResponse,
        off_by: Option<Duration>,
    ) -> Result<O::Output, Failed<Error>> {
        let in_header = response::request_id(response).map(str::to_owned);
        if !is_success(response) {
            let (body, request_id) = read_error(&response.body);
            return Err(refused(response, in_header.or(request_id), body, off_by));
        }
        let Some(mut output) = O::read(&response.body) else {
            let message = not_xml(&response.body, &format!("a {}Response", O::NAME));
            let message = message.unwrap_or_else(|| "the response is empty".to_owned());
            let error = Error::broken_response(response.status, in_header, message);
            return Err(broken(error));
        };
        if in_header.is_some() {
            *O::request_id(&mut output) = in_header;
        }
        Ok(output)
    }
}

/// Reads the first error, and the request id.
fn read_error(xml: &[u8]) -> (ErrorBody, Option<String>) {
    let [mut code, mut message, mut request_id] = [const { None::<String> }; 3];
    let is_read = xml::leaves(xml, |leaf| {
        let found = match leaf.path {
            "Errors/Error/Code" | "Error/Code" => &mut code,
            "Errors/Error/Message" | "Error/Message" => &mut message,
            "RequestID" | "RequestId" => &mut request_id,
            _ => return Some(()),
        };
        if found.is_none() && !leaf.text.is_empty() {
            *found = Some(leaf.text.to_owned());
        }
        Some(())
    });
    if is_read.is_none() || code.is_none() {
        (code, message, request_id) = (None, not_xml(xml, "an XML error"), None);
    }
    (ErrorBody { code, message }, request_id)
}

/// Returns the text of an element, which may be base64 of what XML cannot hold.
pub(super) fn decoded(leaf: &Leaf<'_>) -> Option<String> {
    if !leaf.is_base64 {
        return Some(leaf.text.to_owned());
    }
    String::from_utf8(BASE64_STANDARD.decode(leaf.text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(xml: &str) -> [Option<String>; 3] {
        let (body, request_id) = read_error(xml.as_bytes());
        [body.code, body.message, request_id]
    }

    #[test]
    fn reads_the_first_error_of_a_response() {
        let xml = "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>NoSuchDomain</Code>\
                   <Message>The specified domain does not exist.</Message>\
                   <BoxUsage>0.0000071759</BoxUsage></Error><Error><Code>Other</Code></Error>\
                   </Errors><RequestID>id-1</RequestID></Response>";
        let expected = [
            "NoSuchDomain",
            "The specified domain does not exist.",
            "id-1",
        ];
        assert_eq!(error(xml), expected.map(|text| Some(text.to_owned())));
    }

    #[test]
    fn shows_the_beginning_of_a_body_that_is_no_error() {
        let message = |xml| error(xml)[1].clone().unwrap_or_default();
        assert_eq!(
            message("<html><body>Bad Gateway</body></html>"),
            "the response is HTML, not XML (is a proxy or login page in the way?): \
             <html><body>Bad Gateway</body></html>"
        );
        assert_eq!(
            message("<Response><Errors/></Response>"),
            "the response is not an XML error: <Response><Errors/></Response>"
        );
        assert_eq!(
            message("{\"message\":\"no\"}"),
            "the response is not an XML error: {\"message\":\"no\"}"
        );
        assert_eq!(error(""), [None, None, None]);
    }

    #[test]
    fn decodes_what_xml_cannot_hold() {
        let decode = |text, is_base64| {
            decoded(&Leaf {
                path: "",
                text,
                is_base64,
            })
        };
        assert_eq!(decode("YQFi", true).as_deref(), Some("a\u{1}b"));
        assert_eq!(decode("YQFi", false).as_deref(), Some("YQFi"));
        assert_eq!(decode("!", true), None);
        assert_eq!(decode("/w==", true), None);
    }
}

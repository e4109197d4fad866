//! A request and its response.

mod body;

use std::fs::File;
use std::time::{Duration, SystemTime};

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

pub(super) use self::body::Body;

/// A request. The body of an upload is not part of it: that is read as it arrives.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) head: Parts,
    pub(super) body: Bytes,
}

impl Request {
    #[cfg(test)]
    pub(super) fn new(
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Request {
        let request = hyper::Request::builder().method(method).uri(target);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let (head, body) = request.body(body.into()).unwrap().into_parts();
        Request { head, body }
    }

    pub(super) fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// Returns path and query, as sent.
    pub(super) fn target(&self) -> &str {
        let target = self.head.uri.path_and_query();
        target.map_or("/", |target| target.as_str())
    }

    /// Returns the path, still percent-encoded.
    pub(super) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// Returns the query, still percent-encoded; empty if there is none.
    pub(super) fn query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }

    /// Returns the first value of a header, if it is UTF-8.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.head.headers.get(name)?.as_bytes()).ok()
    }

    /// Returns all headers whose values are UTF-8, with names in lower case.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.head.headers.iter();
        headers.filter_map(|(name, value)| {
            Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
        })
    }

    /// Returns whether the body is an object's content, which may be of any size.
    pub(super) fn is_upload(&self) -> bool {
        self.method() == "PUT"
    }
}

/// A response. To a HEAD request only its head is sent.
#[derive(Debug)]
pub(super) struct Response(pub(super) hyper::Response<Body>);

impl Response {
    fn with_body(status: u16, body: Body) -> Response {
        let mut response = hyper::Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Response(response)
    }

    pub(super) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Response {
        Response::with_body(status, body.into()).with_header("content-type", content_type)
    }

    /// Returns a response without a body or its type.
    pub(super) fn empty(status: u16) -> Response {
        Response::with_body(status, Vec::new().into())
    }

    /// Returns this many bytes of a file, from its current position.
    pub(super) fn file(status: u16, file: File, length: u64) -> Response {
        // hyper leaves it out of the response to HEAD if it is zero.
        Response::with_body(status, Body::file(file, length))
            .with_header("content-length", &length.to_string())
    }

    /// Sets a header, in place of an earlier value.
    pub(super) fn with_header(mut self, name: &str, value: &str) -> Response {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    pub(super) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    #[cfg(test)]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// Returns the body's text.
    #[cfg(test)]
    pub(super) fn text(self) -> String {
        use http_body_util::BodyExt;

        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let body = runtime.unwrap().block_on(self.0.into_body().collect());
        String::from_utf8(body.unwrap().to_bytes().into()).unwrap()
    }
}

/// Formats the time of a header: `Mon, 16 Feb 2026 16:56:43 GMT`. The form has years of four digits,
/// so that a time outside 1970–9999 becomes the nearest one that it can express.
pub(super) fn http_date(unix_seconds: i64) -> String {
    const END_OF_9999: u64 = 253_402_300_799;

    let seconds = u64::try_from(unix_seconds).unwrap_or(0).min(END_OF_9999);
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_an_http_date_for_every_time() {
        for (unix_seconds, date) in [
            (1_771_261_003, "Mon, 16 Feb 2026 16:56:43 GMT"),
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (253_402_300_800, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(unix_seconds), date);
        }
    }
}

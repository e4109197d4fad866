//! A request and its response, independent of any HTTP library.

use std::borrow::Cow;
use std::fs::File;
use std::time::{Duration, SystemTime};

/// A request. The body of an upload is not part of it: that is read as it arrives.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query, as sent.
    pub(super) target: String,
    /// Names in lower case, in the order sent.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Returns the first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns whether the body is an object's content, which may be of any size.
    pub(super) fn is_upload(&self) -> bool {
        self.method == "PUT"
    }

    /// Returns the path, still percent-encoded.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Returns the parameters of the query, still percent-encoded.
    pub(super) fn query(&self) -> impl Iterator<Item = &str> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter(|part| !part.is_empty())
    }
}

/// A response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(Cow<'static, str>, String)>,
    pub(super) body: ResponseBody,
}

#[derive(Debug)]
pub(super) enum ResponseBody {
    Bytes(Vec<u8>),
    /// This many bytes of a file, from its current position.
    File {
        file: File,
        length: u64,
    },
    /// No bytes, but the length that they would have: the response to HEAD.
    Head {
        length: u64,
    },
}

impl Response {
    pub(super) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Response {
        Response {
            status,
            headers: vec![("content-type".into(), content_type.to_owned())],
            body: ResponseBody::Bytes(body),
        }
    }

    /// Returns a response without a body or its type.
    pub(super) fn empty(status: u16) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: ResponseBody::Bytes(Vec::new()),
        }
    }

    /// Sets a header; the last of several values counts.
    pub(super) fn with_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Response {
        self.headers.push((name.into(), value.into()));
        self
    }

    #[cfg(test)]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.as_str())
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

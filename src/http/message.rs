//! Requests and responses.

use std::time::Duration;

use bytes::Bytes;
use ureq::http::header::AsHeaderName;
use ureq::http::{HeaderMap, HeaderValue, Method};
use zeroize::Zeroizing;

use super::Url;

pub(crate) struct HttpRequest<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// The type of the body, if it is sent.
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: &'a [u8],
    /// Maximum size of the response body.
    pub(crate) max_body: u64,
    /// Time limit for the request; the settings' limit if that is shorter.
    pub(crate) timeout: Duration,
    /// Whether the request uses up a token. It then gets a new connection, since one from the pool
    /// may turn out to be dead after the request was sent.
    pub(crate) is_unrepeatable: bool,
}

pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(super) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the request was sent a second time because a pooled connection was dead. The first
    /// one may have been processed, too.
    pub(crate) was_resent: bool,
}

impl HttpResponse {
    /// Returns the value of a header; the first one if there are several.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Makes the value of a header. A secret is wiped once ureq drops it, and never shown.
pub(super) fn header_value(name: &str, value: &str) -> Option<HeaderValue> {
    let is_token = matches!(
        name,
        "x-amz-security-token" | "x-amz-sso_bearer_token" | "x-aws-ec2-metadata-token"
    );
    // A signature is good for one request; anything else in this header is a token.
    let is_secret = is_token || (name == "authorization" && !value.starts_with("AWS4-"));
    let mut header = if is_secret {
        let bytes = Bytes::from_owner(Zeroizing::new(value.as_bytes().to_vec()));
        HeaderValue::from_maybe_shared(bytes).ok()?
    } else {
        HeaderValue::from_str(value).ok()?
    };
    header.set_sensitive(is_secret || name == "authorization");
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_header_values_that_http_does_not_allow() {
        for name in ["x-amz-security-token", "user-agent"] {
            assert_eq!(header_value(name, "a b\tc").unwrap(), "a b\tc");
            for value in ["a\r\nb", "a\0"] {
                assert!(header_value(name, value).is_none(), "{name}: {value:?}");
            }
        }
    }

    #[test]
    fn hides_secrets_in_debug_output() {
        for (name, value) in [
            ("authorization", "AWS4-HMAC-SHA256 Credential=hidden"),
            ("authorization", "Bearer hidden"),
            ("x-amz-security-token", "hidden"),
        ] {
            let header = header_value(name, value).unwrap();
            assert_eq!(format!("{header:?}"), "Sensitive");
        }
    }
}

//! The URL of a request.

use ureq::Error;
use ureq::http::uri::InvalidUri;
use ureq::http::{HeaderValue, Uri};

use super::authority;

/// A URL, parsed once for any number of requests.
pub(crate) struct Url {
    text: String,
    /// If the text is not a URL, the reason, which requests then report.
    uri: Result<Uri, String>,
    host: HeaderValue,
}

impl Url {
    pub(crate) fn new(text: impl Into<String>) -> Url {
        let text = text.into();
        let uri = text.parse().map_err(|error: InvalidUri| error.to_string());
        let host = uri.as_ref().map_or("", authority);
        Url {
            host: HeaderValue::from_str(host).unwrap_or(HeaderValue::from_static("")),
            uri,
            text,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn uri(&self) -> Result<Uri, Error> {
        self.uri.clone().map_err(Error::BadUri)
    }

    /// Returns the value of the `host` header: with the port if the URL names one, as a signature
    /// has it.
    pub(super) fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Returns the host as errors name it.
    pub(super) fn authority(&self) -> &str {
        self.uri.as_ref().map_or("", authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_host_as_the_url_does() {
        for (url, host) in [
            ("http://host/path?query", "host"),
            ("https://host:443/", "host:443"),
            ("http://[::1]:8000/a/b", "[::1]:8000"),
            ("http://user:password@host:80", "host:80"),
        ] {
            let url = Url::new(url);
            assert_eq!(url.host(), host);
            assert_eq!(url.authority(), host);
        }
    }

    #[test]
    fn reports_what_is_no_url_when_it_is_used() {
        let url = Url::new("http://a b/");
        assert_eq!(url.as_str(), "http://a b/");
        assert_eq!(
            url.uri().unwrap_err().to_string(),
            "bad uri: invalid uri character"
        );
    }
}

//! The parts of a URL.

/// A URL in its parts. The user and the password that may be before the host are no part: they are
/// not for showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) scheme: Option<&'a str>,
    /// The host, with its port where one is named.
    pub(crate) host_and_port: &'a str,
    /// What comes after the host: empty, or from the first `/`, `?` or `#` on.
    pub(crate) path: &'a str,
}

impl<'a> Url<'a> {
    pub(crate) fn new(url: &'a str) -> Url<'a> {
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, url),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host_and_port = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host_and_port)| host_and_port);
        Url {
            scheme,
            host_and_port,
            path,
        }
    }

    /// The host, an IPv6 address without its brackets.
    pub(crate) fn host(&self) -> &'a str {
        split_port(self.host_and_port).0
    }
}

/// Splits `host:port`; an IPv6 address loses its brackets, and has no port without them. What is
/// no port after all is left away.
pub(crate) fn split_port(text: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (host, port);
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, port.parse().ok()),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_a_host_and_a_path_and_shows_no_password() {
        for (url, scheme, host_and_port, path) in [
            ("https://h", Some("https"), "h", ""),
            ("http://h:8443/v2?x#y", Some("http"), "h:8443", "/v2?x#y"),
            ("http://u:p@w@h:1/a@b", Some("http"), "h:1", "/a@b"),
            ("https://h?x@y", Some("https"), "h", "?x@y"),
            ("http://[::1]:80#z", Some("http"), "[::1]:80", "#z"),
            ("u:p@h:3128/", None, "h:3128", "/"),
            ("http://", Some("http"), "", ""),
            ("", None, "", ""),
        ] {
            let expected = Url {
                scheme,
                host_and_port,
                path,
            };
            assert_eq!(Url::new(url), expected, "{url}");
        }
    }

    #[test]
    fn a_host_has_no_port() {
        for (url, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1"),
            ("https://example.com/base:1/", "example.com"),
            ("https://me:hidden@example.com:1", "example.com"),
            ("http://[::1]:8000/base", "::1"),
            ("http://[::1]", "::1"),
        ] {
            assert_eq!(Url::new(url).host(), host);
        }
    }

    #[test]
    fn a_port_is_a_number_after_the_host() {
        for (text, host, port) in [
            ("h", "h", None),
            ("h:443", "h", Some(443)),
            ("h:", "h", None),
            ("h:65536", "h", None),
            ("[::1]", "::1", None),
            ("[::1]:80", "::1", Some(80)),
            ("::1", "::1", None),
        ] {
            assert_eq!(split_port(text), (host, port), "{text}");
        }
    }
}

//! Telling a failed exchange in terms of what the caller can do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::resolver::LookupError;

/// How an exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// No connection: the name, the network, the host, the proxy.
    Connect,
    /// TLS could not be established.
    Tls,
    /// The connection broke.
    Io,
    /// The time was over.
    Timeout,
    /// The answer is not HTTP, or too large.
    Response,
    /// The request cannot be sent as it is.
    Request,
}

/// An exchange that broke, and whether another may succeed.
#[derive(Debug)]
pub(crate) struct HttpFailure {
    pub(crate) kind: FailureKind,
    pub(crate) is_transient: bool,
    message: String,
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HttpFailure {}

impl HttpFailure {
    pub(super) fn invalid_header(name: &str) -> HttpFailure {
        HttpFailure {
            kind: FailureKind::Request,
            is_transient: false,
            message: format!(
                "the value of the header {name} has characters that HTTP does not allow"
            ),
        }
    }
}

/// What a failure's message needs to know of the exchange.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The host, with its port where that is not the scheme's.
    pub(super) host: String,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_body: u64,
}

impl Exchange {
    pub(super) fn failure(&self, error: &ureq::Error) -> HttpFailure {
        use ureq::Error as E;
        let Exchange { host, max_body, .. } = self;
        let (kind, is_transient, message) = match error {
            E::Timeout(phase) => (FailureKind::Timeout, true, self.describe_timeout(*phase)),
            E::Other(other) if other.is::<LookupError>() => {
                (FailureKind::Connect, true, other.to_string())
            }
            E::HostNotFound | E::ConnectionFailed => (
                FailureKind::Connect,
                true,
                format!("cannot connect to {host}"),
            ),
            E::ConnectProxyFailed(reason) => (
                FailureKind::Connect,
                false,
                format!("the proxy does not let through to {host}: {reason}"),
            ),
            E::Io(error) => return self.io_failure(error),
            E::TlsRequired => (
                FailureKind::Tls,
                false,
                "this build cannot speak https: enable the feature rustls or native-tls".to_owned(),
            ),
            E::Protocol(_) | E::LargeResponseHeader(..) => (
                FailureKind::Response,
                true,
                format!("the answer of {host} is not valid: {error}"),
            ),
            E::BodyExceedsLimit(_) => (
                FailureKind::Response,
                false,
                format!("the answer of {host} is larger than {max_body} bytes"),
            ),
            E::BadUri(_) | E::Http(_) => (
                FailureKind::Request,
                false,
                format!("the request cannot be sent: {error}"),
            ),
            _ => (
                FailureKind::Tls,
                false,
                format!("no secure connection to {host}: {error}"),
            ),
        };
        HttpFailure {
            kind,
            is_transient,
            message,
        }
    }

    fn describe_timeout(&self, phase: Timeout) -> String {
        let Exchange {
            host,
            connect_timeout,
            timeout,
            ..
        } = self;
        match phase {
            Timeout::Resolve => {
                format!("the name {host} was not resolved within {connect_timeout:?}")
            }
            Timeout::Connect => {
                format!("{host} did not accept a connection within {connect_timeout:?}")
            }
            _ => format!("{host} did not answer within {timeout:?}"),
        }
    }

    fn io_failure(&self, error: &io::Error) -> HttpFailure {
        use io::ErrorKind as K;
        let host = &self.host;
        let (kind, is_transient, message) = match error.kind() {
            K::ConnectionRefused
            | K::HostUnreachable
            | K::NetworkUnreachable
            | K::AddrNotAvailable
            | K::NetworkDown => (
                FailureKind::Connect,
                true,
                format!("cannot connect to {host}: {error}"),
            ),
            // Only TLS calls data invalid.
            K::InvalidData => (
                FailureKind::Tls,
                false,
                format!("no secure connection to {host}: {error}"),
            ),
            _ => (
                FailureKind::Io,
                true,
                format!("the connection to {host} broke: {error}"),
            ),
        };
        HttpFailure {
            kind,
            is_transient,
            message,
        }
    }
}

/// The host and port of a URL, without what else may be in it.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(error: &ureq::Error) -> (FailureKind, bool, String) {
        let exchange = Exchange {
            host: "sdb.amazonaws.com".to_owned(),
            connect_timeout: Duration::from_millis(3_100),
            timeout: Duration::from_secs(30),
            max_body: 10,
        };
        let failure = exchange.failure(error);
        (failure.kind, failure.is_transient, failure.to_string())
    }

    #[test]
    fn every_failure_names_the_host_and_what_it_did() {
        use FailureKind as K;
        use ureq::Error as E;
        let io = |kind: io::ErrorKind| E::Io(io::Error::new(kind, "because"));
        let cases = [
            (
                E::Timeout(Timeout::Resolve),
                K::Timeout,
                true,
                "the name sdb.amazonaws.com was not resolved within 3.1s",
            ),
            (
                E::Timeout(Timeout::Connect),
                K::Timeout,
                true,
                "sdb.amazonaws.com did not accept a connection within 3.1s",
            ),
            (
                E::Timeout(Timeout::PerCall),
                K::Timeout,
                true,
                "sdb.amazonaws.com did not answer within 30s",
            ),
            (
                io(io::ErrorKind::ConnectionRefused),
                K::Connect,
                true,
                "cannot connect to sdb.amazonaws.com: because",
            ),
            (
                io(io::ErrorKind::UnexpectedEof),
                K::Io,
                true,
                "the connection to sdb.amazonaws.com broke: because",
            ),
            (
                io(io::ErrorKind::InvalidData),
                K::Tls,
                false,
                "no secure connection to sdb.amazonaws.com: because",
            ),
            (
                E::ConnectProxyFailed("407".to_owned()),
                K::Connect,
                false,
                "the proxy does not let through to sdb.amazonaws.com: 407",
            ),
            (
                E::BodyExceedsLimit(11),
                K::Response,
                false,
                "the answer of sdb.amazonaws.com is larger than 10 bytes",
            ),
            (
                E::TlsRequired,
                K::Tls,
                false,
                "this build cannot speak https: enable the feature rustls or native-tls",
            ),
        ];
        for (error, kind, is_transient, message) in cases {
            assert_eq!(failure(&error), (kind, is_transient, message.to_owned()));
        }
    }

    #[test]
    fn a_host_is_shown_without_the_password_before_it() {
        assert_eq!(host_of("https://user:secret@host:8443/v2?x"), "host:8443");
        assert_eq!(host_of("http://[::1]:80"), "[::1]:80");
        assert_eq!(host_of("nothing"), "nothing");
    }
}

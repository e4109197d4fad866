//! Telling a failed exchange in terms of what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::guard::AddressRefused;
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
    /// Whether the request cannot have reached the other side: there was no connection to it yet.
    pub(crate) is_unsent: bool,
    message: String,
    /// The error below, where there is one that says more.
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl HttpFailure {
    /// The error below, for one that is told in this one's words.
    pub(crate) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }

    pub(super) fn invalid_header(name: &str) -> HttpFailure {
        HttpFailure {
            kind: FailureKind::Request,
            is_transient: false,
            is_unsent: true,
            source: None,
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
    /// The host of the proxy that is asked for the connection, where there is one.
    pub(super) proxy: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_headers: usize,
    pub(super) max_body: u64,
}

impl Exchange {
    pub(super) fn failure(&self, error: ureq::Error) -> HttpFailure {
        use ureq::Error as E;
        let Exchange { host, max_body, .. } = self;
        let is_unsent = is_unsent(&error);
        let (kind, is_transient, message) = match &error {
            E::Timeout(phase) => (FailureKind::Timeout, true, self.describe_timeout(*phase)),
            E::Other(other) if other.is::<LookupError>() => {
                (FailureKind::Connect, true, format!("{other}"))
            }
            E::Other(other) if other.is::<AddressRefused>() => {
                (FailureKind::Request, false, format!("{other}"))
            }
            E::HostNotFound | E::ConnectionFailed => (
                FailureKind::Connect,
                true,
                format!("cannot connect to {}", self.peer()),
            ),
            E::ConnectProxyFailed(reason) => self.proxy_failure(reason),
            E::Io(error) => self.io_failure(error),
            E::TlsRequired => (
                FailureKind::Tls,
                false,
                "this build cannot speak https: enable the feature rustls or native-tls".to_owned(),
            ),
            E::Protocol(error) => (
                FailureKind::Response,
                true,
                format!("the answer of {host} is not valid: {error}"),
            ),
            E::BodyStalled => (
                FailureKind::Response,
                true,
                format!("the answer of {host} does not go on"),
            ),
            E::LargeResponseHeader(..) => (
                FailureKind::Response,
                false,
                format!(
                    "the headers of the answer of {host} are larger than {} bytes",
                    self.max_headers
                ),
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
            is_unsent,
            message,
            source: source(error),
        }
    }

    /// Whom the connection is made to, in words.
    fn peer(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("the proxy {proxy}"),
            None => self.host.clone(),
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
                let peer = self.peer();
                format!("{peer} did not accept a connection within {connect_timeout:?}")
            }
            _ => match &self.proxy {
                Some(proxy) => {
                    format!("{host} did not answer through the proxy {proxy} within {timeout:?}")
                }
                None => format!("{host} did not answer within {timeout:?}"),
            },
        }
    }

    /// ureq tells in words only what the proxy answered.
    fn proxy_failure(&self, reason: &str) -> (FailureKind, bool, String) {
        let (peer, host) = (self.peer(), &self.host);
        let status = reason
            .strip_prefix("proxy server responded ")
            .and_then(|rest| rest.split('/').next()?.parse::<u16>().ok());
        let (is_transient, message) = match status {
            Some(407) => (
                false,
                format!("{peer} asks for a user and a password: put them into its URL"),
            ),
            Some(status) => (
                !matches!(status, 400..=499),
                format!("{peer} does not let through to {host}: HTTP status {status}"),
            ),
            None => (
                true,
                format!("{peer} does not let through to {host}: {reason}"),
            ),
        };
        (FailureKind::Connect, is_transient, message)
    }

    fn io_failure(&self, error: &io::Error) -> (FailureKind, bool, String) {
        use io::ErrorKind as K;
        let host = &self.host;
        match error.kind() {
            K::ConnectionRefused
            | K::HostUnreachable
            | K::NetworkUnreachable
            | K::AddrNotAvailable
            | K::NetworkDown => (
                FailureKind::Connect,
                true,
                format!("cannot connect to {}: {error}", self.peer()),
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
        }
    }
}

/// Whether an error comes from before there was a connection to send a request over. What an
/// established connection may end with, too, is none of these.
fn is_unsent(error: &ureq::Error) -> bool {
    use ureq::Error as E;
    match error {
        E::Timeout(Timeout::Resolve | Timeout::Connect)
        | E::HostNotFound
        | E::ConnectionFailed
        | E::ConnectProxyFailed(_)
        | E::TlsRequired
        | E::BadUri(_)
        | E::Http(_) => true,
        E::Other(other) => other.is::<LookupError>() || other.is::<AddressRefused>(),
        E::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// What a failure's message is not the whole of already.
fn source(error: ureq::Error) -> Option<Box<dyn StdError + Send + Sync>> {
    use ureq::Error as E;
    match error {
        E::Io(error) => Some(Box::new(error)),
        E::Timeout(_)
        | E::HostNotFound
        | E::ConnectionFailed
        | E::ConnectProxyFailed(_)
        | E::TlsRequired
        | E::BodyStalled
        | E::LargeResponseHeader(..)
        | E::BodyExceedsLimit(_) => None,
        E::Other(other) if other.is::<LookupError>() || other.is::<AddressRefused>() => None,
        error => Some(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        Exchange {
            host: "sdb.amazonaws.com".to_owned(),
            proxy: None,
            connect_timeout: Duration::from_millis(3_100),
            timeout: Duration::from_secs(30),
            max_headers: 20,
            max_body: 10,
        }
    }

    fn failure(error: ureq::Error) -> (FailureKind, bool, String) {
        let failure = exchange().failure(error);
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
                E::LargeResponseHeader(21, 20),
                K::Response,
                false,
                "the headers of the answer of sdb.amazonaws.com are larger than 20 bytes",
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
            assert_eq!(failure(error), (kind, is_transient, message.to_owned()));
        }
    }

    #[test]
    fn a_failure_at_the_proxy_names_the_proxy() {
        use ureq::Error as E;
        let exchange = Exchange {
            proxy: Some("proxy:3128".to_owned()),
            ..exchange()
        };
        let responded = |status: &str| {
            E::ConnectProxyFailed(format!("proxy server responded {status}/{status}"))
        };
        let refused = io::ErrorKind::ConnectionRefused;
        let cases = [
            (
                responded("407"),
                false,
                "the proxy proxy:3128 asks for a user and a password: put them into its URL",
            ),
            (
                responded("403"),
                false,
                "the proxy proxy:3128 does not let through to sdb.amazonaws.com: HTTP status 403",
            ),
            (
                responded("502"),
                true,
                "the proxy proxy:3128 does not let through to sdb.amazonaws.com: HTTP status 502",
            ),
            (
                E::ConnectProxyFailed("it is asleep".to_owned()),
                true,
                "the proxy proxy:3128 does not let through to sdb.amazonaws.com: it is asleep",
            ),
            (
                E::Timeout(Timeout::Connect),
                true,
                "the proxy proxy:3128 did not accept a connection within 3.1s",
            ),
            (
                E::Timeout(Timeout::PerCall),
                true,
                "sdb.amazonaws.com did not answer through the proxy proxy:3128 within 30s",
            ),
            (
                E::Io(io::Error::new(refused, "because")),
                true,
                "cannot connect to the proxy proxy:3128: because",
            ),
        ];
        for (error, is_transient, message) in cases {
            let kind = match error {
                E::Timeout(_) => FailureKind::Timeout,
                _ => FailureKind::Connect,
            };
            let failure = exchange.failure(error);
            assert_eq!(failure.kind, kind, "{message}");
            assert_eq!(failure.is_transient, is_transient, "{message}");
            assert_eq!(failure.to_string(), message);
        }
    }

    #[test]
    fn only_what_comes_before_a_connection_proves_that_nothing_was_sent() {
        use ureq::Error as E;
        let is_unsent = |error: E| exchange().failure(error).is_unsent;
        let io = |kind: io::ErrorKind| is_unsent(E::Io(io::Error::from(kind)));
        assert!(is_unsent(E::Timeout(Timeout::Resolve)));
        assert!(is_unsent(E::Timeout(Timeout::Connect)));
        assert!(is_unsent(E::ConnectProxyFailed("no".to_owned())));
        assert!(is_unsent(E::TlsRequired));
        assert!(io(io::ErrorKind::ConnectionRefused));
        assert!(HttpFailure::invalid_header("x").is_unsent);
        // A connection that exists may end with these.
        assert!(!io(io::ErrorKind::HostUnreachable));
        assert!(!io(io::ErrorKind::InvalidData));
        assert!(!io(io::ErrorKind::ConnectionReset));
        assert!(!is_unsent(E::Timeout(Timeout::PerCall)));
        assert!(!is_unsent(E::BodyStalled));
        assert!(!is_unsent(E::BodyExceedsLimit(11)));
    }

    #[test]
    fn the_source_is_the_error_below_where_that_says_more() {
        use ureq::Error as E;
        let reset = E::Io(io::Error::from(io::ErrorKind::ConnectionReset));
        let source = exchange().failure(reset).into_source().unwrap();
        let source: &io::Error = source.downcast_ref().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
        let timeout = E::Timeout(Timeout::PerCall);
        assert!(exchange().failure(timeout).into_source().is_none());
    }
}

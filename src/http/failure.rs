//! Describes failed requests in terms of what the caller can do about them.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

#[cfg(feature = "rustls")]
use time::OffsetDateTime;
use ureq::Timeout;

use super::connect_error::{Cause, ConnectError};
use super::pooled::LostConnection;

/// The part of an exchange that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// There was no connection to the host or the proxy.
    Connect,
    /// TLS could not be established.
    Tls,
    /// The connection was lost.
    Io,
    Timeout,
    /// The response is not HTTP, or too large.
    Response,
    /// The request cannot be sent as it is.
    Request,
}

/// A request without a response, and whether another attempt may succeed.
#[derive(Debug)]
pub(crate) struct HttpFailure {
    pub(crate) kind: FailureKind,
    pub(crate) is_transient: bool,
    /// Whether the request cannot have reached the host: there was no connection to it yet.
    pub(crate) is_unsent: bool,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl HttpFailure {
    /// Returns the underlying error, if it says more than the message.
    pub(crate) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }

    pub(super) fn invalid_header(name: &str) -> HttpFailure {
        HttpFailure {
            is_unsent: true,
            ..failed(
                FailureKind::Request,
                false,
                format!("the value of the header {name} has characters that HTTP does not allow"),
            )
        }
    }
}

fn failed(kind: FailureKind, is_transient: bool, message: String) -> HttpFailure {
    HttpFailure {
        kind,
        is_transient,
        is_unsent: false,
        message,
        source: None,
    }
}

/// What the message of a failure needs to know about the exchange.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The host, with its port if the URL names one.
    pub(super) host: String,
    /// The host of the proxy, if there is one.
    pub(super) proxy: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_headers: usize,
    pub(super) max_body: u64,
}

impl Exchange {
    pub(super) fn failure(&self, error: ureq::Error) -> HttpFailure {
        use FailureKind as K;
        use ureq::Error as E;
        let Exchange { host, max_body, .. } = self;
        match error {
            E::Other(other) => match other.downcast::<ConnectError>() {
                Ok(error) => self.connect_failure(*error),
                Err(other) => match other.downcast::<LostConnection>() {
                    Ok(dead) => lost(host, dead.0),
                    Err(other) => HttpFailure {
                        source: Some(other),
                        ..failed(K::Io, true, format!("the request to {host} failed"))
                    },
                },
            },
            E::Timeout(_) => {
                let timeout = self.timeout;
                let message = match &self.proxy {
                    Some(proxy) => format!(
                        "{host} did not respond through the proxy {proxy} within {timeout:?}"
                    ),
                    None => format!("{host} did not respond within {timeout:?}"),
                };
                failed(K::Timeout, true, message)
            }
            // Only TLS calls data invalid.
            E::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                tls_failed(host, E::Io(error))
            }
            E::Io(error) => lost(host, error),
            E::Protocol(_) => {
                let message = format!("invalid response from {host}: {}", reason(&error));
                HttpFailure {
                    source: Some(Box::new(error)),
                    ..failed(K::Response, true, message)
                }
            }
            E::BodyStalled => {
                let message = format!("the response from {host} stalled");
                failed(K::Response, true, message)
            }
            E::LargeResponseHeader(..) => {
                let max = self.max_headers;
                let message = format!("the response headers from {host} exceed {max} bytes");
                failed(K::Response, false, message)
            }
            E::BodyExceedsLimit(_) => {
                let message = format!("the response from {host} exceeds {max_body} bytes");
                failed(K::Response, false, message)
            }
            E::BadUri(_) | E::Http(_) => {
                let message = format!("invalid request: {}", reason(&error));
                HttpFailure {
                    is_unsent: true,
                    source: Some(Box::new(error)),
                    ..failed(K::Request, false, message)
                }
            }
            error => tls_failed(host, error),
        }
    }

    /// Describes the refusal of the proxy to forward a request or to open a tunnel.
    pub(super) fn proxy_refusal(&self, status: u16) -> HttpFailure {
        let (peer, host) = (self.peer(true), &self.host);
        let message = if status == 407 {
            format!("{peer} requires a user name and password: add them to its URL")
        } else {
            format!("{peer} refused to tunnel to {host}: HTTP status {status}")
        };
        let is_transient = !matches!(status, 400..=499);
        HttpFailure {
            is_unsent: true,
            ..failed(FailureKind::Connect, is_transient, message)
        }
    }

    /// The other side of the connection, in words.
    fn peer(&self, at_proxy: bool) -> String {
        match &self.proxy {
            Some(proxy) if at_proxy => format!("the proxy {proxy}"),
            _ => self.host.clone(),
        }
    }

    fn connect_failure(&self, ConnectError { at_proxy, cause }: ConnectError) -> HttpFailure {
        use FailureKind as K;
        use ureq::Error as E;
        let peer = self.peer(at_proxy);
        let timeout = self.connect_timeout.min(self.timeout);
        let failure = match cause {
            Cause::Lookup(reason) => {
                failed(K::Connect, true, format!("cannot resolve {peer}: {reason}"))
            }
            Cause::Forbidden(address) => failed(
                K::Request,
                false,
                format!("{peer} has the address {address}, which is not allowed here"),
            ),
            Cause::Refused(status) => self.proxy_refusal(status),
            Cause::NotHttp => failed(
                K::Connect,
                true,
                format!("{peer} sent an invalid response: is it an HTTP proxy?"),
            ),
            Cause::ClockBefore1970 => failed(
                K::Tls,
                false,
                "the system clock is set to before 1970: correct it; TLS certificates cannot be checked \
                 otherwise"
                    .to_owned(),
            ),
            Cause::Closed => failed(K::Connect, true, format!("{peer} closed the connection")),
            Cause::Transport(E::Timeout(Timeout::Resolve)) => failed(
                K::Timeout,
                true,
                format!("looking up {peer} timed out after {timeout:?}"),
            ),
            Cause::Transport(E::Timeout(_)) => failed(
                K::Timeout,
                true,
                format!("connecting to {peer} timed out after {timeout:?}"),
            ),
            Cause::Transport(E::Io(error)) => match error.kind() {
                io::ErrorKind::InvalidData => tls_failed(&peer, E::Io(error)),
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => lost(&peer, error),
                _ => HttpFailure {
                    message: format!("cannot connect to {peer}: {error}"),
                    source: Some(Box::new(error)),
                    ..failed(K::Connect, true, String::new())
                },
            },
            Cause::Transport(E::TlsRequired) => failed(
                K::Tls,
                false,
                "this build does not support https: enable the feature rustls or native-tls".to_owned(),
            ),
            Cause::Transport(error) => tls_failed(&peer, error),
        };
        HttpFailure {
            is_unsent: true,
            ..failure
        }
    }
}

fn tls_failed(peer: &str, error: ureq::Error) -> HttpFailure {
    let reason = certificate_problem(&error).unwrap_or_else(|| reason(&error));
    let message = format!("TLS connection to {peer} failed: {reason}");
    let source: Box<dyn StdError + Send + Sync> = match error {
        ureq::Error::Io(error) => Box::new(error),
        error => Box::new(error),
    };
    HttpFailure {
        source: Some(source),
        ..failed(FailureKind::Tls, false, message)
    }
}

fn lost(peer: &str, error: io::Error) -> HttpFailure {
    HttpFailure {
        message: format!("the connection to {peer} was lost: {error}"),
        source: Some(Box::new(error)),
        ..failed(FailureKind::Io, true, String::new())
    }
}

/// Describes what is wrong with a certificate, and what to do about it.
#[cfg(feature = "rustls")]
fn certificate_problem(error: &ureq::Error) -> Option<String> {
    use rustls::CertificateError as C;
    use rustls::pki_types::UnixTime;
    let date = |time: UnixTime| {
        let seconds = i64::try_from(time.as_secs()).ok()?;
        Some(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
    };
    let ureq::Error::Io(error) = error else {
        return None;
    };
    let rustls::Error::InvalidCertificate(problem) = error.get_ref()?.downcast_ref()? else {
        return None;
    };
    Some(match problem {
        C::UnknownIssuer => {
            "its certificate is not signed by a trusted authority (UnknownIssuer); \
                             if its authority is a private one, such as that of a company's proxy, \
                             set AWS_CA_BUNDLE or ca_bundle to a PEM file with the authority's \
                             certificate"
                .to_owned()
        }
        C::ExpiredContext { time, not_after } => format!(
            "its certificate expired on {}, and the system clock says {}; if that is wrong, set \
             the clock",
            date(*not_after)?,
            date(*time)?
        ),
        C::NotValidYetContext { time, not_before } => format!(
            "its certificate is valid from {}, and the system clock says {}; if that is wrong, set \
             the clock",
            date(*not_before)?,
            date(*time)?
        ),
        _ => return None,
    })
}

#[cfg(not(feature = "rustls"))]
fn certificate_problem(_error: &ureq::Error) -> Option<String> {
    None
}

/// Returns an error's own words, without the name that ureq puts before them.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Protocol(error) => error.to_string(),
        ureq::Error::Http(error) => error.to_string(),
        ureq::Error::BadUri(reason) => reason.clone(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

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

    fn through_proxy() -> Exchange {
        Exchange {
            proxy: Some("proxy:3128".to_owned()),
            ..exchange()
        }
    }

    fn connect(at_proxy: bool, cause: impl Into<Cause>) -> ureq::Error {
        ureq::Error::Other(Box::new(ConnectError {
            at_proxy,
            cause: cause.into(),
        }))
    }

    fn io(kind: io::ErrorKind) -> ureq::Error {
        ureq::Error::Io(io::Error::new(kind, "because"))
    }

    #[track_caller]
    fn check(exchange: &Exchange, cases: Vec<(ureq::Error, FailureKind, bool, bool, &str)>) {
        for (error, kind, is_transient, is_unsent, message) in cases {
            let failure = exchange.failure(error);
            assert_eq!(failure.to_string(), message);
            assert_eq!(failure.kind, kind, "{message}");
            assert_eq!(failure.is_transient, is_transient, "{message}");
            assert_eq!(failure.is_unsent, is_unsent, "{message}");
        }
    }

    #[test]
    fn says_that_no_request_was_sent_if_there_was_no_connection() {
        use FailureKind as K;
        use io::ErrorKind as I;
        use ureq::Error as E;
        let direct = |cause: E| connect(false, cause);
        let address = IpAddr::from([192, 0, 2, 1]);
        #[rustfmt::skip]
        let cases = vec![
            (direct(E::Timeout(Timeout::Resolve)), K::Timeout, true, true, "looking up sdb.amazonaws.com timed out after 3.1s"),
            (direct(E::Timeout(Timeout::Connect)), K::Timeout, true, true, "connecting to sdb.amazonaws.com timed out after 3.1s"),
            (connect(false, Cause::Lookup("unknown".to_owned())), K::Connect, true, true, "cannot resolve sdb.amazonaws.com: unknown"),
            (connect(false, Cause::Forbidden(address)), K::Request, false, true, "sdb.amazonaws.com has the address 192.0.2.1, which is not allowed here"),
            (direct(io(I::ConnectionRefused)), K::Connect, true, true, "cannot connect to sdb.amazonaws.com: because"),
            (direct(io(I::HostUnreachable)), K::Connect, true, true, "cannot connect to sdb.amazonaws.com: because"),
            (direct(io(I::ConnectionReset)), K::Io, true, true, "the connection to sdb.amazonaws.com was lost: because"),
            (direct(io(I::InvalidData)), K::Tls, false, true, "TLS connection to sdb.amazonaws.com failed: because"),
            (direct(E::Tls("because")), K::Tls, false, true, "TLS connection to sdb.amazonaws.com failed: because"),
            (direct(E::TlsRequired), K::Tls, false, true, "this build does not support https: enable the feature rustls or native-tls"),
            (E::BadUri("because".to_owned()), K::Request, false, true, "invalid request: because"),
        ];
        check(&exchange(), cases);
        assert!(HttpFailure::invalid_header("x").is_unsent);
    }

    #[test]
    fn names_the_host_whose_response_failed() {
        use FailureKind as K;
        use ureq::Error as E;
        #[rustfmt::skip]
        let cases = vec![
            (E::Timeout(Timeout::PerCall), K::Timeout, true, false, "sdb.amazonaws.com did not respond within 30s"),
            (io(io::ErrorKind::UnexpectedEof), K::Io, true, false, "the connection to sdb.amazonaws.com was lost: because"),
            // A connection that exists can end with this, too.
            (io(io::ErrorKind::HostUnreachable), K::Io, true, false, "the connection to sdb.amazonaws.com was lost: because"),
            (io(io::ErrorKind::InvalidData), K::Tls, false, false, "TLS connection to sdb.amazonaws.com failed: because"),
            (E::BodyStalled, K::Response, true, false, "the response from sdb.amazonaws.com stalled"),
            (E::LargeResponseHeader(21, 20), K::Response, false, false, "the response headers from sdb.amazonaws.com exceed 20 bytes"),
            (E::BodyExceedsLimit(11), K::Response, false, false, "the response from sdb.amazonaws.com exceeds 10 bytes"),
        ];
        check(&exchange(), cases);
    }

    #[test]
    fn blames_the_proxy_for_what_it_did() {
        use FailureKind as K;
        use ureq::Error as E;
        let proxy = |cause: Cause| connect(true, cause);
        #[rustfmt::skip]
        let cases = vec![
            (proxy(Cause::Refused(407)), K::Connect, false, true, "the proxy proxy:3128 requires a user name and password: add them to its URL"),
            (proxy(Cause::Refused(403)), K::Connect, false, true, "the proxy proxy:3128 refused to tunnel to sdb.amazonaws.com: HTTP status 403"),
            (proxy(Cause::Refused(502)), K::Connect, true, true, "the proxy proxy:3128 refused to tunnel to sdb.amazonaws.com: HTTP status 502"),
            (proxy(Cause::ClockBefore1970), K::Tls, false, true, "the system clock is set to before 1970: correct it; TLS certificates cannot be checked otherwise"),
            (proxy(Cause::NotHttp), K::Connect, true, true, "the proxy proxy:3128 sent an invalid response: is it an HTTP proxy?"),
            (proxy(Cause::Closed), K::Connect, true, true, "the proxy proxy:3128 closed the connection"),
            (proxy(Cause::from(E::Timeout(Timeout::Connect))), K::Timeout, true, true, "connecting to the proxy proxy:3128 timed out after 3.1s"),
            (proxy(Cause::from(io(io::ErrorKind::ConnectionRefused))), K::Connect, true, true, "cannot connect to the proxy proxy:3128: because"),
            (proxy(Cause::from(io(io::ErrorKind::InvalidData))), K::Tls, false, true, "TLS connection to the proxy proxy:3128 failed: because"),
            (connect(false, io(io::ErrorKind::InvalidData)), K::Tls, false, true, "TLS connection to sdb.amazonaws.com failed: because"),
            (E::Timeout(Timeout::PerCall), K::Timeout, true, false, "sdb.amazonaws.com did not respond through the proxy proxy:3128 within 30s"),
        ];
        check(&through_proxy(), cases);
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn says_what_to_do_about_a_certificate() {
        use rustls::CertificateError as C;
        use rustls::pki_types::UnixTime;
        let at = |days: u64| UnixTime::since_unix_epoch(Duration::from_secs(days * 86_400));
        let cases = [
            (
                C::UnknownIssuer,
                "its certificate is not signed by a trusted authority (UnknownIssuer); if its \
                 authority is a private one, such as that of a company's proxy, set AWS_CA_BUNDLE \
                 or ca_bundle to a PEM file with the authority's certificate",
            ),
            (
                C::ExpiredContext {
                    time: at(20_000),
                    not_after: at(10_000),
                },
                "its certificate expired on 1997-05-19, and the system clock says 2024-10-04; if \
                 that is wrong, set the clock",
            ),
            (
                C::NotValidYetContext {
                    time: at(0),
                    not_before: at(20_000),
                },
                "its certificate is valid from 2024-10-04, and the system clock says 1970-01-01; \
                 if that is wrong, set the clock",
            ),
        ];
        for (problem, expected) in cases {
            let error = rustls::Error::InvalidCertificate(problem);
            let error = io::Error::new(io::ErrorKind::InvalidData, error);
            let failure = exchange().failure(connect(false, ureq::Error::Io(error)));
            let expected = format!("TLS connection to sdb.amazonaws.com failed: {expected}");
            assert_eq!(failure.to_string(), expected);
        }
    }

    #[test]
    fn keeps_the_underlying_error_as_the_source_if_it_says_more() {
        let source = exchange()
            .failure(io(io::ErrorKind::ConnectionReset))
            .into_source();
        let source = source.unwrap();
        let source: &io::Error = source.downcast_ref().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
        let timeout = ureq::Error::Timeout(Timeout::PerCall);
        assert!(exchange().failure(timeout).into_source().is_none());
    }
}

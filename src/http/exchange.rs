//! Turns an error of ureq into what failed between the client and a host.

use std::io;
use std::time::Duration;

use super::connect_error::ConnectError;
use super::failure::{FailureKind, HttpFailure, reason};
use super::pooled::LostConnection;

/// What the message of a failure needs to know about the exchange.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The host, with its port if the URL names one.
    pub(super) host: String,
    /// The host of the proxy, if there is one.
    pub(super) proxy: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_body: u64,
}

impl Exchange {
    pub(super) fn failure(&self, error: ureq::Error) -> HttpFailure {
        use FailureKind as K;
        use ureq::Error as E;
        let Exchange { host, timeout, .. } = self;
        match error {
            E::Other(other) => match other.downcast::<ConnectError>() {
                Ok(error) => {
                    let timeout = self.connect_timeout.min(self.timeout);
                    let peer = self.peer(error.at_proxy);
                    error.cause.failure(&peer, host, timeout).unsent()
                }
                Err(other) => match other.downcast::<LostConnection>() {
                    Ok(dead) => HttpFailure::lost(host, dead.0),
                    Err(other) => {
                        let message = format!("the request to {host} failed");
                        HttpFailure::new(K::Io, true, message).with_source(other)
                    }
                },
            },
            E::Timeout(_) => {
                let through = match &self.proxy {
                    Some(proxy) => format!(" through the proxy {proxy}"),
                    None => String::new(),
                };
                let message = format!("{host} did not respond{through} within {timeout:?}");
                HttpFailure::new(K::Timeout, true, message)
            }
            // Only TLS calls data invalid.
            E::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                HttpFailure::tls(host, E::Io(error))
            }
            E::Io(error) => HttpFailure::lost(host, error),
            E::Protocol(_) => {
                let message = format!("invalid response from {host}: {}", reason(&error));
                HttpFailure::new(K::Response, true, message).with_source(error)
            }
            E::BodyStalled => {
                let message = format!("the response from {host} stalled");
                HttpFailure::new(K::Response, true, message)
            }
            E::LargeResponseHeader(_, max) => {
                let message = format!("the response headers from {host} exceed {max} bytes");
                HttpFailure::new(K::Response, false, message)
            }
            E::BodyExceedsLimit(_) => {
                let max = self.max_body;
                let message = format!("the response from {host} exceeds {max} bytes");
                HttpFailure::new(K::Response, false, message)
            }
            E::BadUri(_) | E::Http(_) => {
                let message = format!("invalid request: {}", reason(&error));
                let failure = HttpFailure::new(K::Request, false, message);
                failure.unsent().with_source(error)
            }
            error => HttpFailure::tls(host, error),
        }
    }

    /// Describes the refusal of the proxy to forward a request.
    pub(super) fn proxy_refusal(&self, status: u16) -> HttpFailure {
        HttpFailure::proxy_refusal(&self.peer(true), &self.host, status)
    }

    /// The other side of the connection, in words.
    fn peer(&self, at_proxy: bool) -> String {
        match &self.proxy {
            Some(proxy) if at_proxy => format!("the proxy {proxy}"),
            _ => self.host.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use ureq::Timeout;

    use super::*;
    use crate::http::connect_error::Cause;

    fn exchange() -> Exchange {
        Exchange {
            host: "sdb.amazonaws.com".to_owned(),
            proxy: None,
            connect_timeout: Duration::from_millis(3_100),
            timeout: Duration::from_secs(30),
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

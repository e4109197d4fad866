//! Why a connection could not be established.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use ureq::{Error, Timeout};

use super::failure::{FailureKind, HttpFailure};

/// A connection that was not established, so that no request can have reached the host.
#[derive(Debug)]
pub(super) struct ConnectError {
    /// Whether it is the connection to the proxy that failed.
    pub(super) at_proxy: bool,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    /// The host has no address, for the system's reason.
    Lookup(String),
    /// One of the host's addresses must not be connected to.
    Forbidden(IpAddr),
    /// The proxy refused the tunnel with this HTTP status.
    Refused(u16),
    /// rustls would panic.
    ClockBefore1970,
    /// The proxy's response to `CONNECT` is not HTTP.
    NotHttp,
    /// The proxy closed the connection instead of responding.
    Closed,
    Transport(Error),
}

impl Cause {
    /// Describes what went wrong with `peer`: the host, or the proxy that should have led there.
    pub(super) fn failure(self, peer: &str, host: &str, timeout: Duration) -> HttpFailure {
        use FailureKind as K;
        let (kind, is_transient, message) = match self {
            Cause::Lookup(reason) => (K::Connect, true, format!("cannot resolve {peer}: {reason}")),
            Cause::Forbidden(address) => {
                let message =
                    format!("{peer} has the address {address}, which is not allowed here");
                (K::Request, false, message)
            }
            Cause::Refused(status) => return HttpFailure::proxy_refusal(peer, host, status),
            Cause::NotHttp => {
                let message = format!("{peer} sent an invalid response: is it an HTTP proxy?");
                (K::Connect, true, message)
            }
            Cause::ClockBefore1970 => {
                let message = "the system clock is set to before 1970: correct it; TLS \
                               certificates cannot be checked otherwise";
                (K::Tls, false, message.to_owned())
            }
            Cause::Closed => (K::Connect, true, format!("{peer} closed the connection")),
            Cause::Transport(error) => return transport_failure(error, peer, timeout),
        };
        HttpFailure::new(kind, is_transient, message)
    }
}

fn transport_failure(error: Error, peer: &str, timeout: Duration) -> HttpFailure {
    use FailureKind as K;
    match error {
        Error::Timeout(reason) => {
            let doing = match reason {
                Timeout::Resolve => "looking up",
                _ => "connecting to",
            };
            let message = format!("{doing} {peer} timed out after {timeout:?}");
            HttpFailure::new(K::Timeout, true, message)
        }
        Error::Io(error) => match error.kind() {
            io::ErrorKind::InvalidData => HttpFailure::tls(peer, Error::Io(error)),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => HttpFailure::lost(peer, error),
            _ => {
                let message = format!("cannot connect to {peer}: {error}");
                HttpFailure::new(K::Connect, true, message).with_source(error)
            }
        },
        Error::TlsRequired => {
            let message =
                "this build does not support https: enable the feature rustls or native-tls";
            HttpFailure::new(K::Tls, false, message.to_owned())
        }
        error => HttpFailure::tls(peer, error),
    }
}

impl From<Error> for Cause {
    fn from(error: Error) -> Cause {
        Cause::Transport(error)
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Cause {
        Cause::Transport(Error::from(error))
    }
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.cause)
    }
}

impl std::error::Error for ConnectError {}

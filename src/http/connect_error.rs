//! Why a connection could not be established.

use std::io;
use std::net::IpAddr;

use ureq::Error;

/// A connection that was not established, so that no request can have reached the host.
#[derive(Debug)]
pub(super) struct ConnectError {
    /// Whether it is the connection to the proxy that failed.
    pub(super) at_proxy: bool,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    /// The host has no address, as the system puts it.
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

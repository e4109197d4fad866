//! Opens connections: looks the host up, connects to it or to the proxy, and negotiates TLS, all
//! within one time limit.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time;
use std::time::SystemTime;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
use ureq::unversioned::transport::NativeTlsConnector as TlsConnector;
#[cfg(feature = "rustls")]
use ureq::unversioned::transport::RustlsConnector as TlsConnector;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Error, Timeout};

use super::authority;
use super::connect_error::{Cause, ConnectError};
use super::pooled::PooledTransport;
use super::proxy::{Proxy, Tunnel};
use super::socket::Socket;
use crate::system::run_within;

/// Decides which addresses may be connected to.
pub(crate) type IsAllowed = fn(IpAddr) -> bool;

/// Resolves nothing: ureq asks before every request, and pooled connections need no address.
#[derive(Debug)]
pub(super) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Opens the connections of one pool.
pub(super) struct Connect {
    proxy: Option<Proxy>,
    is_allowed: Option<IsAllowed>,
    /// The headers of all requests, each with the end of its line.
    headers: String,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    tls: TlsConnector,
}

impl Connect {
    pub(super) fn new(
        proxy: Option<Proxy>,
        is_allowed: Option<IsAllowed>,
        headers: String,
    ) -> Connect {
        Connect {
            proxy,
            is_allowed,
            headers,
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            tls: TlsConnector::default(),
        }
    }

    fn open(&self, details: &ConnectionDetails<'_>) -> Result<Box<dyn Transport>, ConnectError> {
        let at = |at_proxy| move |cause| ConnectError { at_proxy, cause };
        let reach = |uri| self.secure(details, uri, self.dial(details, uri)?);
        let Some(proxy) = &self.proxy else {
            return reach(details.uri).map_err(at(false));
        };
        let transport = reach(&proxy.uri).map_err(at(true))?;
        if !details.needs_tls() {
            return Ok(transport);
        }
        let tunnel = tunnel(proxy, details, transport).map_err(at(true))?;
        self.secure(details, details.uri, tunnel).map_err(at(false))
    }

    /// Connects to the host of `uri`.
    fn dial(
        &self,
        details: &ConnectionDetails<'_>,
        uri: &Uri,
    ) -> Result<Box<dyn Transport>, Cause> {
        let mut addresses = details.resolver.empty();
        let left = step(details, uri)?.timeout.after;
        let (host, port) = host_and_port(uri)?;
        for address in look_up(host, *left, |host| {
            Ok((host, 0).to_socket_addrs()?.collect())
        })? {
            if self
                .is_allowed
                .is_some_and(|is_allowed| !is_allowed(address))
            {
                return Err(Cause::Forbidden(address));
            }
            // More than sixteen do not fit, and would never be tried in time.
            if addresses.len() < 16 {
                addresses.push(SocketAddr::new(address, port));
            }
        }
        let mut step = step(details, uri)?;
        step.addrs = addresses;
        let socket = TcpConnector::default()
            .connect(&step, None::<()>)?
            .ok_or(Error::ConnectionFailed)?;
        Ok(Box::new(Socket::new(socket)))
    }

    /// Negotiates TLS with the host of `uri` if `uri` is https.
    #[cfg_attr(
        not(any(feature = "rustls", feature = "native-tls")),
        expect(
            clippy::unused_self,
            reason = "without TLS there is nothing to negotiate"
        )
    )]
    fn secure(
        &self,
        details: &ConnectionDetails<'_>,
        uri: &Uri,
        transport: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, Cause> {
        let step = step(details, uri)?;
        if !step.needs_tls() {
            return Ok(transport);
        }
        check_clock(SystemTime::now())?;
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        {
            // Never moved within this function: a TLS session takes kilobytes of stack.
            boxed(self.tls.connect(&step, Some(transport)))
        }
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        Err(Cause::from(Error::TlsRequired))
    }
}

impl Connector for Connect {
    type Out = PooledTransport;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<PooledTransport>, Error> {
        let transport = self
            .open(details)
            .map_err(|error| Error::Other(Box::new(error)))?;
        // A proxy needs the whole URL of a request that it forwards (RFC 9112, section 3.2.2).
        let origin = match &self.proxy {
            Some(_) if !details.needs_tls() => format!("http://{}", authority(details.uri)),
            _ => String::new(),
        };
        let headers = self.headers.clone();
        Ok(Some(PooledTransport::new(transport, origin, headers)))
    }
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

/// Opens a tunnel through the proxy to the host of `details`.
fn tunnel(
    proxy: &Proxy,
    details: &ConnectionDetails<'_>,
    transport: Box<dyn Transport>,
) -> Result<Box<dyn Transport>, Cause> {
    let step = step(details, details.uri)?;
    Ok(Box::new(Tunnel::open(proxy, &step, transport)?))
}

/// The details of one step of connecting to `uri`, with the time that is left for it.
fn step<'a>(
    details: &'a ConnectionDetails<'_>,
    uri: &'a Uri,
) -> Result<Box<ConnectionDetails<'a>>, Error> {
    let now = (details.current_time)();
    let after = match (details.timeout.after, details.now, now) {
        (Duration::Exact(timeout), Instant::Exact(began), Instant::Exact(now)) => {
            Duration::Exact(timeout.saturating_sub(now.saturating_duration_since(began)))
        }
        (timeout, ..) => timeout,
    };
    if after.is_zero() {
        return Err(Error::Timeout(Timeout::Connect));
    }
    // Its room for addresses would take much of a small stack, once for each use.
    Ok(Box::new(ConnectionDetails {
        uri,
        addrs: details.resolver.empty(),
        config: details.config,
        // All requests share the agent's TLS settings, which are then prepared only once.
        request_level: false,
        resolver: details.resolver,
        now,
        timeout: NextTimeout {
            after,
            reason: Timeout::Connect,
            ..details.timeout
        },
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    }))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn boxed<T: Transport>(transport: Result<Option<T>, Error>) -> Result<Box<dyn Transport>, Cause> {
    match transport {
        Ok(Some(transport)) => Ok(Box::new(transport)),
        Ok(None) => Err(Cause::from(Error::TlsRequired)),
        Err(error) => Err(Cause::from(error)),
    }
}

fn check_clock(now: SystemTime) -> Result<(), Cause> {
    match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(_) => Ok(()),
        Err(_) => Err(Cause::ClockBefore1970),
    }
}

/// Looks a host up on a thread, since the system's resolver has no time limit.
fn look_up(
    host: &str,
    timeout: time::Duration,
    resolve: fn(&str) -> io::Result<Vec<SocketAddr>>,
) -> Result<Vec<IpAddr>, Cause> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let name = host.to_owned();
    match run_within(timeout, "resolve", move || resolve(&name))? {
        Some(Ok(addresses)) if addresses.is_empty() => Err(Cause::Lookup("no address".to_owned())),
        Some(Ok(addresses)) => Ok(addresses.iter().map(SocketAddr::ip).collect()),
        Some(Err(error)) => Err(Cause::Lookup(error.to_string())),
        None => Err(Cause::from(Error::Timeout(Timeout::Resolve))),
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Error> {
    let host = uri
        .host()
        .ok_or_else(|| Error::BadUri("there is no host".to_owned()))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let default = if uri.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    Ok((host, uri.port_u16().unwrap_or(default)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: time::Duration = time::Duration::from_secs(20);

    #[test]
    fn looks_up_a_name_but_not_an_address() {
        let found = look_up("host", LATER, |host| {
            assert_eq!(host, "host");
            Ok(vec![([192, 0, 2, 1], 0).into()])
        });
        assert_eq!(found.unwrap(), [IpAddr::from([192, 0, 2, 1])]);
        let found = look_up("::1", LATER, |_| Err(io::Error::other("asked")));
        assert_eq!(found.unwrap(), ["::1".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn reports_why_a_name_has_no_address() {
        let failure = |resolve| match look_up("host", LATER, resolve) {
            Err(Cause::Lookup(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(failure(|_| Ok(Vec::new())), "no address");
        assert_eq!(failure(|_| Err(io::Error::other("unknown"))), "unknown");
    }

    #[test]
    fn gives_up_on_a_resolver_that_does_not_respond() {
        let found = look_up("host", time::Duration::from_millis(20), |_| {
            std::thread::sleep(LATER);
            Ok(Vec::new())
        });
        let timed_out = Cause::Transport(Error::Timeout(Timeout::Resolve));
        assert_eq!(
            format!("{:?}", found.unwrap_err()),
            format!("{timed_out:?}")
        );
    }

    #[test]
    fn attempts_no_tls_before_1970() {
        assert!(check_clock(SystemTime::UNIX_EPOCH).is_ok());
        let before = SystemTime::UNIX_EPOCH - time::Duration::from_secs(1);
        assert!(matches!(check_clock(before), Err(Cause::ClockBefore1970)));
    }

    #[test]
    fn uses_the_port_of_the_scheme_unless_the_url_names_one() {
        for (uri, expected) in [
            ("https://192.0.2.1", ("192.0.2.1", 443)),
            ("http://[::1]", ("::1", 80)),
            ("http://host:8000/v2", ("host", 8000)),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(host_and_port(&uri).unwrap(), expected);
        }
    }
}

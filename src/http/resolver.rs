//! Name resolution that is asked once per host and short while, and never waits for ever.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use crate::http::slot::Slot;
use crate::system::start_thread;

/// How long an answer is good for. Long enough for a burst of calls, short enough to follow a
/// service that moves; a connection that fails asks anew in any case.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// Looks names up on threads of their own, since the system's resolver knows no time-out, and
/// keeps the answers.
#[derive(Clone)]
pub(super) struct CachingResolver(Arc<Shared>);

/// A host's addresses, with any port.
type LookUp = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

struct Shared {
    look_up: Box<LookUp>,
    /// A client calls one host, or a few.
    names: Mutex<Vec<(String, Arc<Lookup>)>>,
}

/// One question to the system, for all who ask while it is open.
type Lookup = Slot<Answer>;

#[derive(Clone)]
enum Answer {
    Found {
        addresses: Arc<[SocketAddr]>,
        until: Instant,
    },
    Failed(String),
}

/// A name that could not be resolved, as the system puts it.
#[derive(Debug)]
pub(super) struct LookupError {
    host: String,
    reason: String,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the name {} cannot be resolved: {}",
            self.host, self.reason
        )
    }
}

impl std::error::Error for LookupError {}

impl CachingResolver {
    fn new(
        look_up: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> CachingResolver {
        CachingResolver(Arc::new(Shared {
            look_up: Box::new(look_up),
            names: Mutex::default(),
        }))
    }

    /// Forgets a host whose addresses did not answer.
    pub(super) fn forget(&self, uri: &Uri) {
        if let Ok((host, _)) = host_and_port(uri) {
            self.names()
                .retain(|(name, lookup)| name != host || lookup.look().is_none());
        }
    }

    fn names(&self) -> MutexGuard<'_, Vec<(String, Arc<Lookup>)>> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_up(&self, host: &str, timeout: NextTimeout) -> Result<Arc<[SocketAddr]>, Error> {
        let failed = |reason: String| {
            let host = host.to_owned();
            Error::Other(Box::new(LookupError { host, reason }))
        };
        let lookup = self
            .current(host)
            .map_err(|error| failed(format!("{error}")))?;
        let answer = lookup.wait(*timeout.after).clone();
        match answer {
            Some(Answer::Found { addresses, .. }) => Ok(addresses),
            Some(Answer::Failed(reason)) => Err(failed(reason)),
            None => Err(Error::Timeout(Timeout::Resolve)),
        }
    }

    /// The question that is open, or whose answer is still good, or else a new one.
    fn current(&self, host: &str) -> io::Result<Arc<Lookup>> {
        let mut names = self.names();
        let known = names.iter().find(|(name, _)| name == host);
        if let Some((_, lookup)) = known {
            if lookup.look().as_ref().is_none_or(Answer::is_current) {
                return Ok(Arc::clone(lookup));
            }
        }
        let lookup = Arc::<Lookup>::default();
        self.start(Arc::clone(&lookup), host.to_owned())?;
        names.retain(|(name, _)| name != host);
        names.push((host.to_owned(), Arc::clone(&lookup)));
        Ok(lookup)
    }

    /// An answer that comes after the caller's time-out is kept for the next attempt.
    fn start(&self, lookup: Arc<Lookup>, host: String) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let work = move || lookup.fill(Answer::of((shared.look_up)(&host)));
        start_thread("resolve", Box::new(work))
    }
}

impl Default for CachingResolver {
    /// Asks the system.
    fn default() -> CachingResolver {
        CachingResolver::new(|host| Ok((host, 0).to_socket_addrs()?.collect()))
    }
}

impl Answer {
    fn of(result: io::Result<Vec<SocketAddr>>) -> Answer {
        match result {
            Ok(addresses) if addresses.is_empty() => Answer::Failed("it has no address".to_owned()),
            Ok(addresses) => Answer::Found {
                addresses: addresses.into(),
                until: Instant::now() + TIME_TO_LIVE,
            },
            Err(error) => Answer::Failed(format!("{error}")),
        }
    }

    fn is_current(&self) -> bool {
        match self {
            Answer::Found { until, .. } => Instant::now() < *until,
            Answer::Failed(_) => false,
        }
    }
}

impl Resolver for CachingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let (host, port) = host_and_port(uri)?;
        let mut resolved = self.empty();
        if let Ok(address) = host.parse::<IpAddr>() {
            resolved.push(SocketAddr::new(address, port));
            return Ok(resolved);
        }
        // It holds sixteen, more than a client would ever try.
        for address in self.look_up(host, timeout)?.iter().take(16) {
            let mut address = *address;
            address.set_port(port);
            resolved.push(address);
        }
        Ok(resolved)
    }
}

impl fmt::Debug for CachingResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachingResolver").finish_non_exhaustive()
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Error> {
    let host = uri
        .host()
        .ok_or_else(|| Error::BadUri("there is no host".to_owned()))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = match (uri.port_u16(), uri.scheme_str()) {
        (Some(port), _) => port,
        (None, Some("http")) => 80,
        (None, _) => 443,
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests;

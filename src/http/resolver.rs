//! Name resolution that is asked once per host and short while, and never waits for ever.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

/// How long an answer is good for. Long enough for a burst of calls, short enough to follow a
/// service that moves; a connection that fails asks anew in any case.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// Looks names up on threads of their own, since the system's resolver knows no time-out, and
/// keeps the answers.
#[derive(Clone, Default)]
pub(super) struct CachingResolver(Arc<Shared>);

#[derive(Default)]
struct Shared {
    names: Mutex<HashMap<String, Lookup>>,
    changed: Condvar,
}

enum Lookup {
    /// A thread is at it, for all who ask.
    Running,
    Found {
        addresses: Vec<SocketAddr>,
        until: Instant,
    },
    Failed(io::Error),
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
    /// Forgets a host whose addresses did not answer.
    pub(super) fn forget(&self, uri: &Uri) {
        if let Ok((host, port)) = host_and_port(uri) {
            let mut names = self.0.lock();
            let key = key(host, port);
            if matches!(names.get(&key), Some(Lookup::Found { .. })) {
                names.remove(&key);
            }
        }
    }

    fn look_up(
        &self,
        host: &str,
        port: u16,
        timeout: NextTimeout,
    ) -> Result<Vec<SocketAddr>, Error> {
        let key = key(host, port);
        let deadline = Instant::now().checked_add(*timeout.after);
        let mut names = self.0.lock();
        loop {
            match names.get(&key) {
                Some(Lookup::Found { addresses, until }) if Instant::now() < *until => {
                    return Ok(addresses.clone());
                }
                Some(Lookup::Failed(_)) => {
                    if let Some(Lookup::Failed(error)) = names.remove(&key) {
                        return Err(failed(host, &error));
                    }
                }
                Some(Lookup::Running) => {
                    let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
                    if left == Some(Duration::ZERO) {
                        return Err(Error::Timeout(Timeout::Resolve));
                    }
                    let left = left.unwrap_or(TIME_TO_LIVE);
                    let changed = self.0.changed.wait_timeout(names, left);
                    names = changed.unwrap_or_else(PoisonError::into_inner).0;
                }
                _ => {
                    self.start(key.clone(), host.to_owned(), port)
                        .map_err(|error| failed(host, &error))?;
                    names.insert(key.clone(), Lookup::Running);
                }
            }
        }
    }

    /// An answer that comes after the caller's time-out is kept for the next attempt.
    fn start(&self, key: String, host: String, port: u16) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let look_up = move || {
            let result = (host.as_str(), port).to_socket_addrs();
            let lookup = match result.map(Iterator::collect::<Vec<_>>) {
                Ok(addresses) if addresses.is_empty() => {
                    Lookup::Failed(io::Error::other("it has no address"))
                }
                Ok(addresses) => Lookup::Found {
                    addresses,
                    until: Instant::now() + TIME_TO_LIVE,
                },
                Err(error) => Lookup::Failed(error),
            };
            shared.lock().insert(key, lookup);
            shared.changed.notify_all();
        };
        thread::Builder::new()
            .name("resolve".to_owned())
            .spawn(look_up)
            .map(drop)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Lookup>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
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
        for address in self.look_up(host, port, timeout)? {
            // It holds sixteen, more than a client would ever try.
            if resolved.len() < 16 {
                resolved.push(address);
            }
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

fn key(host: &str, port: u16) -> String {
    format!("{host}:{port}")
}

fn failed(host: &str, error: &io::Error) -> Error {
    Error::Other(Box::new(LookupError {
        host: host.to_owned(),
        reason: error.to_string(),
    }))
}

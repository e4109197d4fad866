//! The cache of credentials, which refreshes them before they expire.

mod schedule;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::{debug, warn};

use self::schedule::{Action, Schedule, backoff, decide};
use super::{Credentials, CredentialsError, ProvideCredentials};
use crate::system::{RealSystem, System, lock, random_fraction};

/// Time limit of a refresh while the current credentials are still valid.
const MAX_EARLY_REFRESH: Duration = Duration::from_secs(10);

/// Caches the credentials of a source that does work to get them.
///
/// It refreshes them 5 minutes before they expire (or after three quarters of their lifetime, if
/// that is shorter than 20 minutes), up to a fifth of that time later at random, so that many
/// processes do not refresh at once. One thread at a time refreshes; the others keep using valid
/// credentials, and wait only during their last 10 seconds. If a refresh fails, the current
/// credentials are used until they expire, and the next refresh follows after 5 to 60 seconds.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::Credentials;
/// use simpledb_export::credentials::{CredentialsCache, CredentialsError, ProvideCredentials};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide_credentials(&self, _: Duration) -> Result<Credentials, CredentialsError> {
///         Ok(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     }
/// }
///
/// let cache = CredentialsCache::new(Vault);
/// let credentials = cache.provide_credentials(Duration::from_secs(5))?;
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), CredentialsError>(())
/// ```
pub struct CredentialsCache {
    source: Box<dyn ProvideCredentials>,
    system: Arc<dyn System>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: Option<(Credentials, Schedule)>,
    is_refreshing: bool,
    /// Number of refreshes that have ended, for the threads that wait for one.
    refreshes: u64,
    /// Number of failures since the last success, and when the next refresh may start.
    failures: u32,
    not_before: Option<Instant>,
    error: Option<CredentialsError>,
}

impl CredentialsCache {
    /// Creates an empty cache in front of a source.
    pub fn new(source: impl ProvideCredentials + 'static) -> CredentialsCache {
        CredentialsCache {
            source: Box::new(source),
            system: Arc::new(RealSystem),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn with_system(
        source: impl ProvideCredentials + 'static,
        system: Arc<dyn System>,
    ) -> CredentialsCache {
        CredentialsCache {
            system,
            ..CredentialsCache::new(source)
        }
    }

    /// Sets the source of time and randomness, for tests. Defaults to the operating system.
    #[must_use]
    pub fn system(mut self, system: impl System + 'static) -> CredentialsCache {
        self.system = Arc::new(system);
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn action(&self, state: &State) -> Action {
        let schedule = state.held.as_ref().map(|(_, schedule)| schedule);
        let is_delayed = (state.not_before).is_some_and(|until| self.system.instant() < until);
        decide(schedule, self.system.now(), state.is_refreshing, is_delayed)
    }

    /// Calls the source. Only the thread that has set `is_refreshing` does.
    fn refresh(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        let refreshing = Refreshing(self);
        let found = self.source.provide_credentials(timeout);
        let now = self.system.now();
        let jitter = || random_fraction(&*self.system);
        let mut state = self.lock();
        let result = match found {
            Ok(credentials) => {
                state.failures = 0;
                state.not_before = None;
                state.error = None;
                match Schedule::new(credentials.expiration(), now, jitter) {
                    Some(schedule) => state.held = Some((credentials.clone(), schedule)),
                    // The local clock may be wrong: let the service decide.
                    None => warn!(
                        "{} returned credentials that have already expired",
                        credentials.source()
                    ),
                }
                Ok(credentials)
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let wait = backoff(state.failures, jitter());
                state.not_before = self.system.instant().checked_add(wait);
                state.error = Some(error.clone());
                match &state.held {
                    Some((credentials, schedule)) if schedule.is_valid(now) => {
                        warn!("using the current credentials, since a refresh failed: {error}");
                        Ok(credentials.clone())
                    }
                    _ => Err(error),
                }
            }
        };
        // The guard takes the lock again.
        drop(state);
        drop(refreshing);
        result
    }
}

/// Ends a refresh in any case, so that no thread waits for one that panicked.
struct Refreshing<'a>(&'a CredentialsCache);

impl Drop for Refreshing<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_refreshing = false;
        state.refreshes = state.refreshes.wrapping_add(1);
        drop(state);
        self.0.changed.notify_all();
    }
}

impl ProvideCredentials for CredentialsCache {
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        let started = Instant::now();
        let mut state = self.lock();
        loop {
            let is_valid = match (self.action(&state), &state.held) {
                (Action::Use, Some((credentials, _))) => return Ok(credentials.clone()),
                (Action::Refresh { is_early }, _) => {
                    state.is_refreshing = true;
                    drop(state);
                    let left = timeout.saturating_sub(started.elapsed());
                    return self.refresh(if is_early {
                        left.min(MAX_EARLY_REFRESH)
                    } else {
                        left
                    });
                }
                (_, held) => (held.as_ref())
                    .is_some_and(|(_, schedule)| schedule.is_valid(self.system.now())),
            };
            debug!("credentials: waiting for another thread's refresh");
            let left = timeout.saturating_sub(started.elapsed());
            let before = state.refreshes;
            let waited = self
                .changed
                .wait_timeout_while(state, left, |state| state.refreshes == before);
            let (changed, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state = changed;
            match (&state.held, &state.error) {
                (Some((credentials, _)), _) if is_valid && waited.timed_out() => {
                    return Ok(credentials.clone());
                }
                _ if waited.timed_out() => {
                    return Err(CredentialsError::timed_out(
                        "timed out waiting for another thread to get credentials",
                    ));
                }
                // The refresh failed, and so does every thread that waited for it.
                (_, Some(error)) if !is_valid => return Err(error.clone()),
                _ => {}
            }
        }
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        let mut state = self.lock();
        if state
            .held
            .as_ref()
            .is_some_and(|(held, _)| held == credentials)
        {
            debug!("credentials: expired, according to the service");
            state.held = None;
        }
        drop(state);
        self.source.reject(credentials);
        true
    }
}

impl fmt::Debug for CredentialsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsCache")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

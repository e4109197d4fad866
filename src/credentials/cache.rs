//! Keeping credentials until it is time for others.

mod schedule;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::{debug, warn};

use self::schedule::{Action, Schedule, backoff, decide};
use super::{Credentials, CredentialsError, ProvideCredentials};
use crate::system::{Machine, System, random_fraction};

/// While the credentials at hand are still valid, nobody waits longer than this for others.
const LONGEST_EARLY_REFRESH: Duration = Duration::from_secs(10);

/// Keeps the credentials of a source that does work to find them.
///
/// They are refreshed five minutes before they expire (or after three quarters of their time, if
/// it is shorter than twenty minutes), a little earlier or later each time, so that many machines
/// do not come at once. One thread at a time refreshes; the others go on with credentials that
/// are valid, and wait only in the last ten seconds of them. Where a refresh fails, the last
/// credentials are used until they expire, and the source is asked again after some seconds, at
/// first five, at last sixty.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::credentials::CredentialsCache;
/// use simpledb_export::{Credentials, CredentialsError, ProvideCredentials};
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
    /// How many refreshes have ended, for those who wait for one.
    refreshes: u64,
    /// How many have failed since one succeeded, and until when the next one is put off.
    failures: u32,
    put_off_until: Option<Instant>,
    error: Option<CredentialsError>,
}

impl CredentialsCache {
    /// An empty cache before a source.
    pub fn new(source: impl ProvideCredentials + 'static) -> CredentialsCache {
        CredentialsCache {
            source: Box::new(source),
            system: Arc::new(Machine),
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

    /// Sets where time and randomness come from; for tests. Default: the machine.
    #[must_use]
    pub fn system(mut self, system: impl System + 'static) -> CredentialsCache {
        self.system = Arc::new(system);
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn action(&self, state: &State) -> Action {
        let schedule = state.held.as_ref().map(|(_, schedule)| schedule);
        let is_put_off = (state.put_off_until).is_some_and(|until| self.system.instant() < until);
        decide(schedule, self.system.now(), state.is_refreshing, is_put_off)
    }

    /// Asks the source; only the thread that has set `is_refreshing` comes here.
    fn refresh(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        let refreshing = Refreshing(self);
        let found = self.source.provide_credentials(timeout);
        let now = self.system.now();
        let jitter = random_fraction(&*self.system);
        let mut state = self.lock();
        let result = match found {
            Ok(credentials) => {
                state.failures = 0;
                state.put_off_until = None;
                state.error = None;
                match Schedule::new(credentials.expiration(), now, jitter) {
                    Some(schedule) => state.held = Some((credentials.clone(), schedule)),
                    // The machine's clock may be wrong: that is for the service to say.
                    None => warn!(
                        "{} gave credentials that have expired already",
                        credentials.source()
                    ),
                }
                Ok(credentials)
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let wait = backoff(state.failures, jitter);
                state.put_off_until = self.system.instant().checked_add(wait);
                state.error = Some(error.clone());
                match &state.held {
                    Some((credentials, schedule)) if schedule.is_valid(now) => {
                        warn!("the last credentials are used on, since a refresh failed: {error}");
                        Ok(credentials.clone())
                    }
                    _ => Err(error),
                }
            }
        };
        // The guard takes the lock once more.
        drop(state);
        drop(refreshing);
        result
    }
}

/// Ends a refresh in any case, so that nobody waits for a thread that panicked.
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
                (Action::Wait, held) => {
                    let now = self.system.now();
                    held.as_ref()
                        .is_some_and(|(_, schedule)| schedule.is_valid(now))
                }
                (Action::Refresh { is_early }, _) => {
                    state.is_refreshing = true;
                    drop(state);
                    let left = timeout.saturating_sub(started.elapsed());
                    return self.refresh(if is_early {
                        left.min(LONGEST_EARLY_REFRESH)
                    } else {
                        left
                    });
                }
                // There is nothing to use without credentials.
                (Action::Use, None) => false,
            };
            let left = timeout.saturating_sub(started.elapsed());
            let before = state.refreshes;
            if !left.is_zero() {
                debug!("credentials: waiting for another thread's refresh");
                let waited = self.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let has_ended = state.refreshes != before;
            match (&state.held, &state.error) {
                // The thread that refreshed has failed, and all who waited for it fail alike.
                (_, Some(error)) if has_ended && !is_valid => return Err(error.clone()),
                (Some((credentials, _)), _) if is_valid && !has_ended && left.is_zero() => {
                    return Ok(credentials.clone());
                }
                _ if !has_ended && left.is_zero() => {
                    return Err(CredentialsError::timed_out(
                        "another thread did not get credentials in the time that was given",
                    ));
                }
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

//! The last credentials that an instance's metadata service gave.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Credentials;

/// While the service is in trouble they are used beyond their expiry, as AWS asks for: services
/// accept them then.
#[derive(Default)]
pub(super) struct LastGood(Mutex<Option<Credentials>>);

impl LastGood {
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Credentials>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

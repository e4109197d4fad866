//! What one thread hands to another.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A place for one value that others wait for. A channel would take twenty times the code.
pub(crate) struct Slot<T> {
    value: Mutex<Option<T>>,
    filled: Condvar,
}

impl<T> Slot<T> {
    pub(crate) fn fill(&self, value: T) {
        *self.look() = Some(value);
        self.filled.notify_all();
    }

    /// What is there now.
    pub(crate) fn look(&self) -> MutexGuard<'_, Option<T>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is there as soon as something is, or at the end of the time-out.
    pub(crate) fn wait(&self, timeout: Duration) -> MutexGuard<'_, Option<T>> {
        let waited = self
            .filled
            .wait_timeout_while(self.look(), timeout, |value| value.is_none());
        let (value, _) = waited.unwrap_or_else(PoisonError::into_inner);
        value
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot {
            value: Mutex::new(None),
            filled: Condvar::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_value_comes_to_all_who_wait() {
        let slot = Slot::default();
        let patient = Duration::from_secs(60);
        let found = thread::scope(|scope| {
            let waiting = [(); 2].map(|()| scope.spawn(|| *slot.wait(patient)));
            slot.fill(7);
            waiting.map(|thread| thread.join().unwrap())
        });
        assert_eq!(found, [Some(7); 2]);
        assert_eq!(*slot.wait(Duration::ZERO), Some(7));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let slot = Slot::<u8>::default();
        assert_eq!(*slot.wait(Duration::from_millis(1)), None);
        assert_eq!(*slot.look(), None);
    }
}

//! The exports that wait to run.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::system::lock;

/// A queue, first in, first out, of exports that are due at a time.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// `None` is never due.
    waiting: VecDeque<(usize, Option<Instant>)>,
    is_stopped: bool,
}

impl Queue {
    pub(super) fn push(&self, index: usize, delay: Duration) {
        let due = Instant::now().checked_add(delay);
        let mut state = lock(&self.state);
        state.waiting.push_back((index, due));
        self.changed.notify_all();
    }

    pub(super) fn stop(&self) {
        let mut state = lock(&self.state);
        state.is_stopped = true;
        self.changed.notify_all();
    }

    /// Waits for the next export; returns `None` once the queue is stopped.
    pub(super) fn next(&self) -> Option<usize> {
        let mut state = lock(&self.state);
        loop {
            if state.is_stopped {
                return None;
            }
            let now = Instant::now();
            let wait = match state.waiting.front().copied() {
                Some((index, Some(due))) if due <= now => {
                    state.waiting.pop_front();
                    return Some(index);
                }
                Some((_, due)) => due.map(|due| due - now),
                None => None,
            };
            state = if let Some(wait) = wait {
                let result = self.changed.wait_timeout(state, wait);
                result.unwrap_or_else(PoisonError::into_inner).0
            } else {
                let result = self.changed.wait(state);
                result.unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_exports_in_order_until_stopped() {
        let queue = Queue::default();
        queue.push(0, Duration::ZERO);
        queue.push(1, Duration::from_millis(1));
        assert_eq!(queue.next(), Some(0));
        assert_eq!(queue.next(), Some(1));
        queue.push(2, Duration::from_secs(3600));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.next());
            queue.stop();
            assert_eq!(waiting.join().unwrap(), None);
        });
    }
}

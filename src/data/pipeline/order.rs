//! Passes on, in order, what several threads compute out of order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crate::data::error::Error;
use crate::system::lock;

pub(super) struct Order<T, F> {
    state: Mutex<State<T>>,
    /// Used by the thread that passes results on; the others need not wait for it.
    pass_on: Mutex<F>,
    changed: Condvar,
    /// How many results may wait for an earlier one.
    max_waiting: u64,
}

struct State<T> {
    /// The number of the result to pass on next.
    next: u64,
    waiting: BTreeMap<u64, Result<T, Error>>,
    /// Whether a thread passes results on.
    is_passing: bool,
    error: Option<Error>,
    is_ended: bool,
}

impl<T, F: FnMut(T) -> Result<(), Error>> Order<T, F> {
    pub(super) fn new(max_waiting: usize, pass_on: F) -> Order<T, F> {
        Order {
            state: Mutex::new(State {
                next: 0,
                waiting: BTreeMap::new(),
                is_passing: false,
                error: None,
                is_ended: false,
            }),
            pass_on: Mutex::new(pass_on),
            changed: Condvar::new(),
            max_waiting: max_waiting as u64,
        }
    }

    /// Passes a result on once all before it were, or leaves that to the thread that does so at the
    /// moment; waits if too many wait already. The first error in order ends everything. Returns
    /// false after that.
    pub(super) fn put(&self, number: u64, result: Result<T, Error>) -> bool {
        let mut state = lock(&self.state);
        while number > state.next + self.max_waiting && !state.is_ended {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.insert(number, result);
        while !state.is_passing && !state.is_ended {
            let next = state.next;
            let Some(result) = state.waiting.remove(&next) else {
                break;
            };
            state.is_passing = true;
            drop(state);
            let passed = result.and_then(&mut *lock(&self.pass_on));
            state = lock(&self.state);
            state.is_passing = false;
            state.next += 1;
            if let Err(error) = passed {
                state.error = Some(error);
                state.is_ended = true;
            }
            self.changed.notify_all();
        }
        !state.is_ended
    }

    /// Ends everything if the calling thread panics while it has this: nobody waits for its result.
    pub(super) fn ended_by_panic(&self) -> EndedByPanic<'_, T, F> {
        EndedByPanic(self)
    }

    /// Returns the first error.
    pub(super) fn finish(self) -> Result<(), Error> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.error.map_or(Ok(()), Err)
    }
}

pub(super) struct EndedByPanic<'o, T, F>(&'o Order<T, F>);

impl<T, F> Drop for EndedByPanic<'_, T, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.state).is_ended = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::error::ErrorKind;

    fn error(message: &'static str) -> Error {
        Error::new(ErrorKind::Write, message)
    }

    #[test]
    fn passes_results_on_in_order() {
        let mut passed = Vec::new();
        let order = Order::new(2, |number| {
            passed.push(number);
            Ok(())
        });
        for number in [2, 1, 0, 3] {
            assert!(order.put(number, Ok(number)));
        }
        order.finish().unwrap();
        assert_eq!(passed, [0, 1, 2, 3]);
    }

    #[test]
    fn waits_while_too_many_results_wait() {
        let passed = Mutex::new(Vec::new());
        let order = Order::new(1, |number| {
            lock(&passed).push(number);
            Ok(())
        });
        thread::scope(|scope| {
            scope.spawn(|| order.put(2, Ok(2)));
            assert!(order.put(1, Ok(1)));
            assert!(lock(&passed).is_empty());
            assert!(order.put(0, Ok(0)));
        });
        assert_eq!(*lock(&passed), [0, 1, 2]);
    }

    #[test]
    fn nobody_waits_for_a_result_to_be_passed_on() {
        let (go_on, wait) = std::sync::mpsc::channel();
        let (passing, is_passing) = std::sync::mpsc::channel();
        let wait = Mutex::new(wait);
        let mut passed = Vec::new();
        let order = Order::new(2, |number| {
            passing.send(()).unwrap();
            if number == 0 {
                lock(&wait).recv().unwrap();
            }
            passed.push(number);
            Ok(())
        });
        thread::scope(|scope| {
            scope.spawn(|| order.put(0, Ok(0)));
            is_passing.recv().unwrap();
            assert!(order.put(1, Ok(1)));
            assert!(order.put(2, Ok(2)));
            go_on.send(()).unwrap();
        });
        order.finish().unwrap();
        assert_eq!(passed, [0, 1, 2]);
    }

    #[test]
    fn ends_with_the_first_error_in_order() {
        let order = Order::new(9, |number| match number {
            1 => Err(error("cannot be passed on")),
            _ => Ok(()),
        });
        assert!(order.put(3, Err(error("a later result"))));
        assert!(order.put(2, Ok(2)));
        assert!(order.put(0, Ok(0)));
        assert!(!order.put(1, Ok(1)));
        assert!(!order.put(99, Ok(99)));
        let error = order.finish().unwrap_err();
        assert_eq!(error.to_string(), "cannot be passed on");
    }

    #[test]
    fn nobody_waits_for_a_thread_that_panicked() {
        let order = Order::new(1, |()| Ok(()));
        let panicked = thread::scope(|scope| {
            let broken = scope.spawn(|| {
                let _open = order.ended_by_panic();
                std::panic::resume_unwind(Box::new("broken"));
            });
            assert!(!order.put(5, Ok(())));
            broken.join()
        });
        assert!(panicked.is_err());
    }
}

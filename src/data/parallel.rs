//! The same work for many things, on several threads at once.

use std::num::NonZeroUsize;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::system::lock;

/// Returns the number of threads that the system runs at once.
pub(super) fn available() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Calls `work` for each of `items` on up to `threads` threads, this one included, and returns the
/// results in order. The first error sets `stop`, which long work checks, and is returned.
pub(super) fn try_map<T: Sync, R: Send, E: Send>(
    threads: usize,
    items: &[T],
    stop: &AtomicBool,
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let first_error = Mutex::new(None);
    let run = || {
        let mut results = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            let index = next.fetch_add(1, Ordering::SeqCst);
            let Some(item) = items.get(index) else {
                break;
            };
            match work(item) {
                Ok(result) => results.push((index, result)),
                Err(error) => {
                    lock(&first_error).get_or_insert(error);
                    stop.store(true, Ordering::SeqCst);
                }
            }
        }
        results
    };
    let mut results = thread::scope(|scope| {
        // If the system gives no more threads, this one does the work.
        let helpers: Vec<_> = (1..threads.min(items.len()))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok())
            .collect();
        let mut results = run();
        for helper in helpers {
            match helper.join() {
                Ok(more) => results.extend(more),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        results
    });
    if let Some(error) = lock(&first_error).take() {
        return Err(error);
    }
    results.sort_unstable_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn works_on_all_threads_at_once_and_keeps_the_order() {
        for threads in [0, 1, 3, 9] {
            let together = Barrier::new(threads.clamp(1, 3));
            let doubled = try_map(threads, &[1, 2, 3], &AtomicBool::new(false), |number| {
                together.wait();
                Ok::<i32, ()>(number * 2)
            });
            assert_eq!(doubled, Ok(vec![2, 4, 6]), "{threads}");
        }
        let nothing = try_map(4, &[(); 0], &AtomicBool::new(false), |()| Ok::<(), ()>(()));
        assert_eq!(nothing, Ok(Vec::new()));
    }

    #[test]
    fn the_first_error_stops_the_other_threads() {
        let stop = AtomicBool::new(false);
        let numbers: Vec<u32> = (0..1000).collect();
        let result = try_map(4, &numbers, &stop, |&number| {
            if number == 7 {
                return Err(number);
            }
            while number > 7 && !stop.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            Ok(())
        });
        assert_eq!(result, Err(7));
    }
}

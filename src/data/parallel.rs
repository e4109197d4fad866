//! The same work for many things, on several threads at once.

use std::num::NonZeroUsize;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::system::lock;

/// Returns how many threads share work: as many as the system runs at once, if 0 are wanted.
pub(super) fn threads(wanted: usize) -> usize {
    match wanted {
        0 => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        _ => wanted,
    }
}

/// Runs the first of `workers` on this thread and each other one on a new thread, and returns what they
/// return. They share their work: if the system gives no more threads, those that run do all of it.
pub(super) fn run_all<T: Send>(
    workers: impl IntoIterator<Item = impl FnOnce() -> T + Send>,
) -> Vec<T> {
    thread::scope(|scope| {
        let mut workers = workers.into_iter();
        let first = workers.next();
        let helpers: Vec<_> = workers
            .map_while(|worker| thread::Builder::new().spawn_scoped(scope, worker).ok())
            .collect();
        let mut results: Vec<_> = first.map(|worker| worker()).into_iter().collect();
        for helper in helpers {
            match helper.join() {
                Ok(result) => results.push(result),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        results
    })
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
    let threads = threads.min(items.len()).max(1);
    let results = run_all((0..threads).map(|_| &run));
    if let Some(error) = lock(&first_error).take() {
        return Err(error);
    }
    let mut results: Vec<_> = results.into_iter().flatten().collect();
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

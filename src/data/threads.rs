//! The same work on several threads at once.

use std::panic;
use std::thread;

/// Does `work` on so many threads, this one among them, and gives what all of them have made.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl Fn() -> Vec<T> + Sync) -> Vec<T> {
    thread::scope(|scope| {
        // A machine that gives no more threads has this one.
        let helpers: Vec<_> = (1..threads)
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, &work).ok())
            .collect();
        let mut made = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => made.extend(more),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        made
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn all_threads_work_at_once_and_nothing_of_it_is_lost() {
        for (threads, workers) in [(0, 1), (1, 1), (3, 3)] {
            let together = Barrier::new(workers);
            let made = on_threads(threads, || {
                together.wait();
                vec![thread::current().id()]
            });
            assert_eq!(made.len(), workers);
            assert!(made.contains(&thread::current().id()));
        }
    }
}

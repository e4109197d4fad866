//! Clock, sleep and randomness; replaceable in tests.

mod deadline;

use std::env;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

pub(crate) use self::deadline::Deadline;

/// The client's clock, sleep and randomness, to be replaced in tests.
///
/// Every method defaults to the real thing, so a test overrides only what it needs.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::config::System;
///
/// /// A system on which waiting takes no time.
/// #[derive(Debug)]
/// struct NoWaiting;
///
/// impl System for NoWaiting {
///     fn sleep(&self, _duration: Duration) {}
/// }
///
/// let config = simpledb_export::Config::builder().system(NoWaiting);
/// # let _ = config;
/// ```
pub trait System: fmt::Debug + Send + Sync {
    /// Returns the time of day, which requests are signed with.
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    /// Returns the monotonic clock's time, which deadlines are measured with.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Waits between two attempts or polls.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Fills `bytes` from a cryptographic source, for client tokens and jitter.
    ///
    /// # Errors
    ///
    /// If the OS random source fails (practically never).
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::getrandom(bytes).map_err(|error| io::Error::other(error.to_string()))
    }

    /// Returns the X-Ray trace id of the current AWS Lambda invocation.
    fn lambda_trace_id(&self) -> Option<String> {
        // Every call asks, and a process cannot move into Lambda.
        static IS_LAMBDA: LazyLock<bool> =
            LazyLock::new(|| env::var_os("AWS_LAMBDA_FUNCTION_NAME").is_some());
        (*IS_LAMBDA).then(|| env::var("_X_AMZN_TRACE_ID").ok())?
    }
}

/// The real clock, sleep and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RealSystem;

impl System for RealSystem {}

/// Locks a mutex whose data is sound even if another thread panicked while it held the lock.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a detached thread.
pub(crate) fn start_thread(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop)
}

/// Runs `work`, which may block forever, on a thread. Returns what it returns, or `None` if that
/// takes longer than `timeout`; the thread is then abandoned.
pub(crate) fn run_within<T: Send + 'static>(
    timeout: Duration,
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let done = Arc::new((Mutex::new(None), Condvar::new()));
    let of_thread = Arc::clone(&done);
    let thread = move || {
        let result = work();
        *lock(&of_thread.0) = Some(result);
        of_thread.1.notify_one();
    };
    start_thread(name, Box::new(thread))?;
    let (result, is_done) = &*done;
    let waited = is_done.wait_timeout_while(lock(result), timeout, |result| result.is_none());
    Ok(waited.unwrap_or_else(PoisonError::into_inner).0.take())
}

/// A random UUID (version 4), as client tokens and invocation ids are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Uuid([u8; 36]);

impl Uuid {
    fn new(mut random: [u8; 16]) -> Uuid {
        random[6] = random[6] & 0x0f | 0x40;
        random[8] = random[8] & 0x3f | 0x80;
        let mut text = [b'-'; 36];
        let mut rest = random.as_slice();
        for part in [0..8, 9..13, 14..18, 19..23, 24..36] {
            let (these, others) = rest.split_at(part.len() / 2);
            hex::encode_to_slice(these, &mut text[part]).expect("two digits a byte");
            rest = others;
        }
        Uuid(text)
    }
}

impl Deref for Uuid {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII")
    }
}

/// Returns random UUIDs; one system call serves all.
pub(crate) fn uuids_v4<const N: usize>(system: &dyn System) -> io::Result<[Uuid; N]> {
    let mut random = [[0; 16]; N];
    system.fill_random(random.as_flattened_mut())?;
    Ok(random.map(Uuid::new))
}

/// Returns a random number from 0 to 1, for jitter; 1 if the random source fails.
pub(crate) fn random_fraction(system: &dyn System) -> f64 {
    let mut bytes = [0xff; 4];
    match system.fill_random(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u8);

    impl System for Fixed {
        fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn marks_a_uuid_with_its_version_and_variant() {
        let [least] = uuids_v4(&Fixed(0)).unwrap();
        assert_eq!(&*least, "00000000-0000-4000-8000-000000000000");
        let [greatest] = uuids_v4(&Fixed(0xff)).unwrap();
        assert_eq!(&*greatest, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn makes_different_uuids() {
        let [first, second] = uuids_v4(&RealSystem).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn spans_fractions_from_zero_to_one() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(random_fraction(&Fixed(0)), 0.0));
        assert!(close(random_fraction(&Fixed(0xff)), 1.0));
    }
}

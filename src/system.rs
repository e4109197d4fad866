//! What the library takes from the machine while it works, beside the network: time, sleep and
//! randomness.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// The machine as the client sees it, to be replaced in tests.
///
/// Every method has a default that does the real thing, so a test overrides only what it is about.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::System;
///
/// /// A machine on which waiting takes no time.
/// #[derive(Debug)]
/// struct Impatient;
///
/// impl System for Impatient {
///     fn sleep(&self, _duration: Duration) {}
/// }
///
/// let config = simpledb_export::Config::new().system(Impatient);
/// # let _ = config;
/// ```
pub trait System: fmt::Debug + Send + Sync {
    /// The time of day, which requests are signed with.
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    /// The clock that deadlines are measured with; it never goes back.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Waits between attempts and between polls.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Fills `bytes` from a cryptographic source, for client tokens and jitter.
    ///
    /// # Errors
    ///
    /// The machine's own, which is as good as unheard of.
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::getrandom(bytes).map_err(|error| io::Error::other(error.to_string()))
    }

    /// The trace that a request belongs to, in AWS Lambda, where each invocation has its own.
    fn lambda_trace_id(&self) -> Option<String> {
        std::env::var_os("AWS_LAMBDA_FUNCTION_NAME")?;
        std::env::var("_X_AMZN_TRACE_ID").ok()
    }
}

/// The real machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Machine;

impl System for Machine {}

/// A random UUID (version 4) in its usual form, as client tokens and invocation ids are.
pub(crate) fn uuid_v4(system: &dyn System) -> io::Result<String> {
    let mut bytes = [0; 16];
    system.fill_random(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;

    let mut text = [b'-'; 36];
    let groups = [(0..4, 0), (4..6, 9), (6..8, 14), (8..10, 19), (10..16, 24)];
    for (group, at) in groups {
        let digits = &mut text[at..at + 2 * group.len()];
        hex::encode_to_slice(&bytes[group], digits)
            .map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A random number from 0 to 1, for jitter. Without randomness there is no jitter.
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
    fn a_uuid_carries_its_version_and_variant() {
        assert_eq!(
            uuid_v4(&Fixed(0)).unwrap(),
            "00000000-0000-4000-8000-000000000000"
        );
        assert_eq!(
            uuid_v4(&Fixed(0xff)).unwrap(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
    }

    #[test]
    fn two_uuids_differ() {
        assert_ne!(uuid_v4(&Machine).unwrap(), uuid_v4(&Machine).unwrap());
    }

    #[test]
    fn a_fraction_spans_from_nothing_to_all() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(random_fraction(&Fixed(0)), 0.0));
        assert!(close(random_fraction(&Fixed(0xff)), 1.0));
    }
}

//! A fake clock whose sleep takes no time.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use simpledb_export::config::System;
use time::OffsetDateTime;

/// Records every sleep and advances both clocks by it.
#[derive(Debug, Clone)]
pub(crate) struct FakeSystem(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: OffsetDateTime,
    slept: Duration,
    sleeps: Vec<Duration>,
    random: Option<u8>,
}

impl FakeSystem {
    /// Starts at noon on 2026-02-16, with real randomness.
    pub(crate) fn new() -> FakeSystem {
        FakeSystem(Arc::new(Mutex::new(State {
            now: OffsetDateTime::from_unix_timestamp(1_771_243_200).expect("a time"),
            slept: Duration::ZERO,
            sleeps: Vec::new(),
            random: None,
        })))
    }

    /// Makes every random byte this one: 0xff makes every jitter 1.
    pub(crate) fn random(self, byte: u8) -> FakeSystem {
        self.state().random = Some(byte);
        self
    }

    pub(crate) fn set_now(&self, now: OffsetDateTime) {
        self.state().now = now;
    }

    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.state().sleeps.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl System for FakeSystem {
    fn now(&self) -> OffsetDateTime {
        self.state().now
    }

    fn instant(&self) -> Instant {
        Instant::now() + self.state().slept
    }

    fn sleep(&self, duration: Duration) {
        let mut state = self.state();
        state.now += duration;
        state.slept += duration;
        state.sleeps.push(duration);
    }

    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        if let Some(byte) = self.state().random {
            bytes.fill(byte);
            return Ok(());
        }
        getrandom::getrandom(bytes).map_err(|error| io::Error::other(error.to_string()))
    }

    fn lambda_trace_id(&self) -> Option<String> {
        None
    }
}

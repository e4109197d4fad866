//! Captures the log of a process that runs [one test](super::alone).

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

struct Lines(Mutex<String>);

static LINES: Lines = Lines(Mutex::new(String::new()));

/// Captures everything logged from now on, at every level.
pub(crate) fn keep() {
    log::set_logger(&LINES).expect("no other logger");
    log::set_max_level(LevelFilter::Trace);
}

/// Returns the lines logged so far, each with its target first.
pub(crate) fn kept() -> String {
    let lines = LINES.0.lock().unwrap_or_else(PoisonError::into_inner);
    lines.clone()
}

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // The HTTP library logs what it sends at this level; the documentation of the credentials
        // warns about it.
        if record.target() == "ureq_proto::util" {
            return;
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(lines, "{} {}", record.target(), record.args()).expect("a text grows");
    }

    fn flush(&self) {}
}

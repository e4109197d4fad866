//! The log of `--debug`.

use std::io::{self, Write};

use log::{Level, LevelFilter, Log, Metadata, Record};

use simpledb_export::cli_support::Spaced;

/// Writes this crate's log to stderr, and the warnings of other crates: their lower levels may
/// contain the headers of a request.
#[derive(Debug)]
struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_shown(metadata.target(), metadata.level())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let text = record.args().to_string();
            let _ = writeln!(
                io::stderr(),
                "{} {}: {}",
                record.level(),
                record.target(),
                Spaced(&text)
            );
        }
    }

    fn flush(&self) {}
}

fn is_shown(target: &str, level: Level) -> bool {
    let is_ours = target
        .split("::")
        .next()
        .is_some_and(|name| name == "simpledb_export");
    level <= if is_ours { Level::Debug } else { Level::Warn }
}

/// Starts to log.
pub(crate) fn start() {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_details_of_this_crate_only() {
        assert!(is_shown("simpledb_export::client", Level::Debug));
        assert!(!is_shown("simpledb_export::client", Level::Trace));
        assert!(is_shown("ureq::run", Level::Warn));
        assert!(!is_shown("ureq::run", Level::Debug));
        assert!(!is_shown("simpledb_export_elsewhere", Level::Info));
    }
}

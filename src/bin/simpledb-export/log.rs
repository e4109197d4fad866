//! The library's log: all of it with `--debug`, else only warnings about files.

use std::io::{self, Write};

use ::log::{Level, LevelFilter, Log, Metadata, Record};

use simpledb_export::cli_support::Spaced;

use super::args::Global;
use super::stderr;

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

/// Shows warnings about files, such as one that cannot be locked, as notes.
#[derive(Debug)]
struct FileWarnings;

impl Log for FileWarnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("simpledb_export::fs")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            stderr::note(&record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Starts to log what the options ask for.
pub(crate) fn start(global: &Global) {
    let (logger, level): (&'static dyn Log, _) = if global.debug {
        (&Stderr, LevelFilter::Debug)
    } else if global.quiet {
        return;
    } else {
        (&FileWarnings, LevelFilter::Warn)
    };
    if ::log::set_logger(logger).is_ok() {
        ::log::set_max_level(level);
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

//! The library's log: all of it with `--debug`, else only warnings about files.

use std::io::{self, Write};

use ::log::{Level, LevelFilter, Log, Metadata, Record};
use simpledb_export::cli_support::Spaced;

use super::stderr;

/// What is written to stderr.
#[derive(Debug)]
enum Shown {
    /// This crate's log, and the warnings of other crates: their lower levels may contain the headers
    /// of a request.
    Details,
    /// Warnings about files, such as one that cannot be locked, as notes.
    FileWarnings,
}

impl Log for Shown {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let is_ours = target.split("::").next() == Some("simpledb_export");
        match self {
            Shown::Details if is_ours => metadata.level() <= Level::Debug,
            Shown::Details => metadata.level() <= Level::Warn,
            Shown::FileWarnings => target.starts_with("simpledb_export::fs"),
        }
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        match self {
            Shown::Details => {
                let (level, target) = (record.level(), record.target());
                let _ = writeln!(io::stderr(), "{level} {target}: {}", Spaced(&text));
            }
            Shown::FileWarnings => stderr::note(&text),
        }
    }

    fn flush(&self) {}
}

/// Starts to log what the options ask for.
pub(crate) fn start(debug: bool, quiet: bool) {
    let (shown, level) = match (debug, quiet) {
        (true, _) => (&Shown::Details, LevelFilter::Debug),
        (false, false) => (&Shown::FileWarnings, LevelFilter::Warn),
        (false, true) => return,
    };
    if ::log::set_logger(shown).is_ok() {
        ::log::set_max_level(level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_details_of_this_crate_only() {
        let is_shown = |target: &str, level| {
            let metadata = Metadata::builder().target(target).level(level).build();
            Shown::Details.enabled(&metadata)
        };
        assert!(is_shown("simpledb_export::client", Level::Debug));
        assert!(!is_shown("simpledb_export::client", Level::Trace));
        assert!(is_shown("ureq::run", Level::Warn));
        assert!(!is_shown("ureq::run", Level::Debug));
        assert!(!is_shown("simpledb_export_elsewhere", Level::Info));
    }
}

//! Output to stderr.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::builder::Styles;
use simpledb_export::cli_support::Escaped;

/// Whether only errors are written. Like the log and colors, it is the same for the whole process.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

pub(crate) fn set_quiet(is_quiet: bool) {
    IS_QUIET.store(is_quiet, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Writes a line to stderr, unless it is quiet.
pub(crate) fn note(line: &str) {
    if !is_quiet() {
        hint(line);
    }
}

/// Writes a line to stderr that belongs to an error, or is as important.
pub(crate) fn hint(line: &str) {
    write(&format!("simpledb-export: {}\n", escaped(line)));
}

/// Writes an error to stderr, in the color of clap's own errors.
pub(crate) fn error(line: &str) {
    let style = Styles::styled();
    let style = style.get_error();
    let line = escaped(line);
    write(&format!("{style}simpledb-export:{style:#} {line}\n"));
}

/// Escapes what controls a terminal, except for the line breaks of a list.
fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|line| Escaped(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Ignores failures: there is no place left to report them.
fn write(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_line_breaks() {
        assert_eq!(
            escaped("a\n  b\r\x1b[2J\u{9b}"),
            "a\n  b\\r\\u{1b}[2J\\u{9b}"
        );
    }
}

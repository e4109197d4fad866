//! Writing to stderr, which need not be there.

use std::io::{self, Write};

/// Writes a line to stderr; where that fails, there is nowhere left to say so.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "simpledb-export: {line}");
}

/// A text without anything that would end the line or drive a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

//! Writing to stdout and stderr, neither of which has to be there.

use std::io::{self, ErrorKind, Write};

use super::Result;
use super::failure::Failure;

/// Writes to stdout. Nobody reading any more is no failure: they have what they wanted.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::general(&error).about("cannot write to stdout"))
        }
        _ => Ok(()),
    }
}

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

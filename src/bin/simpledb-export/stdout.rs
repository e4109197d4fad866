//! Writing to stdout, which need not be there.

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

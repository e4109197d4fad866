//! Writing to stdout, which need not be there.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

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

/// Whether a file is what stdout goes to, such as `/dev/stdout`.
#[cfg(unix)]
pub(crate) fn is(file: &Path) -> bool {
    use std::fs::{self, File};
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    let stdout = io::stdout().as_fd().try_clone_to_owned();
    let stdout = stdout.and_then(|stdout| File::from(stdout).metadata());
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (stdout, fs::metadata(file)) {
        (Ok(stdout), Ok(file)) => id(stdout) == id(file),
        _ => false,
    }
}

/// Whether a file is what stdout goes to, which has no name here.
#[cfg(not(unix))]
pub(crate) fn is(_: &Path) -> bool {
    false
}

//! Output to stdout.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::Result;
use super::failure::Failure;

/// Writes to stdout. A closed pipe is not a failure: the reader has what it wants.
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

/// Returns whether a file is the target of stdout, such as `/dev/stdout`.
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

/// Returns false: the target of stdout has no name on this platform.
#[cfg(not(unix))]
pub(crate) fn is(_: &Path) -> bool {
    false
}

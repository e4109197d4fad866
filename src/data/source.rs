//! The bytes of a data file, compared with the manifest's checksum on request.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::data::checksum::{Md5Digest, Md5Hasher, mismatch};
use crate::data::error::{Error, ErrorKind};

pub(crate) struct Source<R> {
    source: R,
    check: Option<Check>,
}

struct Check {
    expected: Md5Digest,
    actual: Md5Hasher,
}

impl<R: Read> Source<R> {
    /// Opens a data file, unless its checksum is to be compared and the manifest has none. Returns
    /// its length as well, as `open` does.
    pub(crate) fn new<L>(
        md5: Option<Md5Digest>,
        check_md5: bool,
        open: impl FnOnce() -> Result<(R, L), Error>,
    ) -> Result<(Source<R>, L), Error> {
        if check_md5 && md5.is_none() {
            let message = "cannot be checked: the manifest has no checksum for it";
            return Err(Error::new(ErrorKind::InvalidManifest, message));
        }
        let check = md5.filter(|_| check_md5).map(|expected| Check {
            expected,
            actual: Md5Hasher::default(),
        });
        let (source, length) = open()?;
        Ok((Source { source, check }, length))
    }

    /// Says whether an item cannot be read because the file was changed, or although it was not. The
    /// checksum needs the rest of the file.
    pub(crate) fn explain(&mut self, error: Error) -> Error {
        if self.check.is_none() || !is_about_item(&error) {
            return error;
        }
        match io::copy(self, &mut io::sink()) {
            Ok(_) => explained(error, self.finish()),
            Err(_) => error,
        }
    }

    /// Compares the checksums, once everything was read.
    pub(crate) fn finish(&mut self) -> Result<(), Changed> {
        let Some(Check { expected, actual }) = self.check.take() else {
            return Ok(());
        };
        let actual = actual.finish();
        if actual == expected {
            Ok(())
        } else {
            Err(Changed { expected, actual })
        }
    }
}

/// The checksum of a file differs from the manifest's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed {
    expected: Md5Digest,
    actual: Md5Digest,
}

impl From<Changed> for Error {
    fn from(Changed { expected, actual }: Changed) -> Error {
        Error::new(ErrorKind::Changed, mismatch(expected, actual))
    }
}

/// Returns whether an error may be due to an item that AWS wrote like that.
pub(crate) fn is_about_item(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidJson | ErrorKind::InvalidShape
    )
}

/// Returns what an error about an item means if the file has this checksum.
pub(crate) fn explained(error: Error, checked: Result<(), Changed>) -> Error {
    match checked {
        Ok(()) => error.unreadable(),
        Err(changed) => changed.into(),
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some(check) = &mut self.check {
            check.actual.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

impl<R> fmt::Debug for Source<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

/// Opens a regular file, and returns its length. Anything else is refused: a pipe could block for
/// ever.
pub(super) fn open_regular(path: &Path) -> Result<(File, u64), Error> {
    let metadata = fs::metadata(path).map_err(Error::read)?;
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::Read, "not a regular file"));
    }
    let file = File::open(path).map_err(Error::read)?;
    Ok((file, metadata.len()))
}

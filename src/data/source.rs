//! Where data files come from, and the bytes of one, compared with the manifest's checksum on request.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use md5::{Digest as _, Md5};

use super::checksum::Md5Digest;
use super::error::{Error, ErrorKind};
use super::manifest::Entry;

/// The source of data files that are not in their export's directory.
pub(crate) trait DataFiles: fmt::Debug + Send + Sync {
    /// Opens a data file, and returns its length if it is known.
    fn open(&self, entry: &Entry) -> Result<(Box<dyn Read + Send + '_>, Option<u64>), Error>;
}

pub(crate) struct Source<'a> {
    source: Box<dyn Read + Send + 'a>,
    check: Option<Check>,
}

struct Check {
    expected: Md5Digest,
    actual: Md5,
}

impl<'a> Source<'a> {
    /// Reads from `source`, and compares its checksum if one is expected.
    pub(crate) fn new(
        source: Box<dyn Read + Send + 'a>,
        expected: Option<Md5Digest>,
    ) -> Source<'a> {
        let check = expected.map(|expected| Check {
            expected,
            actual: Md5::new(),
        });
        Source { source, check }
    }

    /// Explains an error about an item; see [`explained`].
    pub(crate) fn explain(&mut self, error: Error) -> Error {
        explained(error, self.check.is_some(), || self.checksum())
    }

    /// Reads the rest, and compares the checksums, unless it cannot be read.
    pub(crate) fn checksum(&mut self) -> Option<Result<(), Changed>> {
        io::copy(self, &mut io::sink()).ok()?;
        Some(self.finish())
    }

    /// Compares the checksums, once everything was read.
    pub(crate) fn finish(&mut self) -> Result<(), Changed> {
        let Some(Check { expected, actual }) = self.check.take() else {
            return Ok(());
        };
        let actual = Md5Digest::from(actual);
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
        let message = format!("MD5 checksum is {actual}, expected {expected}; download it again");
        Error::new(ErrorKind::Changed, message)
    }
}

/// Says whether an item cannot be read because its file was changed, or although it was not: AWS wrote
/// it like that. `checksum` reads the rest of the file; it returns `None` if that fails.
pub(crate) fn explained(
    error: Error,
    check_md5: bool,
    checksum: impl FnOnce() -> Option<Result<(), Changed>>,
) -> Error {
    if !check_md5 || error.kind() != ErrorKind::InvalidData {
        return error;
    }
    match checksum() {
        Some(Ok(())) => error.unreadable(),
        Some(Err(changed)) => changed.into(),
        None => error,
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some(check) = &mut self.check {
            check.actual.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
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

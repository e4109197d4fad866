//! The bytes of a data file, compared with the manifest's checksum on request.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::open_regular;
use crate::data::checksum::{Md5Digest, Md5Hasher, mismatch};
use crate::data::error::{Error, ErrorKind};

#[derive(Debug)]
pub(crate) struct Source {
    file: File,
    check: Option<Check>,
}

#[derive(Debug)]
struct Check {
    expected: Md5Digest,
    actual: Md5Hasher,
}

impl Source {
    pub(crate) fn open(
        path: &Path,
        md5: Option<Md5Digest>,
        check_md5: bool,
    ) -> Result<(Source, u64), Error> {
        if check_md5 && md5.is_none() {
            let message = "cannot be checked: the manifest has no checksum for it";
            return Err(Error::new(ErrorKind::InvalidManifest, message));
        }
        let check = md5.filter(|_| check_md5).map(|expected| Check {
            expected,
            actual: Md5Hasher::default(),
        });
        let (file, length) = open_regular(path)?;
        Ok((Source { file, check }, length))
    }

    /// Says whether an item cannot be read because the file was changed, or although it was not. The
    /// checksum needs the rest of the file.
    pub(crate) fn explain(&mut self, error: Error) -> Error {
        let is_about_item = matches!(
            error.kind(),
            ErrorKind::InvalidJson | ErrorKind::InvalidShape
        );
        if self.check.is_none() || !is_about_item {
            return error;
        }
        match io::copy(self, &mut io::sink()) {
            Ok(_) => self.finish().err().unwrap_or_else(|| error.unreadable()),
            Err(_) => error,
        }
    }

    /// Compares the checksums, once everything was read.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let Some(Check { expected, actual }) = self.check.take() else {
            return Ok(());
        };
        let actual = actual.finish();
        if actual == expected {
            return Ok(());
        }
        let message = mismatch(expected, actual);
        Err(Error::new(ErrorKind::Changed, message))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if let Some(check) = &mut self.check {
            check.actual.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

//! The bytes of a data file, compared with the manifest's checksum where that is asked for.

use std::fs::File;
use std::io::{self, Read};

use super::DataFile;
use crate::data::checksum::{Md5Digest, Md5Hasher, mismatch};
use crate::data::error::{DataError, DataErrorKind};

#[derive(Debug)]
pub(super) struct Source {
    file: File,
    check: Option<Check>,
}

#[derive(Debug)]
struct Check {
    expected: Md5Digest,
    actual: Md5Hasher,
}

impl Source {
    pub(super) fn open(data_file: &DataFile, checks: bool) -> Result<Source, DataError> {
        let expected = data_file.entry.md5_checksum;
        if checks && expected.is_none() {
            let message = "has no checksum in the manifest, and cannot be checked";
            let error = DataError::new(DataErrorKind::InvalidShape, message);
            return Err(error.in_file(&data_file.path));
        }
        let file = File::open(&data_file.path)
            .map_err(|error| DataError::read(error).in_file(&data_file.path))?;
        let check = expected.filter(|_| checks).map(|expected| Check {
            expected,
            actual: Md5Hasher::default(),
        });
        Ok(Source { file, check })
    }

    /// Compares the checksums, once all has been read.
    pub(super) fn finish(&mut self) -> Result<(), DataError> {
        let Some(Check { expected, actual }) = self.check.take() else {
            return Ok(());
        };
        let actual = actual.finish();
        if actual == expected {
            return Ok(());
        }
        let message = mismatch(expected, actual);
        Err(DataError::new(DataErrorKind::Changed, message))
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

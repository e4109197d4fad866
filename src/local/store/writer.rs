//! Writes one object, which appears only once it is complete.

use std::fs::Metadata;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use md5::{Digest, Md5};

use super::StoreError;
use crate::fs::atomic::AtomicFile;

/// An object that is being written. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct ObjectWriter(BufWriter<Hashing>);

impl ObjectWriter {
    pub(super) fn new(path: &Path) -> Result<ObjectWriter, StoreError> {
        let file = AtomicFile::create(path)?;
        let md5 = Md5::new();
        let hashing = Hashing { file, md5 };
        Ok(ObjectWriter(BufWriter::with_capacity(64 * 1024, hashing)))
    }

    /// Gives the file its name, once its content is on disk. Returns the content's MD5.
    pub(crate) fn finish(self) -> Result<[u8; 16], StoreError> {
        let written = self.close()?;
        let md5 = written.md5;
        written.commit()?;
        Ok(md5)
    }

    /// Ends the content; the file gets its name when it is committed.
    pub(crate) fn close(self) -> Result<Written, StoreError> {
        let hashing = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(Written {
            file: hashing.file,
            md5: hashing.md5.finalize().into(),
        })
    }
}

/// A complete object without its name.
#[derive(Debug)]
pub(crate) struct Written {
    file: AtomicFile,
    pub(crate) md5: [u8; 16],
}

impl Written {
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub(crate) fn commit(self) -> Result<(), StoreError> {
        Ok(self.file.commit()?)
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[derive(Debug)]
struct Hashing {
    file: AtomicFile,
    md5: Md5,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.md5.update(bytes.get(..count).unwrap_or(bytes));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

//! Writes one object, which appears only once it is complete.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use md5::{Digest, Md5};

use crate::fs::atomic::AtomicFile;

/// An object that is being written. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct ObjectWriter {
    file: BufWriter<AtomicFile>,
    md5: Md5,
}

/// The content of an object, complete, without its name.
#[derive(Debug)]
pub(crate) struct Written {
    pub(super) file: AtomicFile,
    pub(crate) md5: [u8; 16],
}

impl ObjectWriter {
    pub(super) fn new(path: &Path) -> io::Result<ObjectWriter> {
        Ok(ObjectWriter {
            file: BufWriter::with_capacity(64 * 1024, AtomicFile::create(path)?),
            md5: Md5::new(),
        })
    }

    /// Gives the file its name, once its content is on disk. Returns the content's MD5.
    pub(crate) fn finish(self) -> io::Result<[u8; 16]> {
        let written = self.close()?;
        written.file.commit()?;
        Ok(written.md5)
    }

    /// Ends the content; the file gets its name when it is committed.
    pub(crate) fn close(self) -> io::Result<Written> {
        Ok(Written {
            file: self.file.into_inner()?,
            md5: self.md5.finalize().into(),
        })
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.md5.update(bytes.get(..count).unwrap_or(bytes));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

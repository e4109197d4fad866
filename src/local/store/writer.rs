//! Writes one object so that it is there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use md5::{Digest, Md5};

use super::StoreError;
use super::file_name::temporary_name;

/// An object that is being written, under another name than its own. Dropped before it is finished,
/// it leaves nothing.
#[derive(Debug)]
pub(crate) struct ObjectWriter {
    writer: BufWriter<Hashing>,
    folder: PathBuf,
    path: PathBuf,
    temporary: Temporary,
}

impl ObjectWriter {
    pub(super) fn new(folder: PathBuf, name: &str) -> Result<ObjectWriter, StoreError> {
        let path = folder.join(name);
        let temporary = folder.join(temporary_name(name));
        // Never through a link that somebody put there.
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        let md5 = Md5::new();
        Ok(ObjectWriter {
            writer: BufWriter::with_capacity(64 * 1024, Hashing { file, md5 }),
            folder,
            path,
            temporary: Temporary(temporary),
        })
    }

    /// Brings all bytes to the disk, then gives the file its name. Gives the MD5.
    pub(crate) fn finish(self) -> Result<[u8; 16], StoreError> {
        let hashing = self
            .writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        hashing.file.sync_all()?;
        fs::rename(&self.temporary.0, &self.path)?;
        // The name must be on disk too before a manifest tells of it. Where a folder cannot be
        // opened, the rename itself sees to it.
        if let Ok(folder) = File::open(&self.folder) {
            folder.sync_all()?;
        }
        Ok(hashing.md5.finalize().into())
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Removes the file, if it still has its temporary name.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[derive(Debug)]
struct Hashing {
    file: File,
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

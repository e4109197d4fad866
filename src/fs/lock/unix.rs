//! A lock by `flock`. Whoever holds it removes the file at its end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use log::warn;

/// A file that is locked as long as this lives.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    pub(super) fn lock(path: &Path) -> io::Result<Option<LockFile>> {
        loop {
            let Some(file) = open(path)? else {
                continue;
            };
            match fs4::FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(fs4::TryLockError::WouldBlock) => return Ok(None),
                Err(fs4::TryLockError::Error(error))
                    if error.kind() == io::ErrorKind::Interrupted =>
                {
                    continue;
                }
                // The file is open: all that is left is a file system that cannot lock.
                Err(fs4::TryLockError::Error(error)) => warn!(
                    "{}: cannot be locked: {error}; make sure that no other process does the same \
                     work at the same time",
                    path.display()
                ),
            }
            // Whoever held the lock may have removed the file since it was opened here.
            if is_at(&file, path)? {
                let path = path.to_owned();
                return Ok(Some(LockFile { file, path }));
            }
        }
    }
}

/// Opens the file, or makes it; `None` if it vanished in between.
fn open(path: &Path) -> io::Result<Option<File>> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => return result.map(Some),
    }
    match File::options().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // While it is locked, so that it is nobody else's.
        fs::remove_file(&self.path).ok();
        // Closing is not enough: a child process that is being started has a copy of the descriptor,
        // and with it the lock, until it executes another program.
        fs4::FileExt::unlock(&self.file).ok();
    }
}

/// Whether the name still stands for the file that was opened.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let opened = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

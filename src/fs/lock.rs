//! A lock between processes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use log::warn;

/// A file that is locked as long as this lives.
///
/// The system releases the lock when the process ends, however it ends: a file that was left behind
/// locks nobody out.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Takes the lock in an existing directory; `None` if somebody else holds it.
    ///
    /// On a file system without locks, such as NFS without a lock manager, the file is made but not
    /// locked, with a warning in the log.
    pub(crate) fn take(path: &Path) -> io::Result<Option<LockFile>> {
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

/// Opens the file, or makes it; never through a link. `None` if it vanished meanwhile.
fn open(path: &Path) -> io::Result<Option<File>> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => return result.map(Some),
    }
    if path.is_symlink() {
        let message = "the lock file is a symbolic link; remove it";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    match File::options().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if CAN_BE_REMOVED {
            // While it is locked, so that it is nobody else's.
            fs::remove_file(&self.path).ok();
        }
        // Closing is not enough: a child process that is being started has a copy of the descriptor,
        // and with it the lock, until it executes another program.
        fs4::FileExt::unlock(&self.file).ok();
    }
}

/// Whether the file can be removed while it is open, and told apart from another of its name.
const CAN_BE_REMOVED: bool = cfg!(unix);

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let opened = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;
    use crate::tests::temp_dir::TempDir;

    #[test]
    fn one_holds_it_at_a_time_and_a_file_left_behind_locks_nobody_out() {
        let dir = TempDir::new();
        let path = dir.path().join("lock");
        dir.write("lock", "left by a process that was killed");
        let first = LockFile::take(&path).unwrap().unwrap();
        assert!(LockFile::take(&path).unwrap().is_none());
        drop(first);
        assert_eq!(path.exists(), !CAN_BE_REMOVED);
        assert!(LockFile::take(&path).unwrap().is_some());
        assert!(LockFile::take(&path.join("in a file")).is_err());
    }

    #[test]
    fn no_two_of_many_hold_it() {
        let dir = TempDir::new();
        let path = dir.path().join("lock");
        let (inside, turns) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while turns.load(Ordering::SeqCst) < 200 {
                        let Some(lock) = LockFile::take(&path).unwrap() else {
                            thread::yield_now();
                            continue;
                        };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        turns.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
    }
}

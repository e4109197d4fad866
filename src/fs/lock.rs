//! A lock between processes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is locked as long as this lives.
///
/// The system lets go of the lock when the process ends, however it ends: a file that was left
/// behind locks nobody out.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Takes the lock, in a folder that is there; `None` where somebody else has it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<LockFile>> {
        loop {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            match fs4::FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(fs4::TryLockError::WouldBlock) => return Ok(None),
                Err(fs4::TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had the lock may have removed the file since it was opened here.
            if is_at(&file, path)? {
                let path = path.to_owned();
                return Ok(Some(LockFile { file, path }));
            }
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if CAN_BE_REMOVED {
            // As long as it is locked, so that it is nobody else's.
            fs::remove_file(&self.path).ok();
        }
        // To close it is not enough: a process that is being started has a copy of it, and with it
        // the lock, until it has become another program.
        fs4::FileExt::unlock(&self.file).ok();
    }
}

/// Whether the file can be removed while it is open, and told from another one of its name.
const CAN_BE_REMOVED: bool = cfg!(unix);

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let opened = file.metadata()?;
    match fs::metadata(path) {
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
    use crate::tests::temp_dir::TestFolder;

    #[test]
    fn one_has_it_at_a_time_and_a_file_that_was_left_locks_nobody_out() {
        let folder = TestFolder::new();
        let path = folder.path().join("lock");
        folder.write("lock", "left by a process that was killed");
        let first = LockFile::take(&path).unwrap().unwrap();
        assert!(LockFile::take(&path).unwrap().is_none());
        drop(first);
        assert_eq!(path.exists(), !CAN_BE_REMOVED);
        assert!(LockFile::take(&path).unwrap().is_some());
        assert!(LockFile::take(&path.join("in a file")).is_err());
    }

    #[test]
    fn however_many_want_it_no_two_have_it() {
        let folder = TestFolder::new();
        let path = folder.path().join("lock");
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

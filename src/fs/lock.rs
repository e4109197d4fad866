//! A lock between processes.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::Path;

#[cfg(unix)]
pub(crate) use self::unix::LockFile;
#[cfg(windows)]
pub(crate) use self::windows::LockFile;

impl LockFile {
    /// Takes the lock in an existing directory; `None` if somebody else holds it.
    ///
    /// The system releases the lock when the process ends, however it ends: a file that was left
    /// behind locks nobody out. On a file system without locks, such as NFS without a lock manager,
    /// the file is made but not locked, with a warning in the log.
    pub(crate) fn take(path: &Path) -> io::Result<Option<LockFile>> {
        if path.is_symlink() {
            let message = "the lock file is a symbolic link; remove it";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        LockFile::lock(path)
    }
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
        assert!(!path.exists());
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

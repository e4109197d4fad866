//! Reading whole files within limits on size and time.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::system::run_within;

/// What a pipe usually holds: what was read is not moved, and left behind, while it grows up to
/// this size.
const PIPE_CAPACITY: u64 = 64 * 1024;

/// Reads a whole file of at most `max_bytes` within `timeout`; what was read is wiped when dropped.
///
/// Regular files are read directly. Pipes (such as `<(command)` of a shell) and devices are read on
/// a thread, because opening one may block forever; the thread is abandoned on timeout.
///
/// # Errors
///
/// The file cannot be read, is larger than `max_bytes` ([`io::ErrorKind::FileTooLarge`]), or does
/// not end in time ([`io::ErrorKind::TimedOut`]).
pub fn read_file(path: &Path, max_bytes: u64, timeout: Duration) -> io::Result<Zeroizing<Vec<u8>>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() || metadata.is_dir() {
        return read(path, metadata.len().saturating_add(1), max_bytes);
    }
    let path = path.to_owned();
    let read = move || read(&path, PIPE_CAPACITY, max_bytes);
    run_within(timeout, "simpledb-export-read", read)?.unwrap_or_else(|| {
        let message = format!(
            "no end of file after {timeout:.0?}: expected a file, or a pipe that a program writes to \
             and closes"
        );
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

fn read(path: &Path, capacity: u64, max_bytes: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let limit = max_bytes.saturating_add(1);
    let capacity = usize::try_from(capacity.min(limit)).unwrap_or_default();
    let mut content = Zeroizing::new(Vec::with_capacity(capacity));
    let read = File::open(path)?.take(limit).read_to_end(&mut content)?;
    if u64::try_from(read).is_ok_and(|read| read <= max_bytes) {
        return Ok(content);
    }
    let message = format!("larger than the limit of {max_bytes} bytes");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::temp_dir::TempDir;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn reads_a_file_of_exactly_the_limit_and_refuses_a_larger_one() {
        let dir = TempDir::new();
        dir.write("file", "12345");
        let file = dir.path().join("file");
        assert_eq!(*read_file(&file, 5, LONG).unwrap(), b"12345");
        assert_eq!(*read_file(&file, u64::MAX, LONG).unwrap(), b"12345");
        let error = read_file(&file, 4, LONG).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "larger than the limit of 4 bytes");
    }

    #[test]
    fn reports_missing_files_and_directories_as_the_system_does() {
        let dir = TempDir::new();
        let missing = read_file(&dir.path().join("none"), 5, LONG).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        assert!(read_file(dir.path(), 5, LONG).is_err());
    }

    #[cfg(unix)]
    mod unix {
        use std::process::Command;

        use super::*;

        fn pipe(dir: &TempDir) -> std::path::PathBuf {
            let path = dir.path().join("pipe");
            let made = Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(made.success());
            path
        }

        #[test]
        fn reads_a_pipe_to_its_end() {
            let dir = TempDir::new();
            let path = pipe(&dir);
            std::thread::scope(|scope| {
                scope.spawn(|| fs::write(&path, "secret").unwrap());
                assert_eq!(*read_file(&path, 6, LONG).unwrap(), b"secret");
            });
        }

        #[test]
        fn gives_up_on_a_pipe_that_nobody_writes_to() {
            let dir = TempDir::new();
            let error = read_file(&pipe(&dir), 5, Duration::from_millis(20)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(
                error.to_string(),
                "no end of file after 20ms: expected a file, or a pipe that a program writes to \
                 and closes"
            );
        }

        #[test]
        fn stops_reading_an_endless_device_at_the_limit() {
            let error = read_file(Path::new("/dev/zero"), 100_000, LONG).unwrap_err();
            assert_eq!(error.to_string(), "larger than the limit of 100000 bytes");
        }
    }
}

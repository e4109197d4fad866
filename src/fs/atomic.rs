//! Files that appear under their name only once they are complete.

#[cfg(any(feature = "data", feature = "export-all", feature = "local", test))]
mod target;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::system::lock;

/// Names left behind by killed processes are passed over, up to this many.
const MAX_NAMES: u32 = 1000;

/// How often a rename that Windows denies is retried, and after what time.
const RENAME_RETRIES: u32 = 50;
const RENAME_DELAY: Duration = Duration::from_millis(2);

/// The temporary files that this process has not named or removed yet.
static TEMPORARY_FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that replaces its target in one step when it is [committed](AtomicFile::commit), and
/// leaves nothing behind when it is dropped before that.
///
/// - The temporary file is in the target's directory, new, and never reached through a link.
/// - An existing target's permissions are kept; a new file has those of [`File::create`].
/// - A link to a file at the target's name, symbolic or hard, is replaced, not followed.
/// - A pipe or a device, such as `/dev/stdout`, is written in place.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    complete: CompleteFile,
}

/// A complete file, which is closed, but does not have its name yet. Leaves nothing behind when it is
/// dropped before it is [committed](CompleteFile::commit).
#[derive(Debug)]
pub struct CompleteFile {
    target: PathBuf,
    /// `None` for a target that is written in place, and after the commit.
    temporary: Option<PathBuf>,
}

impl AtomicFile {
    /// Starts to write a file with secrets: only its owner can read it, even if others can read the
    /// file that it replaces.
    pub(crate) fn create_private(target: &Path) -> io::Result<AtomicFile> {
        AtomicFile::beside(target, true)
    }

    #[cfg_attr(not(unix), allow(unused_variables, reason = "modes are of Unix only"))]
    fn beside(target: &Path, is_private: bool) -> io::Result<AtomicFile> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if is_private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let (file, temporary) = create_beside(target, &options)?;
        Ok(AtomicFile {
            file,
            complete: CompleteFile {
                target: target.to_owned(),
                temporary: Some(temporary),
            },
        })
    }

    /// Returns what the system knows of the file, which keeps its length and times when it is renamed.
    #[cfg(feature = "local")]
    pub(crate) fn metadata(&self) -> io::Result<fs::Metadata> {
        self.file.metadata()
    }

    /// Gives the complete file its name. After a crash there is the old file or the new one, never
    /// a part of one.
    ///
    /// # Errors
    ///
    /// The file could not be brought to the disk or renamed: the target is as it was.
    pub fn commit(self) -> io::Result<()> {
        self.complete()?.commit()
    }

    /// Brings the file to the disk and closes it, without giving it its name.
    ///
    /// # Errors
    ///
    /// The file could not be brought to the disk: the target is as it was.
    pub fn complete(mut self) -> io::Result<CompleteFile> {
        if self.complete.temporary.is_some() {
            self.file.sync_all()?;
        } else {
            self.file.flush()?;
        }
        Ok(self.complete)
    }
}

impl CompleteFile {
    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// The file could not be renamed: the target is as it was.
    pub fn commit(mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else {
            return Ok(());
        };
        rename(temporary, &self.target)?;
        forget(temporary);
        self.temporary = None;
        sync_directory(directory_of(&self.target))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for CompleteFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing can be done about a file that cannot be removed; its name says what it is.
            let _ = fs::remove_file(temporary);
            forget(temporary);
        }
    }
}

fn create_beside(target: &Path, options: &OpenOptions) -> io::Result<(File, PathBuf)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let directory = directory_of(target);
    for _ in 0..MAX_NAMES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!(".simpledb-export-{}-{number}.tmp", std::process::id());
        let path = directory.join(name);
        match options.open(&path) {
            Ok(file) => {
                lock(&TEMPORARY_FILES).push(path.clone());
                return Ok((file, path));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "too many temporary files were left in this directory: remove .simpledb-export-*.tmp",
    ))
}

/// Replaces `target`. Windows denies that for a moment while another process does the same.
fn rename(temporary: &Path, target: &Path) -> io::Result<()> {
    for _ in 0..RENAME_RETRIES {
        match fs::rename(temporary, target) {
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                thread::sleep(RENAME_DELAY);
            }
            result => return result,
        }
    }
    fs::rename(temporary, target)
}

fn forget(temporary: &Path) {
    lock(&TEMPORARY_FILES).retain(|path| path != temporary);
}

/// Removes what is not complete: for a process that ends without dropping its files.
#[cfg(feature = "cli")]
pub fn remove_temporary_files() {
    for path in lock(&TEMPORARY_FILES).drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// Returns the directory that a file is in.
#[must_use]
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Brings the names in a directory to the disk. If a directory cannot be opened, as on Windows, a
/// rename is durable without it.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory) {
        Ok(directory) if cfg!(unix) => directory.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::temp_dir::TempDir;

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let mut file = AtomicFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.commit()
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;

        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[cfg(unix)]
    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_appears_when_it_is_committed_and_replaces_another() {
        let dir = TempDir::new();
        let path = dir.path().join("a");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        write(&path, "newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_uncommitted_file_leaves_nothing() {
        let dir = TempDir::new();
        drop(AtomicFile::create(&dir.path().join("a")).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn two_writers_do_not_share_a_temporary_file() {
        let dir = TempDir::new();
        let path = dir.path().join("a");
        let mut first = AtomicFile::create(&path).unwrap();
        let mut second = AtomicFile::create(&path).unwrap();
        first.write_all(b"first").unwrap();
        second.write_all(b"2nd").unwrap();
        second.commit().unwrap();
        first.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn a_directory_is_refused() {
        let dir = TempDir::new();
        let error = AtomicFile::create(dir.path()).unwrap_err();
        assert_eq!(error.to_string(), "is a directory; expected a file name");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_from_the_first_moment_on() {
        let dir = TempDir::new();
        let path = dir.path().join("a");
        fs::write(&path, "old").unwrap();
        for kept in [0o640, 0o600, 0o444, 0o666] {
            set_mode(&path, kept);
            let file = AtomicFile::create(&path).unwrap();
            assert_eq!(mode(file.complete.temporary.as_ref().unwrap()), kept);
            file.commit().unwrap();
            assert_eq!(mode(&path), kept);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_secrets_is_its_owners_only() {
        let dir = TempDir::new();
        let path = dir.path().join("private");
        AtomicFile::create_private(&path).unwrap().commit().unwrap();
        assert_eq!(mode(&path), 0o600);
        set_mode(&path, 0o644);
        AtomicFile::create_private(&path).unwrap().commit().unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_replaced_and_what_they_lead_to_stays() {
        use std::os::unix::fs::symlink;

        let dir = TempDir::new();
        let [path, link, hard, dangling] =
            ["a", "link", "hard", "dangling"].map(|name| dir.path().join(name));
        fs::write(&path, "old").unwrap();
        symlink(&path, &link).unwrap();
        fs::hard_link(&path, &hard).unwrap();
        symlink(dir.path().join("none"), &dangling).unwrap();
        for name in [link, hard, dangling] {
            write(&name, "new").unwrap();
            assert!(fs::symlink_metadata(&name).unwrap().is_file(), "{name:?}");
            assert_eq!(fs::read(&name).unwrap(), b"new");
        }
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(!dir.path().join("none").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_in_place() {
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_redirected_to_a_file_is_appended_to_it() {
        use std::os::fd::AsRawFd as _;

        let dir = TempDir::new();
        let path = dir.path().join("a");
        fs::write(&path, "before ").unwrap();
        let open = File::open(&path).unwrap();
        write(Path::new(&format!("/dev/fd/{}", open.as_raw_fd())), "after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"before after");
    }
}

//! Files that appear under their name only once they are complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Names left behind by killed processes are passed over, up to this many.
const MAX_NAMES: u32 = 1000;

/// A file that replaces its target in one step when it is [committed](AtomicFile::commit), and
/// leaves nothing behind when it is dropped before that.
///
/// - The temporary file is in the target's directory, new, and never reached through a link.
/// - An existing target's permissions are kept; a new file has those of [`File::create`].
/// - A symbolic link at the target's name is replaced, not followed.
/// - A pipe or a device, such as `/dev/stdout`, is written in place.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    file: File,
    target: PathBuf,
    /// `None` for a target that is written in place, and after the commit.
    temporary: Option<PathBuf>,
}

impl AtomicFile {
    /// Starts to write the file that will be at `target`.
    pub(crate) fn create(target: &Path) -> io::Result<AtomicFile> {
        AtomicFile::with_options(target, OpenOptions::new().write(true))
    }

    /// The same for a file with secrets: only its owner can read it.
    pub(crate) fn create_private(target: &Path) -> io::Result<AtomicFile> {
        let mut options = OpenOptions::new();
        options.write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        AtomicFile::with_options(target, &mut options)
    }

    fn with_options(target: &Path, options: &mut OpenOptions) -> io::Result<AtomicFile> {
        if is_written_in_place(target)? {
            return Ok(AtomicFile {
                file: OpenOptions::new().write(true).open(target)?,
                target: target.to_owned(),
                temporary: None,
            });
        }
        let (file, temporary) = create_beside(target, options)?;
        let atomic = AtomicFile {
            file,
            target: target.to_owned(),
            temporary: Some(temporary),
        };
        match fs::symlink_metadata(target) {
            Ok(existing) if existing.is_file() => {
                atomic.file.set_permissions(existing.permissions())?;
            }
            _ => {}
        }
        Ok(atomic)
    }

    /// The file that is being written, under its temporary name.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives the complete file its name. After a crash there is the old file or the new one, never
    /// a part of one.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else {
            return self.file.flush();
        };
        self.file.sync_all()?;
        fs::rename(temporary, &self.target)?;
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

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing can be done about a file that cannot be removed; its name says what it is.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Whether a rename would destroy what is there: a pipe, a device, or a descriptor of this process.
fn is_written_in_place(target: &Path) -> io::Result<bool> {
    let is_descriptor = cfg!(unix) && (target.starts_with("/dev") || target.starts_with("/proc"));
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_dir() => Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "is a directory; expected a file name",
        )),
        Ok(metadata) => Ok(!metadata.is_file() || is_descriptor),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn create_beside(target: &Path, options: &mut OpenOptions) -> io::Result<(File, PathBuf)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let directory = directory_of(target);
    for _ in 0..MAX_NAMES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!(".simpledb-export-{}-{number}.tmp", std::process::id());
        let path = directory.join(name);
        match options.create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "too many temporary files were left in this directory: remove .simpledb-export-*.tmp",
    ))
}

/// The directory that a file is in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Brings the names in a directory to the disk. Where a directory cannot be opened, as on Windows,
/// a rename is durable by itself.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory) {
        Ok(directory) if cfg!(unix) => directory.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::temp_dir::TestFolder;

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let mut file = AtomicFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.commit()
    }

    #[test]
    fn a_file_appears_when_it_is_committed_and_replaces_another() {
        let dir = TestFolder::new();
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
        let dir = TestFolder::new();
        drop(AtomicFile::create(&dir.path().join("a")).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_is_refused() {
        let dir = TestFolder::new();
        let error = AtomicFile::create(dir.path()).unwrap_err();
        assert_eq!(error.to_string(), "is a directory; expected a file name");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_links_replaced() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let dir = TestFolder::new();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = dir.path().join("a");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, "new").unwrap();
        assert_eq!(mode(&path), 0o640);

        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        write(&link, "another").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read(&link).unwrap(), b"another");

        let private = dir.path().join("private");
        AtomicFile::create_private(&private)
            .unwrap()
            .commit()
            .unwrap();
        assert_eq!(mode(&private), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_in_place() {
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}

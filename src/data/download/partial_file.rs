//! A file that is being fetched, under a temporary name until it is complete.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};

use crate::data::checksum::Md5Digest;
use crate::data::error::{Error, ErrorKind};
use crate::data::keys::{ETAG, PART};
use crate::data::s3::resume::Partial;
use crate::fs::atomic::{directory_of, sync_directory};

/// A longer note is not ours.
const MAX_ETAG_BYTES: u64 = 1024;

/// A partial file, and the note beside it.
#[derive(Debug)]
pub(super) struct PartialFile {
    path: PathBuf,
    part: PathBuf,
    note: PathBuf,
    file: File,
    bytes: u64,
    etag: Option<String>,
    hasher: Md5,
}

impl PartialFile {
    /// Opens what an interrupted download left, or a new file. The directory is created if
    /// necessary.
    pub(super) fn open(path: &Path) -> Result<PartialFile, Error> {
        let (part, note) = (with_suffix(path, PART), with_suffix(path, ETAG));
        let not_written = |error| not_written(&part, error);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(|error| self::not_written(dir, error))?;
        }
        let file = open_unlinked(&part).map_err(not_written)?;
        if let Ok(existing) = fs::symlink_metadata(path) {
            if existing.is_file() {
                // Nobody may read the new content who could not read the old one.
                file.set_permissions(existing.permissions())
                    .map_err(not_written)?;
            }
        }
        let mut partial = PartialFile {
            path: path.to_owned(),
            etag: read_note(&note),
            part: part.clone(),
            note,
            file,
            bytes: 0,
            hasher: Md5::new(),
        };
        match partial.etag {
            Some(_) => partial.hash().map_err(not_written)?,
            None => partial.file.set_len(0).map_err(not_written)?,
        }
        Ok(partial)
    }

    /// Opens a new file, and discards what an earlier run left.
    pub(super) fn create(path: &Path) -> Result<PartialFile, Error> {
        let mut partial = PartialFile::open(path)?;
        partial.start(None)?;
        Ok(partial)
    }

    fn hash(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = self.file.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            self.hasher.update(bytes);
            self.bytes += read as u64;
        }
    }

    /// Returns what can be resumed.
    pub(super) fn partial(&self) -> Option<Partial> {
        let etag = self.etag.as_ref().filter(|_| self.bytes > 0)?;
        Some(Partial {
            bytes: self.bytes,
            etag: etag.clone(),
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn md5(&self) -> Md5Digest {
        self.hasher.clone().into()
    }

    /// Drops the content. What follows belongs to the object with this ETag, which is noted only if
    /// it can be used to resume: a weak one does not promise the same bytes.
    pub(super) fn start(&mut self, etag: Option<&str>) -> Result<(), Error> {
        self.bytes = 0;
        self.hasher = Md5::new();
        self.etag = etag
            .filter(|etag| etag.starts_with('"') && etag.len() as u64 <= MAX_ETAG_BYTES)
            .map(str::to_owned);
        // The bytes go before the note changes, so that it never describes others.
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .map_err(|error| not_written(&self.part, error))?;
        match &self.etag {
            Some(etag) => remove_if_there(&self.note)
                .and_then(|()| File::create_new(&self.note)?.write_all(etag.as_bytes())),
            None => remove_if_there(&self.note),
        }
        .map_err(|error| not_written(&self.note, error))
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file
            .write_all(bytes)
            .map_err(|error| not_written(&self.part, error))?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads the content; errors name the complete file.
    pub(super) fn read<T>(&self, parse: impl FnOnce(File) -> Result<T, Error>) -> Result<T, Error> {
        let file = File::open(&self.part).map_err(Error::read);
        file.and_then(parse)
            .map_err(|error| error.in_file(&self.path))
    }

    /// Gives the complete file its name, once it is safe on the disk.
    pub(super) fn keep(self) -> Result<(), Error> {
        let path = &self.path;
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.part, path))
            .and_then(|()| sync_directory(directory_of(path)))
            .map_err(|error| not_written(path, error))?;
        remove_if_there(&self.note).map_err(|error| not_written(&self.note, error))
    }

    /// Removes a file that is of no use.
    pub(super) fn discard(self) -> Result<(), Error> {
        remove_leftovers(&self.path)
    }
}

/// Removes the partial file, and its note, if there are any.
pub(super) fn remove_leftovers(path: &Path) -> Result<(), Error> {
    for suffix in [PART, ETAG] {
        let leftover = with_suffix(path, suffix);
        remove_if_there(&leftover).map_err(|error| not_written(&leftover, error))?;
    }
    Ok(())
}

/// Opens a file for reading and writing that has this name only: a link that somebody planted is
/// removed, not followed.
fn open_unlinked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => {
            let file = options.open(path)?;
            if is_only_name_of(&file, &found)? {
                return Ok(file);
            }
            fs::remove_file(path)?;
        }
        Ok(_) => fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    options.create_new(true).open(path)
}

/// Returns whether `file` is what was found at its name before it was opened, and has no other
/// name.
#[cfg(unix)]
fn is_only_name_of(file: &File, found: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let opened = file.metadata()?;
    Ok((opened.dev(), opened.ino()) == (found.dev(), found.ino()) && opened.nlink() == 1)
}

#[cfg(not(unix))]
fn is_only_name_of(file: &File, _found: &Metadata) -> io::Result<bool> {
    file.metadata().map(|opened| opened.is_file())
}

/// Appends a suffix to a path.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the ETag in a note, if it is one.
fn read_note(note: &Path) -> Option<String> {
    let mut etag = String::new();
    if !fs::symlink_metadata(note).ok()?.is_file() {
        return None;
    }
    let file = File::open(note).ok()?;
    file.take(MAX_ETAG_BYTES + 1)
        .read_to_string(&mut etag)
        .ok()?;
    let is_etag = etag.starts_with('"')
        && etag.len() as u64 <= MAX_ETAG_BYTES
        && etag.bytes().all(|byte| byte.is_ascii_graphic());
    is_etag.then_some(etag)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The error for a disk that is full or cannot be written to.
pub(super) fn not_written(path: &Path, error: io::Error) -> Error {
    let message = format!("cannot be written: {error}; fix this and download again to resume");
    Error::new(ErrorKind::Write, message)
        .caused_by(error)
        .in_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::temp_dir::TempDir;

    #[cfg(unix)]
    fn complete(path: &Path, content: &[u8]) {
        let mut file = PartialFile::open(path).unwrap();
        file.start(Some("\"etag\"")).unwrap();
        file.append(content).unwrap();
        file.keep().unwrap();
    }

    #[test]
    fn resumes_with_the_etag_that_was_noted() {
        let dir = TempDir::new();
        let path = dir.path().join("data/a.json");
        let mut file = PartialFile::open(&path).unwrap();
        assert_eq!(file.partial(), None);
        file.start(Some("\"etag\"")).unwrap();
        file.append(b"half").unwrap();
        drop(file);
        let file = PartialFile::open(&path).unwrap();
        let expected = Partial {
            bytes: 4,
            etag: "\"etag\"".to_owned(),
        };
        assert_eq!(file.partial(), Some(expected));
        assert_eq!(file.md5(), Md5Digest::of(b"half"));
    }

    #[test]
    fn removes_what_a_killed_download_left() {
        let dir = TempDir::new();
        let path = dir.path().join("a.json");
        for name in ["a.json", "a.json.part", "a.json.part.etag"] {
            dir.write(name, "x");
        }
        remove_leftovers(&path).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn never_writes_through_a_link() {
        use std::os::unix::fs::symlink;

        for planted in ["a.json", "a.json.part", "a.json.part.etag"] {
            for is_symbolic in [true, false] {
                let dir = TempDir::new();
                let (path, victim) = (dir.path().join("a.json"), dir.path().join("victim"));
                fs::write(&victim, "untouched").unwrap();
                let link = dir.path().join(planted);
                if is_symbolic {
                    symlink(&victim, &link).unwrap();
                } else {
                    fs::hard_link(&victim, &link).unwrap();
                }
                complete(&path, b"content");
                assert_eq!(fs::read(&victim).unwrap(), b"untouched", "{planted}");
                assert_eq!(fs::read(&path).unwrap(), b"content", "{planted}");
                assert!(!path.is_symlink());
                assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "{planted}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn keeps_the_permissions_of_the_file_that_it_replaces() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = TempDir::new();
        let path = dir.path().join("a.json");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = PartialFile::open(&path).unwrap();
        assert_eq!(mode(&with_suffix(&path, PART)), 0o600);
        drop(file);
        complete(&path, b"new");
        assert_eq!(mode(&path), 0o600);
    }

    /// A device that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn names_the_file_for_which_the_disk_is_full() {
        let dir = TempDir::new();
        let mut file = PartialFile::open(&dir.path().join("a.json")).unwrap();
        file.file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = file.append(b"content").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Write);
        let part = dir.path().join("a.json.part");
        assert_eq!(
            error.to_string(),
            format!(
                "{}: cannot be written: No space left on device (os error 28); fix \
                 this and download again to resume",
                part.display()
            )
        );
    }
}

//! A file that is being fetched, under a temporary name until it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::resume::Partial;
use crate::data::checksum::{Md5Digest, Md5Hasher};
use crate::data::error::{Error, ErrorKind};
use crate::fs::atomic::{directory_of, sync_directory};

/// What is appended to a file's name while it is fetched.
const PART: &str = ".part";

/// What is appended to the name of the note that contains the object's ETag, which tells whether the
/// partial file belongs to the object.
const ETAG: &str = ".part.etag";

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
    hasher: Md5Hasher,
}

/// Whether a file's name could be that of another's partial file or note.
pub(super) fn is_reserved(path: &str) -> bool {
    [PART, ETAG].iter().any(|suffix| path.ends_with(suffix))
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
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(not_written)?;
        let mut partial = PartialFile {
            path: path.to_owned(),
            etag: read_note(&note),
            part: part.clone(),
            note,
            file,
            bytes: 0,
            hasher: Md5Hasher::default(),
        };
        match partial.etag {
            Some(_) => partial.hash().map_err(not_written)?,
            None => partial.file.set_len(0).map_err(not_written)?,
        }
        Ok(partial)
    }

    /// Opens a new file, whatever was left.
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
        self.hasher.clone().finish()
    }

    /// Drops the content. What follows belongs to the object with this ETag, which is noted only if
    /// it can be used to resume: a weak one does not promise the same bytes.
    pub(super) fn start(&mut self, etag: Option<&str>) -> Result<(), Error> {
        self.bytes = 0;
        self.hasher = Md5Hasher::default();
        self.etag = etag
            .filter(|etag| etag.starts_with('"') && etag.len() as u64 <= MAX_ETAG_BYTES)
            .map(str::to_owned);
        // The bytes go before the note changes, so that it never describes others.
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .map_err(|error| not_written(&self.part, error))?;
        match &self.etag {
            Some(etag) => fs::write(&self.note, etag),
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

    /// Opens the content for reading.
    pub(super) fn reopen(&self) -> Result<File, Error> {
        File::open(&self.part).map_err(|error| Error::read(error).in_file(&self.part))
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
        for path in [&self.note, &self.part] {
            remove_if_there(path).map_err(|error| not_written(path, error))?;
        }
        Ok(())
    }
}

/// Appends a suffix to a path.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the ETag in a note, if it is one.
fn read_note(note: &Path) -> Option<String> {
    let mut etag = String::new();
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

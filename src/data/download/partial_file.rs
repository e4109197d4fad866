//! A file that is being fetched: under a name of its own until it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::resume::Partial;
use crate::data::checksum::{Md5Digest, Md5Hasher};
use crate::data::error::{DataError, DataErrorKind};

/// What comes after a file's name while it is fetched.
const PART: &str = ".part";

/// What comes after the name of the note that says of which object the partial file is a part: it
/// holds the object's ETag.
const ETAG: &str = ".part.etag";

/// A longer note is none of ours.
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
    digest: Digest,
}

#[derive(Clone, Default)]
struct Digest(Md5Hasher);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest")
    }
}

/// The names that a file takes in its folder: its own, and those that it has on its way.
pub(super) fn names_of(path: &Path) -> [PathBuf; 3] {
    [
        path.to_owned(),
        with_suffix(path, PART),
        with_suffix(path, ETAG),
    ]
}

impl PartialFile {
    /// Goes on with what an interrupted download left, or begins; the folder is made where it is
    /// missing.
    pub(super) fn open(path: &Path) -> Result<PartialFile, DataError> {
        let [_, part, note] = names_of(path);
        let not_written = |error| not_written(&part, error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| self::not_written(folder, error))?;
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
            digest: Digest::default(),
        };
        match partial.etag {
            Some(_) => partial.hash().map_err(not_written)?,
            None => partial.file.set_len(0).map_err(not_written)?,
        }
        Ok(partial)
    }

    /// Begins, whatever was left.
    pub(super) fn create(path: &Path) -> Result<PartialFile, DataError> {
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
            self.digest.0.update(bytes);
            self.bytes += read as u64;
        }
    }

    /// What there is to go on with.
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
        self.digest.0.clone().finish()
    }

    /// Drops what there is. What comes next is of the object with this ETag; it is noted only
    /// where it can be asked for again: a weak one does not promise the same bytes.
    pub(super) fn start(&mut self, etag: Option<&str>) -> Result<(), DataError> {
        self.bytes = 0;
        self.digest = Digest::default();
        self.etag = etag
            .filter(|etag| etag.starts_with('"') && etag.len() as u64 <= MAX_ETAG_BYTES)
            .map(str::to_owned);
        // The bytes go before the note changes, so that it is never about others.
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

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.file
            .write_all(bytes)
            .map_err(|error| not_written(&self.part, error))?;
        self.digest.0.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads what has been written from its first byte on.
    pub(super) fn reopen(&self) -> Result<File, DataError> {
        File::open(&self.part).map_err(|error| DataError::read(error).in_file(&self.part))
    }

    /// Gives the file its name, now that it is whole and safe on the disk.
    pub(super) fn keep(self) -> Result<(), DataError> {
        let path = &self.path;
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.part, path))
            .map_err(|error| not_written(path, error))?;
        remove_if_there(&self.note).map_err(|error| not_written(&self.note, error))
    }

    /// Removes it, as what nothing can be made of.
    pub(super) fn discard(self) -> Result<(), DataError> {
        for path in [&self.note, &self.part] {
            remove_if_there(path).map_err(|error| not_written(path, error))?;
        }
        Ok(())
    }
}

/// The path with something after its file name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The ETag in a note; nothing where there is none or it cannot be one.
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

/// A disk that is full or cannot be written to.
pub(super) fn not_written(path: &Path, error: io::Error) -> DataError {
    let message = format!(
        "cannot be written: {}; put that right and download it again: what is here is kept",
        error.kind()
    );
    DataError::new(DataErrorKind::Write, message)
        .caused_by(error)
        .in_file(path)
}

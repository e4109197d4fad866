//! Multipart uploads: a directory for each, with a file for each part.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::etags::Etags;
use super::{Bucket, ObjectWriter, PRIVATE, StoreError, Written, check_length, create_directory};
use crate::fs::atomic::AtomicFile;

const DIRECTORY: &str = "uploads";

/// The file of what an upload was created with.
const RECORD: &str = "upload.json";

/// What an upload was created with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) key: String,
    /// Seconds since the epoch.
    pub(crate) initiated: i64,
    /// The algorithm of the parts' checksums, if the client named one.
    pub(crate) checksum_algorithm: Option<String>,
    /// Headers of the object.
    pub(crate) headers: Vec<(String, String)>,
}

/// A multipart upload in progress.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    etags: &'a Etags,
    directory: PathBuf,
    pub(crate) id: String,
    pub(crate) record: UploadRecord,
}

/// A part that was uploaded.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) metadata: Metadata,
    pub(crate) md5: [u8; 16],
}

impl Bucket<'_> {
    pub(crate) fn create_upload(&self, id: &str, record: &UploadRecord) -> Result<(), StoreError> {
        check_length(&record.key)?;
        let mut directory = self.directory.clone();
        for name in [PRIVATE, DIRECTORY, id] {
            directory.push(name);
            create_directory(&directory)?;
        }
        let mut file = AtomicFile::create(&directory.join(RECORD))?;
        file.write_all(&serde_json::to_vec(record).map_err(io::Error::from)?)?;
        Ok(file.commit()?)
    }

    /// Returns an upload of this key.
    pub(crate) fn upload(&self, key: &str, id: &str) -> Result<Upload<'_>, StoreError> {
        let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        if id.is_empty() || !id.bytes().all(is_id) {
            return Err(StoreError::NoSuchUpload);
        }
        let upload = self.read_upload(id)?;
        upload
            .filter(|upload| upload.record.key == key)
            .ok_or(StoreError::NoSuchUpload)
    }

    /// Returns all uploads whose keys begin with `prefix`, by key and then by time.
    pub(crate) fn uploads(&self, prefix: &str) -> Result<Vec<Upload<'_>>, StoreError> {
        let mut uploads = Vec::new();
        let entries = match fs::read_dir(self.directory.join(PRIVATE).join(DIRECTORY)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(uploads),
            entries => entries?,
        };
        for entry in entries {
            let Ok(id) = entry?.file_name().into_string() else {
                continue;
            };
            let upload = self.read_upload(&id)?;
            uploads.extend(upload.filter(|upload| upload.record.key.starts_with(prefix)));
        }
        uploads.sort_by_cached_key(|upload: &Upload<'_>| {
            (upload.record.key.clone(), upload.record.initiated)
        });
        Ok(uploads)
    }

    /// Returns an upload; `None` for one that was created or removed only in part.
    fn read_upload(&self, id: &str) -> io::Result<Option<Upload<'_>>> {
        let directory = self.directory.join(PRIVATE).join(DIRECTORY).join(id);
        let record = match fs::read(directory.join(RECORD)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            record => record?,
        };
        let record = serde_json::from_slice(&record).ok();
        Ok(record.map(|record| Upload {
            etags: &self.store.etags,
            directory,
            id: id.to_owned(),
            record,
        }))
    }
}

impl Upload<'_> {
    /// Starts to write a part, which replaces an earlier one of the same number.
    pub(crate) fn create_part(&self, number: u16) -> Result<ObjectWriter, StoreError> {
        ObjectWriter::new(&self.part_path(number)).map_err(no_such_upload)
    }

    /// Makes a part visible.
    pub(crate) fn commit_part(&self, number: u16, part: Written) -> io::Result<()> {
        let metadata = part.file.metadata()?;
        part.file.commit()?;
        self.etags
            .remember(self.part_path(number), &metadata, part.md5)
    }

    /// Returns the parts by their numbers.
    pub(crate) fn parts(&self) -> Result<BTreeMap<u16, Part>, StoreError> {
        let mut parts = BTreeMap::new();
        for entry in fs::read_dir(&self.directory).map_err(no_such_upload)? {
            let name = entry?.file_name();
            let Some(number) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let path = self.part_path(number);
            let mut file = File::open(&path)?;
            let metadata = file.metadata()?;
            let md5 = self.etags.md5(&path, &metadata, &mut file)?;
            let part = Part {
                path,
                metadata,
                md5,
            };
            parts.insert(number, part);
        }
        Ok(parts)
    }

    fn part_path(&self, number: u16) -> PathBuf {
        self.directory.join(format!("{number:05}"))
    }

    /// Removes the upload with all of its parts.
    pub(crate) fn remove(self) -> Result<(), StoreError> {
        // Without its record, an upload no longer exists.
        fs::remove_file(self.directory.join(RECORD)).map_err(no_such_upload)?;
        self.remove_if_ended();
        Ok(())
    }

    /// Removes the directory of an upload without a record. A part that is still arriving keeps the
    /// directory on Windows, so this is called again once it has arrived.
    pub(crate) fn remove_if_ended(&self) {
        if !self.directory.join(RECORD).exists() {
            fs::remove_dir_all(&self.directory).ok();
        }
    }
}

/// An upload whose directory is gone was ended by another request.
fn no_such_upload(error: io::Error) -> StoreError {
    StoreError::or_missing(error, StoreError::NoSuchUpload)
}

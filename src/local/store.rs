//! Objects in buckets, stored as files in directories: `<root>/<bucket>/<key>`.
//!
//! No request can name a file outside the root, and a file appears under its name only once it is
//! complete.

mod etags;
mod list;
mod properties;
mod uploads;
mod writer;

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use self::etags::Etags;
pub(super) use self::properties::Properties;
pub(super) use self::uploads::{Part, Upload, UploadRecord};
pub(super) use self::writer::{ObjectWriter, Written};
use super::validate::{MAX_BUCKET_NAME, is_bucket_name};
use crate::fs::names;
use crate::system::lock;

/// The directory in a bucket of what is not an object: no key's file name begins with a dot.
const PRIVATE: &str = ".simpledb-export";

/// The maximum length of an S3 key, in bytes.
const MAX_KEY: usize = 1024;

/// Why an object could not be written or read.
#[derive(Debug)]
pub(super) enum StoreError {
    /// The bucket has no directory.
    NoSuchBucket,
    /// The key has no file.
    NoSuchKey,
    /// Permissions do not allow it, or a link leads out of the bucket.
    AccessDenied,
    /// The key is longer than S3 allows.
    KeyTooLong,
    /// No multipart upload has this ID, or it has ended.
    NoSuchUpload,
    /// A directory is in the place of the object, or an object in the place of a directory.
    Occupied,
    /// Anything else.
    Other(io::Error),
}

impl StoreError {
    /// Returns S3's status and code, and the failure code of an export: letters and digits only.
    pub(super) fn codes(&self) -> (u16, &'static str, &'static str) {
        match self {
            StoreError::NoSuchBucket => (404, "NoSuchBucket", "S3NoSuchBucket"),
            StoreError::NoSuchKey => (404, "NoSuchKey", "InternalError"),
            StoreError::AccessDenied => (403, "AccessDenied", "S3AccessDenied"),
            StoreError::KeyTooLong => (400, "KeyTooLongError", "S3KeyTooLong"),
            StoreError::NoSuchUpload => (404, "NoSuchUpload", "InternalError"),
            StoreError::Occupied => (409, "OperationAborted", "InternalError"),
            StoreError::Other(_) => (500, "InternalError", "InternalError"),
        }
    }

    /// Returns the error of something that may not exist.
    fn or_missing(error: io::Error, missing: StoreError) -> StoreError {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => missing,
            _ => error.into(),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::NoSuchBucket => {
                f.write_str("the bucket does not exist: create a directory of its name in the root")
            }
            StoreError::NoSuchKey => f.write_str("no object with this key"),
            StoreError::AccessDenied => f.write_str(
                "permission denied in the bucket's directory, or a link leads out of it",
            ),
            StoreError::KeyTooLong => write!(f, "the key is longer than {MAX_KEY} bytes"),
            StoreError::NoSuchUpload => f.write_str(
                "no multipart upload with this ID: it never existed, or was completed or aborted",
            ),
            StoreError::Occupied => f.write_str(
                "an object cannot be at a key that is the directory of others, or below another \
                 object: unlike in S3, both would have the same name on the disk",
            ),
            StoreError::Other(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> StoreError {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::AccessDenied
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => StoreError::Occupied,
            _ => StoreError::Other(error),
        }
    }
}

/// Returns the path of an object, or of a directory of objects, under a root.
pub(super) fn object_path(root: &Path, bucket: &str, key: &str) -> PathBuf {
    let mut path = root.join(names::encode(bucket, ""));
    path.extend(file_names(key));
    path
}

/// All buckets.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    create_buckets: bool,
    changes: Mutex<()>,
    etags: Etags,
}

impl Store {
    /// Opens the store; creates the root if it does not exist.
    pub(super) fn new(root: &Path, create_buckets: bool) -> io::Result<Store> {
        fs::create_dir_all(root)?;
        Ok(Store {
            root: root.canonicalize()?,
            create_buckets,
            changes: Mutex::default(),
            etags: Etags::default(),
        })
    }

    /// Returns the names of all buckets, sorted.
    pub(super) fn bucket_names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            if let Some(name) = name.to_str().filter(|name| self.bucket(name).is_ok()) {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Creates a bucket's directory if it does not exist.
    pub(super) fn create_bucket(&self, name: &str) -> io::Result<()> {
        if !(3..=MAX_BUCKET_NAME).contains(&name.len()) || !is_bucket_name(name) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "expected 3 to 63 letters, digits, '.', '-' and '_', with a letter or digit at \
                 either end",
            ));
        }
        create_directory(&self.root.join(names::encode(name, "")))
    }

    /// Opens the bucket of an export; creates it if the service may.
    pub(super) fn bucket_for_writing(&self, name: &str) -> Result<Bucket<'_>, StoreError> {
        if self.create_buckets {
            self.create_bucket(name)?;
        }
        self.bucket(name)
    }

    pub(super) fn bucket(&self, name: &str) -> Result<Bucket<'_>, StoreError> {
        if !is_bucket_name(name) {
            return Err(StoreError::NoSuchBucket);
        }
        let directory = self.root.join(names::encode(name, "")).canonicalize();
        let directory =
            directory.map_err(|error| StoreError::or_missing(error, StoreError::NoSuchBucket))?;
        if !directory.starts_with(&self.root) {
            return Err(StoreError::AccessDenied);
        }
        if !directory.is_dir() {
            return Err(StoreError::NoSuchBucket);
        }
        Ok(Bucket {
            store: self,
            name: name.to_owned(),
            directory,
        })
    }
}

/// A bucket that exists.
#[derive(Debug)]
pub(super) struct Bucket<'a> {
    store: &'a Store,
    pub(super) name: String,
    directory: PathBuf,
}

impl Bucket<'_> {
    /// Keeps others from changing objects while a condition is checked and the change made.
    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        lock(&self.store.changes)
    }

    /// Starts to write an object, which appears under its key when it is
    /// [finished](ObjectWriter::finish).
    pub(super) fn create(&self, key: &str) -> Result<ObjectWriter, StoreError> {
        // No directory on its path is removed before the file is in it.
        let _locked = self.lock();
        Ok(ObjectWriter::new(&self.path_for(key)?)?)
    }

    /// Gives what was written its key, and keeps its properties. The caller locks the bucket, for the
    /// properties to be those of this content.
    pub(super) fn commit(
        &self,
        key: &str,
        Written { file, md5 }: Written,
        properties: Properties,
    ) -> Result<(), StoreError> {
        let metadata = file.metadata()?;
        properties::keep(&self.directory, key, &metadata, properties)?;
        file.commit()?;
        let etags = &self.store.etags;
        Ok(etags.remember(self.existing(key)?, &metadata, md5)?)
    }

    /// Opens an object.
    pub(super) fn open(&self, key: &str) -> Result<Object, StoreError> {
        let path = self.existing(key)?;
        let mut file = File::open(&path).map_err(no_such_key)?;
        let metadata = file.metadata()?;
        let Properties { etag, headers } = properties::of(&self.directory, key, &metadata);
        let etag = match etag {
            Some(etag) => etag,
            None => hex::encode(self.store.etags.md5(&path, &metadata, &mut file)?),
        };
        Ok(Object {
            etag: format!("\"{etag}\""),
            file,
            metadata,
            headers,
        })
    }

    /// Deletes an object, if there is one.
    pub(super) fn delete(&self, key: &str) -> Result<(), StoreError> {
        let _locked = self.lock();
        let path = match self.existing(key) {
            Err(StoreError::NoSuchKey) => return Ok(()),
            path => path?,
        };
        fs::remove_file(&path)?;
        properties::forget(&self.directory, key);
        // Directories that others still use are not empty and stay.
        let above = path.ancestors().skip(1);
        for directory in above.take_while(|directory| *directory != self.directory) {
            if fs::remove_dir(directory).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Returns the path of an object that exists.
    fn existing(&self, key: &str) -> Result<PathBuf, StoreError> {
        check_length(key)?;
        let mut path = self.directory.clone();
        path.extend(file_names(key));
        let path = path.canonicalize().map_err(no_such_key)?;
        if !path.starts_with(&self.directory) {
            return Err(StoreError::AccessDenied);
        }
        if !path.is_file() {
            return Err(StoreError::NoSuchKey);
        }
        Ok(path)
    }

    /// Returns the path of a key's file; creates its directory if it does not exist.
    fn path_for(&self, key: &str) -> Result<PathBuf, StoreError> {
        check_length(key)?;
        let mut path = self.directory.clone();
        let mut names = file_names(key).peekable();
        while let Some(name) = names.next() {
            path.push(name);
            if names.peek().is_some() {
                create_directory(&path)?;
                // An existing link may lead anywhere.
                let directory = path.canonicalize()?;
                if !directory.starts_with(&self.directory) {
                    return Err(StoreError::AccessDenied);
                }
                if !directory.is_dir() {
                    return Err(StoreError::Occupied);
                }
            }
        }
        match fs::metadata(&path) {
            Ok(existing) if existing.is_dir() => Err(StoreError::Occupied),
            // A pipe or device would be written in place.
            Ok(existing) if !existing.is_file() => Err(StoreError::AccessDenied),
            _ => Ok(path),
        }
    }
}

/// Returns the names of a key's directories and, last, of its file.
fn file_names(key: &str) -> impl Iterator<Item = String> {
    key.split('/').map(|part| names::encode(part, ""))
}

fn check_length(key: &str) -> Result<(), StoreError> {
    if key.len() > MAX_KEY {
        return Err(StoreError::KeyTooLong);
    }
    Ok(())
}

/// An open object.
#[derive(Debug)]
pub(super) struct Object {
    /// The quoted ETag: the MD5 of the content, unless that was uploaded in parts.
    pub(super) etag: String,
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// Headers that were sent with the content.
    pub(super) headers: Vec<(String, String)>,
}

fn no_such_key(error: io::Error) -> StoreError {
    StoreError::or_missing(error, StoreError::NoSuchKey)
}

fn create_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests;

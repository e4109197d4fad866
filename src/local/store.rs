//! Objects in buckets, kept as files in folders: `<root>/<bucket>/<key>`.
//!
//! Nothing that a request names leads out of the root, and a file appears under its name only when
//! it is complete.

mod file_name;
mod writer;

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use self::file_name::file_name;
pub(super) use self::writer::ObjectWriter;
use super::validate::is_bucket_name;

/// The longest key, in bytes, that S3 takes.
const MAX_KEY: usize = 1024;

/// The longest name of a file, in bytes, that file systems take, less what a temporary one adds.
const MAX_NAME: usize = 250;

/// Why an object could not be written or read.
#[derive(Debug)]
pub(super) enum StoreError {
    /// There is no folder for the bucket.
    NoSuchBucket,
    /// There is no file for the key.
    NoSuchKey,
    /// The machine does not let the service at the file, or a link leads out of the bucket.
    AccessDenied,
    /// The key is longer than S3 takes, or a part of it than the name of a file can be.
    KeyTooLong,
    /// Anything else.
    Other(io::Error),
}

impl StoreError {
    /// A code of S3's, letters and digits only.
    pub(super) fn code(&self) -> &'static str {
        match self {
            StoreError::NoSuchBucket => "NoSuchBucket",
            StoreError::NoSuchKey => "NoSuchKey",
            StoreError::AccessDenied => "AccessDenied",
            StoreError::KeyTooLong => "KeyTooLongError",
            StoreError::Other(_) => "InternalError",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::NoSuchBucket => f.write_str(
                "the bucket does not exist: the root has no folder of its name; make one",
            ),
            StoreError::NoSuchKey => f.write_str("there is no object with this key"),
            StoreError::AccessDenied => f.write_str(
                "the bucket's folder does not let the service in, or a link leads out of it",
            ),
            StoreError::KeyTooLong => write!(
                f,
                "the key is longer than {MAX_KEY} bytes, or a part of it too long for the name of \
                 a file"
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
            _ => StoreError::Other(error),
        }
    }
}

/// Where an object is, or a folder of objects, below a root.
pub(super) fn object_path(root: &Path, bucket: &str, key: &str) -> PathBuf {
    let mut path = root.join(file_name(bucket));
    path.extend(key.split('/').map(file_name));
    path
}

/// All buckets.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    create_buckets: bool,
}

impl Store {
    /// Makes the root where it is missing.
    pub(super) fn new(root: &Path, create_buckets: bool) -> io::Result<Store> {
        fs::create_dir_all(root)?;
        Ok(Store {
            root: root.canonicalize()?,
            create_buckets,
        })
    }

    /// Makes a bucket's folder where it is missing.
    pub(super) fn create_bucket(&self, name: &str) -> io::Result<()> {
        if !(3..=255).contains(&name.len()) || !is_bucket_name(name) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "expected 3 to 255 letters, digits, '.', '-' and '_', with a letter or digit at \
                 either end",
            ));
        }
        create_folder(&self.root.join(name))
    }

    /// The bucket of an export; made, if the service was told to make them.
    pub(super) fn bucket_for_writing(&self, name: &str) -> Result<Bucket, StoreError> {
        if self.create_buckets {
            self.create_bucket(name)?;
        }
        self.bucket(name)
    }

    pub(super) fn bucket(&self, name: &str) -> Result<Bucket, StoreError> {
        if !is_bucket_name(name) {
            return Err(StoreError::NoSuchBucket);
        }
        let folder = match self.root.join(name).canonicalize() {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoSuchBucket);
            }
            Err(error) => return Err(error.into()),
        };
        if !folder.starts_with(&self.root) {
            return Err(StoreError::AccessDenied);
        }
        if !folder.is_dir() {
            return Err(StoreError::NoSuchBucket);
        }
        Ok(Bucket { folder })
    }
}

/// A bucket that exists.
#[derive(Debug)]
pub(super) struct Bucket {
    folder: PathBuf,
}

impl Bucket {
    /// Begins to write an object, which appears under its key when it is
    /// [finished](ObjectWriter::finish).
    pub(super) fn create(&self, key: &str) -> Result<ObjectWriter, StoreError> {
        let (folder, name) = self.folder_for(key)?;
        ObjectWriter::new(folder, &name)
    }

    /// Opens an object.
    pub(super) fn open(&self, key: &str) -> Result<Object, StoreError> {
        let mut path = self.folder.clone();
        path.extend(file_names(key)?);
        let path = path.canonicalize().map_err(not_found_as_no_such_key)?;
        if !path.starts_with(&self.folder) {
            return Err(StoreError::AccessDenied);
        }
        if !path.is_file() {
            return Err(StoreError::NoSuchKey);
        }
        let file = File::open(&path).map_err(not_found_as_no_such_key)?;
        let metadata = file.metadata()?;
        Ok(Object {
            path,
            file,
            metadata,
        })
    }

    /// The folder of a key's file, made where it is missing, and the file's name.
    fn folder_for(&self, key: &str) -> Result<(PathBuf, String), StoreError> {
        let mut folder = self.folder.clone();
        let mut names = file_names(key)?;
        let name = names.pop().unwrap_or_default();
        for name in names {
            folder.push(name);
            create_folder(&folder)?;
            // A link that was there may lead anywhere.
            if !folder.canonicalize()?.starts_with(&self.folder) {
                return Err(StoreError::AccessDenied);
            }
        }
        Ok((folder, name))
    }
}

/// The names of the folders and, last, of the file that stand for a key.
fn file_names(key: &str) -> Result<Vec<String>, StoreError> {
    let names: Vec<String> = key.split('/').map(file_name).collect();
    if key.len() > MAX_KEY || names.iter().any(|name| name.len() > MAX_NAME) {
        return Err(StoreError::KeyTooLong);
    }
    Ok(names)
}

/// An object that was opened.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

fn not_found_as_no_such_key(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NoSuchKey,
        _ => error.into(),
    }
}

fn create_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests;

//! What S3 keeps beside an object's content: a file for each object that has any.
//!
//! The file names the version of the content that it belongs to, so that it does not outlive a
//! content that was replaced on the disk.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{PRIVATE, create_directory, file_names};
use crate::fs::atomic::AtomicFile;

const DIRECTORY: &str = "objects";

/// What is kept beside the content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Properties {
    /// The ETag, if it is not the MD5 of the content: that of a multipart upload.
    pub(crate) etag: Option<String>,
    /// Headers that were sent with the content and come back with it.
    pub(crate) headers: Vec<(String, String)>,
}

/// The content of a properties file.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Not always what the file's name can be decoded to.
    key: String,
    length: u64,
    modified: SystemTime,
    properties: Properties,
}

/// Returns the properties of this version of an object.
pub(super) fn of(bucket: &Path, key: &str, metadata: &Metadata) -> Properties {
    let modified = metadata.modified().ok();
    read(&file_of(bucket, file_names(key)))
        .filter(|kept| kept.length == metadata.len() && Some(kept.modified) == modified)
        .map(|kept| kept.properties)
        .unwrap_or_default()
}

/// Returns the key of an object whose file name cannot be decoded.
pub(super) fn key_of(bucket: &Path, names: impl Iterator<Item = String>) -> Option<String> {
    read(&file_of(bucket, names)).map(|kept| kept.key)
}

/// Keeps the properties of the version of an object that is about to appear.
pub(super) fn keep(
    bucket: &Path,
    key: &str,
    metadata: &Metadata,
    properties: Properties,
) -> io::Result<()> {
    let has_decodable_name = file_names(key).all(|name| !name.contains("%-"));
    if properties == Properties::default() && has_decodable_name {
        forget(bucket, key);
        return Ok(());
    }
    let kept = Kept {
        key: key.to_owned(),
        length: metadata.len(),
        modified: metadata.modified()?,
        properties,
    };
    let path = file_of(bucket, file_names(key));
    create_directory(&bucket.join(PRIVATE))?;
    create_directory(&bucket.join(PRIVATE).join(DIRECTORY))?;
    let mut file = AtomicFile::create(&path)?;
    serde_json::to_writer(&mut file, &kept)?;
    file.commit()
}

/// Removes the properties of an object.
pub(super) fn forget(bucket: &Path, key: &str) {
    // What cannot be removed belongs to a version that is gone.
    fs::remove_file(file_of(bucket, file_names(key))).ok();
}

fn file_of(bucket: &Path, names: impl Iterator<Item = String>) -> PathBuf {
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name);
        digest.update("/");
    }
    let name = hex::encode(digest.finalize());
    bucket.join(PRIVATE).join(DIRECTORY).join(name + ".json")
}

fn read(path: &Path) -> Option<Kept> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

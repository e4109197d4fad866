//! The ETags of objects: the MD5 of the content, unless they were uploaded in parts.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use md5::{Digest, Md5};

use crate::local::store::Object;
use crate::system::lock;

/// Maximum number of cached ETags.
const CAPACITY: usize = 16 * 1024;

/// Caches ETags, because clients read a large object in many ranges and would have the whole of it
/// hashed for each.
#[derive(Debug, Default)]
pub(super) struct Etags(Mutex<HashMap<Version, [u8; 16]>>);

/// A file's path, length and time of modification.
type Version = (PathBuf, u64, SystemTime);

impl Etags {
    /// Returns the quoted ETag of an object.
    pub(super) fn of(&self, object: &mut Object) -> io::Result<String> {
        if let Some(etag) = &object.properties.etag {
            return Ok(quoted(etag));
        }
        let md5 = self.md5(&object.path, &object.metadata, &mut object.file)?;
        Ok(quoted(&hex::encode(md5)))
    }

    /// Returns the MD5 of a file.
    pub(super) fn md5(
        &self,
        path: &Path,
        metadata: &Metadata,
        file: &mut File,
    ) -> io::Result<[u8; 16]> {
        let version = (path.to_owned(), metadata.len(), metadata.modified()?);
        if let Some(md5) = lock(&self.0).get(&version) {
            return Ok(*md5);
        }
        let md5 = hash(file)?;
        self.insert(version, md5);
        Ok(md5)
    }

    /// Remembers the MD5 of a file that was written.
    pub(super) fn remember(
        &self,
        path: PathBuf,
        metadata: &Metadata,
        md5: [u8; 16],
    ) -> io::Result<()> {
        self.insert((path, metadata.len(), metadata.modified()?), md5);
        Ok(())
    }

    fn insert(&self, version: Version, md5: [u8; 16]) {
        let mut known = lock(&self.0);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(version, md5);
    }
}

pub(super) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

fn hash(file: &mut File) -> io::Result<[u8; 16]> {
    file.rewind()?;
    let mut md5 = Md5::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(md5.finalize().into()),
            Ok(count) => md5.update(buffer.get(..count).unwrap_or(&buffer)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

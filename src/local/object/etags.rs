//! The ETags of objects: the MD5 of the content.

use std::collections::HashMap;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::SystemTime;

use md5::{Digest, Md5};

use crate::local::store::Object;
use crate::system::lock;

/// Maximum number of cached ETags.
const CAPACITY: usize = 4096;

/// Caches ETags, because clients read a large object in many ranges and would have the whole of it
/// hashed for each.
#[derive(Debug, Default)]
pub(super) struct Etags(Mutex<HashMap<Version, String>>);

/// A file's path, length and time of modification.
type Version = (PathBuf, u64, SystemTime);

impl Etags {
    /// Returns the quoted MD5 in hexadecimal.
    pub(super) fn of(&self, object: &mut Object) -> io::Result<String> {
        let metadata = &object.metadata;
        let version = (object.path.clone(), metadata.len(), metadata.modified()?);
        if let Some(etag) = lock(&self.0).get(&version) {
            return Ok(etag.clone());
        }
        let etag = hash(object)?;
        let mut known = lock(&self.0);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(version, etag.clone());
        Ok(etag)
    }
}

fn hash(object: &mut Object) -> io::Result<String> {
    object.file.rewind()?;
    let mut md5 = Md5::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match object.file.read(&mut buffer) {
            Ok(0) => return Ok(format!("\"{}\"", hex::encode(md5.finalize()))),
            Ok(count) => md5.update(buffer.get(..count).unwrap_or(&buffer)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

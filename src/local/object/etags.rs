//! The ETags of objects: the MD5 of the content, read once as long as the file stays as it is.

use std::collections::HashMap;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use md5::{Digest, Md5};

use crate::local::store::Object;

/// How many are remembered at most.
const CAPACITY: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Etags(Mutex<HashMap<PathBuf, Known>>);

#[derive(Debug)]
struct Known {
    length: u64,
    modified: SystemTime,
    etag: String,
}

impl Etags {
    /// The quoted MD5 in hexadecimal.
    pub(super) fn of(&self, object: &mut Object) -> io::Result<String> {
        let length = object.metadata.len();
        let modified = object.metadata.modified()?;
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known.get(&object.path);
            if let Some(known) = known.filter(|k| k.length == length && k.modified == modified) {
                return Ok(known.etag.clone());
            }
        }
        let etag = hash(object)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        let path = object.path.clone();
        known.insert(
            path,
            Known {
                length,
                modified,
                etag: etag.clone(),
            },
        );
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

//! Remembers the MD5 of files: clients read a large object in many ranges, and each response has the
//! ETag.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use md5::{Digest, Md5};

use crate::system::lock;

/// Maximum number of files.
const CAPACITY: usize = 16 * 1024;

#[derive(Debug, Default)]
pub(super) struct Etags(Mutex<HashMap<Version, [u8; 16]>>);

/// A file's path, length and time of modification.
type Version = (PathBuf, u64, SystemTime);

impl Etags {
    /// Returns the MD5 of a file that is at its beginning, where this leaves it.
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
        file.rewind()?;
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

fn hash(file: &mut File) -> io::Result<[u8; 16]> {
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

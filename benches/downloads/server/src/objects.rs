//! The objects of the bucket: the files of an export.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

const PREFIX: &str = "AWSSimpleDB/c0ffee/Generated/";

pub struct Object {
    pub path: PathBuf,
    pub bytes: u64,
    /// As S3 gives it to an object that was put as a whole: the MD5 of its content.
    pub etag: String,
    pub is_data: bool,
}

/// Objects by key.
pub struct Objects(BTreeMap<String, Object>);

impl Objects {
    /// Reads the files of the export in `dir`.
    pub fn of_export(dir: &Path) -> io::Result<Objects> {
        let mut objects = BTreeMap::new();
        for (subdirectory, is_data) in [("", false), ("data/", true)] {
            for entry in fs::read_dir(dir.join(subdirectory))? {
                let path = entry?.path();
                if !path.is_file() {
                    continue;
                }
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let key = format!("{PREFIX}{subdirectory}{name}");
                let mut digest = Hashing(Md5::new());
                let bytes = io::copy(&mut File::open(&path)?, &mut digest)?;
                let etag = format!("\"{}\"", hex::encode(digest.0.finalize()));
                let object = Object {
                    path,
                    bytes,
                    etag,
                    is_data,
                };
                objects.insert(key, object);
            }
        }
        Ok(Objects(objects))
    }

    pub fn get(&self, key: &str) -> Option<&Object> {
        self.0.get(key)
    }

    pub fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &Object)> {
        let below = move |(key, _): &(&String, &Object)| key.starts_with(prefix);
        let objects = self.0.iter().filter(below);
        objects.map(|(key, object)| (key.as_str(), object))
    }
}

struct Hashing(Md5);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

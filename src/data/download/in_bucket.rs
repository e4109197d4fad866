//! The data files of an export that stay in their bucket.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::Mutex;

use super::object_reader::ObjectReader;
use crate::data::error::Error;
use crate::data::manifest::Entry;
use crate::data::s3::bucket::Bucket;
use crate::data::source::DataFiles;
use crate::system::lock;

/// The data files of an export in its bucket.
pub(crate) struct FilesInBucket {
    bucket: Bucket,
    /// The prefix of their keys.
    prefix: String,
    /// The versions of the files that were read.
    etags: Mutex<HashMap<String, String>>,
}

impl FilesInBucket {
    pub(super) fn new(bucket: Bucket, prefix: String) -> FilesInBucket {
        FilesInBucket {
            bucket,
            prefix,
            etags: Mutex::default(),
        }
    }
}

impl DataFiles for FilesInBucket {
    fn open(&self, entry: &Entry) -> Result<(Box<dyn Read + Send + '_>, Option<u64>), Error> {
        let key = format!("{}/{}", self.prefix, entry.path);
        let known = lock(&self.etags).get(&*entry.path).cloned();
        let object = ObjectReader::open(&self.bucket, &key, known)?;
        if let Some(etag) = object.etag() {
            lock(&self.etags).insert(entry.path.to_string(), etag.to_owned());
        }
        let length = object.length();
        Ok((Box::new(object), length))
    }
}

impl fmt::Debug for FilesInBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bucket.object(&self.prefix).fmt(f)
    }
}

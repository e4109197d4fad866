//! Uploads an object to S3 as it is written.
//!
//! A small object is sent at its end in one request ([`destination`]); a larger one in parts, by
//! several threads ([`multipart`]). It appears under its key when it is complete, and only then.

mod destination;
mod multipart;
mod parts;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use self::destination::Destination;
use self::multipart::Multipart;
#[cfg(feature = "cli")]
pub use self::multipart::abort_all;
pub use self::parts::ObjectParts;
use super::error::{Error, ErrorKind};
use super::s3::bucket::Bucket;
use super::s3::options::BucketOptions;
use crate::client::Client;

/// How many parts are sent at once by default.
const DEFAULT_THREADS: usize = 2;

/// The size of the first thousand parts. S3 requires 5 MiB.
const PART_BYTES: usize = 8 << 20;

/// After so many parts, their size doubles: S3 accepts at most ten thousand.
const PARTS_OF_A_SIZE: u32 = 1000;

/// How often the size doubles: parts have at most 2 GiB, and S3 accepts 5 GiB.
const MAX_DOUBLINGS: u32 = 8;

impl Client {
    /// Prepares the upload of an object to S3, such as the output of a conversion.
    ///
    /// ```no_run
    /// use simpledb_export::Client;
    /// use simpledb_export::data::{Export, JsonLinesWriter};
    ///
    /// let client = Client::from_env()?;
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?.check_md5(true);
    /// let object = client.upload("my-bucket", "tables/Books.jsonl").start()?;
    ///
    /// let mut writer = JsonLinesWriter::new(object);
    /// for item in export.items() {
    ///     writer.write(&item?)?;
    /// }
    /// let (object, report) = writer.finish()?;
    /// object.finish()?;
    /// println!("{} items", report.items);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn upload(&self, bucket: impl Into<String>, key: impl Into<String>) -> Upload {
        Upload {
            client: self.clone(),
            bucket: bucket.into(),
            key: key.into(),
            threads: DEFAULT_THREADS,
            source: None,
            bucket_options: BucketOptions::new(),
        }
    }
}

/// An upload, returned by [`Client::upload`].
///
/// Up to 8 MiB are sent in one request, more in parts; a part is repeated if it fails, and S3
/// verifies the SHA-256 of each. Parts of 8 MiB are kept in memory, one for each thread and one more
/// that is being filled. After every thousand parts, their size doubles, so that 5 TiB fit.
///
/// The object appears under its key when [`ObjectWriter::finish`] has returned, and an existing one
/// stays until then. If another process writes the object during the upload, it is not replaced: the
/// error says so. What was uploaded is removed if the writer is dropped. If the process is killed,
/// the parts stay in the bucket, where they cost money but cannot be seen: the next upload to the
/// same key removes them. (So of two uploads to one key at a time, the later one cancels the other.)
///
/// # Permissions
///
/// - `s3:PutObject` on the object.
/// - `s3:AbortMultipartUpload` on the object, to remove the parts of an upload that failed, and
///   `s3:ListBucketMultipartUploads` on the bucket, to find those of a process that was killed.
///   Without the latter, set a lifecycle rule that removes incomplete uploads.
/// - `s3:GetObject` on the object and `s3:ListBucket` on the bucket, to notice that another process
///   has written the object during the upload. Without them, it is replaced.
/// - `kms:GenerateDataKey` and `kms:Decrypt` on the key, if the bucket encrypts with a KMS key.
#[derive(Debug)]
#[must_use = "does nothing until `start`"]
pub struct Upload {
    client: Client,
    bucket: String,
    key: String,
    threads: usize,
    source: Option<String>,
    bucket_options: BucketOptions,
}

impl Upload {
    /// Sets how many parts are sent at once; 0 means the default. Defaults to 2.
    pub fn threads(mut self, threads: usize) -> Upload {
        self.threads = match threads {
            0 => DEFAULT_THREADS,
            threads => threads,
        };
        self
    }

    /// Sets what the object is made from: a short ASCII text, which S3 keeps as the object's metadata
    /// `simpledb-export-source`. Defaults to none. See [`ObjectWriter::existing_source`].
    pub fn source(mut self, source: impl Into<String>) -> Upload {
        self.source = Some(source.into());
        self
    }

    /// Sets how to reach the bucket, and whose it must be.
    pub fn bucket_options(mut self, options: BucketOptions) -> Upload {
        self.bucket_options = options;
        self
    }

    /// Checks that the bucket can be reached, removes what killed uploads to the same key have left,
    /// and returns the writer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOption`] if the key is empty or the endpoint invalid;
    /// [`ErrorKind::Upload`] if the bucket does not exist or cannot be reached, with the
    /// [`Error`](crate::Error) as the source.
    pub fn start(self) -> Result<ObjectWriter, Error> {
        if self.key.is_empty() {
            let message = "the key of an object cannot be empty";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        let bucket = Bucket::new(&self.client, &self.bucket, self.bucket_options)?;
        let destination = Destination::open(Arc::new(bucket), self.key, self.source)?;
        Ok(ObjectWriter::new(Arc::new(destination), self.threads))
    }
}

/// An object that is being uploaded, returned by [`Upload::start`].
///
/// It need not be flushed. Without [`finish`](ObjectWriter::finish), nothing is written: dropping it
/// removes what was uploaded, and waits for that.
#[must_use = "nothing is written without `finish`"]
pub struct ObjectWriter {
    destination: Arc<Destination>,
    threads: usize,
    /// The part that is being filled.
    part: Vec<u8>,
    /// How many parts were filled.
    parts: u32,
    multipart: Option<Multipart>,
}

impl ObjectWriter {
    fn new(destination: Arc<Destination>, threads: usize) -> ObjectWriter {
        ObjectWriter {
            destination,
            threads,
            part: Vec::new(),
            parts: 0,
            multipart: None,
        }
    }

    /// Returns the object's name: `s3://<bucket>/<key>`.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.destination.path()
    }

    /// Returns the [source](Upload::source) of the object that is at the key now, if there is one and the
    /// credentials may see it. If it is that of the new one, nothing need be written.
    #[must_use]
    pub fn existing_source(&self) -> Option<&str> {
        self.destination.existing_source()
    }

    /// Sends what is left, and makes the object appear under its key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Upload`], with the [`Error`](crate::Error) as the source. The object is as it was,
    /// unless the message says that this is not known.
    pub fn finish(mut self) -> Result<(), Error> {
        let Some(mut multipart) = self.multipart.take() else {
            return self.destination.put(&self.part);
        };
        if !self.part.is_empty() {
            multipart.send(self.parts + 1, std::mem::take(&mut self.part))?;
        }
        multipart.complete()
    }

    /// Removes what was uploaded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Upload`] if parts are left in the bucket. The next upload to the same key removes
    /// them.
    pub fn abort(mut self) -> Result<(), Error> {
        self.multipart.take().map_or(Ok(()), Multipart::abort)
    }

    fn send(&mut self) -> Result<(), Error> {
        let multipart = if let Some(multipart) = &mut self.multipart {
            multipart
        } else {
            let started = Multipart::start(Arc::clone(&self.destination), self.threads)?;
            self.multipart.insert(started)
        };
        self.parts += 1;
        multipart.send(self.parts, std::mem::take(&mut self.part))
    }
}

/// Returns the size of a part, by its number.
fn part_bytes(number: u32) -> usize {
    let doublings = number.saturating_sub(1) / PARTS_OF_A_SIZE;
    PART_BYTES << doublings.min(MAX_DOUBLINGS)
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = part_bytes(self.parts + 1);
        let count = bytes.len().min(full - self.part.len());
        self.part
            .extend_from_slice(bytes.get(..count).unwrap_or(bytes));
        if self.part.len() == full {
            self.send().map_err(io::Error::other)?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectWriter")
            .field("path", &self.path())
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_so_that_ten_thousand_hold_any_object() {
        assert_eq!(part_bytes(1), 8 << 20);
        assert_eq!(part_bytes(1000), 8 << 20);
        assert_eq!(part_bytes(1001), 16 << 20);
        assert_eq!(part_bytes(10_000), 2 << 30);
        let total: u64 = (1..=10_000).map(|number| part_bytes(number) as u64).sum();
        assert!(total > 5 << 40);
    }
}

//! An export that is read in its bucket.

use std::sync::Arc;

use super::in_bucket::FilesInBucket;
use super::locate::locate;
use super::object_reader::ObjectReader;
use super::{bucket_of, check_succeeded};
use crate::client::Client;
use crate::data::error::Error;
use crate::data::export::Export;
use crate::data::keys::export_keys;
use crate::data::manifest::{self, MANIFEST_FILE, MAX_LIST_BYTES, MAX_SUMMARY_BYTES, Summary};
use crate::data::s3::bucket::Bucket;
use crate::data::s3::options::BucketOptions;
use crate::operation::get_export::GetExportOutput;

impl Client {
    /// Prepares to read an export that has succeeded in its bucket, without a local copy.
    ///
    /// ```no_run
    /// use simpledb_export::data::JsonLinesWriter;
    /// use simpledb_export::{Client, GetExportInput};
    ///
    /// let client = Client::from_env()?;
    /// let export = client.get_export(&GetExportInput::new("arn:aws:sdb:…"))?;
    ///
    /// let export = client.open_export(&export).open()?.check_md5(true);
    /// let object = client.upload("my-bucket", "tables/Books.jsonl").start()?;
    /// let (object, report) = export.convert().write_to(JsonLinesWriter::new(object))?;
    /// object.finish()?;
    /// println!("{} items", report.items);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_export<'a>(&'a self, export: &'a GetExportOutput) -> OpenExport<'a> {
        OpenExport {
            client: self,
            export,
            bucket_options: BucketOptions::new(),
        }
    }
}

/// An export that is to be read in its bucket, returned by [`Client::open_export`].
///
/// Each data file is one GetObject, read as a stream; nothing is kept on the disk, and memory use does
/// not depend on the files' sizes. [`Export::convert`] receives several files at once, in order, up to
/// 2 MiB of each ahead. If a connection breaks, the rest is requested. If a file is read a
/// second time, as formats with columns need it, it must be the same version, by its ETag; an object
/// that changes while it is read is an error of the kind [`Changed`](crate::data::ErrorKind::Changed). With
/// [`Export::check_md5`], every file is compared with the manifest's checksum, as on a disk.
///
/// The permissions, and everything about the bucket, are those of a [`Download`](super::Download).
#[derive(Debug)]
#[must_use = "does nothing until `open`"]
pub struct OpenExport<'a> {
    client: &'a Client,
    export: &'a GetExportOutput,
    bucket_options: BucketOptions,
}

impl<'a> OpenExport<'a> {
    /// Sets how to reach the bucket, and whose it must be.
    pub fn bucket_options(mut self, options: BucketOptions) -> OpenExport<'a> {
        self.bucket_options = options;
        self
    }

    /// Reads the manifests, and returns the export; its data files are read when they are needed.
    ///
    /// # Errors
    ///
    /// [`NotSucceeded`](crate::data::ErrorKind::NotSucceeded) if the export has not succeeded;
    /// [`Fetch`](crate::data::ErrorKind::Fetch) if S3 refuses a manifest, with the [`Error`](crate::Error) as the
    /// source; and those of [`Export::open`] for the manifests.
    pub fn open(self) -> Result<Export, Error> {
        check_succeeded(&self.export.export_status)?;
        let bucket = bucket_of(self.client, self.export, self.bucket_options)?;
        let (prefix, summary) = locate(export_keys(self.export), |key| {
            let object = open(&bucket, key, MAX_SUMMARY_BYTES)?;
            Summary::read(object).map_err(|error| error.in_file(&bucket.object(key)))
        })?;
        let key = format!("{prefix}/{MANIFEST_FILE}");
        let object = open(&bucket, &key, MAX_LIST_BYTES)?;
        let entries = manifest::read_entries(object, summary.s3_export_prefix.as_deref())
            .map_err(|error| error.in_file(&bucket.object(&key)))?;
        let dir = bucket.object(&prefix);
        let files = Arc::new(FilesInBucket::new(bucket, prefix));
        Ok(Export::new(dir, Some(summary), entries).read_from(files))
    }
}

/// Requests a manifest, whose size is limited.
fn open<'a>(bucket: &'a Bucket, key: &str, max_bytes: u64) -> Result<ObjectReader<'a>, Error> {
    let object = ObjectReader::open(bucket, key, None)?;
    if object.length() > Some(max_bytes) {
        return Err(manifest::too_large(max_bytes).in_file(&bucket.object(key)));
    }
    Ok(object)
}

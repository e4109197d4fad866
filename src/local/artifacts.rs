//! Writes an export's files: the data files, then the manifests.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::domains::Domain;
use super::exports::{Failure, Outcome, Record, Success};
use super::store::{Bucket, ObjectWriter, Store, StoreError};
use crate::operation::types::S3SseAlgorithm;
use crate::wire::item::Item;
use crate::wire::timestamp::rfc3339;

/// The version of the manifests' format.
const VERSION: &str = "2025-11-01";

/// One entry of `manifest-file.json`.
#[derive(Debug, Serialize)]
struct DataFile {
    #[serde(rename = "md5Checksum")]
    md5: String,
    #[serde(rename = "dataFileS3Key")]
    key: String,
    #[serde(rename = "dataFileItemCount")]
    items: u64,
}

/// `manifest-summary.json`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    version: &'static str,
    export_arn: &'a str,
    requested_at: String,
    s3_bucket_name: &'a str,
    s3_export_prefix: &'a str,
    domain_name: &'a str,
    items_count: u64,
    export_data_cutoff_time: Option<String>,
    s3_sse_algorithm: Option<&'a S3SseAlgorithm>,
    s3_sse_kms_key_id: Option<&'a str>,
    s3_bucket_owner: Option<&'a str>,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let (_, _, code) = error.codes();
        Failure {
            code,
            message: error.to_string(),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        StoreError::from(error).into()
    }
}

/// Writes exports to a store.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
    /// The account that owns every bucket.
    pub(super) account_id: String,
    pub(super) items_per_file: u64,
    /// Set when the service shuts down.
    pub(super) interrupt: AtomicBool,
}

impl Writer {
    pub(super) fn write(&self, record: &Record, domain: &Domain) -> Outcome {
        let account_id = &self.account_id;
        let owner = record.input.s3_bucket_owner.as_ref();
        if let Some(owner) = owner.filter(|owner| *owner != account_id) {
            return Err(Failure {
                code: "S3AccessDenied",
                message: format!("the bucket belongs to account {account_id}, not to {owner}"),
            });
        }
        let bucket = self.store.bucket_for_writing(&record.input.s3_bucket)?;
        let base = record.base();
        bucket.create(&format!("{base}/_started"))?.finish()?;
        let files = self.write_data_files(&bucket, &base, domain)?;
        self.check_interrupt()?;

        let key = format!("{base}/manifest-file.json");
        put_json(&bucket, &key, &files)?;
        let items_count = files.iter().map(|file| file.items).sum();
        let manifest = format!("{base}/manifest-summary.json");
        put_json(
            &bucket,
            &manifest,
            &Summary::new(record, &base, items_count),
        )?;
        Ok(Success {
            manifest,
            items_count,
        })
    }

    /// An empty domain has one file with an empty array.
    fn write_data_files(
        &self,
        bucket: &Bucket<'_>,
        base: &str,
        domain: &Domain,
    ) -> Result<Vec<DataFile>, Failure> {
        let mut written = Vec::new();
        let mut open = OpenFile::create(bucket, base, 1)?;
        let read = domain.for_each(|item| {
            self.check_interrupt()?;
            if open.items == self.items_per_file {
                let next = OpenFile::create(bucket, base, written.len() + 2)?;
                written.push(std::mem::replace(&mut open, next).finish()?);
            }
            open.push(item)
        });
        // Not a failure of S3, even if its kind suggests one.
        read.map_err(StoreError::Other)??;
        written.push(open.finish()?);
        Ok(written)
    }

    fn check_interrupt(&self) -> Result<(), Failure> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Failure {
                code: "InternalError",
                message: "the service was stopped before the export was complete".to_owned(),
            });
        }
        Ok(())
    }
}

impl<'a> Summary<'a> {
    fn new(record: &'a Record, base: &'a str, items_count: u64) -> Summary<'a> {
        let input = &record.input;
        Summary {
            version: VERSION,
            export_arn: &record.arn,
            requested_at: rfc3339(record.requested_at),
            s3_bucket_name: &input.s3_bucket,
            s3_export_prefix: base,
            domain_name: &input.domain_name,
            items_count,
            export_data_cutoff_time: record.cutoff.map(rfc3339),
            s3_sse_algorithm: input.s3_sse_algorithm.as_ref(),
            s3_sse_kms_key_id: input.s3_sse_kms_key_id.as_deref(),
            s3_bucket_owner: input.s3_bucket_owner.as_deref(),
        }
    }
}

/// A data file that is being written.
struct OpenFile {
    key: String,
    object: ObjectWriter,
    items: u64,
}

impl OpenFile {
    fn create(bucket: &Bucket<'_>, base: &str, number: usize) -> Result<OpenFile, Failure> {
        let key = format!("{base}/data/dataFile_1_{number}.json");
        let mut object = bucket.create(&key)?;
        object.write_all(b"[")?;
        Ok(OpenFile {
            key,
            object,
            items: 0,
        })
    }

    fn push(&mut self, item: &Item) -> Result<(), Failure> {
        if self.items > 0 {
            self.object.write_all(b",")?;
        }
        serde_json::to_writer(&mut self.object, item).map_err(io::Error::from)?;
        self.items += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<DataFile, Failure> {
        self.object.write_all(b"]")?;
        Ok(DataFile {
            md5: STANDARD.encode(self.object.finish()?),
            key: self.key,
            items: self.items,
        })
    }
}

fn put_json(bucket: &Bucket<'_>, key: &str, value: &impl Serialize) -> Result<(), Failure> {
    let mut object = bucket.create(key)?;
    serde_json::to_writer(&mut object, value).map_err(io::Error::from)?;
    object.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests;

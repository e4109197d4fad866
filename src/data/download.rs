//! Downloads an export from S3.
//!
//! The export is located in its bucket ([`locate`]); its files are fetched in parallel ([`files`]),
//! each with retries ([`object`]) into its own file ([`partial_file`]), by signed requests to
//! one bucket ([`super::s3`]). All decisions are pure: addresses, regions, resuming.

mod files;
pub(super) mod in_bucket;
mod locate;
mod object;
mod object_reader;
mod partial_file;
pub(super) mod read_ahead;
mod remote;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use log::debug;

use self::files::fetch_all;
use self::locate::{has_started, locate};
use self::object::fetch_manifest;
use self::partial_file::{PartialFile, not_written};
pub use self::remote::OpenExport;
use super::error::{Error, ErrorKind};
use super::export::Export;
use super::keys::{export_keys, export_path};
use super::manifest::{
    self, MANIFEST_FILE, MANIFEST_SUMMARY, MAX_LIST_BYTES, MAX_SUMMARY_BYTES, Summary,
};
use super::progress::{Callback, Progress};
use super::s3::bucket::Bucket;
use super::s3::options::BucketOptions;
use crate::client::Client;
use crate::fs::lock::LockFile;
use crate::fs::{names, native};
use crate::operation::get_export::GetExportOutput;
use crate::operation::types::ExportStatus;

/// How many files are fetched at once by default.
const DEFAULT_THREADS: usize = 4;

impl Client {
    /// Prepares the download of an export that has succeeded from S3 to `dir`, which gets the
    /// layout of the bucket: the files are written to `AWSSimpleDB/<id>/<domain>` below it.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use simpledb_export::{Client, StartDomainExportInput};
    ///
    /// let client = Client::from_env()?;
    /// let input = StartDomainExportInput::new("Books", "my-export-bucket");
    /// let started = client.start_domain_export(&input)?;
    /// let export =
    ///     client.wait_for_export(&started.export_arn).wait()?;
    ///
    /// let report = client.download(&export, "exports").run()?;
    /// println!("{} items in {}", report.items, report.export.dir().display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn download<'a>(
        &'a self,
        export: &'a GetExportOutput,
        dir: impl Into<PathBuf>,
    ) -> Download<'a> {
        Download {
            client: self,
            export,
            dir: native(&dir.into()),
            threads: DEFAULT_THREADS,
            bucket_options: BucketOptions::new(),
            callback: Callback::none(),
        }
    }
}

/// A download, returned by [`Client::download`].
///
/// Every data file is fetched under a temporary name, compared with the manifest's checksum, and
/// then renamed. The manifests come last, so that a directory with manifests is complete. If a
/// download was interrupted, running it again resumes it: files that are present and correct are
/// kept, and of an incomplete file only the rest is fetched, unless the object has changed. While
/// it runs, the directory is locked by a file beside it, `<domain>.lock`.
///
/// The credentials need `s3:GetObject` on the export's objects, and `kms:Decrypt` if they are
/// encrypted with a KMS key. If S3 reports that the bucket is in another region, requests are
/// signed for that; redirects are not followed.
///
/// The client's retry settings apply to each file, with a separate retry quota. The attempt timeout
/// limits each step of a response: its headers, a read, a refusal. Within each operation timeout, at
/// least 64 KiB must arrive, or the request is repeated for the rest. `manifest-summary.json` may
/// have at most 1 MiB, and `manifest-file.json` 1 GiB, about six million entries.
#[derive(Debug)]
#[must_use = "does nothing until `run`"]
pub struct Download<'a> {
    client: &'a Client,
    export: &'a GetExportOutput,
    dir: PathBuf,
    threads: usize,
    bucket_options: BucketOptions,
    callback: Callback<'a>,
}

impl<'a> Download<'a> {
    /// Sets how many files are fetched at once; 0 means the default. Defaults to 4.
    pub fn threads(mut self, threads: usize) -> Download<'a> {
        self.threads = match threads {
            0 => DEFAULT_THREADS,
            threads => threads,
        };
        self
    }

    /// Sets how to reach the bucket, and whose it must be.
    pub fn bucket_options(mut self, options: BucketOptions) -> Download<'a> {
        self.bucket_options = options;
        self
    }

    /// Sets a callback that is called after every chunk of 1 MiB, and at least once a second while
    /// bytes arrive, by one thread at a time. [`ControlFlow::Break`] cancels the download; running it
    /// again resumes it.
    pub fn on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Download<'a> {
        self.callback = Callback::new(callback);
        self
    }

    /// Returns whether the export has written its first object, `_started`, which shows that its bucket
    /// can be written to. False as well if S3 cannot be reached or does not show the object. Nothing is
    /// downloaded.
    #[must_use]
    pub fn has_started(self) -> bool {
        match bucket_of(self.client, self.export, self.bucket_options) {
            Ok(bucket) => has_started(&bucket, &export_keys(self.export)),
            Err(error) => {
                debug!("whether the export has started is not known: {error}");
                false
            }
        }
    }

    /// Downloads the export.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSucceeded`] if the export has not succeeded;
    /// [`Fetch`](ErrorKind::Fetch) if S3 refuses an object, with the [`Error`](crate::Error) as the
    /// source; [`Changed`](ErrorKind::Changed) if an object is not what the export wrote;
    /// [`Read`](ErrorKind::Read) and [`Write`](ErrorKind::Write) for the disk;
    /// [`InUse`](ErrorKind::InUse) while another download to the same directory is in progress;
    /// [`Cancelled`](ErrorKind::Cancelled) if the callback cancelled; and those of
    /// [`Export::open`] for the manifests. Incomplete files are kept for the next run.
    pub fn run(self) -> Result<DownloadReport, Error> {
        let export = self.export;
        check_succeeded(&export.export_status)?;
        let path = export_path(&export.export_arn, &export.domain_name);
        let dir = self.dir.join(path);
        let bucket = bucket_of(self.client, export, self.bucket_options)?;
        let _lock = lock(&dir, &export.domain_name)?;
        let mut summary_file = PartialFile::create(&dir.join(MANIFEST_SUMMARY))?;
        let mut manifest_file = PartialFile::create(&dir.join(MANIFEST_FILE))?;
        let keys = export_keys(export);
        let fetched = fetch_manifests(&bucket, keys, &mut summary_file, &mut manifest_file);
        let export_key = match fetched {
            Ok(export_key) => export_key,
            Err(error) => {
                summary_file.discard()?;
                manifest_file.discard()?;
                return Err(error);
            }
        };
        let summary = summary_file.read(Summary::read)?;
        let prefix = summary.s3_export_prefix.as_deref();
        let entries = manifest_file.read(|file| manifest::read_entries(file, prefix))?;
        let local = Export::new(dir, Some(summary), entries);
        let report = fetch_all(&bucket, &export_key, local, self.threads, self.callback)?;
        manifest_file.keep()?;
        summary_file.keep()?;
        Ok(report)
    }
}

/// Fetches both manifests, and returns the prefix of the export's keys.
fn fetch_manifests(
    bucket: &Bucket,
    keys: Vec<String>,
    summary_file: &mut PartialFile,
    manifest_file: &mut PartialFile,
) -> Result<String, Error> {
    let (export_key, ()) = locate(keys, |key| {
        fetch_manifest(bucket, key, summary_file, MAX_SUMMARY_BYTES)
    })?;
    let key = format!("{export_key}/{MANIFEST_FILE}");
    fetch_manifest(bucket, &key, manifest_file, MAX_LIST_BYTES)?;
    Ok(export_key)
}

/// The result of [`Download::run`].
#[derive(Debug)]
#[non_exhaustive]
pub struct DownloadReport {
    /// The export in its local directory.
    pub export: Export,
    /// The number of data files.
    pub files: u64,
    /// The number of bytes in these files.
    pub bytes: u64,
    /// The number of items in these files, according to the manifest.
    pub items: u64,
    /// The number of files that were fetched.
    pub fetched_files: u64,
    /// The number of files that were present already, with the right checksum.
    pub kept_files: u64,
}

/// Returns the bucket that an export was written to.
fn bucket_of(
    client: &Client,
    export: &GetExportOutput,
    mut options: BucketOptions,
) -> Result<Bucket, Error> {
    let owner = options.expected_bucket_owner;
    options.expected_bucket_owner = owner.or_else(|| export.s3_bucket_owner.clone());
    Bucket::new(client, &export.s3_bucket, options)
}

/// Creates the directory if necessary, and keeps other downloads out of it.
fn lock(dir: &Path, domain_name: &str) -> Result<LockFile, Error> {
    fs::create_dir_all(dir).map_err(|error| not_written(dir, error))?;
    let path = dir.with_file_name(names::encode(domain_name, ".lock"));
    let lock = LockFile::take(&path).map_err(|error| not_written(&path, error))?;
    lock.ok_or_else(|| {
        let message = "another download to this directory is in progress; wait until it finishes";
        Error::new(ErrorKind::InUse, message).in_file(dir)
    })
}

fn check_succeeded(status: &ExportStatus) -> Result<(), Error> {
    let what_to_do = match status {
        ExportStatus::Succeeded => return Ok(()),
        ExportStatus::Failed => "its files are incomplete, start a new export",
        _ => "wait until it has succeeded",
    };
    let message = format!("the export is {status}: {what_to_do}");
    Err(Error::new(ErrorKind::NotSucceeded, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_to_do_about_an_export_that_has_not_succeeded() {
        let message = |status| check_succeeded(status).unwrap_err().to_string();
        assert_eq!(
            message(&ExportStatus::InProgress),
            "the export is IN_PROGRESS: wait until it has succeeded"
        );
        assert_eq!(
            message(&ExportStatus::Failed),
            "the export is FAILED: its files are incomplete, start a new export"
        );
    }
}

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
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use log::debug;

use self::files::fetch_all;
use self::locate::{has_started, locate};
use self::object::Fetcher;
use self::partial_file::{PartialFile, not_written};
pub use self::remote::OpenExport;
use super::error::{Error, ErrorKind};
use super::export::Export;
use super::keys::{export_keys, export_path};
use super::manifest::{
    self, MANIFEST_FILE, MANIFEST_SUMMARY, MAX_LIST_BYTES, MAX_SUMMARY_BYTES, Summary,
};
use super::progress::{Callback, Progress};
use super::s3::bucket::{Bucket, BucketOptions};
use crate::client::Client;
use crate::fs::lock::LockFile;
use crate::fs::{names, native};
use crate::operation::get_export::GetExportOutput;
use crate::operation::types::ExportStatus;
use crate::retry::Quota;

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
            threads: None,
            bucket: BucketOptions::default(),
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
    threads: Option<NonZeroUsize>,
    bucket: BucketOptions,
    callback: Callback<'a>,
}

impl<'a> Download<'a> {
    /// Sets how many files are fetched at once; 0 means the default. Defaults to 4.
    pub fn threads(mut self, threads: usize) -> Download<'a> {
        self.threads = NonZeroUsize::new(threads);
        self
    }

    /// Sets the AWS account that must own the bucket (12 digits); S3 refuses access otherwise.
    /// Defaults to the owner that the export was started with, if any.
    pub fn expected_bucket_owner(mut self, account: impl Into<String>) -> Download<'a> {
        self.bucket.owner = Some(account.into());
        self
    }

    /// Sets the endpoint of S3, an `http` or `https` URL. Defaults to
    /// [`Config::s3_endpoint_url`](crate::Config::s3_endpoint_url), or else AWS's endpoint in the
    /// bucket's region.
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> Download<'a> {
        self.bucket.endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets whether the bucket is part of the URL's path rather than of its host. Defaults to true
    /// for an endpoint that was set, and to false for AWS's (unless the bucket's name cannot be
    /// part of a host).
    pub fn path_style(mut self, path_style: bool) -> Download<'a> {
        self.bucket.path_style = Some(path_style);
        self
    }

    /// Sets the bucket's region. Defaults to the client's region, or the one that S3 reports.
    pub fn region(mut self, region: impl Into<String>) -> Download<'a> {
        self.bucket.region = Some(region.into());
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
        let bucket = bucket_of(self.client, self.export, &self.bucket);
        let started =
            bucket.and_then(|mut bucket| has_started(&mut bucket, &export_keys(self.export)));
        started.unwrap_or_else(|error| {
            debug!("whether the export has started is not known: {error}");
            false
        })
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
        if self.export.export_status != ExportStatus::Succeeded {
            return Err(not_succeeded(&self.export.export_status));
        }
        let (client, export) = (self.client, self.export);
        let dir = self
            .dir
            .join(export_path(&export.export_arn, &export.domain_name));
        let mut bucket = bucket_of(client, export, &self.bucket).map_err(|error| {
            Error::new(ErrorKind::InvalidOption, error.to_string()).caused_by(error)
        })?;
        let _lock = lock(&dir, &export.domain_name)?;
        let quota = Quota::new(client.config().retry_config());
        let mut summary_file = PartialFile::create(&dir.join(MANIFEST_SUMMARY))?;
        let located = locate(&mut bucket, export_keys(export), |bucket, key| {
            let fetcher = Fetcher {
                bucket,
                quota: &quota,
            };
            fetcher.fetch_manifest(key, &mut summary_file, MAX_SUMMARY_BYTES)
        });
        let export_key = match located {
            Ok((key, ())) => key,
            Err(error) => {
                summary_file.discard()?;
                return Err(error);
            }
        };
        let fetcher = Fetcher {
            bucket: &bucket,
            quota: &quota,
        };
        let mut manifest_file = PartialFile::create(&dir.join(MANIFEST_FILE))?;
        let manifest_key = format!("{export_key}/{MANIFEST_FILE}");
        let fetched = fetcher.fetch_manifest(&manifest_key, &mut manifest_file, MAX_LIST_BYTES);
        if let Err(trouble) = fetched {
            manifest_file.discard()?;
            summary_file.discard()?;
            return Err(trouble.into_error(&bucket, &manifest_key));
        }

        let in_file = |name: &str, error: Error| error.in_file(&dir.join(name));
        let summary = Summary::read(summary_file.reopen()?)
            .map_err(|error| in_file(MANIFEST_SUMMARY, error))?;
        let prefix = summary.s3_export_prefix.as_deref();
        let entries = manifest::read_entries(manifest_file.reopen()?, prefix)
            .map_err(|error| in_file(MANIFEST_FILE, error))?;

        let local = Export::new(dir, Some(summary), entries);
        let threads = self.threads.map_or(DEFAULT_THREADS, NonZeroUsize::get);
        let mut report = fetch_all(&fetcher, &export_key, local, threads, self.callback)?;
        manifest_file.keep()?;
        summary_file.keep()?;
        report.kept_files = report.files - report.fetched_files;
        Ok(report)
    }
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
    options: &BucketOptions,
) -> Result<Bucket, crate::Error> {
    let owner = export.s3_bucket_owner.as_deref();
    Bucket::new(client, &export.s3_bucket, owner, options)
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

fn not_succeeded(status: &ExportStatus) -> Error {
    let what_to_do = match status {
        ExportStatus::Failed => "its files are incomplete, start a new export",
        _ => "wait until it has succeeded",
    };
    let message = format!("the export is {status}: {what_to_do}");
    Error::new(ErrorKind::NotSucceeded, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_to_do_about_an_export_that_has_not_succeeded() {
        assert_eq!(
            not_succeeded(&ExportStatus::InProgress).to_string(),
            "the export is IN_PROGRESS: wait until it has succeeded"
        );
        assert_eq!(
            not_succeeded(&ExportStatus::Failed).to_string(),
            "the export is FAILED: its files are incomplete, start a new export"
        );
    }
}

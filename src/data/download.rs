//! Fetching an export from S3.
//!
//! Requests go one way: what is to be had ([`plan`]), several files at once ([`side_by_side`]),
//! each with retries ([`object`]) into a file of its own ([`partial_file`]), by signed requests to
//! one bucket ([`bucket`]). What there is to decide is pure: addresses, regions, resuming.

mod address;
mod bucket;
mod locate;
mod object;
mod options;
mod partial_file;
mod plan;
mod refusal;
mod region;
mod report;
mod resume;
mod side_by_side;
mod tally;

use std::fs;
use std::path::Path;

use self::bucket::Bucket;
use self::locate::{Located, locate};
use self::object::Fetcher;
pub use self::options::DownloadOptions;
use self::partial_file::{PartialFile, not_written, with_suffix};
use self::plan::targets;
pub use self::report::{DownloadProgress, DownloadReport};
use self::side_by_side::fetch_all;
use self::tally::{FileTally, Tally, sum};
use super::error::{DataError, DataErrorKind};
use super::folder_keys::export_folder_keys;
use super::layout::folder_path;
use super::manifest::{MANIFEST_FILE, MANIFEST_SUMMARY, ManifestFile, ManifestSummary};
use crate::client::Client;
use crate::fs::lock::LockFile;
use crate::operation::get_export::GetExportOutput;
use crate::operation::types::ExportStatus;
use crate::retry::Quota;

impl Client {
    /// Downloads an export that has succeeded from S3 to `folder`, which is laid out as the bucket
    /// is: the files are in `AWSSimpleDB/<id>/<domain>` below it, [`DownloadReport::folder`].
    ///
    /// Every data file is fetched under a name of its own, compared with the checksum that the
    /// manifest has of it, and only then renamed; the manifests come last, so that a folder with
    /// manifests is complete. A download that was interrupted goes on where it ended when it is
    /// run again: what is here and right is not fetched again, and of a file that is here in part
    /// only the rest, unless the object has changed. As long as it runs, the folder is locked by a
    /// file beside it, `<domain>.lock`.
    ///
    /// The credentials need `s3:GetObject` on the export's objects, and `kms:Decrypt` where they
    /// are encrypted with a key. Requests are signed for the region of the bucket, which S3 tells
    /// if it is not the client's; no redirect is followed. The client's retry settings hold for
    /// each file, with a quota of the download's own; its attempt time-out for each step of an
    /// answer, and its operation time-out for the time in which a file gets no further.
    ///
    /// # Errors
    ///
    /// [`DataErrorKind::NotSucceeded`] before the export has succeeded;
    /// [`Fetch`](DataErrorKind::Fetch) where S3 does not give an object, with the
    /// [`Error`](crate::Error) as its source; [`Changed`](DataErrorKind::Changed) for an object
    /// that is not what the export wrote; [`Write`](DataErrorKind::Write) and
    /// [`Read`](DataErrorKind::Read) for the disk; [`InUse`](DataErrorKind::InUse) while another
    /// download of the same export goes to the same folder; the kinds of
    /// [`ManifestFile::read`] and of [`data_file_path`](super::data_file_path) for manifests.
    /// After the first of them, the files under way are left to be gone on with.
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
    /// let report = client.download_export(&export, "exports")?;
    /// println!("{} items in {}", report.items, report.folder.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn download_export(
        &self,
        export: &GetExportOutput,
        folder: impl AsRef<Path>,
    ) -> Result<DownloadReport, DataError> {
        self.download_export_with(export, folder, &DownloadOptions::new())
    }

    /// As [`download_export`](Client::download_export), with options.
    ///
    /// # Errors
    ///
    /// The same; and [`Cancelled`](DataErrorKind::Cancelled) where the caller ended it.
    pub fn download_export_with(
        &self,
        export: &GetExportOutput,
        folder: impl AsRef<Path>,
        options: &DownloadOptions<'_>,
    ) -> Result<DownloadReport, DataError> {
        if export.export_status != ExportStatus::Succeeded {
            return Err(not_succeeded(&export.export_status));
        }
        let folder = folder
            .as_ref()
            .join(folder_path(&export.export_arn, &export.domain_name)?);
        let mut bucket = Bucket::new(self, export, options).map_err(|error| {
            DataError::new(DataErrorKind::InvalidOption, error.to_string()).caused_by(error)
        })?;
        let _lock = lock(&folder)?;
        let quota = Quota::new(self.config().retry_config());
        let keys = export_folder_keys(export);
        let Located {
            folder_key,
            summary: summary_file,
        } = locate(&mut bucket, &quota, keys, &folder)?;
        let fetcher = Fetcher {
            bucket: &bucket,
            quota: &quota,
        };
        let mut manifest_file = PartialFile::create(&folder.join(MANIFEST_FILE))?;
        let manifest_key = format!("{folder_key}/{MANIFEST_FILE}");
        fetcher
            .fetch(&manifest_key, &mut manifest_file, &|_, _| Ok(()))
            .map_err(|trouble| trouble.into_error(&bucket, &manifest_key))?;

        let in_file = |name: &str, error: DataError| error.in_file(&folder.join(name));
        let summary = ManifestSummary::read(summary_file.reopen()?)
            .map_err(|error| in_file(MANIFEST_SUMMARY, error))?;
        let manifest = ManifestFile::read(manifest_file.reopen()?)
            .map_err(|error| in_file(MANIFEST_FILE, error))?;
        let prefix = summary.s3_export_prefix.as_deref();
        let targets = targets(&manifest, prefix, &folder_key, &folder)
            .map_err(|error| in_file(MANIFEST_FILE, error))?;

        let files = targets
            .iter()
            .map(|target| FileTally::of_items(target.items));
        let tally = Tally::new(options, files.collect());
        let all = fetch_all(&fetcher, &targets, options.get_threads(), &tally)?;
        manifest_file.keep()?;
        summary_file.keep()?;
        let fetched_files = all.iter().filter(|have| have.was_fetched).count() as u64;
        Ok(DownloadReport {
            folder,
            files: all.len() as u64,
            bytes: sum(all.iter().map(|have| have.bytes)),
            items: sum(targets.iter().map(|target| target.items)),
            fetched_files,
            kept_files: all.len() as u64 - fetched_files,
        })
    }
}

/// Makes the folder where it is missing, and keeps other downloads out of it.
fn lock(folder: &Path) -> Result<LockFile, DataError> {
    fs::create_dir_all(folder).map_err(|error| not_written(folder, error))?;
    let path = with_suffix(folder, ".lock");
    let lock = LockFile::take(&path).map_err(|error| not_written(&path, error))?;
    lock.ok_or_else(|| {
        let message = "another download to this folder is under way: let it end";
        DataError::new(DataErrorKind::InUse, message).in_file(folder)
    })
}

fn not_succeeded(status: &ExportStatus) -> DataError {
    let what_to_do = match status {
        ExportStatus::Failed => "its files are not complete, start a new one",
        _ => "wait until it has succeeded",
    };
    let message = format!("the export is {status}: {what_to_do}");
    DataError::new(DataErrorKind::NotSucceeded, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_that_has_not_succeeded_is_not_looked_for() {
        let told = |status| not_succeeded(&status).to_string();
        assert_eq!(
            told(ExportStatus::InProgress),
            "the export is IN_PROGRESS: wait until it has succeeded"
        );
        assert_eq!(
            told(ExportStatus::Failed),
            "the export is FAILED: its files are not complete, start a new one"
        );
    }
}

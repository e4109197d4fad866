//! How an export is downloaded.

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::report::DownloadProgress;

/// How many files are fetched at once, unless it is said.
const DEFAULT_THREADS: usize = 4;

type OnProgress<'a> = dyn Fn(&DownloadProgress) -> ControlFlow<()> + Sync + 'a;

/// How [`Client::download_export_with`](crate::Client::download_export_with) works.
///
/// ```
/// use std::ops::ControlFlow;
/// use simpledb_export::data::DownloadOptions;
///
/// let options = DownloadOptions::new()
///     .threads(8)
///     .expected_bucket_owner("111122223333")
///     .on_progress(|progress| {
///         eprintln!("{} of {} files", progress.files, progress.total_files);
///         ControlFlow::Continue(())
///     });
/// assert_eq!(options.get_threads(), 8);
/// ```
#[derive(Default)]
pub struct DownloadOptions<'a> {
    threads: Option<NonZeroUsize>,
    pub(super) expected_bucket_owner: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) path_style: Option<bool>,
    pub(super) region: Option<String>,
    pub(super) on_progress: Option<Box<OnProgress<'a>>>,
}

impl<'a> DownloadOptions<'a> {
    /// The defaults.
    #[must_use]
    pub fn new() -> DownloadOptions<'a> {
        DownloadOptions::default()
    }

    /// Sets how many files are fetched at once; 0 is taken as the default. Default: 4.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> DownloadOptions<'a> {
        self.threads = NonZeroUsize::new(threads);
        self
    }

    /// How many files are fetched at once.
    #[must_use]
    pub fn get_threads(&self) -> usize {
        self.threads.map_or(DEFAULT_THREADS, NonZeroUsize::get)
    }

    /// Sets the account that must own the bucket, twelve digits; S3 refuses if another does.
    /// Default: the owner that the export was started with, if any.
    #[must_use]
    pub fn expected_bucket_owner(mut self, account: impl Into<String>) -> DownloadOptions<'a> {
        self.expected_bucket_owner = Some(account.into());
        self
    }

    /// Sets where S3 is, an `http` or `https` URL. Default: what
    /// [`Config::s3_endpoint_url`](crate::config::ConfigBuilder::s3_endpoint_url) says, or else S3 of the
    /// bucket's region.
    #[must_use]
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> DownloadOptions<'a> {
        self.endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets whether the bucket is put into the path of every URL, or into the host wherever it
    /// can be. Default: into the path at an endpoint that was set, into the host at S3's own.
    #[must_use]
    pub fn path_style(mut self, path_style: bool) -> DownloadOptions<'a> {
        self.path_style = Some(path_style);
        self
    }

    /// Sets the region of the bucket. Default: the client's, and if S3 names another one, that.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> DownloadOptions<'a> {
        self.region = Some(region.into());
        self
    }

    /// Sets what is told how far the download is: after every few kilobytes, from any of the
    /// threads, by one at a time. [`ControlFlow::Break`] ends the download; run again, it goes on
    /// from there.
    #[must_use]
    pub fn on_progress(
        mut self,
        on_progress: impl Fn(&DownloadProgress) -> ControlFlow<()> + Sync + 'a,
    ) -> DownloadOptions<'a> {
        self.on_progress = Some(Box::new(on_progress));
        self
    }
}

impl fmt::Debug for DownloadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadOptions")
            .field("threads", &self.get_threads())
            .field("expected_bucket_owner", &self.expected_bucket_owner)
            .field("endpoint_url", &self.endpoint_url)
            .field("path_style", &self.path_style)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

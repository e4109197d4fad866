//! The options of `download`.

use std::path::PathBuf;

use clap::Args;
use simpledb_export::data::Download;

use super::{ArnArgs, values};

#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    #[command(flatten)]
    pub(crate) export: ArnArgs,
    /// Directory to download to
    #[arg(long, value_name = "DIR", value_parser = values::directory())]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

/// Where to download an export from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Download options")]
pub(crate) struct SourceOptions {
    /// Endpoint of S3 [default: that of the bucket's region]
    #[arg(long, value_name = "URL")]
    pub(crate) s3_endpoint_url: Option<String>,
    /// Account that must own the bucket [default: the export's s3BucketOwner]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) expected_bucket_owner: Option<String>,
    /// Number of files to download at once [default: 4], and of threads to convert with, each of
    /// which needs up to 16 MiB of memory [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
}

impl SourceOptions {
    /// Returns the options that decide which bucket it is.
    pub(crate) fn given(&self) -> [(&'static str, Option<&str>); 2] {
        [
            ("--s3-endpoint-url", self.s3_endpoint_url.as_deref()),
            (
                "--expected-bucket-owner",
                self.expected_bucket_owner.as_deref(),
            ),
        ]
    }

    /// Applies the options to a download.
    pub(crate) fn apply<'a>(&self, download: Download<'a>) -> Download<'a> {
        let mut download = download.threads(self.threads.unwrap_or_default());
        if let Some(url) = &self.s3_endpoint_url {
            download = download.endpoint_url(url);
        }
        if let Some(owner) = &self.expected_bucket_owner {
            download = download.expected_bucket_owner(owner);
        }
        download
    }
}

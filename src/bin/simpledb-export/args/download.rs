//! The options of `download`.

use std::path::PathBuf;

use clap::Args;
use simpledb_export::data::{self, Download, Export, Upload};
use simpledb_export::{Client, GetExportOutput};

use super::s3_url::S3Url;
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
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Download options")]
pub(crate) struct SourceOptions {
    #[command(flatten)]
    pub(crate) bucket: BucketOptions,
    /// Number of files to download at once [default: 4], and of threads to convert with, each of
    /// which needs up to 16 MiB of memory [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
}

impl SourceOptions {
    /// Applies the options to a download.
    pub(crate) fn apply<'a>(&self, download: Download<'a>) -> Download<'a> {
        download
            .threads(self.threads.unwrap_or_default())
            .bucket_options(self.bucket.of_export())
    }
}

/// An export to read: on the disk, or in its bucket.
#[derive(Debug, Args)]
pub(crate) struct ExportSource {
    /// Directory of an export, or one that exactly one export was downloaded to
    #[arg(value_name = "DIR", required_unless_present = "export_arn")]
    pub(crate) directory: Option<PathBuf>,
    /// Export to read in its bucket, without a local copy, instead of a directory
    #[arg(
        long,
        value_name = "ARN",
        value_parser = values::export_arn,
        conflicts_with = "directory"
    )]
    pub(crate) export_arn: Option<String>,
    #[command(flatten)]
    pub(crate) bucket: BucketOptions,
}

/// How to reach the bucket that an export was written to.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Download options")]
pub(crate) struct BucketOptions {
    /// Endpoint of S3 [default: that of the bucket's region]
    #[arg(long, value_name = "URL")]
    pub(crate) s3_endpoint_url: Option<String>,
    /// Account that must own the export's bucket [default: the export's s3BucketOwner]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) expected_bucket_owner: Option<String>,
}

impl BucketOptions {
    /// Opens an export in its bucket.
    pub(crate) fn open(
        &self,
        client: &Client,
        export: &GetExportOutput,
    ) -> Result<Export, data::Error> {
        let open = client.open_export(export);
        open.bucket_options(self.of_export()).open()
    }

    /// Prepares the upload of an object, which the same S3 has.
    pub(crate) fn upload(&self, client: &Client, to: &S3Url, target: &TargetOptions) -> Upload {
        let upload = client.upload(&to.bucket, &to.key);
        upload.bucket_options(self.owned_by(target.to_bucket_owner.as_deref()))
    }

    fn of_export(&self) -> data::BucketOptions {
        self.owned_by(self.expected_bucket_owner.as_deref())
    }

    fn owned_by(&self, account: Option<&str>) -> data::BucketOptions {
        let mut options = data::BucketOptions::new();
        if let Some(url) = &self.s3_endpoint_url {
            options = options.endpoint_url(url);
        }
        if let Some(account) = account {
            options = options.expected_bucket_owner(account);
        }
        options
    }
}

/// Where to upload converted files to.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Upload options")]
pub(crate) struct TargetOptions {
    /// Account that must own the bucket of --to s3:// [default: any]
    #[arg(long, value_name = "ACCOUNT", requires = "to")]
    to_bucket_owner: Option<String>,
}

//! The flags of `download`.

use std::path::PathBuf;

use clap::Args;
use simpledb_export::data::DownloadOptions;

use super::{ArnArgs, values};

/// After the flags.
pub(crate) const HELP: &str = "\
Example:
  simpledb-export download --export-arn ARN --to exports

The files come to lie in exports/AWSSimpleDB/ID/DOMAIN, the manifests last. A download that was
interrupted goes on where it ended: run the same command again.";

#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    #[command(flatten)]
    pub(crate) export: ArnArgs,
    /// The folder to download to
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

/// Where an export is downloaded from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Download options")]
pub(crate) struct SourceOptions {
    /// Where S3 is, rather than its own endpoint in the bucket's region
    #[arg(long, value_name = "URL")]
    pub(crate) s3_endpoint_url: Option<String>,
    /// The account that must own the bucket [default: that of the export, if any]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) expected_bucket_owner: Option<String>,
    /// How many files to fetch at once
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = values::threads)]
    pub(crate) threads: usize,
}

impl SourceOptions {
    /// The flags that decide which bucket it is.
    pub(crate) fn given(&self) -> [(&'static str, Option<&str>); 2] {
        [
            ("--s3-endpoint-url", self.s3_endpoint_url.as_deref()),
            (
                "--expected-bucket-owner",
                self.expected_bucket_owner.as_deref(),
            ),
        ]
    }

    /// As the library takes them.
    pub(crate) fn options(&self) -> DownloadOptions<'_> {
        let mut options = DownloadOptions::new().threads(self.threads);
        if let Some(url) = &self.s3_endpoint_url {
            options = options.endpoint_url(url);
        }
        if let Some(owner) = &self.expected_bucket_owner {
            options = options.expected_bucket_owner(owner);
        }
        options
    }
}

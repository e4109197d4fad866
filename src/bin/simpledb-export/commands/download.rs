//! `download`.

use std::path::Path;

use simpledb_export::data::{self, DownloadReport, Export};
use simpledb_export::{Client, GetExportInput, GetExportOutput};

use crate::args::{BucketOptions, DownloadArgs, ExportSource, Global, SourceOptions};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::results::Downloaded;
use crate::{Result, hint, interrupt, output, session};

pub(super) fn run(global: &Global, args: &DownloadArgs) -> Result<()> {
    let client = session::client(global)?;
    interrupt::watch()?;
    interrupt::say("downloaded files are kept; run the same command again to resume");
    let export = client.get_export(&GetExportInput::new(&args.export.export_arn))?;
    let report = download(global, &client, &export, &args.to, &args.source)?;
    output::print(global.output, &Downloaded::from(&report))
}

/// Downloads an export, with progress.
pub(super) fn download(
    global: &Global,
    client: &Client,
    export: &GetExportOutput,
    to: &Path,
    source: &SourceOptions,
) -> Result<DownloadReport> {
    let download = source.apply(client.download(export, to));
    download
        .on_progress(Progress::start().of(&export.domain_name))
        .run()
        .map_err(|error| remote_failure(global, client, &source.bucket, error))
}

/// Opens an export on the disk, or with a client in its bucket.
pub(super) fn open(
    global: &Global,
    source: &ExportSource,
    client: Option<&Client>,
) -> Result<Export> {
    if let (Some(arn), Some(client)) = (&source.export_arn, client) {
        let export = client.get_export(&GetExportInput::new(arn))?;
        let opened = source.bucket.open(client, &export);
        return opened.map_err(|error| remote_failure(global, client, &source.bucket, error));
    }
    // Without an ARN, clap requires a directory.
    let directory = source.directory.as_deref().unwrap_or(Path::new("."));
    Ok(Export::open(directory)?)
}

/// Returns the failure for an export that cannot be read in its bucket.
pub(super) fn remote_failure(
    global: &Global,
    client: &Client,
    bucket: &BucketOptions,
    error: data::Error,
) -> Failure {
    let has_s3_endpoint =
        bucket.s3_endpoint_url.is_some() || client.config().s3_endpoint_url().is_some();
    let is_of_aws = global.endpoint_url.is_some() && !has_s3_endpoint;
    let is_fetch = error.kind() == data::ErrorKind::Fetch;
    let failure = Failure::from(error);
    if is_fetch && is_of_aws {
        failure.adding(hint::S3_ENDPOINT)
    } else {
        failure
    }
}

//! `download`.

use std::ops::ControlFlow;
use std::path::Path;

use simpledb_export::data::{self, DownloadReport, Export};
use simpledb_export::{Client, GetExportInput, GetExportOutput};

use crate::app::args::{BucketOptions, DownloadArgs, ExportSource, Global, SourceOptions};
use crate::app::failure::Failure;
use crate::app::interrupt::Interrupt;
use crate::app::progress::Progress;
use crate::app::results::Downloaded;
use crate::app::{Result, hint, output, session};

const RESUME: &str = "downloaded files are kept; run the same command again to resume";

pub(super) fn run(global: &Global, args: &DownloadArgs) -> Result<()> {
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(RESUME.to_owned());
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
    let progress = Progress::start(global);
    let download = source.apply(client.download(export, to));
    let download = download.on_progress(|state| {
        progress.files(&export.domain_name, state);
        ControlFlow::Continue(())
    });
    download
        .run()
        .map_err(|error| remote_failure(global, client, &source.bucket, &error))
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
        return opened.map_err(|error| remote_failure(global, client, &source.bucket, &error));
    }
    // Without an ARN, clap requires a directory.
    let directory = source.directory.as_deref().unwrap_or(Path::new("."));
    Export::open(directory).map_err(|error| Failure::general(&error))
}

/// Returns the failure for an export that cannot be read in its bucket.
pub(super) fn remote_failure(
    global: &Global,
    client: &Client,
    bucket: &BucketOptions,
    error: &data::Error,
) -> Failure {
    let failure = Failure::general(error);
    let has_s3_endpoint =
        bucket.s3_endpoint_url.is_some() || client.config().s3_endpoint_url().is_some();
    if error.kind() == data::ErrorKind::Fetch && global.endpoint_url.is_some() && !has_s3_endpoint {
        failure.adding(hint::S3_ENDPOINT)
    } else {
        failure
    }
}

//! Downloads from the local service.

use std::fs;
use std::ops::ControlFlow;
use std::time::Duration;

use simpledb_export::data::{BucketOptions, DownloadReport, ErrorKind};
use simpledb_export::local::{LocalService, Pace};
use simpledb_export::{
    Client, ExportStatus, GetExportOutput, Item, RetryConfig, StartDomainExportInput,
};

use super::files;
use crate::support::breaker::Breaker;
use crate::support::temp_dir::TempDir;

pub(super) const ITEMS: usize = 3_376;

fn items() -> Vec<Item> {
    let item = |n| {
        Item::new(format!("item{n}"))
            .attribute("name", [format!("Airport {n} ä \u{1f6eb}")])
            .attribute("runways", ["09/27", "18/36"])
    };
    (0..ITEMS).map(item).collect()
}

pub(super) fn service(root: &TempDir) -> LocalService {
    LocalService::builder()
        .root(root.path())
        .bucket("bucket")
        .domain("Airports", items())
        .items_per_file(500)
        .pace(Pace::instant())
        .start()
        .unwrap()
}

pub(super) fn export(client: &Client, prefix: Option<&str>) -> GetExportOutput {
    let mut input = StartDomainExportInput::new("Airports", "bucket");
    if let Some(prefix) = prefix {
        input = input.s3_key_prefix(prefix);
    }
    let started = client.start_domain_export(&input).unwrap();
    client
        .wait_for_export(&started.export_arn)
        .timeout(Duration::from_secs(60))
        .wait()
        .unwrap()
}

fn is_correct(report: &DownloadReport) -> bool {
    report.export.verify().run().unwrap().is_ok()
}

#[test]
fn downloads_an_export_with_any_prefix() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    for prefix in [
        None,
        Some("exports"),
        Some("a b+é/#?&%41/=@:~"),
        Some("end/"),
    ] {
        let to = TempDir::new();
        let export = export(&client, prefix);
        let report = client.download(&export, to.path()).run().unwrap();
        assert_eq!(
            (report.files, report.items),
            (7, ITEMS as u64),
            "{prefix:?}"
        );
        assert_eq!((report.fetched_files, report.kept_files), (7, 0));

        let verify = report.export.verify();
        let verify = verify.expected_items_count(export.items_count.unwrap());
        let verified = verify.run().unwrap();
        assert!(verified.is_ok(), "{:?}", verified.problems);
        assert_eq!(verified.bytes, report.bytes);
        let read: Vec<Item> = report.export.items().map(Result::unwrap).collect();
        assert_eq!(read.len(), ITEMS);
        assert_eq!(
            files(report.export.dir()).len(),
            9,
            "seven and two manifests"
        );
    }
}

#[test]
fn keeps_files_that_are_present_and_correct() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let client = service.client();
    let export = export(&client, None);
    let first = client.download(&export, to.path()).run().unwrap();
    let again = client.download(&export, to.path()).run().unwrap();
    assert_eq!((again.fetched_files, again.kept_files), (0, 7));
    assert_eq!((again.bytes, again.items), (first.bytes, first.items));

    let data: Vec<String> = files(&first.export.dir().join("data"));
    fs::remove_file(first.export.dir().join("data").join(&data[0])).unwrap();
    fs::write(first.export.dir().join("data").join(&data[3]), "damaged").unwrap();
    let mended = client.download(&export, to.path()).run().unwrap();
    assert_eq!((mended.fetched_files, mended.kept_files), (2, 5));
    assert!(is_correct(&first));
}

#[test]
fn reports_progress_and_can_be_cancelled() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let client = service.client();
    let export = export(&client, None);
    let mut reported = Vec::new();
    let download = client.download(&export, to.path()).threads(3);
    let download = download.on_progress(|progress| {
        reported.push(progress.clone());
        if progress.files < 2 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let error = download.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let last = reported.last().unwrap();
    assert_eq!((last.total_files, last.total_items), (7, ITEMS as u64));
    let here = files(to.path());
    assert!(
        !here.iter().any(|file| file.ends_with("manifest-file.json")),
        "{here:?}"
    );

    let mut last = None;
    let download = client.download(&export, to.path()).on_progress(|progress| {
        last = Some(progress.clone());
        ControlFlow::Continue(())
    });
    let report = download.run().unwrap();
    assert!(report.kept_files >= 2, "{report:?}");
    let last = last.unwrap();
    assert_eq!((last.files, last.items), (7, ITEMS as u64));
    assert_eq!(
        (last.bytes, last.total_bytes),
        (report.bytes, Some(report.bytes))
    );
}

#[test]
fn finds_a_bucket_in_another_region() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = LocalService::builder()
        .root(root.path())
        .bucket("bucket")
        .region("eu-west-1")
        .domain("Airports", items())
        .pace(Pace::instant())
        .start()
        .unwrap();
    let export = export(&service.client(), None);
    let elsewhere = service.config().to_builder().region("us-west-2");
    let elsewhere = Client::new(elsewhere.build().unwrap()).unwrap();
    let report = elsewhere.download(&export, to.path()).run().unwrap();
    assert_eq!(report.items, ITEMS as u64);
}

#[test]
fn reports_a_bucket_of_another_account() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let export = export(&service.client(), None);
    let client = service.client();
    let options = BucketOptions::new().expected_bucket_owner("111122223333");
    let download = client.download(&export, to.path()).bucket_options(options);
    let error = download.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fetch);
    let text = error.to_string();
    assert!(
        text.ends_with("check that account 111122223333 owns the bucket"),
        "{text}"
    );
    assert_eq!(files(to.path()), [""; 0]);
}

#[test]
fn rejects_an_export_that_has_not_succeeded() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let client = service.client();
    let mut export = export(&client, None);
    export.export_status = ExportStatus::InProgress;
    let error = client.download(&export, to.path()).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSucceeded);
}

#[test]
fn survives_a_network_that_breaks_a_third_of_all_exchanges() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let export = export(&service.client(), None);
    let breaker = Breaker::start(service.address(), 7);
    let patient = RetryConfig::standard().max_attempts(12);
    let config = service
        .config()
        .to_builder()
        .s3_endpoint_url(breaker.url())
        .retry_config(patient.initial_backoff(Duration::from_millis(1)));
    let client = Client::new(config.build().unwrap()).unwrap();
    let report = client.download(&export, to.path()).run().unwrap();
    assert!(breaker.broken() > 0);
    assert_eq!(report.items, ITEMS as u64);
    assert!(is_correct(&report));
    assert_eq!(files(report.export.dir()).len(), 9);
}

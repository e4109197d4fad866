//! From the local service.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

use simpledb_export::data::{
    DataErrorKind, DownloadOptions, ExportFolder, VerifyOptions, verify_export,
};
use simpledb_export::local::{LocalService, Pace};
use simpledb_export::{
    Client, ExportStatus, GetExportOutput, Item, RetryConfig, StartDomainExportInput,
};

use super::files;
use crate::support::breaker::Breaker;
use crate::support::folder::Folder;

const ITEMS: usize = 3_376;

fn items() -> Vec<Item> {
    let item = |n| {
        Item::new(format!("item{n}"))
            .attribute("name", [format!("Airport {n} ä \u{1f6eb}")])
            .attribute("runways", ["09/27", "18/36"])
    };
    (0..ITEMS).map(item).collect()
}

fn service(root: &Folder) -> LocalService {
    LocalService::builder()
        .root(root.path())
        .bucket("bucket")
        .domain("Airports", items())
        .items_per_file(500)
        .pace(Pace::instant())
        .start()
        .unwrap()
}

fn export(client: &Client, prefix: Option<&str>) -> GetExportOutput {
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

#[test]
fn an_export_arrives_whole_whatever_its_prefix() {
    let root = Folder::new();
    let service = service(&root);
    let client = service.client();
    for prefix in [
        None,
        Some("exports"),
        Some("a b+é/#?&%41/=@:~"),
        Some("end/"),
    ] {
        let to = Folder::new();
        let export = export(&client, prefix);
        let report = client.download_export(&export, to.path()).unwrap();
        assert_eq!(
            (report.files, report.items),
            (7, ITEMS as u64),
            "{prefix:?}"
        );
        assert_eq!((report.fetched_files, report.kept_files), (7, 0));

        let options = VerifyOptions::new().expected_items_count(export.items_count.unwrap());
        let verified = verify_export(&report.folder, &options);
        assert!(verified.is_ok(), "{:?}", verified.problems);
        assert_eq!(verified.bytes, report.bytes);
        let read: Vec<Item> = ExportFolder::open(&report.folder)
            .unwrap()
            .items()
            .map(Result::unwrap)
            .collect();
        assert_eq!(read.len(), ITEMS);
        assert_eq!(files(&report.folder).len(), 9, "seven and two manifests");
    }
}

#[test]
fn what_is_here_and_right_is_not_fetched_again() {
    let (root, to) = (Folder::new(), Folder::new());
    let service = service(&root);
    let client = service.client();
    let export = export(&client, None);
    let first = client.download_export(&export, to.path()).unwrap();
    let again = client.download_export(&export, to.path()).unwrap();
    assert_eq!((again.fetched_files, again.kept_files), (0, 7));
    assert_eq!((again.bytes, again.items), (first.bytes, first.items));

    let data: Vec<String> = files(&first.folder.join("data"));
    fs::remove_file(first.folder.join("data").join(&data[0])).unwrap();
    fs::write(first.folder.join("data").join(&data[3]), "damaged").unwrap();
    let mended = client.download_export(&export, to.path()).unwrap();
    assert_eq!((mended.fetched_files, mended.kept_files), (2, 5));
    assert!(verify_export(&first.folder, &VerifyOptions::new()).is_ok());
}

#[test]
fn it_is_told_how_far_it_is_and_can_be_ended() {
    let (root, to) = (Folder::new(), Folder::new());
    let service = service(&root);
    let client = service.client();
    let export = export(&client, None);
    let told = Mutex::new(Vec::new());
    let options = DownloadOptions::new().threads(3).on_progress(|progress| {
        told.lock().unwrap().push(progress.clone());
        if progress.files < 2 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let error = client
        .download_export_with(&export, to.path(), &options)
        .unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Cancelled);
    let ended = told.lock().unwrap().last().cloned().unwrap();
    assert_eq!((ended.total_files, ended.total_items), (7, ITEMS as u64));
    let here = files(to.path());
    assert!(
        !here.iter().any(|file| file.ends_with("manifest-file.json")),
        "{here:?}"
    );

    let last = Mutex::new(None);
    let options = DownloadOptions::new().on_progress(|progress| {
        *last.lock().unwrap() = Some(progress.clone());
        ControlFlow::Continue(())
    });
    let report = client
        .download_export_with(&export, to.path(), &options)
        .unwrap();
    assert!(report.kept_files >= 2, "{report:?}");
    let last = last.lock().unwrap().clone().unwrap();
    assert_eq!((last.files, last.items), (7, ITEMS as u64));
    assert_eq!(
        (last.bytes, last.total_bytes),
        (report.bytes, Some(report.bytes))
    );
}

#[test]
fn a_bucket_in_another_region_is_found() {
    let (root, to) = (Folder::new(), Folder::new());
    let service = LocalService::builder()
        .root(root.path())
        .bucket("bucket")
        .region("eu-west-1")
        .domain("Airports", items())
        .pace(Pace::instant())
        .start()
        .unwrap();
    let export = export(&service.client(), None);
    let elsewhere = Client::new(
        service
            .config()
            .to_builder()
            .region("us-west-2")
            .build()
            .unwrap(),
    )
    .unwrap();
    let report = elsewhere.download_export(&export, to.path()).unwrap();
    assert_eq!(report.items, ITEMS as u64);
}

#[test]
fn a_bucket_of_another_account_is_refused() {
    let (root, to) = (Folder::new(), Folder::new());
    let service = service(&root);
    let export = export(&service.client(), None);
    let options = DownloadOptions::new().expected_bucket_owner("111122223333");
    let error = service
        .client()
        .download_export_with(&export, to.path(), &options)
        .unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Fetch);
    let text = error.to_string();
    assert!(
        text.ends_with("see that the account 111122223333 owns the bucket"),
        "{text}"
    );
    assert_eq!(files(to.path()), [""; 0]);
}

#[test]
fn an_export_that_has_not_succeeded_is_not_downloaded() {
    let (root, to) = (Folder::new(), Folder::new());
    let service = service(&root);
    let client = service.client();
    let mut export = export(&client, None);
    export.export_status = ExportStatus::InProgress;
    let error = client.download_export(&export, to.path()).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::NotSucceeded);
}

#[test]
fn a_network_that_breaks_a_third_of_all_exchanges_is_got_through() {
    let (root, to) = (Folder::new(), Folder::new());
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
    let report = client.download_export(&export, to.path()).unwrap();
    assert!(breaker.broken() > 0);
    assert_eq!(report.items, ITEMS as u64);
    assert!(verify_export(&report.folder, &VerifyOptions::new()).is_ok());
    assert_eq!(files(&report.folder).len(), 9);
}

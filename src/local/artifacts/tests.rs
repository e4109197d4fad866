use std::fs;
use std::path::Path;

use md5::{Digest, Md5};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::*;
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::tests::temp_dir::TempDir;

fn at(milliseconds: i128) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(milliseconds * 1_000_000).unwrap()
}

fn record() -> Record {
    Record {
        id: "the-id".to_owned(),
        arn: "arn:aws:sdb:us-east-1:123456789012:domain/Books/export/the-id".to_owned(),
        client_token: "token".to_owned(),
        input: StartDomainExportInput::new("Books", "bucket"),
        requested_at: at(1_771_261_003_659),
        cutoff: Some(at(1_771_261_004_000)),
        outcome: None,
    }
}

fn writer(dir: &TempDir) -> Writer {
    let store = Store::new(dir.path(), false).unwrap();
    store.create_bucket("bucket").unwrap();
    Writer {
        store,
        account_id: "123456789012".to_owned(),
        items_per_file: 2,
        interrupt: AtomicBool::new(false),
    }
}

fn items(count: usize) -> Domain {
    let items = (0..count).map(|number| {
        Item::new(format!("item{number}")).attribute("na\"me", ["1", "zwei \u{1F600}\0"])
    });
    Domain::Items(items.collect())
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_export_has_the_documented_layout() {
    let dir = TempDir::new();
    let outcome = writer(&dir).write(&record(), &items(5));
    let base = "AWSSimpleDB/the-id/Books";
    assert_eq!(
        outcome,
        Ok(Success {
            manifest: format!("{base}/manifest-summary.json"),
            items_count: 5,
        })
    );
    let names = [
        "_started",
        "data/dataFile_1_1.json",
        "data/dataFile_1_2.json",
        "data/dataFile_1_3.json",
        "manifest-file.json",
        "manifest-summary.json",
    ];
    assert_eq!(
        dir.files(),
        names.map(|name| format!("bucket/{base}/{name}"))
    );

    let bucket = dir.path().join("bucket");
    let started = bucket.join(base).join("_started");
    assert_eq!(fs::metadata(started).unwrap().len(), 0);
    assert_eq!(
        json_of(&bucket.join(base).join("manifest-summary.json")),
        json!({
            "version": "2025-11-01",
            "exportArn": "arn:aws:sdb:us-east-1:123456789012:domain/Books/export/the-id",
            "requestedAt": "2026-02-16T16:56:43.659Z",
            "s3BucketName": "bucket",
            "s3ExportPrefix": base,
            "domainName": "Books",
            "itemsCount": 5,
            "exportDataCutoffTime": "2026-02-16T16:56:44.000Z",
            "s3SseAlgorithm": null,
            "s3SseKmsKeyId": null,
            "s3BucketOwner": null,
        })
    );

    let files = json_of(&bucket.join(base).join("manifest-file.json"));
    let mut all: Vec<Item> = Vec::new();
    for (index, file) in files.as_array().unwrap().iter().enumerate() {
        let key = file["dataFileS3Key"].as_str().unwrap();
        assert_eq!(key, format!("{base}/data/dataFile_1_{}.json", index + 1));
        let bytes = fs::read(bucket.join(key)).unwrap();
        assert_eq!(
            file["md5Checksum"],
            STANDARD.encode(Md5::digest(&bytes)).as_str()
        );
        let items: Vec<Item> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(file["dataFileItemCount"], items.len());
        all.extend(items);
    }
    let Domain::Items(expected) = items(5) else {
        unreachable!("made of items")
    };
    assert_eq!(*all, *expected);
}

#[test]
fn keys_start_with_the_prefix_and_the_summary_has_the_parameters() {
    let dir = TempDir::new();
    let mut record = record();
    record.input.s3_key_prefix = Some("a/b c".to_owned());
    record.input.s3_sse_algorithm = Some(S3SseAlgorithm::Kms);
    record.input.s3_sse_kms_key_id = Some("key".to_owned());
    record.input.s3_bucket_owner = Some("123456789012".to_owned());
    writer(&dir).write(&record, &items(2)).unwrap();
    let base = "a/b c/AWSSimpleDB/the-id/Books";
    let bucket = dir.path().join("bucket");
    let summary = json_of(&bucket.join(base).join("manifest-summary.json"));
    assert_eq!(summary["s3ExportPrefix"], base);
    assert_eq!(summary["s3SseAlgorithm"], "KMS");
    assert_eq!(summary["s3SseKmsKeyId"], "key");
    assert_eq!(summary["s3BucketOwner"], "123456789012");
    // Two items fill one file; there is no empty one after it.
    let files = json_of(&bucket.join(base).join("manifest-file.json"));
    assert_eq!(files.as_array().unwrap().len(), 1);
    assert_eq!(
        files[0]["dataFileS3Key"],
        format!("{base}/data/dataFile_1_1.json")
    );
}

#[test]
fn an_empty_domain_has_one_empty_array() {
    let dir = TempDir::new();
    writer(&dir).write(&record(), &items(0)).unwrap();
    let base = dir.path().join("bucket/AWSSimpleDB/the-id/Books");
    assert_eq!(
        fs::read_to_string(base.join("data/dataFile_1_1.json")).unwrap(),
        "[]"
    );
    assert_eq!(
        json_of(&base.join("manifest-summary.json"))["itemsCount"],
        0
    );
}

fn failure(outcome: Outcome) -> (&'static str, String) {
    let failure = outcome.unwrap_err();
    (failure.code, failure.message)
}

#[test]
fn a_failed_export_has_code_and_message() {
    let dir = TempDir::new();
    let writer = writer(&dir);
    let mut no_bucket = record();
    no_bucket.input.s3_bucket = "missing".to_owned();
    assert_eq!(
        failure(writer.write(&no_bucket, &items(1))),
        (
            "S3NoSuchBucket",
            "the bucket does not exist: create a directory of its name in the root".to_owned()
        )
    );
    let mut of_another = record();
    of_another.input.s3_bucket_owner = Some("111122223333".to_owned());
    assert_eq!(
        failure(writer.write(&of_another, &items(1))),
        (
            "S3AccessDenied",
            "the bucket belongs to account 123456789012, not to 111122223333".to_owned()
        )
    );
    assert!(dir.files().is_empty());
}

#[test]
fn a_failed_export_leaves_partial_files_without_manifests() {
    let dir = TempDir::new();
    let source = TempDir::new();
    source.write(
        "1.json",
        "[{\"itemName\":\"a\"},{\"itemName\":\"b\"},{\"itemName\":\"c\"}]",
    );
    source.write("2.json", "[{\"itemName\":\"d\"},");
    let domain = Domain::Files(vec![
        source.path().join("1.json"),
        source.path().join("2.json"),
    ]);
    let (code, message) = failure(writer(&dir).write(&record(), &domain));
    assert_eq!(code, "InternalError");
    assert!(message.contains("2.json: EOF while parsing"), "{message}");
    let base = "bucket/AWSSimpleDB/the-id/Books";
    assert_eq!(
        dir.files(),
        [
            format!("{base}/_started"),
            format!("{base}/data/dataFile_1_1.json"),
        ]
    );
}

#[test]
fn an_interrupted_export_has_no_manifest() {
    let dir = TempDir::new();
    let writer = writer(&dir);
    writer.interrupt.store(true, Ordering::Relaxed);
    assert_eq!(
        failure(writer.write(&record(), &items(5))),
        (
            "InternalError",
            "the service was stopped before the export was complete".to_owned()
        )
    );
    assert_eq!(dir.files(), ["bucket/AWSSimpleDB/the-id/Books/_started"]);
}

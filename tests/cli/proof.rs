//! The comparison of an export with its domain.

use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use simpledb_export::Item;
use simpledb_export::local::{LocalService, Pace};

use super::{Home, Ran};
use crate::support::{Server, response};

fn items(count: usize) -> Vec<Item> {
    let item = |n| Item::new(format!("i{n}")).attribute("color", ["red", "blue"]);
    (0..count).map(item).collect()
}

fn service(home: &Home, count: usize) -> LocalService {
    LocalService::builder()
        .root(home.path().join("root"))
        .bucket("exports")
        .domain("Cars", items(count))
        .items_per_file(2)
        .pace(Pace::instant())
        .start()
        .unwrap()
}

fn export(home: &Home, service: &LocalService, more: &[&str]) -> Ran {
    let arguments = [
        "export",
        "--domain-name=Cars",
        "--s3-bucket=exports",
        "--to=out",
    ];
    home.run_local(service.endpoint_url(), &[&arguments[..], more].concat())
}

/// A change of a file's items.
type Change<'a> = &'a dyn Fn(&mut Vec<Value>);

/// Replaces data files by what an export of fewer data would have written, with right checksums.
fn rewrite(directory: &str, change: impl Fn(&mut Vec<Value>)) {
    let read = |path: &str| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let manifest_file = format!("{directory}/manifest-file.json");
    let mut manifest = read(&manifest_file);
    let entries = manifest.as_array_mut().unwrap();
    let mut items_count = 0;
    entries.retain_mut(|entry| {
        let key = entry["dataFileS3Key"].as_str().unwrap();
        let name = key.rsplit('/').next().unwrap();
        let path = format!("{directory}/data/{name}");
        let mut items = read(&path).as_array().unwrap().clone();
        change(&mut items);
        if items.is_empty() {
            fs::remove_file(path).unwrap();
            return false;
        }
        items_count += items.len();
        entry["dataFileItemCount"] = items.len().into();
        let bytes = serde_json::to_vec(&items).unwrap();
        entry["md5Checksum"] = BASE64_STANDARD.encode(Md5::digest(&bytes)).into();
        fs::write(path, bytes).unwrap();
        true
    });
    fs::write(&manifest_file, manifest.to_string()).unwrap();
    let summary_file = format!("{directory}/manifest-summary.json");
    let mut summary = read(&summary_file);
    summary["itemsCount"] = items_count.into();
    fs::write(summary_file, summary.to_string()).unwrap();
}

#[test]
fn is_part_of_the_report_of_an_export() {
    let home = Home::new();
    let service = service(&home, 3);
    let ran = export(&home, &service, &[]);
    assert_eq!(ran.stderr, "");
    let report = ran.json();
    let domain = &report["artifacts"]["domain"];
    assert_eq!(domain["result"], "EQUAL");
    assert_eq!(
        domain["counts"],
        json!([
            {"name": "items", "export": 3, "domain": 3},
            {"name": "bytes of item names", "export": 6, "domain": 6},
            {"name": "attribute names", "export": 1, "domain": 1},
            {"name": "bytes of attribute names", "export": 5, "domain": 5},
            {"name": "attribute values", "export": 6, "domain": 6},
            {"name": "bytes of attribute values", "export": 21, "domain": 21},
        ])
    );
    assert!(domain["metadataTime"].is_string());
    assert!(domain["exportDataCutoffTime"].is_string());
    let report = export(&home, &service, &["--no-count"]).json();
    assert_eq!(report["artifacts"].get("domain"), None);
}

#[test]
fn finds_a_missing_item_a_missing_value_and_a_missing_file() {
    let is_last = |items: &[Value]| items.iter().any(|item| item["itemName"] == "i2");
    let without_item = |items: &mut Vec<Value>| items.retain(|item| item["itemName"] != "i1");
    let without_value = |items: &mut Vec<Value>| {
        for item in items {
            if item["itemName"] == "i0" {
                item["attributes"][0]["values"] = json!(["red"]);
            }
        }
    };
    let without_file = |items: &mut Vec<Value>| {
        if is_last(items) {
            items.clear();
        }
    };
    let changes: [(Change<'_>, &str); 3] = [
        (
            &without_item,
            "2 items, not 3; 4 bytes of item names, not 6; 4 attribute values, not 6; 14 bytes of \
             attribute values, not 21",
        ),
        (
            &without_value,
            "5 attribute values, not 6; 17 bytes of attribute values, not 21",
        ),
        (
            &without_file,
            "2 items, not 3; 4 bytes of item names, not 6; 4 attribute values, not 6; 14 bytes of \
             attribute values, not 21",
        ),
    ];
    for (change, differences) in changes {
        let home = Home::new();
        let service = service(&home, 3);
        let report = export(&home, &service, &[]).json();
        let directory = report["artifacts"]["directory"].as_str().unwrap();
        rewrite(&home.path().join(directory).display().to_string(), change);

        home.run(&["verify", directory]).json();
        let ran = home.run_local(
            service.endpoint_url(),
            &["verify", directory, "--against-domain"],
        );
        assert_eq!(ran.code, Some(12), "{ran:?}");
        let begin =
            format!("simpledb-export: Cars: differs from its domain: {differences} (counted");
        assert!(ran.stderr.starts_with(&begin), "{ran:?}");
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["verified"], true);
        assert_eq!(report["domain"]["result"], "DIFFERS");
    }
}

/// Returns the number of items on both sides of a comparison, and its result.
fn outcome(domain: &Value) -> (&str, u64, u64) {
    let items = &domain["counts"][0];
    let count = |side: &str| items[side].as_u64().unwrap();
    let result = domain["result"].as_str().unwrap();
    (result, count("export"), count("domain"))
}

#[test]
fn counts_what_is_converted_to_an_object() {
    let home = Home::new();
    let service = service(&home, 5);
    let to = ["--to=s3://exports/tables", "--format=csv", "--types=auto"];
    let export = |more: &[&str]| {
        let arguments = ["export", "--domain-name=Cars", "--s3-bucket=exports"];
        let arguments = [&arguments[..], &to, more].concat();
        home.run_local(service.endpoint_url(), &arguments)
    };
    let report = export(&[]).json();
    let artifacts = &report["artifacts"];
    assert_eq!(outcome(&artifacts["domain"]), ("EQUAL", 5, 5));
    assert_eq!(artifacts["verified"], true);
    assert_eq!(
        (artifacts["files"].as_u64(), artifacts["items"].as_u64()),
        (Some(3), Some(5))
    );
    let id = report["exportArn"].as_str().unwrap().rsplit('/').next();
    let directory = format!("s3://exports/AWSSimpleDB/{}/Cars", id.unwrap());
    assert_eq!(artifacts["directory"], *directory);
    let data = service.object_path("exports", &format!("AWSSimpleDB/{}/Cars/data", id.unwrap()));
    let sizes = fs::read_dir(data)
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len());
    assert_eq!(artifacts["bytes"], sizes.sum::<u64>());
    let report = export(&["--no-count"]).json();
    assert_eq!(report["artifacts"].get("domain"), None);

    let export_all = || {
        let arguments = [
            "export-all",
            "--quiet",
            "--domain-name=Cars",
            "--s3-bucket=exports",
        ];
        let arguments = [&arguments[..], &["--state=state"], &to].concat();
        home.run_local(service.endpoint_url(), &arguments).json()
    };
    let report = export_all();
    let artifacts = &report["domains"][0]["artifacts"];
    assert_eq!(outcome(&artifacts["domain"]), ("EQUAL", 5, 5));
    // The object is up to date: nothing is read.
    assert_eq!(export_all()["domains"][0].get("artifacts"), None);
}

#[test]
fn finds_what_is_missing_while_converting() {
    let home = Home::new();
    let service = service(&home, 3);
    let report = export(&home, &service, &[]).json();
    let arn = report["exportArn"].as_str().unwrap();
    let directory = report["artifacts"]["directory"].as_str().unwrap();
    let ways: [&[&str]; 2] = [&[directory], &["--export-arn", arn]];
    let convert = |way: &[&str], more: &[&str]| {
        let arguments = [&["convert", "--format=jsonl"], way, more].concat();
        home.run_local(service.endpoint_url(), &arguments)
    };
    for way in ways {
        let report = convert(way, &["--to=cars.jsonl", "--against-domain"]).json();
        assert_eq!(outcome(&report["domain"]), ("EQUAL", 3, 3));
        let report = convert(way, &["--to=cars.jsonl"]).json();
        assert_eq!(report.get("domain"), None);
    }
    let without_item = |items: &mut Vec<Value>| items.retain(|item| item["itemName"] != "i1");
    rewrite(
        &home.path().join(directory).display().to_string(),
        without_item,
    );
    let id = arn.rsplit('/').next().unwrap();
    let in_bucket = service.object_path("exports", &format!("AWSSimpleDB/{id}/Cars"));
    rewrite(&in_bucket.display().to_string(), without_item);
    for way in ways {
        for to in ["--to=cars.jsonl", "--to=s3://exports/cars.jsonl", "--quiet"] {
            let ran = convert(way, &[to, "--against-domain"]);
            assert_eq!(ran.code, Some(12), "{ran:?}");
            let line = "Cars: differs from its domain: 2 items, not 3; ";
            assert!(ran.stderr.contains(line), "{ran:?}");
        }
    }
}

#[test]
fn does_not_count_items_that_are_skipped_while_converting() {
    let home = Home::new();
    let service = service(&home, 3);
    let report = export(&home, &service, &[]).json();
    let directory = report["artifacts"]["directory"].as_str().unwrap();
    let broken = |items: &mut Vec<Value>| {
        for item in items {
            if item["itemName"] == "i1" {
                item["attributes"] = json!(1);
            }
        }
    };
    rewrite(&home.path().join(directory).display().to_string(), broken);
    let arguments = ["convert", directory, "--format=jsonl", "--to=cars.jsonl"];
    let arguments = [&arguments[..], &["--on-error=skip", "--against-domain"]].concat();
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let line = "simpledb-export: Cars: not compared with its domain: items that cannot be read are \
                not counted\n";
    assert!(ran.stderr.ends_with(line), "{ran:?}");
}

#[test]
fn reports_a_domain_that_has_grown() {
    let home = Home::new();
    let report = export(&home, &service(&home, 2), &[]).json();
    let directory = report["artifacts"]["directory"].as_str().unwrap();
    let ran = home.run_local(
        service(&home, 3).endpoint_url(),
        &["verify", directory, "--against-domain"],
    );
    assert_eq!(ran.code, Some(12), "{ran:?}");
    let reason = "the domain may have been written to since the export's cutoff; if not, the export \
                  is incomplete: export the domain again";
    assert!(ran.stderr.trim_end().ends_with(reason), "{ran:?}");
}

#[test]
fn says_why_the_counts_are_not_known() {
    let home = Home::new();
    let report = export(&home, &service(&home, 1), &[]).json();
    let directory = report["artifacts"]["directory"].as_str().unwrap();
    let body = "<Response><Errors><Error><Code>AccessDenied</Code><Message>not you</Message>\
                </Error></Errors><RequestID>r-1</RequestID></Response>";
    let server = Server::with_responses(vec![response(403, &[], body.as_bytes())]);
    let ran = home.run_for(&server.url(), &["verify", directory, "--against-domain"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let begin = "simpledb-export: Cars: not compared with its domain: DomainMetadata failed: \
                 AccessDenied";
    assert!(ran.stderr.starts_with(begin), "{ran:?}");
    let end = "; to permit it, add to the IAM policy: \
               {\"Effect\":\"Allow\",\"Action\":\"sdb:DomainMetadata\",\
               \"Resource\":\"arn:aws:sdb:us-east-1:123456789012:domain/Cars\"}";
    assert!(ran.stderr.trim_end().ends_with(end), "{ran:?}");

    let mut command = home.command(&["verify", directory, "--against-domain"]);
    command
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_ENDPOINT_URL_SIMPLEDBV2", "http://127.0.0.1:9");
    let ran = Ran::from(command.output().unwrap());
    let line = "simpledb-export: Cars: not compared with its domain: no endpoint of SimpleDB's older \
                API (ListDomains, DomainMetadata) is known: AWS_ENDPOINT_URL_SIMPLEDBV2 is for the \
                export API only; set AWS_ENDPOINT_URL_SIMPLEDB, or AWS_ENDPOINT_URL for both\n";
    assert_eq!(ran.stderr, line);
}

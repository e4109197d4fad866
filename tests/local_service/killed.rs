//! A service that is killed while it writes.
//!
//! The victim is this test binary, started again to run one ignored test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::Value;
use simpledb_export::local::{LocalService, LocalServiceBuilder, Pace, Quotas};
use simpledb_export::{Item, ListExportsInput, StartDomainExportInput};

use super::support::TempDir;
use crate::support::alone::alone;

/// The victim's root directory; without it, the victim does nothing.
const ROOT: &str = "SIMPLEDB_EXPORT_TEST_VICTIM_ROOT";

const ROUNDS: u64 = 12;

fn builder(root: &Path) -> LocalServiceBuilder {
    let items = (0..500).map(|number| {
        Item::new(format!("item{number}")).attribute("text", ["some text to fill the file"; 20])
    });
    LocalService::builder()
        .root(root)
        .bucket("bucket")
        .domain("Large", items)
        .items_per_file(100)
        .pace(Pace::instant())
        .quotas(Quotas::unlimited())
}

#[test]
#[ignore = "run, and killed, by the other test"]
fn victim() {
    let Some(root) = std::env::var_os(ROOT) else {
        return;
    };
    let service = builder(Path::new(&root)).start().unwrap();
    let client = service.client();
    // Longer than the other test takes, but finite if that fails.
    for _ in 0..5_000 {
        let input = StartDomainExportInput::new("Large", "bucket");
        client.start_domain_export(&input).unwrap();
    }
}

#[test]
fn a_killed_service_leaves_no_partial_file_and_no_early_manifest() {
    let dir = TempDir::new();
    let bucket = dir.path().join("bucket");
    for round in 0..ROUNDS {
        let mut victim = alone("local_service::killed::victim")
            .env(ROOT, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Exports run one after another, so all but the last one are complete.
        let wanted = exports(&bucket).len() + 1 + usize::try_from(round % 3).unwrap();
        while exports(&bucket).len() < wanted {
            assert!(
                victim.try_wait().unwrap().is_none(),
                "the victim ended before it was killed"
            );
            thread::sleep(Duration::from_millis(1));
        }
        // At a different point of this export or the next one in each round.
        thread::sleep(Duration::from_micros(round * 3_701 % 20_000));
        victim.kill().unwrap();
        victim.wait().unwrap();
    }

    let exports = exports(&bucket);
    let complete = exports
        .iter()
        .filter(|export| check(&bucket, export))
        .count();
    println!("{complete} of {} exports were complete", exports.len());
    assert!(complete > 0);

    // A service started on what was left behind claims none of it.
    let service = builder(dir.path()).start().unwrap();
    let list = service.client().list_exports(&ListExportsInput::new());
    assert!(list.unwrap().export_summaries.is_empty());
}

/// Returns the directories `AWSSimpleDB/<id>/Large`, relative to the bucket.
fn exports(bucket: &Path) -> Vec<PathBuf> {
    let Ok(ids) = fs::read_dir(bucket.join("AWSSimpleDB")) else {
        return Vec::new();
    };
    ids.map(|id| {
        Path::new("AWSSimpleDB")
            .join(id.unwrap().file_name())
            .join("Large")
    })
    .collect()
}

/// Checks every file that has its final name; returns whether the export is complete.
fn check(bucket: &Path, export: &Path) -> bool {
    let dir = bucket.join(export);
    let data = fs::read_dir(dir.join("data")).into_iter().flatten();
    for file in data.map(|entry| entry.unwrap().path()) {
        if !file.file_name().unwrap().to_str().unwrap().starts_with('.') {
            let items: Vec<Item> = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            assert_eq!(items.len(), 100, "{}", file.display());
        }
    }
    let read = |name: &str| fs::read(dir.join(name)).ok();
    let Some(manifest) = read("manifest-file.json") else {
        assert_eq!(read("manifest-summary.json"), None, "{}", dir.display());
        return false;
    };
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest.len(), 5);
    for file in &manifest {
        let bytes = fs::read(bucket.join(file["dataFileS3Key"].as_str().unwrap())).unwrap();
        assert_eq!(
            file["md5Checksum"],
            STANDARD.encode(Md5::digest(bytes)).as_str()
        );
    }
    let Some(summary) = read("manifest-summary.json") else {
        return false;
    };
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["itemsCount"], 500);
    true
}

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::*;
use crate::data::{ManifestEntry, Md5Digest};
use crate::item::Item;
use crate::tests::export::TestExport;

fn three_files() -> Vec<Vec<Item>> {
    vec![
        vec![Item::new("a").attribute("n", ["1", "2"]), Item::new("b")],
        vec![],
        vec![Item::new("c")],
    ]
}

fn problems(folder: &TestExport, options: &VerifyOptions<'_>) -> Vec<String> {
    let report = verify_export(folder.path(), options);
    assert_eq!(report.is_ok(), report.problems.is_empty());
    report
        .problems
        .iter()
        .map(|problem| folder.anonymous(&problem.to_string()))
        .collect()
}

fn found(folder: &TestExport) -> Vec<String> {
    let found = problems(folder, &VerifyOptions::new().threads(1));
    assert_eq!(problems(folder, &VerifyOptions::new().threads(8)), found);
    found
}

#[test]
fn a_whole_export_has_no_problems_and_is_counted() {
    let folder = TestExport::of(&three_files());
    let bytes = AtomicU64::new(0);
    let count = |more| {
        bytes.fetch_add(more, Ordering::Relaxed);
    };
    let options = VerifyOptions::new()
        .expected_items_count(3)
        .on_progress(&count);
    let report = verify_export(folder.path(), &options);
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.files, report.items), (3, 3));
    let size = |number| {
        let name = format!("data/dataFile_{number}.json");
        folder.path().join(name).metadata().unwrap().len()
    };
    assert_eq!(report.bytes, size(0) + size(1) + size(2));
    assert_eq!(bytes.into_inner(), report.bytes);
}

#[test]
fn an_export_of_an_empty_domain_is_whole() {
    let folder = TestExport::of(&[]);
    assert_eq!(found(&folder), [""; 0]);
}

#[test]
fn every_problem_is_listed_not_only_the_first() {
    let folder = TestExport::of(&three_files());
    let json = |items: &[Item]| serde_json::to_vec(items).unwrap();
    let torn = &json(&three_files()[0])[..20];
    let longer = json(&[Item::new("c"), Item::new("d")]);
    let wrong = |number: usize, bytes: &[u8]| {
        format!(
            "data/dataFile_{number}.json: has the MD5 checksum {}, but the manifest says {}; \
             fetch it again",
            Md5Digest::of(bytes),
            Md5Digest::of(&json(&three_files()[number]))
        )
    };
    folder.write("data/dataFile_0.json", torn);
    folder.remove("data/dataFile_1.json");
    folder.write("data/dataFile_2.json", &longer);
    folder.write("data/.dataFile_3.json.part", b"");
    let found = problems(&folder, &VerifyOptions::new().expected_items_count(4));
    assert_eq!(
        found,
        [
            "data/.dataFile_3.json.part: is not in the manifest; it is no part of this export",
            &wrong(0, torn),
            "data/dataFile_0.json: byte 20, item 1: the file ends too early; fetch it again",
            "data/dataFile_1.json: is missing; fetch it",
            &wrong(2, &longer),
            "data/dataFile_2.json: has 2 items, but the manifest says 1; fetch it again",
            "4 items were expected, but the data files have 3",
        ]
    );
    let report = verify_export(folder.path(), &VerifyOptions::new());
    assert_eq!((report.files, report.items), (2, 2));
}

#[test]
fn a_changed_byte_is_noticed_by_the_checksum_alone() {
    let folder = TestExport::of(&three_files());
    folder.write("data/dataFile_1.json", b"[ ]");
    let found = found(&folder);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("data/dataFile_1.json: has the MD5 checksum "),
        "{found:?}"
    );
}

#[test]
fn a_file_with_a_fault_is_read_on_for_its_checksum() {
    let json = format!("[1{}]", " ".repeat(300_000));
    let entry = ManifestEntry::new("k").md5_checksum(Md5Digest::of(json.as_bytes()));
    let check = verify_data_file(json.as_bytes(), Path::new("a"), &entry, 100);
    assert_eq!(check.bytes, 300_003);
    assert_eq!(check.md5, entry.md5_checksum);
    let found: Vec<_> = check.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["a: byte 1, item 1: invalid type: integer `1`, expected an object"]
    );
}

#[test]
fn a_file_that_fails_to_be_read_has_no_checksum() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let entry = ManifestEntry::new("k").md5_checksum([0; 16].into());
    for source in [&b""[..], b"[x", b"[{\"itemName\":\"a\"},"] {
        let check = verify_data_file(source.chain(Broken), Path::new("a"), &entry, 100);
        assert_eq!(check.md5, None);
        assert_eq!(check.problems.len(), 1);
        let problem = check.problems[0].to_string();
        assert!(problem.ends_with("cannot be read: timed out"), "{problem}");
    }
}

#[test]
fn the_totals_of_summary_and_manifest_are_compared() {
    let folder = TestExport::of(&three_files());
    folder.write_json("manifest-summary.json", &json!({"totalItemCount": 5}));
    assert_eq!(
        found(&folder),
        ["manifest-summary.json: says 5 items, but the data files have 3"]
    );
    folder.write_json("manifest-summary.json", &json!({"itemsCount": null}));
    assert_eq!(
        found(&folder),
        ["manifest-summary.json: has no items count in the manifest"]
    );
}

#[test]
fn what_a_manifest_does_not_say_is_reported() {
    let folder = TestExport::of(&three_files());
    let mut manifest = folder.read_json("manifest-file.json");
    manifest[0]["md5Checksum"] = json!(null);
    manifest[2]
        .as_object_mut()
        .unwrap()
        .remove("dataFileItemCount");
    folder.write_json("manifest-file.json", &manifest);
    assert_eq!(
        found(&folder),
        [
            "data/dataFile_0.json: has no checksum in the manifest, and cannot be checked",
            "data/dataFile_2.json: has no items count in the manifest",
        ]
    );
}

#[test]
fn files_named_twice_or_outside_are_reported() {
    let folder = TestExport::of(&three_files());
    let mut manifest = folder.read_json("manifest-file.json");
    manifest[1] = manifest[0].clone();
    manifest[2]["dataFileS3Key"] = json!("AWSSimpleDB/c0ffee/Books/../../x");
    folder.write_json("manifest-file.json", &manifest);
    assert_eq!(
        found(&folder),
        [
            "data/dataFile_0.json: is named more than once in the manifest",
            "manifest-file.json: the key AWSSimpleDB/c0ffee/Books/../../x leads out of the \
             export's folder",
            "data/dataFile_1.json: is not in the manifest; it is no part of this export",
            "data/dataFile_2.json: is not in the manifest; it is no part of this export",
            "manifest-summary.json: says 3 items, but the data files have 5",
        ]
    );
}

#[test]
fn missing_and_wrong_manifests_are_reported_together() {
    let folder = TestExport::empty();
    let missing = "is missing; the export has not succeeded, or has not been fetched whole";
    assert_eq!(
        found(&folder),
        [
            format!("manifest-summary.json: {missing}"),
            format!("manifest-file.json: {missing}"),
        ]
    );
    folder.write("manifest-file.json", b"{}");
    folder.write("manifest-summary.json", b"[]");
    assert_eq!(
        found(&folder),
        [
            "manifest-summary.json: byte 0: invalid type: sequence, expected an object",
            "manifest-file.json: byte 0: the file must be one JSON array",
        ]
    );
}

#[test]
fn a_data_file_that_is_a_folder_is_unreadable() {
    let folder = TestExport::of(&[vec![]]);
    folder.remove("data/dataFile_0.json");
    std::fs::create_dir(folder.path().join("data/dataFile_0.json")).unwrap();
    let found = found(&folder);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("data/dataFile_0.json: "));
    assert!(found[0].contains("cannot be read: "));
}

#[test]
fn a_file_can_be_checked_on_its_way_to_the_disk() {
    struct Kept<'a, R>(R, &'a mut Vec<u8>);
    impl<R: Read> Read for Kept<'_, R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.extend_from_slice(&buffer[..read]);
            Ok(read)
        }
    }
    // Half of it is on the disk already, and a fault must not keep the rest from coming.
    for json in [
        "[{\"itemName\":\"a\"},{\"itemName\":\"b\"}] ",
        "[{\"itemName\":7},{\"x\":1}]",
    ] {
        let (there, rest) = json.as_bytes().split_at(15);
        let entry = ManifestEntry::new("k")
            .md5_checksum(Md5Digest::of(json.as_bytes()))
            .data_file_item_count(2);
        let mut kept = Vec::new();
        let source = there.chain(Kept(rest, &mut kept));
        let check = verify_data_file(source, Path::new("a"), &entry, 100);
        assert_eq!(check.is_ok(), json.ends_with(' '), "{:?}", check.problems);
        assert_eq!(check.md5, entry.md5_checksum);
        assert_eq!(kept, rest);
    }
}

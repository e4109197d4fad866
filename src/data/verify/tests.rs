use serde_json::json;

use super::*;
use crate::data::ErrorKind;
use crate::data::checksum::Md5Digest;
use crate::tests::export::TestExport;
use crate::wire::item::Item;

fn three_files() -> Vec<Vec<Item>> {
    vec![
        vec![Item::new("a").attribute("n", ["1", "2"]), Item::new("b")],
        vec![],
        vec![Item::new("c")],
    ]
}

fn open(dir: &TestExport) -> Export {
    Export::open(dir.path()).unwrap()
}

fn problems(dir: &TestExport, verify: Verify<'_>) -> Vec<String> {
    let report = verify.run().unwrap();
    assert_eq!(report.is_ok(), report.problems.is_empty());
    report
        .problems
        .iter()
        .map(|problem| dir.anonymous(&problem.to_string()))
        .collect()
}

fn found(dir: &TestExport) -> Vec<String> {
    let found = problems(dir, open(dir).verify().threads(1));
    assert_eq!(problems(dir, open(dir).verify().threads(8)), found);
    found
}

#[test]
fn counts_an_export_without_problems() {
    let dir = TestExport::of(&three_files());
    let mut last = Progress::default();
    let export = open(&dir);
    let verify = export.verify().expected_items_count(3);
    let verify = verify.on_progress(|progress| {
        last = progress.clone();
        ControlFlow::Continue(())
    });
    let report = verify.run().unwrap();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.files, report.items), (3, 3));
    let size = |number| {
        let name = format!("data/dataFile_{number}.json");
        dir.path().join(name).metadata().unwrap().len()
    };
    assert_eq!(report.bytes, size(0) + size(1) + size(2));
    assert_eq!((last.files, last.items), (3, 3));
    assert_eq!(
        (last.bytes, last.total_bytes),
        (report.bytes, Some(report.bytes))
    );
}

#[test]
fn can_be_cancelled() {
    let dir = TestExport::of(&three_files());
    let export = open(&dir);
    let verify = export.verify().on_progress(|_| ControlFlow::Break(()));
    let error = verify.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.to_string(), "the verification was cancelled");
}

#[test]
fn accepts_the_export_of_an_empty_domain() {
    let dir = TestExport::of(&[]);
    assert_eq!(found(&dir), [""; 0]);
}

#[test]
fn reports_every_problem() {
    let dir = TestExport::of(&three_files());
    let json = |items: &[Item]| serde_json::to_vec(items).unwrap();
    let torn = &json(&three_files()[0])[..20];
    let longer = json(&[Item::new("c"), Item::new("d")]);
    let wrong = |number: usize, bytes: &[u8]| {
        format!(
            "data/dataFile_{number}.json: MD5 checksum is {}, expected {}; download it again",
            Md5Digest::of(bytes),
            Md5Digest::of(&json(&three_files()[number]))
        )
    };
    dir.write("data/dataFile_0.json", torn);
    dir.remove("data/dataFile_1.json");
    dir.write("data/dataFile_2.json", &longer);
    dir.write("data/.dataFile_3.json.part", b"");
    let found = problems(&dir, open(&dir).verify().expected_items_count(4));
    assert_eq!(
        found,
        [
            "data/.dataFile_3.json.part: not listed in the manifest, so not part of this export",
            &wrong(0, torn),
            "data/dataFile_0.json: byte 20, item 1: unexpected end of file; download it again",
            "data/dataFile_1.json: missing; download it",
            &wrong(2, &longer),
            "data/dataFile_2.json: contains 2 items, expected 1; download it again",
            "expected 4 items, but the data files contain 3",
        ]
    );
    let report = open(&dir).verify().run().unwrap();
    assert_eq!((report.files, report.items), (2, 2));
}

#[test]
fn detects_a_change_by_the_checksum_alone() {
    let dir = TestExport::of(&three_files());
    dir.write("data/dataFile_1.json", b"[ ]");
    let found = found(&dir);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("data/dataFile_1.json: MD5 checksum is "),
        "{found:?}"
    );
}

#[test]
fn compares_the_totals_of_summary_and_manifest() {
    let dir = TestExport::of(&three_files());
    dir.write_json("manifest-summary.json", &json!({"totalItemCount": 5}));
    assert_eq!(
        found(&dir),
        ["manifest-summary.json: states 5 items, but the data files contain 3"]
    );
    dir.write_json("manifest-summary.json", &json!({"itemsCount": null}));
    assert_eq!(
        found(&dir),
        ["manifest-summary.json: no item count in the manifest"]
    );
}

#[test]
fn reports_what_the_manifest_does_not_state() {
    let dir = TestExport::of(&three_files());
    let mut manifest = dir.read_json("manifest-file.json");
    manifest[0]["md5Checksum"] = json!(null);
    manifest[2]
        .as_object_mut()
        .unwrap()
        .remove("dataFileItemCount");
    dir.write_json("manifest-file.json", &manifest);
    assert_eq!(
        found(&dir),
        [
            "data/dataFile_0.json: cannot be checked: the manifest has no checksum for it",
            "data/dataFile_2.json: no item count in the manifest",
        ]
    );
}

#[test]
fn reports_a_missing_summary() {
    let dir = TestExport::of(&three_files());
    dir.remove("manifest-summary.json");
    assert_eq!(found(&dir), ["manifest-summary.json: missing; download it"]);
}

#[test]
fn reports_a_directory_in_place_of_a_data_file() {
    let dir = TestExport::of(&[vec![]]);
    dir.remove("data/dataFile_0.json");
    std::fs::create_dir(dir.path().join("data/dataFile_0.json")).unwrap();
    let found = found(&dir);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found, ["data/dataFile_0.json: not a regular file"]);
}

#[test]
fn tells_an_unreadable_item_from_a_changed_file() {
    let dir = TestExport::of(&[vec![Item::new("a"), Item::new("VALUE"), Item::new("c")]]);
    let path = "data/dataFile_0.json";
    let json = std::fs::read(dir.path().join(path)).unwrap();
    let at = json
        .windows(5)
        .position(|window| window == b"VALUE")
        .unwrap();
    let broken = [&json[..at], b"x\x01yz", &json[at + 4..]].concat();
    dir.write(path, &broken);
    assert!(!open(&dir).verify().run().unwrap().is_intact());

    let mut manifest = dir.read_json("manifest-file.json");
    manifest[0]["md5Checksum"] = json!(Md5Digest::of(&broken).to_string());
    dir.write_json("manifest-file.json", &manifest);
    assert_eq!(
        found(&dir),
        [
            "data/dataFile_0.json: byte 48, item 2 (x\\u{1}yzE): control character (\\u0000-\\u001F) found while \
          parsing a string; skip or replace the item"
        ]
    );
    let report = open(&dir).verify().run().unwrap();
    assert!(report.is_intact() && !report.is_ok());
    assert_eq!(report.items, 3);

    let export = open(&dir).check_md5(true);
    let error = export.items().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::UnreadableItem);
    let export = export.on_error(crate::data::OnError::Skip);
    let mut items = export.items();
    let names: Vec<_> = items.by_ref().map(|item| item.unwrap().item_name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(items.unreadable().len(), 1);
}

#[test]
fn accepts_what_a_killed_download_left_beside_a_complete_file() {
    let dir = TestExport::of(&three_files());
    dir.write("data/dataFile_0.json.part.etag", b"\"etag\"");
    dir.write("data/dataFile_1.json.part", b"[");
    assert_eq!(found(&dir), [""; 0]);
    dir.remove("data/dataFile_1.json");
    assert_eq!(found(&dir)[0], "data/dataFile_1.json: missing; download it");
}

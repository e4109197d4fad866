use serde_json::json;

use super::*;
use crate::data::checksum::Md5Digest;
use crate::tests::export::TestExport;

fn three_files() -> Vec<Vec<Item>> {
    vec![
        vec![Item::new("a").attribute("n", ["1", "2"]), Item::new("b")],
        vec![],
        vec![Item::new("c")],
    ]
}

#[test]
fn returns_all_items_in_the_manifests_order() {
    let dir = TestExport::of(&three_files());
    let export = Export::open(dir.path()).unwrap();
    assert_eq!(export.items_count(), Some(3));
    assert_eq!(export.data_files().len(), 3);

    let items: Result<Vec<_>, _> = export.items().collect();
    assert_eq!(items.unwrap(), three_files().concat());
    let mut items = export.items();
    let mut item = Item::default();
    let mut names = Vec::new();
    while items.read_item(&mut item).unwrap() {
        names.push(item.item_name.clone());
    }
    assert_eq!(names.concat(), "abc");
}

#[test]
fn the_first_error_ends_the_items() {
    let dir = TestExport::of(&three_files());
    dir.write("data/dataFile_0.json", b"[{\"itemName\":\"a\"},");
    let export = Export::open(dir.path()).unwrap();
    let items: Vec<_> = export.items().collect();
    assert_eq!(items.len(), 2);
    let error = items[1].as_ref().unwrap_err().to_string();
    assert_eq!(
        dir.anonymous(&error),
        "data/dataFile_0.json: byte 18, item 2: unexpected end of file; download it again"
    );

    dir.remove("data/dataFile_0.json");
    let no_file = std::io::Error::from_raw_os_error(2);
    let mut items = export.items();
    let error = items.next().unwrap().unwrap_err().to_string();
    assert_eq!(
        dir.anonymous(&error),
        format!("data/dataFile_0.json: cannot be read: {no_file}")
    );
    assert!(items.next().is_none());
}

#[test]
fn the_limit_of_an_item_applies_to_every_file() {
    let dir = TestExport::of(&three_files());
    let export = Export::open(dir.path()).unwrap().max_item_bytes(40);
    let error = export.items().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ItemTooLarge);
}

#[test]
fn requires_the_list_of_files_but_not_the_summary() {
    let dir = TestExport::of(&three_files());
    dir.remove("manifest-summary.json");
    let export = Export::open(dir.path()).unwrap();
    assert_eq!(export.items_count(), None);
    assert_eq!(export.items().count(), 3);

    dir.remove("manifest-file.json");
    let error = Export::open(dir.path()).unwrap_err();
    assert_eq!(error.path(), Some(dir.path()));
    assert!(
        error
            .to_string()
            .contains(": contains no manifest-file.json; expected the directory")
    );

    let error = Export::open(dir.path().join("data/dataFile_0.json")).unwrap_err();
    assert_eq!(
        dir.anonymous(&error.to_string()),
        "data/dataFile_0.json: is a file; expected the directory that contains manifest-file.json"
    );
}

#[test]
fn rejects_a_manifest_that_points_outside() {
    let dir = TestExport::of(&three_files());
    dir.write_json(
        "manifest-file.json",
        &json!([{"dataFileS3Key": "../outside.json"}]),
    );
    let error = Export::open(dir.path()).unwrap_err().to_string();
    assert_eq!(
        dir.anonymous(&error),
        "manifest-file.json: the key ../outside.json points outside the export's directory"
    );
}

#[test]
fn names_an_invalid_manifest() {
    let dir = TestExport::of(&three_files());
    dir.write("manifest-file.json", b"[");
    let error = Export::open(dir.path()).unwrap_err().to_string();
    assert_eq!(
        dir.anonymous(&error),
        "manifest-file.json: byte 1: unexpected end of file; download it again"
    );
    dir.write("manifest-summary.json", b"{]");
    let error = Export::open(dir.path()).unwrap_err().to_string();
    assert_eq!(
        dir.anonymous(&error),
        "manifest-summary.json: byte 1: key must be a string"
    );
}

#[test]
fn reports_a_changed_file_after_its_last_item() {
    let dir = TestExport::of(&three_files());
    let open = || Export::open(dir.path()).unwrap().check_md5(true);
    assert!(open().items().all(|item| item.is_ok()));

    dir.write(
        "data/dataFile_2.json",
        br#"[{"itemName":"d","attributes":[]}]"#,
    );
    assert!(open().check_md5(false).items().all(|item| item.is_ok()));
    let export = open();
    let mut items = export.items();
    let error = items.find_map(Result::err).unwrap();
    assert!(items.next().is_none());
    assert_eq!(error.kind(), ErrorKind::Changed);
    let expected = Md5Digest::of(br#"[{"itemName":"c","attributes":[]}]"#);
    let actual = Md5Digest::of(br#"[{"itemName":"d","attributes":[]}]"#);
    assert_eq!(
        dir.anonymous(&error.to_string()),
        format!(
            "data/dataFile_2.json: MD5 checksum is {actual}, expected {expected}; download it again"
        )
    );
}

#[test]
fn a_file_without_a_checksum_cannot_be_checked() {
    let dir = TestExport::of(&[vec![Item::new("a")]]);
    dir.write_json(
        "manifest-file.json",
        &json!([{"dataFileS3Key": "data/dataFile_0.json", "dataFileItemCount": 1}]),
    );
    let export = Export::open(dir.path()).unwrap();
    assert!(export.items().all(|item| item.is_ok()));
    let export = export.check_md5(true);
    let error = export.items().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidManifest);
    assert_eq!(
        dir.anonymous(&error.to_string()),
        "data/dataFile_0.json: cannot be checked: the manifest has no checksum for it"
    );
}

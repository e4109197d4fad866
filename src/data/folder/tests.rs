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
fn all_items_come_in_the_manifests_order() {
    let folder = TestExport::of(&three_files());
    let export = ExportFolder::open(folder.path()).unwrap();
    assert_eq!(export.summary().unwrap().items_count, Some(3));
    assert_eq!(export.data_files().len(), 3);

    let items: Result<Vec<_>, _> = export.items().collect();
    assert_eq!(items.unwrap(), three_files().concat());
    let mut names = Vec::new();
    let count = export.try_for_each_ref(|item| {
        names.push(item.item_name.to_string());
        Ok::<(), DataError>(())
    });
    assert_eq!((count.unwrap(), names.concat()), (3, "abc".to_owned()));
}

#[test]
fn the_first_error_is_the_last_thing_given() {
    let folder = TestExport::of(&three_files());
    folder.write("data/dataFile_0.json", b"[{\"itemName\":\"a\"},");
    let export = ExportFolder::open(folder.path()).unwrap();
    let items: Vec<_> = export.items().collect();
    assert_eq!(items.len(), 2);
    let error = items[1].as_ref().unwrap_err().to_string();
    assert_eq!(
        folder.anonymous(&error),
        "data/dataFile_0.json: byte 18, item 2: the file ends too early; fetch it again"
    );

    folder.remove("data/dataFile_0.json");
    let mut items = export.items();
    let error = items.next().unwrap().unwrap_err().to_string();
    assert_eq!(
        folder.anonymous(&error),
        "data/dataFile_0.json: cannot be read: entity not found"
    );
    assert!(items.next().is_none());
}

#[test]
fn an_items_limit_is_that_of_every_file() {
    let folder = TestExport::of(&three_files());
    let export = ExportFolder::open(folder.path())
        .unwrap()
        .max_item_bytes(40);
    let error = export.items().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::ItemTooLarge);
}

#[test]
fn the_summary_can_be_done_without_but_not_the_list_of_files() {
    let folder = TestExport::of(&three_files());
    folder.remove("manifest-summary.json");
    let export = ExportFolder::open(folder.path()).unwrap();
    assert_eq!(export.summary(), None);
    assert_eq!(export.items().count(), 3);

    folder.remove("manifest-file.json");
    let error = ExportFolder::open(folder.path()).unwrap_err();
    assert_eq!(error.path(), Some(folder.path()));
    assert!(
        error
            .to_string()
            .contains(": there is no manifest-file.json here; give the folder")
    );

    let error = ExportFolder::open(folder.path().join("data/dataFile_0.json")).unwrap_err();
    assert_eq!(
        folder.anonymous(&error.to_string()),
        "data/dataFile_0.json: is a file; give the folder that holds manifest-file.json"
    );
}

#[test]
fn a_manifest_that_leads_out_of_the_folder_is_not_followed() {
    let folder = TestExport::of(&three_files());
    folder.write_json(
        "manifest-file.json",
        &json!([{"dataFileS3Key": "../outside.json"}]),
    );
    let error = ExportFolder::open(folder.path()).unwrap_err().to_string();
    assert_eq!(
        folder.anonymous(&error),
        "manifest-file.json: the key ../outside.json leads out of the export's folder"
    );
}

#[test]
fn a_wrong_manifest_is_named() {
    let folder = TestExport::of(&three_files());
    folder.write("manifest-file.json", b"[");
    let error = ExportFolder::open(folder.path()).unwrap_err().to_string();
    assert_eq!(
        folder.anonymous(&error),
        "manifest-file.json: byte 1: the file ends too early; fetch it again"
    );
    folder.write("manifest-summary.json", b"{]");
    let error = ExportFolder::open(folder.path()).unwrap_err().to_string();
    assert_eq!(
        folder.anonymous(&error),
        "manifest-summary.json: byte 1: key must be a string"
    );
}

#[test]
fn a_file_that_was_changed_is_found_after_its_last_item() {
    let folder = TestExport::of(&three_files());
    let open = || ExportFolder::open(folder.path()).unwrap().check_md5(true);
    let read = |export: &ExportFolder| export.try_for_each_ref(|_| Ok::<(), DataError>(()));
    assert!(open().items().all(|item| item.is_ok()));
    assert_eq!(read(&open()).unwrap(), 3);

    folder.write(
        "data/dataFile_2.json",
        br#"[{"itemName":"d","attributes":[]}]"#,
    );
    assert_eq!(read(&open().check_md5(false)).unwrap(), 3);
    let mut last = None;
    let export = open();
    let mut items = export.items();
    for item in items.by_ref() {
        last = Some(item);
    }
    let error = last.unwrap().unwrap_err();
    assert!(items.next().is_none());
    for error in [error, read(&open()).unwrap_err()] {
        assert_eq!(error.kind(), DataErrorKind::Changed);
        let expected = Md5Digest::of(br#"[{"itemName":"c","attributes":[]}]"#);
        let actual = Md5Digest::of(br#"[{"itemName":"d","attributes":[]}]"#);
        assert_eq!(
            folder.anonymous(&error.to_string()),
            format!(
                "data/dataFile_2.json: has the MD5 checksum {actual}, but the manifest says \
                 {expected}; fetch it again"
            )
        );
    }
}

#[test]
fn a_file_without_a_checksum_cannot_be_checked() {
    let folder = TestExport::of(&[vec![Item::new("a")]]);
    folder.write_json(
        "manifest-file.json",
        &json!([{"dataFileS3Key": "data/dataFile_0.json", "dataFileItemCount": 1}]),
    );
    let export = ExportFolder::open(folder.path()).unwrap();
    assert!(export.items().all(|item| item.is_ok()));
    let export = export.check_md5(true);
    let error = export.items().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::InvalidShape);
    assert_eq!(
        folder.anonymous(&error.to_string()),
        "data/dataFile_0.json: has no checksum in the manifest, and cannot be checked"
    );
}

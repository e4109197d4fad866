//! Items that are not text, in an export whose checksums are right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::json;

use super::Home;
use crate::support::with_slashes;

const DATA: &str = concat!(
    r#"[{"itemName":"a"},{"itemName":"b","attributes":[{"name":"n","values":["x"#,
    "\u{1}",
    r#"","\ud83d"]}]},{"itemName":"c"}]"#
);

fn problem() -> String {
    with_slashes(
        "Books/data/one.json: byte 72, item 2 (b): control character (\\u0000-\\u001F) found while \
         parsing a string",
    )
}

/// Writes the directory `Books` of an export.
fn export(home: &Home) {
    let entry = json!({
        "md5Checksum": STANDARD.encode(Md5::digest(DATA)),
        "dataFileS3Key": "data/one.json",
        "dataFileItemCount": 3,
    });
    home.write("Books/data/one.json", DATA);
    home.write("Books/manifest-file.json", &json!([entry]).to_string());
    let summary = json!({"itemsCount": 3}).to_string();
    home.write("Books/manifest-summary.json", &summary);
}

#[test]
fn verify_tells_an_unreadable_item_from_damage() {
    let home = Home::new();
    let problem = problem();
    export(&home);
    let ran = home.run(&["verify", "Books"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert_eq!(
        ran.stderr,
        format!(
            "simpledb-export: Books: the export is intact, but an item cannot be read: {problem}; \
             skip or replace the item\n\
             simpledb-export: to convert it without them: simpledb-export convert Books --on-error \
             skip --format FORMAT; to replace what is not text: --on-error replace\n"
        )
    );
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["items"], &report["verified"]),
        (&3.into(), &false.into())
    );
}

#[test]
fn convert_fails_skips_or_replaces() {
    let home = Home::new();
    let problem = problem();
    export(&home);
    for format in ["--format=jsonl", "--format=csv", "--format=dynamodb"] {
        let expected = format!(
            "simpledb-export: {problem}; skip or replace the item: --on-error skip or \
             --on-error replace\n"
        );
        let convert = ["convert", "Books", format, "--to=out"];
        home.run(&convert).assert(255, "", &expected);
        home.run(&[&convert[..], &["--on-error=fail"]].concat())
            .assert(255, "", &expected);
        assert!(!home.path().join("out").exists());
    }
    home.run(&["convert", "Books", "--format=jsonl", "--on-error=skip"])
        .assert(
            0,
            "{\"itemName\":\"a\",\"attributes\":{}}\n{\"itemName\":\"c\",\"attributes\":{}}\n",
            &format!("simpledb-export: {problem}; the item was skipped\n"),
        );
    let replace = ["convert", "Books", "--format=csv", "--on-error=replace"];
    let ran = home.run(&[&replace[..], &["--to=out.csv", "--quiet"]].concat());
    let report = ran.json();
    assert_eq!(report["items"], 3);
    assert_eq!(
        report["unreadableItems"],
        json!([format!("{problem}; the item was repaired and kept")])
    );
    assert_eq!(
        home.read("out.csv"),
        "itemName,n\na,\nb,\"[\"\"x\\u0001\"\",\"\"\u{fffd}\"\"]\"\nc,\n"
    );
}

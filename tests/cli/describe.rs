//! `describe`.

use super::Home;

const ITEMS: &str = r#"[
    {"itemName":"a","attributes":[
        {"name":"sold","values":["09223372036854775850"]},
        {"name":"zip","values":["00501"]},
        {"name":"tag","values":["x","y"]}]},
    {"itemName":"bc","attributes":[
        {"name":"sold","values":["09223372036854775766"]},
        {"name":"tag","values":["e\u009b"]}]}]"#;

fn export(home: &Home) -> String {
    home.export_local("Two", ITEMS)
}

#[test]
fn prints_json_if_stdout_is_no_terminal() {
    let home = Home::new();
    let directory = export(&home);
    let found = home.run(&["describe", &directory]).json();
    assert_eq!(
        found,
        serde_json::json!({
            "domainName": "Two",
            "items": 2,
            "itemNameLength": {"min": 1, "max": 2},
            "attributes": [
                {
                    "name": "sold",
                    "items": 2,
                    "values": {"min": 1, "max": 1},
                    "length": {"min": 20, "max": 20},
                    "type": {
                        "type": "integer",
                        "encoding": "offset",
                        "width": 20,
                        "offset": 9_223_372_036_854_775_808_u64,
                    },
                    "evidence": "integer + 2^63 in 20 digits: 2 of 2 values",
                    "examples": ["09223372036854775850", "09223372036854775766"],
                },
                {
                    "name": "zip",
                    "items": 1,
                    "values": {"min": 1, "max": 1},
                    "length": {"min": 5, "max": 5},
                    "type": "text",
                    "reason": "5 digits with leading zeros: padded numbers, or codes",
                    "examples": ["00501"],
                },
                {
                    "name": "tag",
                    "items": 2,
                    "values": {"min": 1, "max": 2},
                    "length": {"min": 1, "max": 3},
                    "type": {"type": "text", "multiValued": true},
                    "examples": ["x", "y", "e\u{9b}"],
                },
            ],
        })
    );
}

#[test]
fn prints_tables_on_request() {
    let home = Home::new();
    let directory = export(&home);
    home.run(&["describe", &directory, "--output", "table"])
        .assert(
            0,
            "\
+---------------------+--------+
| domain              | Two    |
| items               | 2      |
| bytes per item name | 1 to 2 |
| attributes          | 3      |
+---------------------+--------+
+-----------+-------+--------+--------+-------------------------------------------------------------+----------------------+
| attribute | items | values | bytes  | type                                                        | examples             |
+==========================================================================================================================+
| sold      | 2     | 1      | 20     | integer + 2^63 in 20 digits: 2 of 2 values                  | 09223372036854775850 |
|           |       |        |        |                                                             | 09223372036854775766 |
| zip       | 1     | 1      | 5      | text: 5 digits with leading zeros: padded numbers, or codes | 00501                |
| tag       | 2     | 1 to 2 | 1 to 3 | text                                                        | x                    |
|           |       |        |        |                                                             | y                    |
|           |       |        |        |                                                             | e\\u{9b}              |
+-----------+-------+--------+--------+-------------------------------------------------------------+----------------------+
",
            "",
        );
}

#[test]
fn writes_a_types_file_and_keeps_those_of_other_domains() {
    let home = Home::new();
    let directory = export(&home);
    home.write(
        "types.json",
        r#"{"Other": {"a": "date"}, "Two": {"old": "text"}, "*": "auto"}"#,
    );
    let arguments = ["describe", &directory, "--types-file", "types.json"];
    let found = home.run(&arguments).json();
    assert_eq!(found["typesFile"], "types.json");
    let expected = r#"{
  "*": "auto",
  "Other": {
    "a": "date"
  },
  "Two": {
    "sold": {"type": "integer", "encoding": "offset", "width": 20, "offset": 9223372036854775808},
    "zip": "text",
    "tag": {"type": "text", "multiValued": true}
  }
}
"#;
    assert_eq!(home.read("types.json"), expected);
    home.run(&arguments).json();
    assert_eq!(home.read("types.json"), expected);
}

#[test]
fn keeps_an_invalid_types_file_as_it_is() {
    let home = Home::new();
    let directory = export(&home);
    home.write("types.json", "{\n  \"Two\": {\"zip\": \"zipcode\"}\n}");
    home.run(&["describe", &directory, "--types-file", "types.json"])
        .assert(
            255,
            "",
            "simpledb-export: types.json: line 2, column 26: unknown type \"zipcode\"; expected text, \
             integer, integer(digits), decimal(digits,decimals), float, boolean, timestamp, timestamp \
             with zone or date\n",
        );
    assert_eq!(
        home.read("types.json"),
        "{\n  \"Two\": {\"zip\": \"zipcode\"}\n}"
    );
}

#[test]
fn reports_items_that_cannot_be_read() {
    let home = Home::new();
    let directory = export(&home);
    home.write(
        &format!("{directory}/data/dataFile_1_1.json"),
        r#"[{"itemName":"a","attributes":[]},{"itemName":1}]"#,
    );
    let ran = home.run(&["describe", &directory]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(
        ran.stderr.ends_with(
            "simpledb-export: to describe the other items: --on-error skip; to find all that is \
             wrong: simpledb-export verify\n"
        ),
        "{ran:?}"
    );
    let ran = home.run(&["describe", &directory, "--on-error", "skip"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.ends_with("; the item was skipped\n"), "{ran:?}");
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found["items"], 1);
}

//! Conversion to Parquet.

use std::fs;

use parquet::file::reader::{FileReader, SerializedFileReader};

use super::Home;

const DOMAIN: &str = r#"[
    {"itemName":"00501","attributes":[{"name":"age","values":["030"]},
        {"name":"skill","values":["rust","sql"]}]},
    {"itemName":"e2","attributes":[{"name":"age","values":["007"]},
        {"name":"born","values":["1999-12-31"]}]}
]"#;

type Metadata = Vec<(String, Option<String>)>;

/// Returns the schema's columns, the rows, and the metadata.
fn read(file: Vec<u8>) -> (Vec<String>, Vec<String>, Metadata) {
    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    let metadata = reader.metadata().file_metadata();
    let columns = metadata.schema().get_fields().iter();
    let columns = columns.map(|column| column.name().to_string()).collect();
    let rows = reader.get_row_iter(None).unwrap();
    let rows = rows.map(|row| row.unwrap().to_string()).collect();
    let pairs = metadata.key_value_metadata().into_iter().flatten();
    let pairs = pairs.map(|pair| (pair.key.clone(), pair.value.clone()));
    (columns, rows, pairs.collect())
}

#[test]
fn writes_typed_columns_to_a_file_or_a_pipe() {
    let home = Home::new();
    let directory = home.export_local("Staff", DOMAIN);
    home.write(
        "types.json",
        r#"{"Staff": {
            "age": {"type": "integer", "encoding": "padded", "width": 3},
            "skill": {"type": "text", "multiValued": true},
            "born": {"type": "date"}
        }}"#,
    );
    let arguments = [
        "convert",
        &directory,
        "--format=parquet",
        "--types=types.json",
    ];
    let report = home
        .run(&[&arguments[..], &["--to=staff.parquet"]].concat())
        .json();
    assert_eq!(
        (&report["file"], &report["items"]),
        (&"staff.parquet".into(), &2.into())
    );
    let file = fs::read(home.path().join("staff.parquet")).unwrap();
    assert_eq!(report["bytes"], file.len());
    let piped = home.command(&arguments).output().unwrap();
    assert_eq!(piped.stdout, file);

    let (columns, rows, pairs) = read(file);
    assert_eq!(columns, ["itemName", "age", "skill", "born"]);
    assert_eq!(
        rows,
        [
            "{itemName: \"00501\", age: 30, skill: [\"rust\", \"sql\"], born: null}",
            "{itemName: \"e2\", age: 7, skill: null, born: 1999-12-31}",
        ]
    );
    let [(items, count), (export, arn)] = &*pairs else {
        panic!("{pairs:?}");
    };
    assert_eq!(
        (&**items, count.as_deref()),
        ("simpledb-export.items", Some("2"))
    );
    assert_eq!(export, "simpledb-export.export-arn");
    assert!(arn.as_ref().unwrap().starts_with("arn:aws:"), "{arn:?}");
}

#[test]
fn converts_each_export_to_a_file_of_its_own() {
    let home = Home::new();
    home.write("domains/Staff.json", DOMAIN);
    home.write("domains/Empty.json", "[]");
    home.run(&[
        "export",
        "--local",
        "--domains=domains",
        "--to=out",
        "--format=parquet",
        "--types=auto",
        "--key-name=id",
    ])
    .json();
    let (columns, rows, _) = read(fs::read(home.path().join("out/Staff.parquet")).unwrap());
    assert_eq!(columns, ["id", "age", "skill", "born"]);
    assert_eq!(rows.len(), 2);
    let (columns, rows, pairs) = read(fs::read(home.path().join("out/Empty.parquet")).unwrap());
    assert_eq!((&*columns, rows.len()), (&["id".to_string()][..], 0));
    assert_eq!(pairs[0].1.as_deref(), Some("0"));
}

#[test]
fn rejects_gzip() {
    let home = Home::new();
    home.run(&["convert", "x", "--format=parquet", "--gzip"]).assert(
        252,
        "",
        "simpledb-export: --gzip does not apply to the format parquet, whose columns are always \
         compressed\n",
    );
}

use std::collections::HashMap;
use std::io::Read;
use std::mem;
use std::sync::mpsc;

use serde_json::{Value, json};

use super::*;
use crate::data::{AttributeType, DataType, Error, ErrorKind, Export, Types};
use crate::tests::export::TestExport;
use crate::wire::item::Item;

mod round_trip;

/// Writes items, and returns the output with the report.
pub(super) fn write_all<F: Format>(
    mut writer: ItemWriter<Vec<u8>, F>,
    items: &[Item],
) -> Result<(Vec<u8>, WriteReport), Error> {
    for item in items {
        writer.write(item)?;
    }
    let (output, report) = writer.finish()?;
    assert_eq!(report.bytes, output.len() as u64);
    Ok((output, report))
}

/// Does the same for a format that is text.
pub(super) fn write_text<F: Format>(
    writer: ItemWriter<Vec<u8>, F>,
    items: &[Item],
) -> Result<(String, WriteReport), Error> {
    let (text, report) = write_all(writer, items)?;
    Ok((String::from_utf8(text).unwrap(), report))
}

pub(super) fn shown<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn json_lines(items: &[Item]) -> (String, WriteReport) {
    write_text(JsonLinesWriter::new(Vec::new()), items).unwrap()
}

/// Returns the attributes as text.
fn text_types(items: &[Item]) -> Types {
    let mut types = Types::new();
    let mut counts = HashMap::new();
    for item in items {
        counts.clear();
        for attribute in &item.attributes {
            let count = counts.entry(&attribute.name).or_insert(0);
            *count += attribute.values.len();
            let known = types.get(&attribute.name);
            let several = *count > 1 || known.is_some_and(|known| known.multi_valued);
            let text = AttributeType::new(DataType::Text).multi_valued(several);
            types.insert(attribute.name.clone(), text);
        }
    }
    types
}

fn csv_table(items: &[Item], writer: CsvWriter<Vec<u8>>) -> (String, WriteReport) {
    write_text(writer.types(text_types(items)), items).unwrap()
}

/// Returns columns of text with single values.
fn columns<const N: usize>(names: [&str; N]) -> Types {
    let text = AttributeType::new(DataType::Text);
    names.into_iter().map(|name| (name, text)).collect()
}

fn csv_writer() -> CsvWriter<Vec<u8>> {
    CsvWriter::new(Vec::new())
}

fn dynamodb(items: &[Item], lists: bool) -> (String, WriteReport) {
    let writer = DynamoDbWriter::new(Vec::new()).key_name(KEY).lists(lists);
    write_text(writer, items).unwrap()
}

const KEY: &str = "the key of the table";

fn text(finished: Result<(Vec<u8>, WriteReport), Error>) -> (String, WriteReport) {
    let (bytes, summary) = finished.unwrap();
    assert_eq!(summary.bytes, bytes.len() as u64);
    (String::from_utf8(bytes).unwrap(), summary)
}

fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'));
    text.split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn writes_an_item_in_each_format_as_documented() {
    let items = [
        Item::new("e1")
            .attribute("age", ["30"])
            .attribute("skill", ["rust", "sql"]),
        Item::new("e2"),
    ];
    assert_eq!(
        json_lines(&items).0,
        "{\"itemName\":\"e1\",\"attributes\":{\"age\":[\"30\"],\"skill\":[\"rust\",\"sql\"]}}\n\
         {\"itemName\":\"e2\",\"attributes\":{}}\n"
    );
    let joined = csv_writer().key_name("id").separator(',');
    assert_eq!(
        csv_table(&items, joined).0,
        "id,age,skill\ne1,30,\"rust,sql\"\ne2,,\n"
    );
    assert_eq!(
        dynamodb(&items[..1], true).0,
        "{\"Item\":{\"the key of the table\":{\"S\":\"e1\"},\"age\":{\"S\":\"30\"},\
         \"skill\":{\"L\":[{\"S\":\"rust\"},{\"S\":\"sql\"}]}}}\n"
    );
}

#[test]
fn writes_only_a_header_if_there_are_no_items() {
    let (lines, report) = json_lines(&[]);
    assert_eq!((lines.as_str(), report.items, report.bytes), ("", 0, 0));
    assert_eq!(csv_table(&[], csv_writer()).0, "itemName\n");
    assert_eq!(dynamodb(&[], true).0, "");
}

#[test]
fn reports_what_a_set_cannot_represent() {
    let item = Item::new("a")
        .attribute("none", [""; 0])
        .attribute("twice", ["x", "y", "x", "x"])
        .attribute("same", ["z", "z"])
        .attribute("empty", ["", "w"]);
    let (text, summary) = dynamodb(std::slice::from_ref(&item), false);
    assert_eq!(
        lines(&text),
        [json!({"Item": {
            KEY: {"S": "a"},
            "twice": {"SS": ["x", "y"]},
            "same": {"S": "z"},
            "empty": {"SS": ["", "w"]},
        }})]
    );
    let losses = shown(summary.losses.examples());
    assert_eq!(
        losses,
        [
            "item a, attribute none: the attribute has no values and was omitted",
            "item a, attribute twice: a duplicate value was written once",
            "item a, attribute twice: a duplicate value was written once",
            "item a, attribute same: a duplicate value was written once",
        ]
    );
    assert!(dynamodb(&[item], true).1.losses.is_empty());
}

#[test]
fn reports_items_that_dynamodb_rejects() {
    // The key attribute's name, the item's name, the attribute's name and its value.
    let room = 400 * 1024 - KEY.len() - 1 - 1;
    let fits = Item::new("a").attribute("n", ["v".repeat(room)]);
    let large = Item::new("a").attribute("n", ["v".repeat(room + 1)]);
    let listed = Item::new("a").attribute("n", ["v".repeat(room - 5), String::new()]);
    let empty = Item::new("");
    let long = Item::new("é".repeat(1025));
    for (lists, item, kind) in [
        (false, &fits, None),
        (false, &large, Some(LossKind::ItemTooLarge)),
        (false, &listed, None),
        (true, &fits, None),
        (true, &listed, None),
        (true, &empty, Some(LossKind::InvalidKey)),
        (true, &long, Some(LossKind::InvalidKey)),
    ] {
        let (text, summary) = dynamodb(std::slice::from_ref(item), lists);
        assert_eq!(lines(&text).len(), 1);
        let found: Vec<_> = summary.losses.counts().collect();
        assert_eq!(
            found,
            kind.map(|kind| (kind, 1)).into_iter().collect::<Vec<_>>()
        );
    }
    let listed = Item::new("a").attribute("n", ["v".repeat(room - 4), String::new()]);
    let (_, summary) = dynamodb(&[listed], true);
    assert_eq!(summary.losses.count(LossKind::ItemTooLarge), 1);
}

#[test]
fn rejects_an_attribute_with_the_name_of_the_key() {
    let item = Item::new("a").attribute("id", ["1"]);
    let mut writer = DynamoDbWriter::new(Vec::new()).key_name("id");
    let error = writer.write(&item).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NameCollision);
    assert_eq!(
        error.to_string(),
        "item a has an attribute named id, like the key; choose another name for the key"
    );
    assert_eq!(writer.finish().unwrap().0, b"");

    let mut writer = csv_writer().types(columns(["id"])).key_name("id");
    let error = writer.write(&item).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NameCollision);
    assert_eq!(
        error.to_string(),
        "an attribute is named id, like the column of the item names; choose another name for \
         that column"
    );
}

#[test]
fn rejects_invalid_options() {
    let rejected = |error: Error, message: &str| {
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert_eq!(error.to_string(), message);
    };
    let key = |length| DynamoDbWriter::new(Vec::new()).key_name("k".repeat(length));
    for length in [0, 256] {
        let message = format!("key attribute name must be 1 to 255 bytes long, but has {length}");
        rejected(key(length).write(&Item::new("a")).unwrap_err(), &message);
        rejected(key(length).finish().unwrap_err(), &message);
    }
    assert!(key(255).finish().is_ok());
    rejected(
        csv_writer()
            .types(columns(["a"]))
            .separator('\\')
            .finish()
            .unwrap_err(),
        "the separator cannot be a backslash, which is the escape character; choose another",
    );
    rejected(
        csv_writer().finish().unwrap_err(),
        "no types are set; set Description::types()",
    );
    for delimiter in ['"', '\n', '\r', 'é'] {
        rejected(
            csv_writer().delimiter(delimiter).finish().unwrap_err(),
            &format!(
                "the delimiter is {delimiter:?}; expected an ASCII character that is neither a \
                 quote nor a line break"
            ),
        );
    }
}

#[test]
fn reports_attributes_without_a_column() {
    let item = Item::new("a")
        .attribute("x", ["1"])
        .attribute("itemName", ["2"]);
    let mut writer = csv_writer().types(columns(["y", "x"]));
    writer.write(&item).unwrap();
    let (table, report) = text(writer.finish());
    assert_eq!(table, "itemName,y,x\na,,1\n");
    assert_eq!(
        report.losses.examples()[0].to_string(),
        "item a, attribute itemName: the attribute has no column and was omitted"
    );
    assert_eq!(report.unused_columns, ["y"]);

    let writer = csv_writer().types(columns(["x"]));
    assert!(text(writer.finish()).1.unused_columns.is_empty());
}

#[test]
fn writes_csv_for_spreadsheets() {
    let integer = AttributeType::new(DataType::Integer { precision: None });
    let mut types = columns(["=x", "text"]);
    types.insert("n", integer);
    types.insert("list", integer.multi_valued(true));
    let mut writer = csv_writer().types(types).key_name("+id");
    writer = writer.delimiter(';').bom(true).formula_guard(true);
    let item = Item::new("@a")
        .attribute("=x", ["a;b"])
        .attribute("text", ["=1+1"])
        .attribute("n", ["-5"])
        .attribute("list", ["1", "-2"]);
    writer.write(&item).unwrap();
    writer
        .write(&Item::new("b").attribute("text", [""]))
        .unwrap();
    let (table, report) = text(writer.finish());
    assert_eq!(
        table,
        "\u{feff}'+id;'=x;text;n;list\n'@a;\"a;b\";'=1+1;-5;[1,-2]\nb;;\"\";;\n"
    );
    let losses = shown(report.losses.examples());
    assert_eq!(
        losses,
        [
            "item @a: a ' was put before what looks like a formula",
            "item @a, attribute text: a ' was put before what looks like a formula",
        ]
    );
}

/// Reads one stream, and nothing after it.
fn unzipped(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut stream = flate2::bufread::GzDecoder::new(bytes);
    stream.read_to_string(&mut text).unwrap();
    assert!(stream.into_inner().is_empty());
    text
}

#[test]
fn threads_compress_one_stream_together() {
    let items = |file: usize| {
        (0..9_000).map(move |n| Item::new(format!("item {file} {n} {}", "x".repeat(300))))
    };
    let dir = TestExport::of(&[items(1).collect(), items(2).collect()]);
    let export = Export::open(dir.path()).unwrap();
    let convert = |threads, writer| {
        let (bytes, report) = export.convert().threads(threads).write_to(writer).unwrap();
        (bytes, report.bytes)
    };
    let writer = || JsonLinesWriter::new(Vec::new());
    let plain = convert(1, writer());
    assert_eq!(plain.0.len() as u64, plain.1);
    let zipped = convert(1, writer().gzip(true));
    assert_eq!(convert(3, writer().gzip(true)), zipped);
    assert_eq!(plain.1, zipped.1);
    assert!(zipped.0.len() < plain.0.len() / 10);
    assert!(unzipped(&zipped.0).into_bytes() == plain.0);
}

#[test]
fn splits_what_threads_compress() {
    let items = (0..20_000).map(|n| Item::new(format!("line\n{n}")));
    let dir = TestExport::of(&[items.collect()]);
    let export = Export::open(dir.path()).unwrap();
    let (complete, parts) = mpsc::channel();
    let writer = csv_writer()
        .types(Types::new())
        .gzip(true)
        .split(100_000, move |target| {
            let _ = complete.send(mem::take(target));
            Ok(())
        });
    let (last, _) = export.convert().threads(2).write_to(writer).unwrap();
    let parts: Vec<_> = parts
        .iter()
        .chain([last])
        .map(|part| unzipped(&part))
        .collect();
    assert!((3..7).contains(&parts.len()));
    let mut rows = String::new();
    for part in &parts {
        assert!(part.len() <= 100_000);
        rows.push_str(part.strip_prefix("itemName\n").unwrap());
    }
    let writer = csv_writer().types(Types::new());
    let (whole, _) = export.convert().write_to(writer).unwrap();
    assert!(format!("itemName\n{rows}").into_bytes() == whole);
}

#[test]
fn compresses_every_format() {
    let item = Item::new("a").attribute("x", ["1"]);
    let mut writer = JsonLinesWriter::new(Vec::new()).gzip(true);
    writer.write(&item).unwrap();
    assert_eq!(
        unzipped(&writer.finish().unwrap().0),
        "{\"itemName\":\"a\",\"attributes\":{\"x\":[\"1\"]}}\n"
    );
    let mut writer = DynamoDbWriter::new(Vec::new()).gzip(true);
    writer.write(&item).unwrap();
    assert_eq!(
        unzipped(&writer.finish().unwrap().0),
        "{\"Item\":{\"itemName\":{\"S\":\"a\"},\"x\":{\"S\":\"1\"}}}\n"
    );
    let mut writer = csv_writer().types(columns(["x"])).gzip(true);
    writer.write(&item).unwrap();
    assert_eq!(unzipped(&writer.finish().unwrap().0), "itemName,x\na,1\n");
}

#[test]
fn reports_a_target_that_fails_in_every_format() {
    let item = Item::new("a").attribute("x", ["1".repeat(300_000)]);
    let [mut lines, mut items, mut table] = [[0; 1000]; 3];
    for error in [
        JsonLinesWriter::new(&mut lines[..]).write(&item),
        DynamoDbWriter::new(&mut items[..]).write(&item),
        CsvWriter::new(&mut table[..])
            .types(columns(["x"]))
            .write(&item),
    ] {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Write);
    }
}

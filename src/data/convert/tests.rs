use serde_json::{Value, json};

use super::*;
use crate::data::{DataError, DataErrorKind, ItemRef};
use crate::item::Item;

mod round_trip;

fn json_lines(items: &[Item]) -> (String, ConvertSummary) {
    let mut writer = JsonLinesWriter::new(Vec::new());
    for item in items {
        writer.write(&ItemRef::from(item)).unwrap();
    }
    text(writer.finish())
}

fn csv_table(items: &[Item], options: &CsvOptions) -> (String, ConvertSummary) {
    let mut columns = CsvColumns::new();
    for item in items {
        columns.add(&ItemRef::from(item)).unwrap();
    }
    let mut writer = CsvWriter::new(Vec::new(), columns, options).unwrap();
    for item in items {
        writer.write(&ItemRef::from(item)).unwrap();
    }
    text(writer.finish())
}

fn dynamodb(items: &[Item], values: DynamoDbValues) -> (String, ConvertSummary) {
    let mut writer = DynamoDbWriter::new(Vec::new(), KEY).unwrap().values(values);
    for item in items {
        writer.write(&ItemRef::from(item)).unwrap();
    }
    text(writer.finish())
}

const KEY: &str = "the key of the table";

fn text(finished: Result<(Vec<u8>, ConvertSummary), DataError>) -> (String, ConvertSummary) {
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
fn each_format_writes_an_item_as_documented() {
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
    let joined = CsvOptions::new()
        .item_name_column("id")
        .values(CsvValues::Joined(','));
    assert_eq!(
        csv_table(&items, &joined).0,
        "id,age,skill\ne1,30,\"rust,sql\"\ne2,,\n"
    );
    assert_eq!(
        dynamodb(&items[..1], DynamoDbValues::List).0,
        "{\"Item\":{\"the key of the table\":{\"S\":\"e1\"},\"age\":{\"S\":\"30\"},\
         \"skill\":{\"L\":[{\"S\":\"rust\"},{\"S\":\"sql\"}]}}}\n"
    );
}

#[test]
fn no_items_make_an_empty_file_or_a_header_alone() {
    assert_eq!(json_lines(&[]), (String::new(), ConvertSummary::default()));
    assert_eq!(csv_table(&[], &CsvOptions::new()).0, "itemName\n");
    assert_eq!(dynamodb(&[], DynamoDbValues::List).0, "");
}

#[test]
fn what_a_set_cannot_hold_is_reported() {
    let item = Item::new("a")
        .attribute("none", [""; 0])
        .attribute("twice", ["x", "y", "x", "x"])
        .attribute("same", ["z", "z"])
        .attribute("empty", ["", "w"]);
    let (text, summary) = dynamodb(std::slice::from_ref(&item), DynamoDbValues::StringSet);
    assert_eq!(
        lines(&text),
        [json!({"Item": {
            KEY: {"S": "a"},
            "twice": {"SS": ["x", "y"]},
            "same": {"S": "z"},
            "empty": {"SS": ["", "w"]},
        }})]
    );
    let losses: Vec<_> = summary
        .losses
        .examples()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        losses,
        [
            "item a, attribute none: the attribute has no values and was left out",
            "item a, attribute twice: a value that occurs more than once was written once",
            "item a, attribute twice: a value that occurs more than once was written once",
            "item a, attribute same: a value that occurs more than once was written once",
        ]
    );
    assert!(dynamodb(&[item], DynamoDbValues::List).1.losses.is_empty());
}

#[test]
fn what_dynamodb_will_refuse_is_written_and_reported() {
    // The key attribute's name, the item's name, the attribute's name and its value.
    let room = 400 * 1024 - KEY.len() - 1 - 1;
    let fits = Item::new("a").attribute("n", ["v".repeat(room)]);
    let large = Item::new("a").attribute("n", ["v".repeat(room + 1)]);
    let listed = Item::new("a").attribute("n", ["v".repeat(room - 5), String::new()]);
    let empty = Item::new("");
    let long = Item::new("é".repeat(1025));
    for (values, item, kind) in [
        (DynamoDbValues::StringSet, &fits, None),
        (
            DynamoDbValues::StringSet,
            &large,
            Some(LossKind::ItemTooLarge),
        ),
        (DynamoDbValues::StringSet, &listed, None),
        (DynamoDbValues::List, &fits, None),
        (DynamoDbValues::List, &listed, None),
        (DynamoDbValues::List, &empty, Some(LossKind::InvalidKey)),
        (DynamoDbValues::List, &long, Some(LossKind::InvalidKey)),
    ] {
        let (text, summary) = dynamodb(std::slice::from_ref(item), values);
        assert_eq!(lines(&text).len(), 1);
        let found: Vec<_> = summary.losses.counts().collect();
        assert_eq!(
            found,
            kind.map(|kind| (kind, 1)).into_iter().collect::<Vec<_>>()
        );
    }
    let listed = Item::new("a").attribute("n", ["v".repeat(room - 4), String::new()]);
    let (_, summary) = dynamodb(&[listed], DynamoDbValues::List);
    assert_eq!(summary.losses.count(LossKind::ItemTooLarge), 1);
}

#[test]
fn a_name_that_the_format_keeps_for_itself_is_an_error() {
    let item = Item::new("a").attribute("id", ["1"]);
    let item = ItemRef::from(&item);
    let mut writer = DynamoDbWriter::new(Vec::new(), "id").unwrap();
    let error = writer.write(&item).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::NameCollision);
    assert_eq!(
        error.to_string(),
        "the item a has an attribute called id, like the key; choose another name for it"
    );
    assert_eq!(writer.finish().unwrap().0, b"");

    let mut columns = CsvColumns::new();
    columns.add(&item).unwrap();
    let options = CsvOptions::new().item_name_column("id");
    let error = CsvWriter::new(Vec::new(), columns, &options).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::NameCollision);
    assert_eq!(
        error.to_string(),
        "there is an attribute called id, like the column of the items' names; choose another \
         name for that"
    );
}

#[test]
fn options_that_cannot_work_are_refused() {
    for key in [String::new(), "k".repeat(256)] {
        let error = DynamoDbWriter::new(Vec::new(), key).unwrap_err();
        assert_eq!(error.kind(), DataErrorKind::InvalidOption);
    }
    assert!(DynamoDbWriter::new(Vec::new(), "k".repeat(255)).is_ok());
    let options = CsvOptions::new().values(CsvValues::Joined('\\'));
    let error = CsvWriter::new(Vec::new(), CsvColumns::new(), &options).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::InvalidOption);
}

#[test]
fn attributes_without_a_column_are_reported() {
    let item = Item::new("a")
        .attribute("x", ["1"])
        .attribute("itemName", ["2"]);
    let columns = CsvColumns::given(["y", "x"]).unwrap();
    let mut writer = CsvWriter::new(Vec::new(), columns, &CsvOptions::new()).unwrap();
    writer.write(&ItemRef::from(&item)).unwrap();
    let (table, summary) = text(writer.finish());
    assert_eq!(table, "itemName,y,x\na,,1\n");
    assert_eq!(
        summary.losses.examples()[0].to_string(),
        "item a, attribute itemName: the attribute has no column and was left out"
    );
    assert_eq!(summary.unused_columns, ["y"]);

    let columns = CsvColumns::given(["x"]).unwrap();
    let writer = CsvWriter::new(Vec::new(), columns, &CsvOptions::new()).unwrap();
    assert!(text(writer.finish()).1.unused_columns.is_empty());
}

#[test]
fn every_format_can_be_compressed() {
    use std::io::Read;

    let item = Item::new("a").attribute("x", ["1"]);
    let item = ItemRef::from(&item);
    let unzipped = |bytes: Vec<u8>| {
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let mut writer = JsonLinesWriter::new(Vec::new()).gzip();
    writer.write(&item).unwrap();
    assert_eq!(
        unzipped(writer.finish().unwrap().0),
        "{\"itemName\":\"a\",\"attributes\":{\"x\":[\"1\"]}}\n"
    );
    let mut writer = DynamoDbWriter::new(Vec::new(), "k").unwrap().gzip();
    writer.write(&item).unwrap();
    assert_eq!(
        unzipped(writer.finish().unwrap().0),
        "{\"Item\":{\"k\":{\"S\":\"a\"},\"x\":{\"S\":\"1\"}}}\n"
    );
    let columns = CsvColumns::given(["x"]).unwrap();
    let options = CsvOptions::new().gzip(true);
    let mut writer = CsvWriter::new(Vec::new(), columns, &options).unwrap();
    writer.write(&item).unwrap();
    assert_eq!(unzipped(writer.finish().unwrap().0), "itemName,x\na,1\n");
}

#[test]
fn a_target_that_fails_is_an_error_in_every_format() {
    let item = Item::new("a").attribute("x", ["1".repeat(100_000)]);
    let item = ItemRef::from(&item);
    let mut room = [0; 1000];
    let error = JsonLinesWriter::new(&mut room[..])
        .write(&item)
        .unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Write);
    let error = DynamoDbWriter::new(&mut room[..], "k")
        .unwrap()
        .write(&item)
        .unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Write);
    let columns = CsvColumns::given(["x"]).unwrap();
    let mut writer = CsvWriter::new(&mut room[..], columns, &CsvOptions::new()).unwrap();
    let failed = writer.write(&item).and_then(|()| writer.finish().map(drop));
    assert_eq!(failed.unwrap_err().kind(), DataErrorKind::Write);
}

use std::iter;

use parquet::basic::Encoding as PageEncoding;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::printer::print_schema;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::data::convert::tests::{shown, write_all};
use crate::data::types::{AttributeType, DataType, Encoding};
use crate::data::{ErrorKind, LossKind, OnError, Types};
use crate::tests::items::{any_items, few_cases};

fn type_of(data_type: DataType) -> AttributeType {
    AttributeType::new(data_type)
}

fn text() -> AttributeType {
    type_of(DataType::Text)
}

fn decimal(precision: u8, scale: u8) -> AttributeType {
    type_of(DataType::Decimal { precision, scale })
}

fn writer(types: Types) -> ParquetWriter<Vec<u8>> {
    ParquetWriter::new(Vec::new()).types(types)
}

fn open(file: Vec<u8>) -> SerializedFileReader<bytes::Bytes> {
    SerializedFileReader::new(file.into()).unwrap()
}

fn metadata(file: Vec<u8>) -> ParquetMetaData {
    open(file).metadata().clone()
}

/// Reads the names and the rows.
fn read(file: Vec<u8>) -> (Vec<String>, Vec<Vec<Json>>) {
    let reader = open(file);
    let schema = reader.metadata().file_metadata().schema();
    let names = schema.get_fields().iter();
    let names = names.map(|field| field.name().to_string()).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap().into_columns();
        row.iter().map(|(_, field)| value(field)).collect()
    });
    (names, rows.collect())
}

fn rows(file: Vec<u8>) -> Vec<Vec<Json>> {
    read(file).1
}

fn value(field: &Field) -> Json {
    match field {
        Field::Null => Json::Null,
        Field::Bool(value) => json!(value),
        Field::Long(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => json!(text),
        Field::TimestampMicros(microseconds) => json!({"microseconds": microseconds}),
        Field::Date(days) => json!({"days": days}),
        Field::Decimal(decimal) => {
            let bytes = decimal.data();
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { 0xFF };
            let mut number = [sign; 16];
            number[16 - bytes.len()..].copy_from_slice(bytes);
            let number = i128::from_be_bytes(number);
            json!({"unscaled": number.to_string(), "scale": decimal.scale()})
        }
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn stores_each_type_as_documented() {
    let types = Types::from_iter([
        ("text", text()),
        ("integer", type_of(DataType::Integer { precision: None })),
        (
            "large",
            type_of(DataType::Integer {
                precision: Some(20),
            }),
        ),
        ("price", decimal(10, 2)),
        ("float", type_of(DataType::Float)),
        ("boolean", type_of(DataType::Boolean)),
        ("moment", type_of(DataType::Timestamp { with_zone: true })),
        ("local", type_of(DataType::Timestamp { with_zone: false })),
        ("date", type_of(DataType::Date)),
        ("several", decimal(38, 20).multi_valued(true)),
    ]);
    let items = [
        Item::new("a")
            .attribute("text", ["00501"])
            .attribute("integer", ["-9223372036854775808"])
            .attribute("large", ["-18446744073709551616"])
            .attribute("price", ["-99999999.99"])
            .attribute("float", ["-0.1"])
            .attribute("boolean", ["true"])
            .attribute("moment", ["2026-02-16T16:56:43.659+01:00"])
            .attribute("local", ["0001-01-01T00:00:00"])
            .attribute("date", ["1969-12-31"])
            .attribute(
                "several",
                ["1.5", "-999999999999999999.99999999999999999999"],
            ),
        Item::new("b").attribute("text", [""]),
    ];
    let (file, report) = write_all(writer(types), &items).unwrap();
    assert!(report.losses.is_empty() && report.text_columns.is_empty());
    let mut schema = Vec::new();
    print_schema(&mut schema, metadata(file.clone()).file_metadata().schema());
    assert_eq!(
        String::from_utf8(schema).unwrap(),
        "message schema {
  REQUIRED BYTE_ARRAY itemName (STRING);
  OPTIONAL BYTE_ARRAY text (STRING);
  OPTIONAL INT64 integer;
  OPTIONAL FIXED_LEN_BYTE_ARRAY (9) large (DECIMAL(20,0));
  OPTIONAL INT64 price (DECIMAL(10,2));
  OPTIONAL DOUBLE float;
  OPTIONAL BOOLEAN boolean;
  OPTIONAL INT64 moment (TIMESTAMP(MICROS,true));
  OPTIONAL INT64 local (TIMESTAMP(MICROS,false));
  OPTIONAL INT32 date (DATE);
  OPTIONAL group several (LIST) {
    REPEATED group list {
      REQUIRED FIXED_LEN_BYTE_ARRAY (16) element (DECIMAL(38,20));
    }
  }
}
"
    );
    let unscaled = |number: &str, scale: u8| json!({"unscaled": number, "scale": scale});
    assert_eq!(
        rows(file),
        [
            vec![
                json!("a"),
                json!("00501"),
                json!(i64::MIN),
                unscaled("-18446744073709551616", 0),
                unscaled("-9999999999", 2),
                json!(-0.1),
                json!(true),
                json!({"microseconds": 1_771_257_403_659_000_i64}),
                json!({"microseconds": -62_135_596_800_000_000_i64}),
                json!({"days": -1}),
                json!([
                    unscaled("150000000000000000000", 20),
                    unscaled("-99999999999999999999999999999999999999", 20),
                ]),
            ],
            [vec![json!("b"), json!("")], vec![Json::Null; 9]].concat(),
        ]
    );
}

#[test]
fn keeps_numbers_that_exceed_a_decimal_as_text() {
    let offset = Encoding::Offset {
        width: 40,
        offset: 1 << 63,
        scale: 20,
    };
    let types = Types::from_iter([
        ("fits", decimal(38, 20).encoding(offset)),
        ("large", decimal(39, 20).encoding(offset).multi_valued(true)),
    ]);
    let item = Item::new("a")
        .attribute("fits", ["0922337203685477580650000000000000000000"])
        .attribute("large", ["0922337203685477580850000000000000000000"]);
    let (file, report) = write_all(writer(types), &[item]).unwrap();
    assert_eq!(
        rows(file),
        [vec![
            json!("a"),
            json!({"unscaled": "-150000000000000000000", "scale": 20}),
            json!(["0.50000000000000000000"]),
        ]]
    );
    let columns = shown(&report.text_columns);
    assert_eq!(
        columns,
        ["attribute large: written as text: a Parquet decimal has at most 38 digits"]
    );
}

#[test]
fn writes_a_file_without_items_or_attributes() {
    let types = Types::from_iter([("a", text()), ("b", text().multi_valued(true))]);
    for types in [types, Types::new()] {
        let columns = types.len();
        let (file, report) = write_all(writer(types), &[]).unwrap();
        assert_eq!((report.items, report.unused_columns.len()), (0, 0));
        assert_eq!(metadata(file.clone()).num_row_groups(), 0);
        let (names, rows) = read(file);
        assert_eq!((names.len(), rows.len()), (1 + columns, 0));
    }
    let (file, _) = write_all(writer(Types::new()).key_name("id"), &[Item::new("a")]).unwrap();
    assert_eq!(read(file), (vec!["id".to_string()], vec![vec![json!("a")]]));
}

#[test]
fn writes_columns_without_any_value() {
    let types = Types::from_iter([
        ("text", text()),
        ("list", text().multi_valued(true)),
        ("date", type_of(DataType::Date)),
    ]);
    let items = [Item::new("a"), Item::new("b").attribute("list", [""; 0])];
    let (file, report) = write_all(writer(types), &items).unwrap();
    assert_eq!(report.unused_columns, ["text", "list", "date"]);
    assert_eq!(report.losses.count(LossKind::NoValues), 1);
    let absent = vec![Json::Null; 3];
    assert_eq!(
        rows(file),
        ["a", "b"].map(|name| [vec![json!(name)], absent.clone()].concat())
    );
}

#[test]
fn keeps_every_name_of_an_attribute() {
    let names = [
        "",
        ".",
        "a.b",
        "a",
        "A",
        "list",
        "element",
        "schema",
        "naïve 東京",
        "line\nbreak",
        "\"'`",
        "\0",
        " ",
    ];
    let types = names.map(|name| (name, text().multi_valued(name.len() % 2 == 1)));
    let mut item = Item::new("x");
    for name in names {
        item = item.attribute(name, [format!("the value of {name}")]);
    }
    let (file, _) = write_all(writer(types.into_iter().collect()), &[item]).unwrap();
    let (found, rows) = read(file);
    assert_eq!(found[1..], names);
    for (name, value) in names.iter().zip(&rows[0][1..]) {
        let text = value.as_array().map_or(value, |list| &list[0]);
        assert_eq!(*text, json!(format!("the value of {name}")));
    }
}

#[test]
fn starts_a_row_group_after_many_rows() {
    let types = Types::from_iter([("n", type_of(DataType::Integer { precision: None }))]);
    let mut writer = writer(types);
    let numbers = 0..300_000;
    for number in numbers.clone() {
        let item = Item::new(number.to_string()).attribute("n", [number.to_string()]);
        writer.write(&item).unwrap();
    }
    let (file, report) = writer.finish().unwrap();
    assert_eq!(report.items, 300_000);
    let groups = metadata(file.clone());
    let groups: Vec<_> = groups
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_rows)
        .collect();
    assert_eq!(groups.len(), 3);
    assert!(
        groups[..2]
            .iter()
            .all(|rows| (122_880..160_000).contains(rows)),
        "{groups:?}"
    );
    let expected = numbers.map(|number: i64| vec![json!(number.to_string()), json!(number)]);
    assert!(rows(file).into_iter().eq(expected));
}

/// Returns texts that cannot be compressed.
fn noise(length: usize) -> impl Iterator<Item = String> {
    let mut state = 1_u64;
    iter::repeat_with(move || {
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                char::from(b' ' + u8::try_from(state % 94).unwrap())
            })
            .collect()
    })
}

#[test]
fn starts_a_row_group_after_many_bytes() {
    let types = Types::from_iter([("a", text()), ("b", text().multi_valued(true))]);
    let mut values = noise(1 << 20);
    let items: Vec<_> = (0..20)
        .map(|number| {
            let item = Item::new(number.to_string()).attribute("a", values.next());
            item.attribute("b", ["", "b"])
        })
        .collect();
    let (file, _) = write_all(writer(types), &items).unwrap();
    let groups = metadata(file.clone());
    for group in groups.row_groups() {
        assert!(
            group.compressed_size() < 6 << 20,
            "{}",
            group.compressed_size()
        );
    }
    assert!(groups.num_row_groups() >= 3);
    let expected = items.iter().map(|item| {
        let [a, b] = &*item.attributes else { panic!() };
        vec![json!(item.item_name), json!(a.values[0]), json!(b.values)]
    });
    assert!(rows(file).into_iter().eq(expected));
}

#[test]
fn uses_a_dictionary_if_values_repeat() {
    let types = Types::from_iter([("few", text()), ("many", text())]);
    let mut writer = writer(types);
    let mut values = noise(1_000);
    for number in 0..20_000 {
        let item = Item::new(number.to_string())
            .attribute("few", [["red", "green", "blue"][number % 3]])
            .attribute("many", values.next());
        writer.write(&item).unwrap();
    }
    let (file, _) = writer.finish().unwrap();
    let metadata = metadata(file);
    let has_dictionary = |column| {
        let groups = metadata.row_groups().iter();
        let mut encodings =
            groups.map(|group| group.column(column).encodings().collect::<Vec<_>>());
        let first = encodings.next().unwrap();
        let last = encodings.next_back().unwrap();
        [first, last].map(|encodings| encodings.contains(&PageEncoding::RLE_DICTIONARY))
    };
    assert_eq!(has_dictionary(0), [false, false]);
    assert_eq!(has_dictionary(1), [true, true]);
    assert_eq!(has_dictionary(2), [true, false]);
}

#[test]
fn states_the_number_of_items_and_the_export() {
    let items = [Item::new("a"), Item::new("b")];
    let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee";
    let (file, _) = write_all(writer(Types::new()).export_arn(arn), &items).unwrap();
    let found = metadata(file);
    let found = found.file_metadata();
    let pairs = found.key_value_metadata().unwrap().iter();
    let pairs: Vec<_> = pairs
        .map(|pair| (&*pair.key, pair.value.as_deref()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("simpledb-export.items", Some("2")),
            ("simpledb-export.export-arn", Some(arn)),
        ]
    );
    let version = concat!("simpledb-export version ", env!("CARGO_PKG_VERSION"));
    assert_eq!(found.created_by(), Some(version));

    let (file, _) = write_all(writer(Types::new()), &items).unwrap();
    let found = metadata(file);
    assert_eq!(found.file_metadata().key_value_metadata().unwrap().len(), 1);
}

#[test]
fn fails_skips_or_replaces_a_value_that_does_not_fit() {
    let types = || {
        let number = type_of(DataType::Integer { precision: None });
        Types::from_iter([("n", number.multi_valued(true)), ("t", text())])
    };
    let items = [
        Item::new("a")
            .attribute("n", ["1", "x", "3"])
            .attribute("t", ["a"]),
        Item::new("b")
            .attribute("n", ["2"])
            .attribute("t", ["b", "c"]),
        Item::new("c").attribute("n", ["4"]),
    ];
    let mut failing = writer(types());
    let error = failing.write(&items[0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch);
    assert_eq!(
        error.to_string(),
        "item a, attribute n: value \"x\" does not fit integer: not a number in digits; correct \
         the type, or skip or replace such values"
    );

    let (file, report) = write_all(writer(types()).on_error(OnError::Skip), &items).unwrap();
    assert_eq!(rows(file), [[json!("c"), json!([4]), Json::Null]]);
    assert_eq!(
        (report.items, report.losses.count(LossKind::SkippedItem)),
        (1, 2)
    );

    let (file, report) = write_all(writer(types()).on_error(OnError::Replace), &items).unwrap();
    assert_eq!(
        rows(file),
        [
            [json!("a"), json!([1, 3]), json!("a")],
            [json!("b"), json!([2]), Json::Null],
            [json!("c"), json!([4]), Json::Null],
        ]
    );
    assert_eq!(
        (report.items, report.losses.count(LossKind::TypeMismatch)),
        (3, 2)
    );
}

#[test]
fn rejects_invalid_options() {
    let rejected = |writer: ParquetWriter<Vec<u8>>, kind, message| {
        let error = writer.finish().unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (kind, String::from(message))
        );
    };
    rejected(
        ParquetWriter::new(Vec::new()),
        ErrorKind::InvalidOption,
        "no types are set; set Description::types()",
    );
    rejected(
        writer(Types::from_iter([("id", text())])).key_name("id"),
        ErrorKind::NameCollision,
        "an attribute is named id, like the column of the item names; choose another name for \
         that column",
    );
}

#[test]
fn reports_a_target_that_fails() {
    for room in [0, 3, 100] {
        let mut target = vec![0; room];
        let types = Types::from_iter([("a", text())]);
        let mut writer = ParquetWriter::new(&mut target[..]).types(types);
        writer.write(&Item::new("a").attribute("a", ["1"])).unwrap();
        let error = writer.finish().map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Write);
        let message = "cannot write output: failed to write whole buffer";
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn writes_the_same_file_each_time() {
    let items = [Item::new("a").attribute("x", ["1", "2"]), Item::new("b")];
    let file = || {
        write_all(
            writer(Types::from_iter([("x", text().multi_valued(true))])),
            &items,
        )
        .unwrap()
        .0
    };
    assert_eq!(file(), file());
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn any_items_are_read_back(mut items in any_items(), several in any::<bool>()) {
        if !several {
            for item in &mut items {
                item.attributes.sort_by(|a, b| a.name.cmp(&b.name));
                item.attributes.dedup_by(|a, b| a.name == b.name);
                item.attributes.iter_mut().for_each(|attribute| attribute.values.truncate(1));
            }
        }
        let mut types = Types::new();
        for attribute in items.iter().flat_map(|item| &item.attributes) {
            types.insert(&attribute.name, text().multi_valued(several));
        }
        let names: Vec<_> = types.iter().map(|(name, _)| name.to_string()).collect();
        let (file, report) = write_all(writer(types).key_name("the item names"), &items).unwrap();
        let expected: Vec<_> = items
            .iter()
            .map(|item| {
                let mut row = vec![json!(item.item_name)];
                for name in &names {
                    let attributes = item.attributes.iter();
                    let values = attributes.filter(|attribute| attribute.name == *name);
                    let values: Vec<_> = values.flat_map(|attribute| &attribute.values).collect();
                    row.push(match &*values {
                        [] => Json::Null,
                        values if several => json!(values),
                        values => json!(values[0]),
                    });
                }
                row
            })
            .collect();
        let (found, rows) = read(file);
        prop_assert_eq!(&found[1..], names);
        prop_assert_eq!(rows, expected);
        let empty = items.iter().flat_map(|item| &item.attributes);
        let empty = empty.filter(|attribute| attribute.values.is_empty()).count() as u64;
        prop_assert!(report.losses.count(LossKind::NoValues) <= empty);
    }

    #[test]
    fn any_numbers_are_read_back(
        numbers in prop::collection::vec((any::<i64>(), any::<i128>(), any::<f64>()), 0..20),
    ) {
        const LIMIT: i128 = 10_i128.pow(38);
        let types = Types::from_iter([
            ("i", type_of(DataType::Integer { precision: None })),
            ("d", decimal(38, 9).multi_valued(true)),
            ("f", type_of(DataType::Float)),
        ]);
        let (mut items, mut expected) = (Vec::new(), Vec::new());
        for (integer, decimal, float) in numbers {
            let decimal = decimal % LIMIT;
            let sign = if decimal < 0 { "-" } else { "" };
            let (whole, fraction) =
                (decimal.abs() / 1_000_000_000, decimal.abs() % 1_000_000_000);
            let mut item = Item::new("a")
                .attribute("i", [integer.to_string()])
                .attribute("d", [format!("{sign}{whole}.{fraction:09}")]);
            let unscaled = json!({"unscaled": decimal.to_string(), "scale": 9});
            let mut row = vec![json!("a"), json!(integer), json!([unscaled])];
            if float.is_finite() {
                item = item.attribute("f", [float.to_string()]);
                row.push(json!(float));
            } else {
                row.push(Json::Null);
            }
            items.push(item);
            expected.push(row);
        }
        prop_assert_eq!(rows(write_all(writer(types), &items).unwrap().0), expected);
    }
}

#[test]
fn splits_into_complete_files_of_about_the_size() {
    let text = |n: u32| format!("{n}{}", "abcdefgh".repeat(10));
    let items: Vec<Item> = (0..40_000)
        .map(|n| Item::new(n.to_string()).attribute("t", [text(n)]))
        .collect();
    let types = || Types::from_iter([("t", type_of(DataType::Text))]);
    let (whole, _) = write_all(writer(types()), &items).unwrap();
    let (complete, parts) = std::sync::mpsc::channel();
    let mut splitting = writer(types())
        .export_arn("arn")
        .split(300_000, move |target| {
            complete.send(mem::take(target)).unwrap();
            Ok(())
        });
    for item in &items {
        splitting.write(item).unwrap();
    }
    let (last, report) = splitting.finish().unwrap();
    let parts: Vec<_> = parts.iter().chain([last]).collect();
    assert!(parts.len() > 2, "{}", parts.len());
    assert!(parts.iter().all(|part| part.len() <= 300_000));
    let bytes = parts.iter().map(Vec::len).sum::<usize>();
    assert_eq!(report.bytes, bytes as u64);
    for part in &parts {
        let metadata = metadata(part.clone());
        let pairs = metadata.file_metadata().key_value_metadata().unwrap();
        let value = |key: &str| pairs.iter().find(|pair| pair.key == key)?.value.clone();
        let rows = metadata.file_metadata().num_rows().to_string();
        assert_eq!(value("simpledb-export.items"), Some(rows));
        assert_eq!(value("simpledb-export.export-arn").as_deref(), Some("arn"));
    }
    let rows: Vec<_> = parts.into_iter().flat_map(|part| read(part).1).collect();
    assert!(rows == read(whole).1);
}

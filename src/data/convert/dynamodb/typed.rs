//! Items with the types of their attributes: numbers, booleans, and sets or lists for all attributes
//! that have several values in any item.

use super::{LIST, SET, TEXT, list_overhead};
use crate::data::convert::columns::{Columns, Row};
use crate::data::convert::json::Form;
use crate::data::convert::json_rows::JsonRows;
use crate::data::convert::losses::{LossKind, Losses};
use crate::data::error::Error;
use crate::data::types::{AttributeType, DataType, Value};
use crate::wire::item::Item;

/// The digits of a number in DynamoDB.
const MAX_DIGITS: u8 = 38;

/// The largest magnitude of a number in DynamoDB is a little less.
const MAX_NUMBER: f64 = 1e126;

/// The smallest magnitude of a number in DynamoDB but zero.
const MIN_NUMBER: f64 = 1e-130;

/// Returns the lines of items whose attributes have types.
pub(super) fn rows(columns: Columns, key_name: &str, lists: bool) -> Result<JsonRows, Error> {
    let columns = if lists {
        columns
    } else {
        columns.with_sets(is_set)
    };
    let object = ["{\"Item\":{", "}}\n"];
    JsonRows::new(columns, object, (key_name, TEXT), |attribute| {
        let is_native = attribute.data_type == DataType::Boolean;
        (form(attribute, lists), is_native)
    })
}

fn form(attribute: &AttributeType, lists: bool) -> Form {
    let is_number = match attribute.data_type {
        DataType::Integer { .. } | DataType::Float => true,
        DataType::Decimal { precision, .. } => precision <= MAX_DIGITS,
        _ => false,
    };
    let each = match attribute.data_type {
        _ if is_number => ["{\"N\":", "}"],
        DataType::Boolean => ["{\"BOOL\":", "}"],
        _ => TEXT.each,
    };
    match attribute {
        _ if is_list(attribute, lists) => Form { each, ..LIST },
        _ if !attribute.multi_valued => Form { each, ..TEXT },
        _ if is_number => Form {
            all: ["{\"NS\":[", "]}"],
            ..SET
        },
        _ => SET,
    }
}

/// Returns whether the values of an attribute can be a set: there are none of booleans, and none has
/// an order.
fn is_set(attribute: &AttributeType) -> bool {
    attribute.multi_valued && !attribute.numbered && attribute.data_type != DataType::Boolean
}

fn is_list(attribute: &AttributeType, lists: bool) -> bool {
    attribute.multi_valued && (lists || !is_set(attribute))
}

/// Returns why numbers of this type are text, if they are.
pub(super) fn text_reason(data_type: DataType) -> Option<&'static str> {
    match data_type {
        DataType::Decimal { precision, .. } if precision > MAX_DIGITS => {
            Some("a number in DynamoDB has at most 38 digits")
        }
        _ => None,
    }
}

/// Reports numbers that are out of the range of DynamoDB's.
pub(super) fn check_numbers(item: &Item, row: &Row<'_>, losses: &mut Losses) {
    for cell in row.cells() {
        for value in cell.values {
            if !is_in_range(value) {
                losses.add(LossKind::NumberOutOfRange, item, Some(cell.name));
            }
        }
    }
}

fn is_in_range(value: &Value<'_>) -> bool {
    match value {
        Value::Float(number) => *number == 0.0 || (MIN_NUMBER..MAX_NUMBER).contains(&number.abs()),
        _ => true,
    }
}

/// Returns the size of the attributes as DynamoDB counts it, but for numbers, which are smaller there.
pub(super) fn size_of_attributes(row: &Row<'_>, lists: bool) -> usize {
    let cells = row.cells().filter(|cell| !cell.values.is_empty());
    let sizes = cells.map(|cell| {
        let values = cell.values.iter().map(|value| match value {
            Value::Text(text) => text.len(),
            Value::Boolean(_) => 1,
            _ => value.to_string().len(),
        });
        let size = cell.name.len() + values.sum::<usize>();
        if is_list(cell.attribute, lists) {
            size + list_overhead(cell.values.len())
        } else {
            size
        }
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::data::convert::tests::{shown, write_text};
    use crate::data::types::AttributeType;
    use crate::data::{DynamoDbWriter, OnError, Types, WriteReport};

    fn write(item: &Item, lists: bool) -> (String, WriteReport) {
        let of = AttributeType::new;
        let decimal = |precision| {
            of(DataType::Decimal {
                precision,
                scale: 2,
            })
        };
        let types = Types::from_iter([
            ("zip", of(DataType::Text)),
            ("n", of(DataType::Integer { precision: None })),
            ("price", decimal(38)),
            ("large", decimal(39)),
            ("float", of(DataType::Float)),
            ("ok", of(DataType::Boolean)),
            ("day", of(DataType::Date)),
            ("tags", of(DataType::Text).multi_valued(true)),
            (
                "scores",
                of(DataType::Integer { precision: None }).multi_valued(true),
            ),
            ("flags", of(DataType::Boolean).multi_valued(true)),
            (
                "steps",
                of(DataType::Text).multi_valued(true).numbered(true),
            ),
        ]);
        let writer = DynamoDbWriter::new(Vec::new()).types(types);
        let writer = writer.key_name("pk").lists(lists);
        write_text(writer, slice::from_ref(item)).unwrap()
    }

    #[test]
    fn writes_numbers_booleans_and_sets_in_every_item() {
        let item = Item::new("a")
            .attribute("zip", ["00501"])
            .attribute("n", ["-42"])
            .attribute("price", ["1.5"])
            .attribute("large", ["2.5"])
            .attribute("float", ["6.25e20"])
            .attribute("ok", ["true"])
            .attribute("day", ["2026-02-16"])
            .attribute("tags", [""])
            .attribute("scores", ["1", "2"])
            .attribute("flags", ["true"])
            .attribute("steps", ["001:a", "000:b"]);
        let (lines, report) = write(&item, false);
        assert_eq!(
            lines,
            "{\"Item\":{\"pk\":{\"S\":\"a\"},\"zip\":{\"S\":\"00501\"},\"n\":{\"N\":\"-42\"},\
             \"price\":{\"N\":\"1.50\"},\"large\":{\"S\":\"2.50\"},\"float\":{\"N\":\"6.25e20\"},\
             \"ok\":{\"BOOL\":true},\"day\":{\"S\":\"2026-02-16\"},\"tags\":{\"SS\":[\"\"]},\
             \"scores\":{\"NS\":[\"1\",\"2\"]},\"flags\":{\"L\":[{\"BOOL\":true}]},\
             \"steps\":{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"}]}}}\n"
        );
        assert!(report.losses.is_empty());
        let text_columns = shown(&report.text_columns);
        assert_eq!(
            text_columns,
            ["attribute large: written as text: a number in DynamoDB has at most 38 digits"]
        );
        let item = Item::new("a")
            .attribute("scores", ["7"])
            .attribute("tags", ["b"]);
        assert_eq!(
            write(&item, true).0,
            "{\"Item\":{\"pk\":{\"S\":\"a\"},\"tags\":{\"L\":[{\"S\":\"b\"}]},\
             \"scores\":{\"L\":[{\"N\":\"7\"}]}}}\n"
        );
    }

    #[test]
    fn writes_equal_numbers_of_a_set_once() {
        let item = Item::new("a").attribute("scores", ["1", "01", "2"]);
        let (lines, report) = write(&item, false);
        assert_eq!(
            lines,
            "{\"Item\":{\"pk\":{\"S\":\"a\"},\"scores\":{\"NS\":[\"1\",\"2\"]}}}\n"
        );
        assert_eq!(report.losses.count(LossKind::DuplicateValue), 1);
        assert!(write(&item, true).1.losses.is_empty());
    }

    #[test]
    fn reports_what_dynamodb_rejects() {
        for (text, count) in [
            ("1e125", 0),
            ("1e126", 1),
            ("-1e-130", 0),
            ("9e-131", 1),
            ("0.0", 0),
        ] {
            let (_, report) = write(&Item::new("a").attribute("float", [text]), false);
            assert_eq!(
                report.losses.count(LossKind::NumberOutOfRange),
                count,
                "{text}"
            );
        }
        let item = Item::new("").attribute("tags", ["v".repeat(400 * 1024)]);
        let (_, report) = write(&item, false);
        let kinds: Vec<_> = report.losses.counts().collect();
        assert_eq!(
            kinds,
            [(LossKind::InvalidKey, 1), (LossKind::ItemTooLarge, 1)]
        );
    }

    #[test]
    fn does_not_check_the_limits_of_a_skipped_item() {
        let integer = AttributeType::new(DataType::Integer { precision: None });
        let writer = DynamoDbWriter::new(Vec::new())
            .types(Types::from_iter([("n", integer)]))
            .on_error(OnError::Skip);
        let item = Item::new("").attribute("n", ["x"]);
        let (lines, report) = write_text(writer, &[item]).unwrap();
        assert_eq!(lines, "");
        let kinds: Vec<_> = report.losses.counts().collect();
        assert_eq!(kinds, [(LossKind::SkippedItem, 1)]);
    }
}

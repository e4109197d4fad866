//! Items with the types of their attributes: numbers, booleans, and sets or lists for all attributes
//! that have several values in any item.

use crate::data::convert::columns::Columns;
use crate::data::convert::json_value::{self, push_text};
use crate::data::convert::losses::{LossKind, Losses};
use crate::data::convert::tally::Tally;
use crate::data::error::Error;
use crate::data::types::{DataType, Value};
use crate::wire::item::Item;

/// The digits of a number in DynamoDB.
const MAX_DIGITS: u8 = 38;

/// The largest magnitude of a number in DynamoDB is a little less.
const MAX_NUMBER: f64 = 1e126;

/// The smallest magnitude of a number in DynamoDB but zero.
const MIN_NUMBER: f64 = 1e-130;

/// Encodes items whose attributes have types.
#[derive(Debug, Clone)]
pub(super) struct TypedLines {
    columns: Columns,
    /// What precedes the item name.
    opening: Vec<u8>,
    key_bytes: usize,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    /// What precedes the values.
    label: Vec<u8>,
    several: Several,
    scalar: Scalar,
}

/// How the values of an attribute are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Several {
    No,
    Set,
    List,
}

/// The type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Text,
    Number,
    Boolean,
}

impl Scalar {
    fn of(data_type: DataType) -> Scalar {
        match data_type {
            DataType::Integer { .. } | DataType::Float => Scalar::Number,
            DataType::Decimal { precision, .. } if precision <= MAX_DIGITS => Scalar::Number,
            DataType::Boolean => Scalar::Boolean,
            _ => Scalar::Text,
        }
    }
}

impl TypedLines {
    pub(super) fn new(columns: Columns, key_name: &str, lists: bool) -> Result<TypedLines, Error> {
        let mut members = Vec::with_capacity(columns.types().len());
        for (name, attribute) in columns.types().iter() {
            let mut label = b",".to_vec();
            push_text(&mut label, name)?;
            let scalar = Scalar::of(attribute.data_type);
            let several = match scalar {
                _ if !attribute.multi_valued => Several::No,
                // DynamoDB has no sets of booleans.
                Scalar::Boolean => Several::List,
                // Sets have no order.
                _ if lists || attribute.numbered => Several::List,
                _ => Several::Set,
            };
            label.extend_from_slice(match (several, scalar) {
                (Several::No, _) => b":",
                (Several::List, _) => b":{\"L\":",
                (Several::Set, Scalar::Number) => b":{\"NS\":",
                (Several::Set, _) => b":{\"SS\":",
            });
            members.push(Member {
                label,
                several,
                scalar,
            });
        }
        let mut opening = b"{\"Item\":{".to_vec();
        push_text(&mut opening, key_name)?;
        opening.extend_from_slice(b":{\"S\":");
        Ok(TypedLines {
            columns,
            opening,
            key_bytes: key_name.len(),
            members,
        })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Appends the line of an item, unless the item is to be skipped; returns the item's size as
    /// DynamoDB counts it, but for numbers, which are smaller there.
    pub(super) fn push(
        &mut self,
        item: &Item,
        lines: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> Result<usize, Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(0);
        };
        lines.extend_from_slice(&self.opening);
        push_text(lines, &item.item_name)?;
        lines.push(b'}');
        let mut size = self.key_bytes + item.item_name.len();
        for (position, (member, values)) in self.members.iter().zip(row.cells()).enumerate() {
            if values.is_empty() {
                continue;
            }
            let name = row.name(position).unwrap_or_default();
            lines.extend_from_slice(&member.label);
            let mut losses = Report {
                losses: &mut tally.losses,
                item,
                name,
            };
            size += name.len() + member.push(lines, values, &mut losses)?;
        }
        lines.extend_from_slice(b"}}\n");
        Ok(size)
    }
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

/// Where the losses of an attribute are added.
struct Report<'r> {
    losses: &'r mut Losses,
    item: &'r Item,
    name: &'r str,
}

impl Report<'_> {
    fn add(&mut self, kind: LossKind) {
        self.losses.add(kind, self.item, Some(self.name));
    }
}

impl Member {
    /// Appends the values, of which there is one at least, and returns their size.
    fn push(
        &self,
        lines: &mut Vec<u8>,
        values: &[Value<'_>],
        report: &mut Report<'_>,
    ) -> Result<usize, Error> {
        if self.several == Several::No {
            let value = values.first();
            return value.map_or(Ok(0), |value| self.push_value(lines, value, report));
        }
        let mut size = 0;
        lines.push(b'[');
        for (index, value) in values.iter().enumerate() {
            let earlier = values.get(..index).unwrap_or_default();
            if self.several == Several::Set && earlier.contains(value) {
                report.add(LossKind::DuplicateValue);
                continue;
            }
            if index > 0 {
                lines.push(b',');
            }
            size += self.push_value(lines, value, report)?;
        }
        lines.extend_from_slice(b"]}");
        if self.several == Several::List {
            size += 3 + values.len();
        }
        Ok(size)
    }

    /// Appends a value and returns its size.
    fn push_value(
        &self,
        lines: &mut Vec<u8>,
        value: &Value<'_>,
        report: &mut Report<'_>,
    ) -> Result<usize, Error> {
        if self.scalar == Scalar::Number && !is_number(value) {
            report.add(LossKind::NumberOutOfRange);
        }
        let is_typed = self.several != Several::Set;
        if is_typed {
            lines.extend_from_slice(match self.scalar {
                Scalar::Text => b"{\"S\":",
                Scalar::Number => b"{\"N\":",
                Scalar::Boolean => b"{\"BOOL\":",
            });
        }
        let start = lines.len();
        let is_native = self.scalar == Scalar::Boolean;
        json_value::push(lines, value, is_native)?;
        let size = match value {
            Value::Text(text) => text.len(),
            Value::Boolean(_) => 1,
            // Without the quotes.
            _ => lines.len() - start - 2,
        };
        if is_typed {
            lines.push(b'}');
        }
        Ok(size)
    }
}

/// Returns whether a value is within the range of DynamoDB's numbers.
fn is_number(value: &Value<'_>) -> bool {
    match value {
        Value::Float(number) => *number == 0.0 || (MIN_NUMBER..MAX_NUMBER).contains(&number.abs()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::data::convert::tests::{shown, write_text};
    use crate::data::types::AttributeType;
    use crate::data::{DynamoDbWriter, Types, WriteReport};

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
}

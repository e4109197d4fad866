//! Lines with an attribute per member: `{"itemName":"employee1","age":30}`.

use crate::data::convert::columns::Columns;
use crate::data::convert::json_value;
use crate::data::convert::tally::Tally;
use crate::data::error::Error;
use crate::wire::item::Item;

/// Encodes items as flat objects.
#[derive(Debug, Clone)]
pub(super) struct Flat {
    columns: Columns,
    /// What precedes the item name.
    opening: Vec<u8>,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    /// What precedes the value.
    label: Vec<u8>,
    multi_valued: bool,
    /// Whether numbers and booleans are written as such.
    is_native: bool,
}

impl Flat {
    pub(super) fn new(columns: Columns, key_name: &str) -> Result<Flat, Error> {
        let mut members = Vec::with_capacity(columns.types().len());
        for (name, attribute) in columns.types().iter() {
            members.push(Member {
                label: label(b',', name)?,
                multi_valued: attribute.multi_valued,
                is_native: json_value::is_native(attribute.data_type),
            });
        }
        Ok(Flat {
            opening: label(b'{', key_name)?,
            columns,
            members,
        })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Appends the line of an item, unless the item is to be skipped.
    pub(super) fn push(
        &mut self,
        item: &Item,
        lines: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(());
        };
        lines.extend_from_slice(&self.opening);
        json_value::push_text(lines, &item.item_name)?;
        for (member, values) in self.members.iter().zip(row.cells()) {
            let [first, ..] = values else { continue };
            lines.extend_from_slice(&member.label);
            if member.multi_valued {
                json_value::push_array(lines, values, member.is_native)?;
            } else {
                json_value::push(lines, first, member.is_native)?;
            }
        }
        lines.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// Returns `,"name":`.
fn label(before: u8, name: &str) -> Result<Vec<u8>, Error> {
    let mut label = vec![before];
    json_value::push_text(&mut label, name)?;
    label.push(b':');
    Ok(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::convert::tests::{shown, write_text};
    use crate::data::types::{AttributeType, DataType};
    use crate::data::{ErrorKind, JsonLinesWriter, OnError, Types, WriteReport};

    fn types() -> Types {
        let of = AttributeType::new;
        Types::from_iter([
            ("zip", of(DataType::Text)),
            ("n", of(DataType::Integer { precision: None })),
            (
                "long",
                of(DataType::Integer {
                    precision: Some(20),
                }),
            ),
            (
                "price",
                of(DataType::Decimal {
                    precision: 6,
                    scale: 2,
                }),
            ),
            ("ok", of(DataType::Boolean).multi_valued(true)),
            ("day", of(DataType::Date)),
            ("a \"b", of(DataType::Text).multi_valued(true)),
        ])
    }

    fn write(items: &[Item], on_error: OnError) -> Result<(String, WriteReport), Error> {
        let writer = JsonLinesWriter::new(Vec::new()).flat(true).types(types());
        write_text(writer.key_name("id").on_error(on_error), items)
    }

    #[test]
    fn writes_typed_values_and_an_array_in_every_line_or_in_none() {
        let items = [
            Item::new("one\n")
                .attribute("price", ["9.9"])
                .attribute("zip", ["00501"])
                .attribute("n", ["-9223372036854775808"])
                .attribute("long", ["12345678901234567891"])
                .attribute("ok", ["true", "false"])
                .attribute("day", ["2026-02-16"])
                .attribute("a \"b", [""]),
            Item::new("two").attribute("ok", ["true"]),
            Item::new("three"),
        ];
        let (lines, report) = write(&items, OnError::Fail).unwrap();
        assert_eq!(
            lines,
            "{\"id\":\"one\\n\",\"zip\":\"00501\",\"n\":-9223372036854775808,\
             \"long\":\"12345678901234567891\",\"price\":9.90,\"ok\":[true,false],\
             \"day\":\"2026-02-16\",\"a \\\"b\":[\"\"]}\n\
             {\"id\":\"two\",\"ok\":[true]}\n\
             {\"id\":\"three\"}\n"
        );
        assert!(report.losses.is_empty());
        assert_eq!(report.items, 3);
        let text_columns = shown(&report.text_columns);
        assert_eq!(
            text_columns,
            [
                "attribute long: written as text: most readers of JSON round numbers of more than 15 digits"
            ]
        );
    }

    #[test]
    fn reports_attributes_without_values_and_columns_without_items() {
        let items = [Item::new("a")
            .attribute("zip", ["1"])
            .attribute("new", ["2"])];
        let (lines, report) = write(&items, OnError::Fail).unwrap();
        assert_eq!(lines, "{\"id\":\"a\",\"zip\":\"1\"}\n");
        let losses = shown(report.losses.examples());
        assert_eq!(
            losses,
            ["item a, attribute new: the attribute has no column and was omitted"]
        );
        assert_eq!(
            report.unused_columns,
            ["n", "long", "price", "ok", "day", "a \"b"]
        );
    }

    #[test]
    fn fails_skips_or_replaces_if_a_value_does_not_fit() {
        let items = [
            Item::new("a").attribute("n", ["1"]),
            Item::new("b").attribute("zip", ["z"]).attribute("n", ["x"]),
        ];
        let error = write(&items, OnError::Fail).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch);
        let (lines, report) = write(&items, OnError::Skip).unwrap();
        assert_eq!(lines, "{\"id\":\"a\",\"n\":1}\n");
        assert_eq!(report.items, 1);
        let (lines, report) = write(&items, OnError::Replace).unwrap();
        assert_eq!(
            lines,
            "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"zip\":\"z\"}\n"
        );
        assert_eq!(report.items, 2);
    }

    #[test]
    fn rejects_flat_lines_without_types_and_a_second_member_of_the_same_name() {
        let writer = JsonLinesWriter::new(Vec::new()).flat(true);
        let error = writer.finish().map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert_eq!(
            error.to_string(),
            "no types are set; set Description::types()"
        );
        let writer = JsonLinesWriter::new(Vec::new()).flat(true).types(types());
        let error = writer.key_name("zip").finish().map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NameCollision);
        assert_eq!(
            error.to_string(),
            "an attribute is named zip, like the column of the item names; choose another name for \
             that column"
        );
    }
}

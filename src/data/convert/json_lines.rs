//! JSON Lines: one JSON object per line.

use std::io::Write;

use super::chunk::Text;
use super::columns::{ColumnOptions, Columns};
use super::encoder::{Concat, Encode, Encoder, SplitFormat};
use super::json::{self, Form};
use super::json_rows::JsonRows;
use super::merged::merge_repeated;
use super::output::CHUNK_BYTES;
use super::tally::Tally;
use super::writer::ItemWriter;
use crate::data::error::Error;
use crate::data::types::{AttributeType, DataType};
use crate::wire::item::Item;

/// Writes items as JSON Lines: `{"itemName":"employee1","attributes":{"age":["30"]}}`.
///
/// An attribute is always an array, so that its type is the same in every line: in the terms of
/// Athena and Spark, `map<string,array<string>>`. Nothing is lost; attributes and values keep their
/// order. (If an item has an attribute more than once, which does not happen in SimpleDB itself,
/// the values are merged and reported.)
///
/// ```
/// use simpledb_export::data::{ItemReader, JsonLinesWriter};
///
/// let file = br#"[{"itemName":"employee1","attributes":[{"name":"age","values":["30"]}]}]"#;
/// let mut writer = JsonLinesWriter::new(Vec::new());
/// for item in ItemReader::new(&file[..]) {
///     writer.write(&item?)?;
/// }
/// let (lines, report) = writer.finish()?;
/// assert_eq!(lines, b"{\"itemName\":\"employee1\",\"attributes\":{\"age\":[\"30\"]}}\n");
/// assert_eq!(report.items, 1);
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
///
/// With [`flat`](JsonLinesWriter::flat) and [`types`](ItemWriter::types), each attribute is a
/// member of the line, an array in every line or in none:
///
/// ```
/// use simpledb_export::data::{AttributeType, DataType, JsonLinesWriter, Types};
/// use simpledb_export::Item;
///
/// let integer = AttributeType::new(DataType::Integer { precision: None });
/// let text = AttributeType::new(DataType::Text);
/// let types = Types::from_iter([("age", integer), ("skill", text.multi_valued(true))]);
/// let mut writer = JsonLinesWriter::new(Vec::new()).flat(true).types(types);
/// writer.write(&Item::new("employee1").attribute("age", ["30"]).attribute("skill", ["rust"]))?;
/// writer.write(&Item::new("employee2"))?;
/// let (lines, _) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&lines),
///     "{\"itemName\":\"employee1\",\"age\":30,\"skill\":[\"rust\"]}\n{\"itemName\":\"employee2\"}\n"
/// );
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub type JsonLinesWriter<W> = ItemWriter<W, JsonLines>;

/// The options of JSON Lines.
#[derive(Debug)]
pub struct JsonLines {
    flat: bool,
}

impl<W: Write> ItemWriter<W, JsonLines> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> JsonLinesWriter<W> {
        ItemWriter::with_format(target, JsonLines { flat: false })
    }

    /// Sets whether attributes become members of the line itself, with the values of their
    /// [`types`](ItemWriter::types): `{"itemName":"employee1","age":30}`. Defaults to false.
    ///
    /// An attribute that an item does not have is omitted. Numbers and booleans are written as such,
    /// unless readers that keep only 64-bit binary numbers would round them: decimals and integers of
    /// more than 15 digits, except those of 64 bits, are text, which is
    /// [reported](super::WriteReport::text_columns). Timestamps and dates are text in the form of RFC 3339.
    pub fn flat(mut self, flat: bool) -> JsonLinesWriter<W> {
        self.format.flat = flat;
        self
    }
}

impl SplitFormat for JsonLines {}

impl Encode for JsonLines {
    type Encoder = JsonLinesEncoder;
    type Assembler = Concat;

    fn encoder(&self, options: &ColumnOptions) -> Result<JsonLinesEncoder, Error> {
        let flat = if self.flat {
            let key = (&*options.key_name, Form::VALUE);
            let columns = options.columns()?;
            Some(JsonRows::new(columns, ["{", "}\n"], key, flat_form)?)
        } else {
            None
        };
        Ok(JsonLinesEncoder {
            lines: Vec::new(),
            flat,
        })
    }
}

fn flat_form(attribute: &AttributeType) -> (Form, bool) {
    let form = if attribute.multi_valued {
        Form::ARRAY
    } else {
        Form::VALUE
    };
    (form, json::is_native(attribute.data_type))
}

/// Encodes items as lines.
#[derive(Debug, Clone)]
pub struct JsonLinesEncoder {
    lines: Vec<u8>,
    /// If lines are flat.
    flat: Option<JsonRows>,
}

impl Encoder for JsonLinesEncoder {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let lines = &mut self.lines;
        if let Some(flat) = &mut self.flat {
            flat.push(item, lines, tally)?;
            return Ok(());
        }
        let item = merge_repeated(item, &mut tally.losses);
        lines.extend_from_slice(b"{\"itemName\":");
        json::push_text(lines, &item.item_name)?;
        lines.extend_from_slice(b",\"attributes\":{");
        for (index, attribute) in item.attributes.iter().enumerate() {
            if index > 0 {
                lines.push(b',');
            }
            json::push_text(lines, &attribute.name)?;
            lines.push(b':');
            Form::ARRAY.push(lines, &attribute.values, |lines, value| {
                json::push_text(lines, value)
            })?;
        }
        lines.extend_from_slice(b"}}\n");
        tally.items += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Text {
        Text::take(&mut self.lines)
    }

    fn columns(&self) -> Option<&Columns> {
        self.flat.as_ref().map(JsonRows::columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        json::text_reason(data_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::convert::tests::{shown, write_text};
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

//! JSON Lines: one JSON object per line.

mod flat;

use std::io::Write;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use self::flat::Flat;
use super::column_options::ColumnOptions;
use super::columns::Columns;
use super::encoder::{Concat, Encode, Encoder, Split};
use super::json_value;
use super::lines::Lines;
use super::merged::merge_repeated;
use super::tally::Tally;
use super::text::Text;
use super::writer::ItemWriter;
use crate::data::error::Error;
use crate::data::types::DataType;
use crate::wire::item::{Attribute, Item};

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

impl Split for JsonLines {}

impl Encode for JsonLines {
    type Encoder = JsonLinesEncoder;
    type Assembler = Concat;

    fn encoder(&self, options: &ColumnOptions) -> Result<JsonLinesEncoder, Error> {
        let flat = if self.flat {
            Some(Flat::new(options.columns()?, &options.key_name)?)
        } else {
            None
        };
        Ok(JsonLinesEncoder {
            lines: Lines::default(),
            flat,
        })
    }
}

/// Encodes items as lines.
#[derive(Debug, Clone)]
pub struct JsonLinesEncoder {
    lines: Lines,
    /// If lines are flat.
    flat: Option<Flat>,
}

impl Encoder for JsonLinesEncoder {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        if let Some(flat) = &mut self.flat {
            return flat.push(item, self.lines.buffer(), tally);
        }
        let item = merge_repeated(item, &mut tally.losses);
        self.lines.push(&Line(&item), tally)
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn take(&mut self) -> Text {
        self.lines.take().into()
    }

    fn columns(&self) -> Option<&Columns> {
        self.flat.as_ref().map(Flat::columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        json_value::text_reason(data_type)
    }
}

struct Line<'i>(&'i Item);

struct Attributes<'i>(&'i [Attribute]);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Line", 2)?;
        line.serialize_field("itemName", &self.0.item_name)?;
        line.serialize_field("attributes", &Attributes(&self.0.attributes))?;
        line.end()
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self
            .0
            .iter()
            .map(|attribute| (&attribute.name, &attribute.values));
        serializer.collect_map(pairs)
    }
}

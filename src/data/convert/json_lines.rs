//! JSON Lines: one JSON object per line.

mod flat;

use std::io::Write;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use self::flat::Flat;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::lines::Lines;
use super::merged::merge_repeated;
use super::output::Output;
use super::{TextColumn, WriteReport};
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::Types;
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
/// With [`flat`](JsonLinesWriter::flat) and [`types`](JsonLinesWriter::types), each attribute is a
/// member of the line, an array in every line or in none:
///
/// ```
/// use simpledb_export::data::{AttributeType, DataType, JsonLinesWriter, Types};
/// use simpledb_export::Item;
///
/// let integer = AttributeType::new(DataType::Integer { precision: None });
/// let text = AttributeType::new(DataType::Text);
/// let types = Types::from_iter([("age", integer), ("skill", text.several(true))]);
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
#[derive(Debug)]
#[must_use = "output is incomplete without `finish`"]
pub struct JsonLinesWriter<W: Write> {
    writer: Joined<JsonLines, Output<W>>,
}

impl<W: Write> JsonLinesWriter<W> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> JsonLinesWriter<W> {
        let encoder = JsonLines {
            lines: Lines::default(),
            flat: false,
            types: None,
            key_name: "itemName".to_owned(),
            on_error: OnError::default(),
            flat_lines: None,
        };
        JsonLinesWriter {
            writer: Joined::new(encoder, Output::new(target)),
        }
    }

    /// Sets whether attributes become members of the line itself, with the values of their
    /// [`types`](JsonLinesWriter::types): `{"itemName":"employee1","age":30}`. Defaults to false.
    ///
    /// An attribute that an item does not have is omitted. Numbers and booleans are written as such,
    /// unless readers that keep only 64-bit binary numbers would round them: decimals and integers of
    /// more than 15 digits, except those of 64 bits, are text, which is
    /// [reported](WriteReport::text_columns). Timestamps and dates are text in the form of RFC 3339.
    pub fn flat(mut self, flat: bool) -> JsonLinesWriter<W> {
        self.writer.encoder.flat = flat;
        self
    }

    /// Sets the attributes of flat lines and their types; required for these, and not used otherwise.
    pub fn types(mut self, types: Types) -> JsonLinesWriter<W> {
        self.writer.encoder.types = Some(types);
        self
    }

    /// Sets the name of the item names' member in flat lines. Defaults to `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> JsonLinesWriter<W> {
        self.writer.encoder.key_name = name.into();
        self
    }

    /// Sets what to do about values in flat lines that do not fit their type. Defaults to
    /// [`OnError::Fail`].
    pub fn on_error(mut self, on_error: OnError) -> JsonLinesWriter<W> {
        self.writer.encoder.on_error = on_error;
        self
    }

    /// Sets whether to compress the output with gzip. Defaults to false.
    pub fn gzip(mut self, gzip: bool) -> JsonLinesWriter<W> {
        self.writer.sink.set_gzip(gzip);
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`Write`](ErrorKind::Write) if the target fails. For flat lines,
    /// [`Misfit`](ErrorKind::Misfit) if a value does not fit its type (nothing of the item is
    /// written then), [`InvalidOption`](ErrorKind::InvalidOption) if no types are set, and
    /// [`NameCollision`](ErrorKind::NameCollision) if an attribute has the name of the item names'
    /// member.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.writer.write(item)
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](JsonLinesWriter::write).
    pub fn finish(self) -> Result<(W, WriteReport), Error> {
        self.writer.finish()
    }
}

impl<W: Write + Send> Halves for JsonLinesWriter<W> {
    type Encoder = JsonLines;
    type Target = W;
    type Sink = Output<W>;

    fn halves(self) -> Joined<JsonLines, Output<W>> {
        self.writer
    }
}

/// Encodes items as lines.
#[derive(Debug, Clone)]
pub struct JsonLines {
    lines: Lines,
    flat: bool,
    types: Option<Types>,
    key_name: String,
    on_error: OnError,
    /// Set at the start if lines are flat.
    flat_lines: Option<Flat>,
}

impl Encoder for JsonLines {
    type Output = Vec<u8>;

    fn start(&mut self) -> Result<Vec<u8>, Error> {
        if self.flat {
            let Some(types) = self.types.take() else {
                let message = "no types are set for flat lines; set Description::types()";
                return Err(Error::new(ErrorKind::InvalidOption, message));
            };
            self.flat_lines = Some(Flat::new(types, &self.key_name, self.on_error)?);
        }
        Ok(Vec::new())
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        if let Some(flat) = &mut self.flat_lines {
            return flat.push(item, self.lines.buffer(), tally);
        }
        let item = merge_repeated(item, &mut tally.losses);
        self.lines.push(&Line(&item), tally)
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn take(&mut self) -> Result<Vec<u8>, Error> {
        Ok(self.lines.take())
    }

    fn columns(&self) -> &[String] {
        self.flat_lines.as_ref().map_or(&[], Flat::names)
    }

    fn text_columns(&self) -> Vec<TextColumn> {
        let flat = self.flat_lines.as_ref();
        flat.map(Flat::text_columns).unwrap_or_default()
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

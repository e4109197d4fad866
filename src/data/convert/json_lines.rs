//! JSON Lines: one JSON object per line.

use std::io::Write;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::WriteReport;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::lines::Lines;
use super::merged::merge_repeated;
use super::output::Output;
use crate::data::error::Error;
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
#[derive(Debug)]
#[must_use = "output is incomplete without `finish`"]
pub struct JsonLinesWriter<W: Write> {
    writer: Joined<JsonLines, Output<W>>,
}

impl<W: Write> JsonLinesWriter<W> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> JsonLinesWriter<W> {
        JsonLinesWriter {
            writer: Joined::new(JsonLines::default(), Output::new(target)),
        }
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
    /// [`Write`](crate::data::ErrorKind::Write) if the target fails.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.writer.write(item)
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// [`Write`](crate::data::ErrorKind::Write) if the target fails.
    pub fn finish(self) -> Result<(W, WriteReport), Error> {
        self.writer.finish()
    }
}

impl<W: Write> Halves for JsonLinesWriter<W> {
    type Encoder = JsonLines;
    type Target = W;
    type Sink = Output<W>;

    fn halves(self) -> Joined<JsonLines, Output<W>> {
        self.writer
    }
}

/// Encodes items as lines.
#[derive(Debug, Clone, Default)]
pub struct JsonLines {
    lines: Lines,
}

impl Encoder for JsonLines {
    type Output = Vec<u8>;

    fn start(&mut self) -> Result<Vec<u8>, Error> {
        Ok(Vec::new())
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let item = merge_repeated(item, &mut tally.losses);
        self.lines.push(&Line(&item), tally)
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn take(&mut self) -> Result<Vec<u8>, Error> {
        Ok(self.lines.take())
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

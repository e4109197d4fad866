//! JSON Lines: one JSON object a line.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::ConvertSummary;
use super::lines::Lines;
use super::merge::merge_repeated;
use crate::data::error::DataError;
use crate::data::item_ref::{AttributeRef, ItemRef};

/// Writes items as JSON Lines: `{"itemName":"employee1","attributes":{"age":["30"]}}`.
///
/// An attribute is always an array, whether it has one value or several, so that its type is the
/// same in every line: `map<string,array<string>>` in the terms of Athena and Spark. Nothing is
/// lost: attributes and values keep their order. (An item that has an attribute more than once,
/// which SimpleDB itself does not have, gets one with all the values, and it is reported.)
///
/// ```
/// use simpledb_export::data::{ItemReader, JsonLinesWriter};
///
/// let file = br#"[{"itemName":"employee1","attributes":[{"name":"age","values":["30"]}]}]"#;
/// let mut writer = JsonLinesWriter::new(Vec::new());
/// ItemReader::new(&file[..]).try_for_each_ref(|item| writer.write(item))?;
/// let (lines, summary) = writer.finish()?;
/// assert_eq!(lines, b"{\"itemName\":\"employee1\",\"attributes\":{\"age\":[\"30\"]}}\n");
/// assert_eq!(summary.items, 1);
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[must_use = "what was written last is lost without `finish`"]
pub struct JsonLinesWriter<W: Write> {
    lines: Lines<W>,
}

impl<W: Write> JsonLinesWriter<W> {
    /// Writes to `target`, in large pieces: it need not be buffered.
    pub fn new(target: W) -> JsonLinesWriter<W> {
        JsonLinesWriter {
            lines: Lines::new(target),
        }
    }

    /// Compresses the lines with gzip.
    pub fn gzip(mut self) -> JsonLinesWriter<W> {
        self.lines = self.lines.gzip();
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`Write`](crate::data::DataErrorKind::Write) if the target fails.
    pub fn write(&mut self, item: &ItemRef<'_>) -> Result<(), DataError> {
        let item = merge_repeated(item, self.lines.losses());
        self.lines.write(&Line(&item))
    }

    /// Writes what is left, and returns the target and what was written.
    ///
    /// # Errors
    ///
    /// [`Write`](crate::data::DataErrorKind::Write) if the target fails.
    pub fn finish(self) -> Result<(W, ConvertSummary), DataError> {
        self.lines.finish()
    }
}

impl<W: Write> fmt::Debug for JsonLinesWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesWriter")
            .field("written", &self.lines)
            .finish_non_exhaustive()
    }
}

struct Line<'i, 'a>(&'i ItemRef<'a>);

struct Attributes<'i, 'a>(&'i [AttributeRef<'a>]);

impl Serialize for Line<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Line", 2)?;
        line.serialize_field("itemName", &self.0.item_name)?;
        line.serialize_field("attributes", &Attributes(&self.0.attributes))?;
        line.end()
    }
}

impl Serialize for Attributes<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pair = |attribute| {
            let AttributeRef { name, values }: &AttributeRef<'_> = attribute;
            (name, Values(values))
        };
        serializer.collect_map(self.0.iter().map(pair))
    }
}

/// An array of strings.
pub(super) struct Values<'i, 'a>(pub(super) &'i [Cow<'a, str>]);

impl Serialize for Values<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0)
    }
}

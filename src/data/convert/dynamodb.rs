//! The format of DynamoDB's import from S3, called `DYNAMODB_JSON` there.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::io::Write;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::ConvertSummary;
use super::json_lines::Values;
use super::lines::Lines;
use super::losses::{LossKind, Losses};
use super::merge::merge_repeated;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::item_ref::{AttributeRef, ItemRef};

/// 400 KB: DynamoDB's limit for an item, with the names of its attributes.
const MAX_ITEM_BYTES: usize = 400 * 1024;

/// DynamoDB's limit for the value of a partition key.
const MAX_KEY_BYTES: usize = 2048;

/// DynamoDB's limit for the name of a key attribute.
const MAX_KEY_NAME_BYTES: usize = 255;

/// How an attribute with several values is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DynamoDbValues {
    /// As a string set, `SS`, which is what SimpleDB keeps. A set has no order, no duplicates
    /// and is never empty: duplicates and attributes without values are reported as lost.
    #[default]
    StringSet,
    /// As a list of strings, `L`, which loses nothing.
    List,
}

/// Writes items as DynamoDB imports them from S3:
/// `{"Item":{"pk":{"S":"employee1"},"age":{"S":"30"}}}`, one a line.
///
/// The item's name becomes the string attribute that is the new table's partition key. An
/// attribute with one value is a string, `S`; one with several is a [`DynamoDbValues`]. An item
/// that DynamoDB will refuse, for its size or its key, is written and reported.
///
/// ```
/// use simpledb_export::data::{DynamoDbWriter, ItemReader};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]}]"#;
/// let mut writer = DynamoDbWriter::new(Vec::new(), "pk")?;
/// ItemReader::new(&file[..]).try_for_each_ref(|item| writer.write(item))?;
/// let (lines, summary) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&lines),
///     "{\"Item\":{\"pk\":{\"S\":\"e1\"},\"age\":{\"S\":\"30\"},\
///      \"skill\":{\"SS\":[\"rust\",\"sql\"]}}}\n"
/// );
/// assert!(summary.losses.is_empty());
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[must_use = "what was written last is lost without `finish`"]
pub struct DynamoDbWriter<W: Write> {
    lines: Lines<W>,
    key_attribute: String,
    values: DynamoDbValues,
}

impl<W: Write> DynamoDbWriter<W> {
    /// Writes to `target`, in large pieces: it need not be buffered. `key_attribute` is the name
    /// of the table's partition key, 1 to 255 bytes, which no attribute of an item may have.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](DataErrorKind::InvalidOption) if it is empty or too long.
    pub fn new(
        target: W,
        key_attribute: impl Into<String>,
    ) -> Result<DynamoDbWriter<W>, DataError> {
        let key_attribute = key_attribute.into();
        if key_attribute.is_empty() || key_attribute.len() > MAX_KEY_NAME_BYTES {
            let message = "a key attribute's name has 1 to 255 bytes; choose such a one";
            return Err(DataError::new(DataErrorKind::InvalidOption, message));
        }
        Ok(DynamoDbWriter {
            lines: Lines::new(target),
            key_attribute,
            values: DynamoDbValues::default(),
        })
    }

    /// Sets how an attribute with several values is written. Default:
    /// [`DynamoDbValues::StringSet`].
    pub fn values(mut self, values: DynamoDbValues) -> DynamoDbWriter<W> {
        self.values = values;
        self
    }

    /// Compresses the lines with gzip, as the import can be told.
    pub fn gzip(mut self) -> DynamoDbWriter<W> {
        self.lines = self.lines.gzip();
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`NameCollision`](DataErrorKind::NameCollision) if an attribute has the name of the key,
    /// with nothing of the item written, and [`Write`](DataErrorKind::Write) if the target fails.
    pub fn write(&mut self, item: &ItemRef<'_>) -> Result<(), DataError> {
        if item
            .attributes
            .iter()
            .any(|attribute| attribute.name == self.key_attribute)
        {
            let message = format!(
                "the item {} has an attribute called {}, like the key; choose another name for it",
                item.item_name, self.key_attribute
            );
            return Err(DataError::new(DataErrorKind::NameCollision, message));
        }
        let losses = self.lines.losses();
        let item = merge_repeated(item, losses);
        let item = match self.values {
            DynamoDbValues::StringSet => as_sets(item, losses),
            DynamoDbValues::List => item,
        };
        if item.item_name.is_empty() || item.item_name.len() > MAX_KEY_BYTES {
            losses.add(LossKind::InvalidKey, &item, None);
        }
        if size_of_item(&item, &self.key_attribute, self.values) > MAX_ITEM_BYTES {
            losses.add(LossKind::ItemTooLarge, &item, None);
        }
        let line = Line {
            key_attribute: &self.key_attribute,
            values: self.values,
            item: &item,
        };
        self.lines.write(&line)
    }

    /// Writes what is left, and returns the target and what was written.
    ///
    /// # Errors
    ///
    /// [`Write`](DataErrorKind::Write) if the target fails.
    pub fn finish(self) -> Result<(W, ConvertSummary), DataError> {
        self.lines.finish()
    }
}

impl<W: Write> fmt::Debug for DynamoDbWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDbWriter")
            .field("key_attribute", &self.key_attribute)
            .field("values", &self.values)
            .field("written", &self.lines)
            .finish_non_exhaustive()
    }
}

/// How large the item is to DynamoDB: names and values in UTF-8, and for a list three bytes and
/// one more for each value.
fn size_of_item(item: &ItemRef<'_>, key_attribute: &str, values: DynamoDbValues) -> usize {
    let attributes = item.attributes.iter().map(|attribute| {
        let texts: usize = attribute.values.iter().map(|value| value.len()).sum();
        let list = match (values, &attribute.values[..]) {
            (DynamoDbValues::StringSet, _) | (_, [_]) => 0,
            (DynamoDbValues::List, several) => 3 + several.len(),
        };
        attribute.name.len() + texts + list
    });
    key_attribute.len() + item.item_name.len() + attributes.sum::<usize>()
}

/// The item without what a set cannot hold, which nearly always is the item as it is.
fn as_sets<'i, 'a>(item: Cow<'i, ItemRef<'a>>, losses: &mut Losses) -> Cow<'i, ItemRef<'a>> {
    if item
        .attributes
        .iter()
        .all(|attribute| is_set(&attribute.values))
    {
        return item;
    }
    let mut kept = item.clone().into_owned();
    kept.attributes.retain_mut(|attribute| {
        if attribute.values.is_empty() {
            losses.add(LossKind::NoValues, &item, Some(&attribute.name));
            return false;
        }
        let mut seen = HashSet::with_capacity(attribute.values.len());
        attribute.values.retain(|value| {
            let first = seen.insert(value.clone());
            if !first {
                losses.add(LossKind::DuplicateValue, &item, Some(&attribute.name));
            }
            first
        });
        true
    });
    Cow::Owned(kept)
}

/// Whether there is a value, and none twice.
fn is_set(values: &[Cow<'_, str>]) -> bool {
    match values {
        [] => false,
        [_] => true,
        [first, second] => first != second,
        many => {
            let mut seen = HashSet::with_capacity(many.len());
            many.iter().all(|value| seen.insert(&**value))
        }
    }
}

struct Line<'i, 'a> {
    key_attribute: &'i str,
    values: DynamoDbValues,
    item: &'i ItemRef<'a>,
}

struct Attributes<'l, 'i, 'a>(&'l Line<'i, 'a>);

/// `{"S":"text"}`.
struct Text<'i>(&'i str);

enum Typed<'i, 'a> {
    Text(Text<'i>),
    Set(&'i [Cow<'a, str>]),
    List(&'i [Cow<'a, str>]),
}

impl Serialize for Line<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Line", 1)?;
        line.serialize_field("Item", &Attributes(self))?;
        line.end()
    }
}

impl Serialize for Attributes<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Line {
            key_attribute,
            values: several,
            item,
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(key_attribute, &Text(&item.item_name))?;
        for AttributeRef { name, values } in &item.attributes {
            let typed = match (&values[..], several) {
                ([value], _) => Typed::Text(Text(value)),
                (values, DynamoDbValues::StringSet) => Typed::Set(values),
                (values, DynamoDbValues::List) => Typed::List(values),
            };
            map.serialize_entry(name, &typed)?;
        }
        map.end()
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = serializer.serialize_struct("Text", 1)?;
        text.serialize_field("S", self.0)?;
        text.end()
    }
}

impl Serialize for Typed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Typed::Text(text) => text.serialize(serializer),
            Typed::Set(values) => {
                let mut set = serializer.serialize_struct("Set", 1)?;
                set.serialize_field("SS", &Values(values))?;
                set.end()
            }
            Typed::List(values) => {
                let texts: Vec<_> = values.iter().map(|value| Text(value)).collect();
                let mut list = serializer.serialize_struct("List", 1)?;
                list.serialize_field("L", &texts)?;
                list.end()
            }
        }
    }
}

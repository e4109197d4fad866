//! The format of DynamoDB's import from S3, `DYNAMODB_JSON`.

mod typed;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};

use self::typed::TypedLines;
use super::column_options::ColumnOptions;
use super::columns::Columns;
use super::encoder::{Concat, Encode, Encoder, Split};
use super::lines::Lines;
use super::losses::{LossKind, Losses};
use super::merged::{all_different, merge_repeated};
use super::tally::Tally;
use super::text::Text;
use super::writer::ItemWriter;
use crate::data::error::{Error, ErrorKind};
use crate::data::types::DataType;
use crate::wire::item::Item;

/// DynamoDB's limit for an item, including the names of its attributes: 400 KB.
const MAX_ITEM_BYTES: usize = 400 * 1024;

/// DynamoDB's limit for the value of a partition key.
const MAX_KEY_BYTES: usize = 2048;

/// DynamoDB's limit for the name of a key attribute.
const MAX_KEY_NAME_BYTES: usize = 255;

/// Writes items in DynamoDB's import format, `DYNAMODB_JSON`:
/// `{"Item":{"itemName":{"S":"employee1"},"age":{"S":"30"}}}`, one per line.
///
/// The item name becomes the string attribute that is the new table's partition key. An attribute
/// with one value is a string (`S`), one with several a string set (`SS`), which is what SimpleDB
/// keeps, unless [`lists`](DynamoDbWriter::lists) is set. A set has no duplicates and is never
/// empty: duplicates and attributes without values are reported as losses. An item that DynamoDB
/// rejects because of its size or key is written and reported.
///
/// With [`types`](ItemWriter::types), numbers are `N`, booleans `BOOL`, everything else `S`. An
/// attribute that can have several values is a set in every item (`SS` or `NS`), or a list if
/// [`lists`](DynamoDbWriter::lists) is set, or its values are booleans or numbered. A number in
/// DynamoDB has at most 38 digits: decimals with more are text, which is
/// [reported](super::WriteReport::text_columns).
///
/// ```
/// use simpledb_export::data::{DynamoDbWriter, ItemReader};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]}]"#;
/// let mut writer = DynamoDbWriter::new(Vec::new()).key_name("pk");
/// for item in ItemReader::new(&file[..]) {
///     writer.write(&item?)?;
/// }
/// let (lines, report) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&lines),
///     "{\"Item\":{\"pk\":{\"S\":\"e1\"},\"age\":{\"S\":\"30\"},\
///      \"skill\":{\"SS\":[\"rust\",\"sql\"]}}}\n"
/// );
/// assert!(report.losses.is_empty());
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub type DynamoDbWriter<W> = ItemWriter<W, DynamoDb>;

/// The options of DynamoDB's import format.
#[derive(Debug)]
pub struct DynamoDb {
    lists: bool,
}

impl<W: Write> ItemWriter<W, DynamoDb> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> DynamoDbWriter<W> {
        ItemWriter::with_format(target, DynamoDb { lists: false })
    }

    /// Sets whether an attribute with several values, or none, becomes a list (`L`) instead of a
    /// string set, which loses nothing. Defaults to false.
    pub fn lists(mut self, lists: bool) -> DynamoDbWriter<W> {
        self.format.lists = lists;
        self
    }
}

impl Split for DynamoDb {}

impl Encode for DynamoDb {
    type Encoder = DynamoDbEncoder;
    type Assembler = Concat;

    fn encoder(&self, options: &ColumnOptions) -> Result<DynamoDbEncoder, Error> {
        let key_name = &options.key_name;
        if key_name.is_empty() || key_name.len() > MAX_KEY_NAME_BYTES {
            let message = format!(
                "key attribute name must be 1 to 255 bytes long, but has {}",
                key_name.len()
            );
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        let typed = if options.types.is_some() {
            Some(TypedLines::new(options.columns()?, key_name, self.lists)?)
        } else {
            None
        };
        Ok(DynamoDbEncoder {
            lines: Lines::default(),
            key_name: key_name.clone(),
            lists: self.lists,
            typed,
        })
    }
}

/// Encodes items as lines.
#[derive(Debug, Clone)]
pub struct DynamoDbEncoder {
    lines: Lines,
    key_name: String,
    lists: bool,
    /// If there are types.
    typed: Option<TypedLines>,
}

impl Encoder for DynamoDbEncoder {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        if let Some(typed) = &mut self.typed {
            let size = typed.push(item, self.lines.buffer(), tally)?;
            check_limits(item, size, &mut tally.losses);
            return Ok(());
        }
        if item
            .attributes
            .iter()
            .any(|attribute| attribute.name == self.key_name)
        {
            let message = format!(
                "item {} has an attribute named {}, like the key; choose another name for the key",
                item.item_name, self.key_name
            );
            return Err(Error::new(ErrorKind::NameCollision, message));
        }
        let losses = &mut tally.losses;
        let item = merge_repeated(item, losses);
        let item = if self.lists {
            item
        } else {
            as_sets(item, losses)
        };
        let size = size_of_item(&item, &self.key_name, self.lists);
        check_limits(&item, size, losses);
        let line = Line {
            key_name: &self.key_name,
            lists: self.lists,
            item: &item,
        };
        self.lines.push(&line, tally)
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn take(&mut self) -> Text {
        self.lines.take().into()
    }

    fn columns(&self) -> Option<&Columns> {
        self.typed.as_ref().map(TypedLines::columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        typed::text_reason(data_type)
    }
}

/// Reports an item that DynamoDB rejects.
fn check_limits(item: &Item, size: usize, losses: &mut Losses) {
    if item.item_name.is_empty() || item.item_name.len() > MAX_KEY_BYTES {
        losses.add(LossKind::InvalidKey, item, None);
    }
    if size > MAX_ITEM_BYTES {
        losses.add(LossKind::ItemTooLarge, item, None);
    }
}

/// Returns the item's size as DynamoDB counts it: names and values in UTF-8, and for a list three
/// bytes and one more per value.
fn size_of_item(item: &Item, key_name: &str, lists: bool) -> usize {
    let attributes = item.attributes.iter().map(|attribute| {
        let texts: usize = attribute.values.iter().map(String::len).sum();
        let list = match &attribute.values[..] {
            [_] => 0,
            several if lists => 3 + several.len(),
            _ => 0,
        };
        attribute.name.len() + texts + list
    });
    key_name.len() + item.item_name.len() + attributes.sum::<usize>()
}

/// Returns the item without what a set cannot hold, which nearly always is the item as it is.
fn as_sets<'i>(item: Cow<'i, Item>, losses: &mut Losses) -> Cow<'i, Item> {
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
            let is_first = seen.insert(value.clone());
            if !is_first {
                losses.add(LossKind::DuplicateValue, &item, Some(&attribute.name));
            }
            is_first
        });
        true
    });
    Cow::Owned(kept)
}

/// Returns whether there is a value, and none twice.
fn is_set(values: &[String]) -> bool {
    !values.is_empty() && all_different(values.iter())
}

struct Line<'i> {
    key_name: &'i str,
    lists: bool,
    item: &'i Item,
}

struct Attributes<'l>(&'l Line<'l>);

/// A typed value.
#[derive(Serialize)]
enum Typed<'i> {
    #[serde(rename = "S")]
    Text(&'i str),
    #[serde(rename = "SS")]
    Set(&'i [String]),
    #[serde(rename = "L")]
    List(Vec<Typed<'i>>),
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Line", 1)?;
        line.serialize_field("Item", &Attributes(self))?;
        line.end()
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Line {
            key_name,
            lists,
            item,
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(key_name, &Typed::Text(&item.item_name))?;
        for attribute in &item.attributes {
            let typed = match &attribute.values[..] {
                [value] => Typed::Text(value),
                values if *lists => {
                    Typed::List(values.iter().map(|value| Typed::Text(value)).collect())
                }
                values => Typed::Set(values),
            };
            map.serialize_entry(&attribute.name, &typed)?;
        }
        map.end()
    }
}

//! The format of DynamoDB's import from S3, `DYNAMODB_JSON`.

mod typed;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;

use super::chunk::Text;
use super::columns::{ColumnOptions, Columns};
use super::encoder::{Concat, Encode, Encoder, SplitFormat};
use super::json::{self, Form};
use super::json_rows::JsonRows;
use super::losses::{LossKind, Losses};
use super::merged::{all_different, merge_repeated};
use super::output::CHUNK_BYTES;
use super::tally::Tally;
use super::writer::ItemWriter;
use crate::data::error::{Error, ErrorKind};
use crate::data::types::DataType;
use crate::wire::item::{Attribute, Item};

/// DynamoDB's limit for an item, including the names of its attributes: 400 KB.
const MAX_ITEM_BYTES: usize = 400 * 1024;

/// DynamoDB's limit for the value of a partition key.
const MAX_KEY_BYTES: usize = 2048;

/// DynamoDB's limit for the name of a key attribute.
const MAX_KEY_NAME_BYTES: usize = 255;

/// A text, a set, and a list of texts.
const TEXT: Form = Form {
    all: ["", ""],
    each: ["{\"S\":", "}"],
};
const SET: Form = Form {
    all: ["{\"SS\":[", "]}"],
    each: ["", ""],
};
const LIST: Form = Form {
    all: ["{\"L\":[", "]}"],
    each: TEXT.each,
};

/// Returns what a list of so many values needs besides them, as DynamoDB counts an item's size. All
/// else in it are names and values, in UTF-8.
fn list_overhead(values: usize) -> usize {
    3 + values
}

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

impl SplitFormat for DynamoDb {}

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
            Some(typed::rows(options.columns()?, key_name, self.lists)?)
        } else {
            None
        };
        Ok(DynamoDbEncoder {
            lines: Vec::new(),
            key_name: key_name.clone(),
            lists: self.lists,
            typed,
        })
    }
}

/// Encodes items as lines.
#[derive(Debug, Clone)]
pub struct DynamoDbEncoder {
    lines: Vec<u8>,
    key_name: String,
    lists: bool,
    /// If there are types.
    typed: Option<JsonRows>,
}

impl Encoder for DynamoDbEncoder {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let key_bytes = self.key_name.len() + item.item_name.len();
        let size = match &mut self.typed {
            Some(typed) => {
                let start = self.lines.len();
                let Some(row) = typed.push(item, &mut self.lines, tally)? else {
                    return Ok(());
                };
                typed::check_numbers(item, &row, &mut tally.losses);
                match self.lines.len() - start {
                    // An item is smaller than its line.
                    bytes @ ..=MAX_ITEM_BYTES => bytes,
                    _ => key_bytes + typed::size_of_attributes(&row, self.lists),
                }
            }
            None => key_bytes + self.push(item, tally)?,
        };
        if item.item_name.is_empty() || item.item_name.len() > MAX_KEY_BYTES {
            tally.losses.add(LossKind::InvalidKey, item, None);
        }
        if size > MAX_ITEM_BYTES {
            tally.losses.add(LossKind::ItemTooLarge, item, None);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Text {
        Text::take(&mut self.lines)
    }

    fn columns(&self) -> Option<&Columns> {
        self.typed.as_ref().map(JsonRows::columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        typed::text_reason(data_type)
    }
}

impl DynamoDbEncoder {
    /// Appends the line of an item without types, and returns the size of its attributes.
    fn push(&mut self, item: &Item, tally: &mut Tally) -> Result<usize, Error> {
        let key_name = &self.key_name;
        if item.attributes.iter().any(|other| other.name == *key_name) {
            let message = format!(
                "item {} has an attribute named {key_name}, like the key; choose another name for \
                 the key",
                item.item_name
            );
            return Err(Error::new(ErrorKind::NameCollision, message));
        }
        let item = merge_repeated(item, &mut tally.losses);
        let lines = &mut self.lines;
        lines.extend_from_slice(b"{\"Item\":{");
        json::push_text(lines, key_name)?;
        lines.push(b':');
        TEXT.push(lines, [&*item.item_name], json::push_text)?;
        let mut size = 0;
        for attribute in &item.attributes {
            let values = if self.lists {
                Cow::Borrowed(&attribute.values[..])
            } else {
                as_set(&item, attribute, &mut tally.losses)
            };
            let (form, overhead) = match &values[..] {
                [_] => (TEXT, 0),
                _ if self.lists => (LIST, list_overhead(values.len())),
                [] => continue,
                _ => (SET, 0),
            };
            lines.push(b',');
            json::push_text(lines, &attribute.name)?;
            lines.push(b':');
            form.push(lines, &*values, |lines, value| {
                json::push_text(lines, value)
            })?;
            let bytes = values.iter().map(String::len).sum::<usize>();
            size += attribute.name.len() + bytes + overhead;
        }
        lines.extend_from_slice(b"}}\n");
        tally.items += 1;
        Ok(size)
    }
}

/// Returns the values as a set can hold them, which nearly always are the values as they are.
fn as_set<'a>(item: &Item, attribute: &'a Attribute, losses: &mut Losses) -> Cow<'a, [String]> {
    let values = &attribute.values;
    let mut lose = |kind| losses.add(kind, item, Some(&attribute.name));
    if values.is_empty() {
        lose(LossKind::NoValues);
    }
    if all_different(values.iter()) {
        return Cow::Borrowed(values);
    }
    let mut seen = HashSet::with_capacity(values.len());
    let first = values.iter().filter(|value| {
        let is_first = seen.insert(*value);
        if !is_first {
            lose(LossKind::DuplicateValue);
        }
        is_first
    });
    Cow::Owned(first.cloned().collect())
}

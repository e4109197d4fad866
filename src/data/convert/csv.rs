//! CSV: a table with one row per item and one column per attribute.

mod cell;

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::mem;

use super::WriteReport;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::losses::LossKind;
use super::merged::merge_repeated;
use super::output::{CHUNK_BYTES, Output};
use crate::data::error::{Error, ErrorKind};
use crate::wire::item::Item;

/// Writes items as CSV (RFC 4180): a header, then one row per item, with the item name in the first
/// column and each attribute in its own column.
///
/// An attribute with several values becomes a JSON array, `["a","b"]`, unless
/// [`separator`](CsvWriter::separator) is set. So that nothing is lost, a single value becomes an
/// array too if it is empty or starts with `[`, and no values are `[]`. An empty field means that
/// the item does not have the attribute. Lines end with a line feed.
///
/// ```
/// use simpledb_export::data::{CsvWriter, ItemReader};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]},{"itemName":"e2","attributes":[]}]"#;
/// let mut writer = CsvWriter::new(Vec::new()).columns(["age", "skill"]);
/// for item in ItemReader::new(&file[..]) {
///     writer.write(&item?)?;
/// }
/// let (table, _) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&table),
///     "itemName,age,skill\ne1,30,\"[\"\"rust\"\",\"\"sql\"\"]\"\ne2,,\n"
/// );
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "output is incomplete without `finish`"]
pub struct CsvWriter<W: Write> {
    writer: Joined<Csv, Output<W>>,
}

impl<W: Write> CsvWriter<W> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> CsvWriter<W> {
        CsvWriter {
            writer: Joined::new(Csv::new(), Output::new(target)),
        }
    }

    /// Sets the names of the attributes that become columns; required.
    /// [`Export::attribute_names`](crate::data::Export::attribute_names) returns those of all
    /// attributes. Attributes without a column are omitted and reported.
    pub fn columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> CsvWriter<W> {
        self.writer.encoder.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the name of the first column, which contains the item names. Defaults to `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> CsvWriter<W> {
        self.writer.encoder.key_name = name.into();
        self
    }

    /// Joins the values of an attribute with this character, instead of writing a JSON array.
    /// A backslash precedes the separator and backslashes within values. A single empty value, or
    /// no values, leave the field empty, which is reported as a loss.
    pub fn separator(mut self, separator: char) -> CsvWriter<W> {
        self.writer.encoder.separator = Some(separator);
        self
    }

    /// Sets whether to compress the output with gzip. Defaults to false.
    pub fn gzip(mut self, gzip: bool) -> CsvWriter<W> {
        self.writer.sink.set_gzip(gzip);
        self
    }

    /// Writes an item, after the header if it is the first.
    ///
    /// # Errors
    ///
    /// [`Write`](ErrorKind::Write) if the target fails. For the first item,
    /// [`InvalidOption`](ErrorKind::InvalidOption) if no columns were set, a column is listed
    /// twice, or the separator is a backslash, and [`NameCollision`](ErrorKind::NameCollision) if a
    /// column has the name of the first one.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.writer.write(item)
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](CsvWriter::write).
    pub fn finish(self) -> Result<(W, WriteReport), Error> {
        self.writer.finish()
    }
}

impl<W: Write + Send> Halves for CsvWriter<W> {
    type Encoder = Csv;
    type Target = W;
    type Sink = Output<W>;

    fn halves(self) -> Joined<Csv, Output<W>> {
        self.writer
    }
}

/// Encodes items as rows.
#[derive(Clone)]
pub struct Csv {
    rows: Vec<u8>,
    fields: csv_core::Writer,
    key_name: String,
    columns: Option<Vec<String>>,
    separator: Option<char>,
    /// The position of each column.
    positions: HashMap<String, usize>,
    /// For each column, the index of the current item's attribute.
    row: Vec<Option<usize>>,
    cell: String,
}

impl Csv {
    fn new() -> Csv {
        Csv {
            rows: Vec::new(),
            fields: csv_core::Writer::new(),
            key_name: "itemName".to_owned(),
            columns: None,
            separator: None,
            positions: HashMap::new(),
            row: Vec::new(),
            cell: String::new(),
        }
    }
}

impl Encoder for Csv {
    type Output = Vec<u8>;

    /// Checks the options, and returns the header.
    fn start(&mut self) -> Result<Vec<u8>, Error> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidOption, message));
        if self.separator == Some('\\') {
            return invalid(
                "the separator cannot be a backslash, which is the escape character; choose \
                 another"
                    .to_owned(),
            );
        }
        let Some(names) = &self.columns else {
            return invalid("no columns are set; set Export::attribute_names()".to_owned());
        };
        let mut header = Vec::new();
        let mut positions = HashMap::with_capacity(names.len());
        push_field(&mut self.fields, &mut header, &self.key_name);
        for (position, name) in names.iter().enumerate() {
            if *name == self.key_name {
                let message = format!(
                    "an attribute is named {name}, like the column of the item names; choose \
                     another name for that column"
                );
                return Err(Error::new(ErrorKind::NameCollision, message));
            }
            if positions.insert(name.clone(), position).is_some() {
                return invalid(format!("column {name} is listed twice; list it once"));
            }
            push(&mut header, |room| self.fields.delimiter(room).1, 0);
            push_field(&mut self.fields, &mut header, name);
        }
        push(&mut header, |room| self.fields.terminator(room).1, 0);
        self.row = vec![None; names.len()];
        self.positions = positions;
        Ok(header)
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let item = merge_repeated(item, &mut tally.losses);
        self.row.fill(None);
        for (index, attribute) in item.attributes.iter().enumerate() {
            let position = self.positions.get(&attribute.name).copied();
            match position.and_then(|position| self.row.get_mut(position)) {
                Some(place) => *place = Some(index),
                None => tally
                    .losses
                    .add(LossKind::NotAColumn, &item, Some(&attribute.name)),
            }
        }
        push_field(&mut self.fields, &mut self.rows, &item.item_name);
        for (position, index) in self.row.iter().enumerate() {
            self.cell.clear();
            if let Some(attribute) = index.and_then(|index| item.attributes.get(index)) {
                tally.use_column(position);
                let loss = cell::write(&mut self.cell, &attribute.values, self.separator)?;
                if let Some(kind) = loss {
                    tally.losses.add(kind, &item, Some(&attribute.name));
                }
            }
            push(&mut self.rows, |room| self.fields.delimiter(room).1, 0);
            push_field(&mut self.fields, &mut self.rows, &self.cell);
        }
        push(&mut self.rows, |room| self.fields.terminator(room).1, 0);
        tally.items += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Result<Vec<u8>, Error> {
        Ok(mem::take(&mut self.rows))
    }

    fn columns(&self) -> &[String] {
        self.columns.as_deref().unwrap_or_default()
    }
}

/// Appends a field, quoted if necessary.
fn push_field(fields: &mut csv_core::Writer, chunk: &mut Vec<u8>, field: &str) {
    push(
        chunk,
        |room| fields.field(field.as_bytes(), room).2,
        field.len(),
    );
}

/// Appends what `write` writes of `length` bytes, each of which may need a quote before it.
fn push(chunk: &mut Vec<u8>, write: impl FnOnce(&mut [u8]) -> usize, length: usize) {
    const QUOTES_AND_DELIMITER: usize = 4;
    let start = chunk.len();
    chunk.resize(start + 2 * length + QUOTES_AND_DELIMITER, 0);
    let written = write(chunk.get_mut(start..).unwrap_or_default());
    chunk.truncate(start + written);
}

impl fmt::Debug for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv")
            .field("columns", &self.columns)
            .field("separator", &self.separator)
            .finish_non_exhaustive()
    }
}

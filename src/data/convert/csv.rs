//! CSV: a table with one row per item and one column per attribute.

mod cell;

use std::collections::HashMap;
use std::fmt;
use std::io::Write;

use super::WriteReport;
use super::losses::LossKind;
use super::merged::merge_repeated;
use super::output::Output;
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
#[must_use = "output is incomplete without `finish`"]
pub struct CsvWriter<W: Write> {
    output: Output<W>,
    fields: csv_core::Writer,
    key_name: String,
    columns: Option<Vec<String>>,
    separator: Option<char>,
    /// Each column by its name, once the header was written.
    positions: Option<HashMap<String, Column>>,
    /// For each column, the index of the current item's attribute.
    row: Vec<Option<usize>>,
    cell: String,
    report: WriteReport,
}

struct Column {
    position: usize,
    /// Whether an item has this attribute.
    is_used: bool,
}

impl<W: Write> CsvWriter<W> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> CsvWriter<W> {
        CsvWriter {
            output: Output::new(target),
            fields: csv_core::Writer::new(),
            key_name: "itemName".to_owned(),
            columns: None,
            separator: None,
            positions: None,
            row: Vec::new(),
            cell: String::new(),
            report: WriteReport::default(),
        }
    }

    /// Sets the names of the attributes that become columns; required.
    /// [`Export::attribute_names`](crate::data::Export::attribute_names) returns those of all
    /// attributes. Attributes without a column are omitted and reported.
    pub fn columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> CsvWriter<W> {
        self.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the name of the first column, which contains the item names. Defaults to `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> CsvWriter<W> {
        self.key_name = name.into();
        self
    }

    /// Joins the values of an attribute with this character, instead of writing a JSON array.
    /// A backslash precedes the separator and backslashes within values. A single empty value, or
    /// no values, leave the field empty, which is reported as a loss.
    pub fn separator(mut self, separator: char) -> CsvWriter<W> {
        self.separator = Some(separator);
        self
    }

    /// Sets whether to compress the output with gzip. Defaults to false.
    pub fn gzip(mut self, gzip: bool) -> CsvWriter<W> {
        self.output = self.output.gzip(gzip);
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
        self.start()?;
        let item = merge_repeated(item, &mut self.report.losses);
        self.row.fill(None);
        for (index, attribute) in item.attributes.iter().enumerate() {
            let positions = self.positions.as_mut();
            let column = positions.and_then(|positions| positions.get_mut(&attribute.name));
            let place = column.and_then(|column| {
                column.is_used = true;
                self.row.get_mut(column.position)
            });
            match place {
                Some(place) => *place = Some(index),
                None => self
                    .report
                    .losses
                    .add(LossKind::NotAColumn, &item, Some(&attribute.name)),
            }
        }
        let chunk = self.output.chunk();
        push_field(&mut self.fields, chunk, &item.item_name);
        for index in &self.row {
            self.cell.clear();
            if let Some(attribute) = index.and_then(|index| item.attributes.get(index)) {
                let loss = cell::write(&mut self.cell, &attribute.values, self.separator)?;
                if let Some(kind) = loss {
                    self.report.losses.add(kind, &item, Some(&attribute.name));
                }
            }
            push(chunk, |room| self.fields.delimiter(room).1, 0);
            push_field(&mut self.fields, chunk, &self.cell);
        }
        push(chunk, |room| self.fields.terminator(room).1, 0);
        self.report.items += 1;
        self.output.forward_if_full()
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](CsvWriter::write).
    pub fn finish(mut self) -> Result<(W, WriteReport), Error> {
        self.start()?;
        if self.report.items > 0 {
            let is_used = |name: &String| {
                let column = self.positions.as_ref().and_then(|all| all.get(name));
                column.is_some_and(|column| column.is_used)
            };
            let columns = self.columns.iter().flatten();
            self.report.unused_columns = columns.filter(|name| !is_used(name)).cloned().collect();
        }
        self.output.finish(self.report)
    }

    /// Checks the options and writes the header, once.
    fn start(&mut self) -> Result<(), Error> {
        if self.positions.is_some() {
            return Ok(());
        }
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
        let mut positions = HashMap::with_capacity(names.len());
        let chunk = self.output.chunk();
        push_field(&mut self.fields, chunk, &self.key_name);
        for (position, name) in names.iter().enumerate() {
            let column = Column {
                position,
                is_used: false,
            };
            if *name == self.key_name {
                let message = format!(
                    "an attribute is named {name}, like the column of the item names; choose \
                     another name for that column"
                );
                return Err(Error::new(ErrorKind::NameCollision, message));
            }
            if positions.insert(name.clone(), column).is_some() {
                return invalid(format!("column {name} is listed twice; list it once"));
            }
            push(chunk, |room| self.fields.delimiter(room).1, 0);
            push_field(&mut self.fields, chunk, name);
        }
        push(chunk, |room| self.fields.terminator(room).1, 0);
        self.row = vec![None; names.len()];
        self.positions = Some(positions);
        Ok(())
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

impl<W: Write> fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter")
            .field("columns", &self.columns)
            .field("separator", &self.separator)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

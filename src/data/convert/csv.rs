//! CSV: a table with one row per item and one column per attribute.

mod cell;
mod field;
mod table;

use std::io::Write;
use std::mem;

use self::table::{Form, Table};
use super::WriteReport;
use super::columns::Columns;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::output::{CHUNK_BYTES, Output};
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::Types;
use crate::wire::item::Item;

/// Writes items as CSV (RFC 4180): a header, then one row per item, with the item name in the first
/// column and each attribute in its own column.
///
/// An attribute that can have several values is a JSON array, `["a","b"]`, in every row, unless
/// [`separator`](CsvWriter::separator) is set. An empty field means that the item does not have the
/// attribute; an empty value is a field with quotes, `""`. Lines end with a line feed. Timestamps and
/// dates have the form of RFC 3339.
///
/// ```
/// use simpledb_export::Item;
/// use simpledb_export::data::{AttributeType, CsvWriter, DataType, Types};
///
/// let text = AttributeType::new(DataType::Text);
/// let integer = AttributeType::new(DataType::Integer { precision: None });
/// let types = [("age", integer), ("name", text), ("skill", text.several(true))];
/// let mut writer = CsvWriter::new(Vec::new()).types(Types::from_iter(types));
/// writer.write(&Item::new("e1").attribute("age", ["030"]).attribute("skill", ["rust"]))?;
/// writer.write(&Item::new("e2").attribute("name", [""]))?;
/// let (table, _) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&table),
///     "itemName,age,name,skill\ne1,30,,\"[\"\"rust\"\"]\"\ne2,,\"\",\n"
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
        let encoder = Csv {
            rows: Vec::new(),
            key_name: "itemName".to_owned(),
            types: None,
            on_error: OnError::default(),
            separator: None,
            delimiter: ',',
            bom: false,
            formula_guard: false,
            table: None,
        };
        CsvWriter {
            writer: Joined::new(encoder, Output::new(target)),
        }
    }

    /// Sets the attributes that become columns, and their types; required.
    /// [`Describe`](crate::data::Describe) finds them. Attributes without a column are omitted and
    /// reported.
    pub fn types(mut self, types: Types) -> CsvWriter<W> {
        self.writer.encoder.types = Some(types);
        self
    }

    /// Sets what to do about values that do not fit their type. Defaults to [`OnError::Fail`].
    pub fn on_error(mut self, on_error: OnError) -> CsvWriter<W> {
        self.writer.encoder.on_error = on_error;
        self
    }

    /// Sets the name of the first column, which contains the item names. Defaults to `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> CsvWriter<W> {
        self.writer.encoder.key_name = name.into();
        self
    }

    /// Joins the values of an attribute that can have several with this character, instead of writing
    /// a JSON array. A backslash precedes the separator and backslashes within values.
    pub fn separator(mut self, separator: char) -> CsvWriter<W> {
        self.writer.encoder.separator = Some(separator);
        self
    }

    /// Sets the character between fields, an ASCII character other than a quote or a line break.
    /// Defaults to a comma.
    pub fn delimiter(mut self, delimiter: char) -> CsvWriter<W> {
        self.writer.encoder.delimiter = delimiter;
        self
    }

    /// Sets whether the output starts with a byte order mark, by which Excel recognizes UTF-8.
    /// Defaults to false.
    pub fn bom(mut self, bom: bool) -> CsvWriter<W> {
        self.writer.encoder.bom = bom;
        self
    }

    /// Sets whether texts that spreadsheets take for formulas (starting with `=`, `+`, `-`, `@`, a tab
    /// or a carriage return) get a `'` in front, names of columns included. That changes values, and
    /// is reported for each item. Defaults to false.
    pub fn formula_guard(mut self, formula_guard: bool) -> CsvWriter<W> {
        self.writer.encoder.formula_guard = formula_guard;
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
    /// [`Write`](ErrorKind::Write) if the target fails, and [`Misfit`](ErrorKind::Misfit) if a value
    /// does not fit its type (nothing of the item is written then). For the first item,
    /// [`InvalidOption`](ErrorKind::InvalidOption) if no types are set, or the separator or the
    /// delimiter is not valid, and [`NameCollision`](ErrorKind::NameCollision) if a column has the
    /// name of the first one.
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
#[derive(Debug, Clone)]
pub struct Csv {
    rows: Vec<u8>,
    key_name: String,
    types: Option<Types>,
    on_error: OnError,
    separator: Option<char>,
    delimiter: char,
    bom: bool,
    formula_guard: bool,
    /// Set at the start.
    table: Option<Table>,
}

impl Csv {
    /// Checks the options.
    fn table(&mut self) -> Result<Table, Error> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidOption, message));
        if self.separator == Some('\\') {
            return invalid(
                "the separator cannot be a backslash, which is the escape character; choose \
                 another"
                    .to_owned(),
            );
        }
        let delimiter = match u8::try_from(self.delimiter) {
            Ok(byte) if byte.is_ascii() && !b"\"\n\r".contains(&byte) => byte,
            _ => {
                return invalid(format!(
                    "the delimiter is {:?}; expected an ASCII character that is neither a quote \
                     nor a line break",
                    self.delimiter
                ));
            }
        };
        let Some(types) = self.types.take() else {
            return invalid("no types are set; set Description::types()".to_owned());
        };
        let columns = Columns::new(types, &self.key_name, self.on_error)?;
        let form = Form {
            delimiter,
            separator: self.separator,
            formula_guard: self.formula_guard,
        };
        Ok(Table::new(columns, form))
    }
}

impl Encoder for Csv {
    type Output = Vec<u8>;

    /// Checks the options, and returns the header.
    fn start(&mut self) -> Result<Vec<u8>, Error> {
        let table = self.table()?;
        let mut header = Vec::new();
        if self.bom {
            header.extend_from_slice("\u{feff}".as_bytes());
        }
        table.push_header(&mut header, &self.key_name);
        self.table = Some(table);
        Ok(header)
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        match &mut self.table {
            Some(table) => table.push_row(&mut self.rows, item, tally),
            None => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Result<Vec<u8>, Error> {
        Ok(mem::take(&mut self.rows))
    }

    fn columns(&self) -> &[String] {
        self.table.as_ref().map_or(&[], Table::names)
    }
}

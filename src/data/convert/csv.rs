//! CSV: a table with one row per item and one column per attribute.

mod field;
mod table;

use std::io::Write;

use self::table::{Form, Table};
use super::columns::ColumnOptions;
use super::encoder::{Concat, Encode, SplitFormat};
use super::writer::ItemWriter;
use crate::data::error::{Error, ErrorKind};

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
/// let types = [("age", integer), ("name", text), ("skill", text.multi_valued(true))];
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
pub type CsvWriter<W> = ItemWriter<W, Csv>;

/// The options of CSV.
#[derive(Debug)]
pub struct Csv {
    separator: Option<char>,
    delimiter: char,
    bom: bool,
    formula_guard: bool,
}

impl<W: Write> ItemWriter<W, Csv> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W) -> CsvWriter<W> {
        let format = Csv {
            separator: None,
            delimiter: ',',
            bom: false,
            formula_guard: false,
        };
        ItemWriter::with_format(target, format)
    }

    /// Joins the values of an attribute that can have several with this character, instead of writing
    /// a JSON array. A backslash precedes the separator and backslashes within values.
    pub fn separator(mut self, separator: char) -> CsvWriter<W> {
        self.format.separator = Some(separator);
        self
    }

    /// Sets the character between fields, an ASCII character other than a quote or a line break.
    /// Defaults to a comma.
    pub fn delimiter(mut self, delimiter: char) -> CsvWriter<W> {
        self.format.delimiter = delimiter;
        self
    }

    /// Sets whether the output starts with a byte order mark, by which Excel recognizes UTF-8.
    /// Defaults to false.
    pub fn bom(mut self, bom: bool) -> CsvWriter<W> {
        self.format.bom = bom;
        self
    }

    /// Sets whether text that spreadsheets treat as a formula (starting with `=`, `+`, `-`, `@`, a
    /// tab or a carriage return) is prefixed with `'`, column names included. This changes values,
    /// and is reported for each item. Defaults to false.
    pub fn formula_guard(mut self, formula_guard: bool) -> CsvWriter<W> {
        self.format.formula_guard = formula_guard;
        self
    }
}

impl SplitFormat for Csv {}

impl Encode for Csv {
    type Encoder = Table;
    type Assembler = Concat;

    const HAS_QUOTES: bool = true;

    fn encoder(&self, options: &ColumnOptions) -> Result<Table, Error> {
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
        let form = Form {
            delimiter,
            separator: self.separator,
            formula_guard: self.formula_guard,
        };
        let start = if self.bom { "\u{feff}" } else { "" };
        Ok(Table::new(
            start,
            &options.key_name,
            options.columns()?,
            form,
        ))
    }
}

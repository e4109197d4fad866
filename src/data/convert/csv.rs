//! CSV: a table with a row for each item and a column for each attribute.

mod cell;
mod columns;

use std::fmt;
use std::io::Write;

pub use self::cell::CsvValues;
pub use self::columns::CsvColumns;
use super::ConvertSummary;
use super::losses::LossKind;
use super::merge::merge_repeated;
use super::output::Output;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::item_ref::ItemRef;

/// How a [`CsvWriter`] writes.
///
/// ```
/// use simpledb_export::data::{CsvOptions, CsvValues};
///
/// let options = CsvOptions::new().item_name_column("id").values(CsvValues::Joined(';'));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    item_name_column: String,
    values: CsvValues,
    gzip: bool,
}

impl CsvOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> CsvOptions {
        CsvOptions {
            item_name_column: "itemName".to_owned(),
            values: CsvValues::default(),
            gzip: false,
        }
    }

    /// Sets the first column's name. Default: `itemName`.
    #[must_use]
    pub fn item_name_column(mut self, name: impl Into<String>) -> CsvOptions {
        self.item_name_column = name.into();
        self
    }

    /// Sets how values are written. Default: [`CsvValues::Json`].
    #[must_use]
    pub fn values(mut self, values: CsvValues) -> CsvOptions {
        self.values = values;
        self
    }

    /// Sets whether to compress the table with gzip. Default: no.
    #[must_use]
    pub fn gzip(mut self, gzip: bool) -> CsvOptions {
        self.gzip = gzip;
        self
    }
}

impl Default for CsvOptions {
    fn default() -> CsvOptions {
        CsvOptions::new()
    }
}

/// Writes items as CSV: a header, then a row for each item, with the item's name in the first
/// column.
///
/// Fields are separated by commas, quoted where they must be, with quotes doubled (RFC 4180);
/// lines end with a line feed. The columns must be known before the first row:
/// [`CsvColumns`] finds them in a first pass, or takes those that are given. How values look is
/// a [`CsvValues`]; an empty field means that the item does not have the attribute.
///
/// ```
/// use simpledb_export::data::{CsvColumns, CsvOptions, CsvWriter, ItemReader};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]},{"itemName":"e2","attributes":[]}]"#;
/// let mut columns = CsvColumns::new();
/// ItemReader::new(&file[..]).try_for_each_ref(|item| columns.add(item))?;
///
/// let mut writer = CsvWriter::new(Vec::new(), columns, &CsvOptions::new())?;
/// ItemReader::new(&file[..]).try_for_each_ref(|item| writer.write(item))?;
/// let (table, _) = writer.finish()?;
/// assert_eq!(
///     String::from_utf8_lossy(&table),
///     "itemName,age,skill\ne1,30,\"[\"\"rust\"\",\"\"sql\"\"]\"\ne2,,\n"
/// );
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[must_use = "what was written last is lost without `finish`"]
pub struct CsvWriter<W: Write> {
    table: csv::Writer<Output<W>>,
    columns: CsvColumns,
    /// Which of the columns have been the attribute of an item.
    used: Vec<bool>,
    values: CsvValues,
    /// The fields of one row, whose memory is used again for the next.
    row: Vec<String>,
    written: ConvertSummary,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header to `target`, and later more, in large pieces: it need not be buffered.
    ///
    /// # Errors
    ///
    /// [`NameCollision`](DataErrorKind::NameCollision) if a column has the name of the first one,
    /// [`InvalidOption`](DataErrorKind::InvalidOption) if values are to be joined by a backslash,
    /// and [`Write`](DataErrorKind::Write) if the target fails.
    pub fn new(
        target: W,
        columns: CsvColumns,
        options: &CsvOptions,
    ) -> Result<CsvWriter<W>, DataError> {
        options.values.check()?;
        let first = &options.item_name_column;
        if columns.position(first).is_some() {
            let message = format!(
                "there is an attribute called {first}, like the column of the items' names; \
                 choose another name for that"
            );
            return Err(DataError::new(DataErrorKind::NameCollision, message));
        }
        let output = Output::new(target);
        let output = if options.gzip { output.gzip() } else { output };
        let mut writer = CsvWriter {
            table: csv::Writer::from_writer(output),
            row: std::iter::once(first)
                .chain(columns.names())
                .cloned()
                .collect(),
            used: vec![false; columns.names().len()],
            columns,
            values: options.values,
            written: ConvertSummary::default(),
        };
        writer.write_row()?;
        Ok(writer)
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`Write`](DataErrorKind::Write) if the target fails.
    pub fn write(&mut self, item: &ItemRef<'_>) -> Result<(), DataError> {
        let item = merge_repeated(item, &mut self.written.losses);
        self.row.iter_mut().for_each(String::clear);
        if let Some(first) = self.row.first_mut() {
            first.push_str(&item.item_name);
        }
        for attribute in &item.attributes {
            let column = self.columns.position(&attribute.name);
            if let Some(used) = column.and_then(|column| self.used.get_mut(column)) {
                *used = true;
            }
            let loss = match column.and_then(|column| self.row.get_mut(column + 1)) {
                Some(field) => self.values.write(field, &attribute.values)?,
                None => Some(LossKind::NotAColumn),
            };
            if let Some(kind) = loss {
                self.written.losses.add(kind, &item, Some(&attribute.name));
            }
        }
        self.written.items += 1;
        self.write_row()
    }

    /// Writes what is left, and returns the target and what was written.
    ///
    /// # Errors
    ///
    /// [`Write`](DataErrorKind::Write) if the target fails.
    pub fn finish(mut self) -> Result<(W, ConvertSummary), DataError> {
        if self.written.items > 0 {
            let columns = self.columns.names().iter().zip(&self.used);
            let unused = columns.filter(|(_, used)| !**used);
            self.written.unused_columns = unused.map(|(name, _)| name.clone()).collect();
        }
        let output = self.table.into_inner();
        let output = output.map_err(|error| DataError::write(error.into_error()))?;
        output.finish(self.written)
    }

    fn write_row(&mut self) -> Result<(), DataError> {
        self.table
            .write_record(&self.row)
            .map_err(|error| DataError::write(error.into()))
    }
}

impl<W: Write> fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter")
            .field("columns", &self.columns)
            .field("values", &self.values)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

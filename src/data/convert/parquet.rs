//! Parquet: typed columns, which data warehouses and data frames read.

mod column;
mod file;
mod properties;
mod row_group;
mod schema;

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::{iter, mem};

use parquet::schema::types::TypePtr;

use self::column::Column;
use self::file::ParquetFile;
use super::columns::Columns;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::{TextColumn, WriteReport};
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::Types;
use crate::wire::item::Item;

/// Writes items as Parquet: the item name in the first column, and a typed column per attribute.
///
/// | type | column |
/// |---|---|
/// | text | string |
/// | integer | 64-bit integer |
/// | integer with a precision, decimal | decimal, up to 38 digits |
/// | float | double |
/// | boolean | boolean |
/// | timestamp | timestamp in microseconds; adjusted to UTC if the values have a zone |
/// | date | date |
///
/// Numbers with more digits are text, in plain form, and
/// [reported](WriteReport::text_columns). An attribute with several values becomes a list. An item
/// without the attribute has null, unlike one with an empty value. Columns have the attributes'
/// names, whatever characters they contain; some readers change, or do not take, names that differ
/// only in their case.
///
/// Columns are compressed with snappy. A row group has about 120,000 rows, or less if that is more
/// than 4 MiB. The file's metadata has the number of items, as `simpledb-export.items`. Each column
/// beyond the hundredth needs about 60 KiB of memory.
///
/// ```
/// use simpledb_export::Item;
/// use simpledb_export::data::{AttributeType, DataType, ParquetWriter, Types};
///
/// let mut types = Types::new();
/// types.insert("year", AttributeType::new(DataType::Integer { precision: None }));
/// types.insert("author", AttributeType::new(DataType::Text).several(true));
/// let mut writer = ParquetWriter::new(Vec::new()).types(types);
/// writer.write(&Item::new("book1").attribute("author", ["Ada", "Bo"]).attribute("year", ["1999"]))?;
/// let (file, report) = writer.finish()?;
/// assert!(file.starts_with(b"PAR1"));
/// assert_eq!(report.items, 1);
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "output is incomplete without `finish`"]
pub struct ParquetWriter<W: Write> {
    writer: Joined<Parquet, ParquetFile<W>>,
}

impl<W: Write> ParquetWriter<W> {
    /// Creates a writer to `target`, which need be neither buffered nor seekable.
    pub fn new(target: W) -> ParquetWriter<W> {
        ParquetWriter {
            writer: Joined::new(Parquet::new(), ParquetFile::new(target)),
        }
    }

    /// Sets the attributes that become columns, with their types; required. Other attributes are
    /// omitted and reported.
    pub fn types(mut self, types: Types) -> ParquetWriter<W> {
        self.writer.encoder.types = Some(types);
        self
    }

    /// Sets the name of the first column, which contains the item names. Defaults to `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> ParquetWriter<W> {
        self.writer.encoder.key_name = name.into();
        self
    }

    /// Sets what to do about a value that does not fit the type of its attribute. Defaults to
    /// [`OnError::Fail`]; [`OnError::Replace`] leaves such a value out.
    pub fn on_error(mut self, on_error: OnError) -> ParquetWriter<W> {
        self.writer.encoder.on_error = on_error;
        self
    }

    /// Sets the ARN of the export that the items are from, which the file's metadata has as
    /// `simpledb-export.export-arn`. Defaults to none.
    pub fn export_arn(mut self, arn: impl Into<String>) -> ParquetWriter<W> {
        self.writer.sink.export_arn = Some(arn.into());
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`Write`](ErrorKind::Write) if the target fails, and [`Misfit`](ErrorKind::Misfit) if a
    /// value does not fit its column. For the first item,
    /// [`InvalidOption`](ErrorKind::InvalidOption) if no types were set, and
    /// [`NameCollision`](ErrorKind::NameCollision) if an attribute has the name of the first
    /// column.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.writer.write(item)
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](ParquetWriter::write).
    pub fn finish(self) -> Result<(W, WriteReport), Error> {
        self.writer.finish()
    }
}

impl<W: Write + Send> Halves for ParquetWriter<W> {
    type Encoder = Parquet;
    type Target = W;
    type Sink = ParquetFile<W>;

    fn halves(self) -> Joined<Parquet, ParquetFile<W>> {
        self.writer
    }
}

/// How much memory rows take before they are appended.
const MAX_CHUNK_BYTES: usize = 512 << 10;

/// Decodes items, and collects the values of each column.
#[derive(Clone)]
pub struct Parquet {
    types: Option<Types>,
    key_name: String,
    on_error: OnError,
    started: Option<Started>,
}

/// What is known once the options are.
#[derive(Clone)]
struct Started {
    columns: Columns,
    names: Vec<String>,
    rows: Rows,
    /// About how much memory the rows take.
    bytes: usize,
}

/// Consecutive items as the columns of a table.
#[derive(Clone)]
pub struct Rows {
    schema: TypePtr,
    /// The column of the item names, then one per attribute.
    columns: Vec<Column>,
    count: usize,
}

impl Parquet {
    fn new() -> Parquet {
        Parquet {
            types: None,
            key_name: "itemName".to_string(),
            on_error: OnError::default(),
            started: None,
        }
    }
}

impl Encoder for Parquet {
    type Output = Rows;

    /// Checks the options, and returns no rows.
    fn start(&mut self) -> Result<Rows, Error> {
        let Some(types) = self.types.clone() else {
            let message = "no types are set; set those of the attributes that become columns";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        };
        let schema = schema::schema(&types, &self.key_name).map_err(file::failed)?;
        let names = types.iter().map(|(name, _)| name.to_string()).collect();
        let attributes = types.iter().map(|(_, attribute)| Column::of(attribute));
        let rows = Rows {
            schema,
            columns: iter::once(Column::of_key()).chain(attributes).collect(),
            count: 0,
        };
        let started = Started {
            columns: Columns::new(types, &self.key_name, self.on_error)?,
            names,
            rows: rows.clone(),
            bytes: 0,
        };
        self.started = Some(started);
        Ok(rows)
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let Some(started) = &mut self.started else {
            return Ok(());
        };
        let Some(row) = started.columns.row(item, &mut tally.losses)? else {
            return Ok(());
        };
        let rows = &mut started.rows;
        let [key, attributes @ ..] = &mut *rows.columns else {
            return Ok(());
        };
        key.push_key(&item.item_name);
        for (position, (column, values)) in attributes.iter_mut().zip(row.cells()).enumerate() {
            if !values.is_empty() {
                tally.use_column(position);
                column.push(rows.count, values)?;
            }
        }
        rows.count += 1;
        tally.items += 1;
        started.bytes += bytes_of(item);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.started
            .as_ref()
            .is_some_and(|started| started.bytes >= MAX_CHUNK_BYTES)
    }

    fn take(&mut self) -> Result<Rows, Error> {
        let Some(started) = &mut self.started else {
            return self.start();
        };
        started.bytes = 0;
        let next = started.rows.emptied();
        Ok(mem::replace(&mut started.rows, next))
    }

    fn columns(&self) -> &[String] {
        let started = self.started.as_ref();
        started.map_or(&[], |started| &started.names)
    }

    fn text_columns(&self) -> Vec<TextColumn> {
        let types = self.types.as_ref();
        types.map(schema::text_columns).unwrap_or_default()
    }
}

impl Rows {
    /// Returns no rows, with memory for as many.
    fn emptied(&self) -> Rows {
        Rows {
            schema: Arc::clone(&self.schema),
            columns: self.columns.iter().map(Column::emptied).collect(),
            count: 0,
        }
    }
}

/// Returns about how much memory an item takes: its text, and where each value ends.
fn bytes_of(item: &Item) -> usize {
    let values = item
        .attributes
        .iter()
        .flat_map(|attribute| &attribute.values);
    let each = values.map(|value| value.len() + size_of::<usize>());
    item.item_name.len() + size_of::<usize>() + each.sum::<usize>()
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("rows", &self.count)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Parquet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parquet")
            .field("types", &self.types)
            .field("key_name", &self.key_name)
            .field("on_error", &self.on_error)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

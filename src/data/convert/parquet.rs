//! Parquet: typed columns, which data warehouses and data frames read.

mod column;
mod file;
mod properties;
mod row_group;
mod schema;

use std::io::Write;
use std::mem;
use std::sync::Arc;

use parquet::schema::types::{SchemaDescriptor, TypePtr};

use self::column::Column;
use self::file::ParquetFile;
use super::chunk::Chunk;
use super::columns::{ColumnOptions, Columns};
use super::encoder::{Encode, Encoder, SplitFormat};
use super::tally::Tally;
use super::writer::ItemWriter;
use crate::data::error::Error;
use crate::data::types::DataType;
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
/// [reported](super::WriteReport::text_columns). An attribute that can have several values is a
/// list. If an item does not have the attribute, the value is null. Columns are named exactly like
/// the attributes; some readers change or reject names that differ only in case.
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
/// types.insert("author", AttributeType::new(DataType::Text).multi_valued(true));
/// let mut writer = ParquetWriter::new(Vec::new()).types(types);
/// writer.write(&Item::new("book1").attribute("author", ["Ada", "Bo"]).attribute("year", ["1999"]))?;
/// let (file, report) = writer.finish()?;
/// assert!(file.starts_with(b"PAR1"));
/// assert_eq!(report.items, 1);
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub type ParquetWriter<W> = ItemWriter<W, Parquet>;

/// Parquet, which has no options that concern the rows.
#[derive(Debug)]
pub struct Parquet;

impl<W: Write> ItemWriter<W, Parquet> {
    /// Creates a writer to `target`, which need be neither buffered nor seekable.
    pub fn new(target: W) -> ParquetWriter<W> {
        ItemWriter::with_format(target, Parquet)
    }

    /// Sets the ARN of the export that the items are from, which the file's metadata has as
    /// `simpledb-export.export-arn`. Defaults to none.
    pub fn export_arn(mut self, arn: impl Into<String>) -> ParquetWriter<W> {
        self.assembler.export_arn = Some(arn.into());
        self
    }
}

impl SplitFormat for Parquet {}

impl Encode for Parquet {
    type Encoder = ParquetEncoder;
    type Assembler = ParquetFile;

    fn encoder(&self, options: &ColumnOptions) -> Result<ParquetEncoder, Error> {
        let columns = options.columns()?;
        let schema = schema::schema(columns.types(), &options.key_name).map_err(file::failed)?;
        let leaves = SchemaDescriptor::new(Arc::clone(&schema));
        let leaves = leaves.columns().iter();
        let rows = Rows {
            schema,
            columns: leaves.map(|column| Column::new(column)).collect(),
            count: 0,
        };
        Ok(ParquetEncoder {
            columns,
            rows,
            bytes: 0,
        })
    }
}

/// How much memory rows take before they are appended.
const MAX_CHUNK_BYTES: usize = 512 << 10;

/// Decodes items, and collects the values of each column.
#[derive(Debug, Clone)]
pub struct ParquetEncoder {
    columns: Columns,
    rows: Rows,
    /// About how much memory the rows take.
    bytes: usize,
}

/// Consecutive items as the columns of a table.
#[derive(Debug, Clone)]
pub struct Rows {
    schema: TypePtr,
    /// The column of the item names, then one per attribute.
    columns: Vec<Column>,
    count: usize,
}

impl Encoder for ParquetEncoder {
    type Output = Rows;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(());
        };
        let rows = &mut self.rows;
        let [key, attributes @ ..] = &mut *rows.columns else {
            return Ok(());
        };
        key.push_key(&item.item_name);
        for (column, cell) in attributes.iter_mut().zip(row.cells()) {
            column.push(rows.count, cell.values)?;
        }
        rows.count += 1;
        self.bytes += bytes_of(item);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.bytes >= MAX_CHUNK_BYTES
    }

    fn take(&mut self) -> Rows {
        self.bytes = 0;
        let next = self.rows.emptied();
        mem::replace(&mut self.rows, next)
    }

    fn columns(&self) -> Option<&Columns> {
        Some(&self.columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        schema::text_reason(data_type)
    }
}

impl Chunk for Rows {}

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

#[cfg(test)]
mod tests;

//! The rows that are encoded together: all of a column, then all of the next.

use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use parquet::column::writer::{ColumnWriter, get_column_writer};
use parquet::errors::Result;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::Rows;
use super::column::Column;
use crate::system::lock;

/// What a thread of DuckDB reads at a time; other readers ask for at least as many rows.
const MAX_ROWS: usize = 122_880;

/// How much is encoded in memory before it is written.
const MAX_BYTES: u64 = 4 << 20;

/// What a value needs at most if its column has a dictionary: its number there.
const BYTES_PER_INDEX: u64 = 2;

/// A row group, of which each column is encoded in memory.
pub(super) struct RowGroup {
    pub(super) columns: Vec<OpenColumn>,
    pub(super) rows: usize,
}

impl RowGroup {
    pub(super) fn new(schema: &SchemaDescriptor, properties: &WriterPropertiesPtr) -> RowGroup {
        let columns = schema.columns().iter();
        RowGroup {
            columns: columns
                .map(|column| OpenColumn::new(Arc::clone(column), properties))
                .collect(),
            rows: 0,
        }
    }

    /// Appends rows.
    pub(super) fn append(&mut self, rows: Rows) -> Result<()> {
        self.rows += rows.count;
        for (open, mut column) in self.columns.iter_mut().zip(rows.columns) {
            column.skip_to(rows.count);
            open.append(column)?;
        }
        Ok(())
    }

    /// Returns about how much memory the encoded values need.
    pub(super) fn bytes(&self) -> u64 {
        self.columns.iter().map(OpenColumn::bytes).sum()
    }

    /// Returns whether the next rows belong in another group, so that none has many more bytes than
    /// `max_bytes`.
    pub(super) fn is_full(&self, max_bytes: u64) -> bool {
        self.rows >= MAX_ROWS || self.bytes() >= MAX_BYTES.min(max_bytes)
    }
}

/// A column that is being encoded.
pub(super) struct OpenColumn {
    writer: ColumnWriter<'static>,
    pages: Pages,
    has_dictionary: bool,
    values: u64,
}

impl OpenColumn {
    fn new(column: ColumnDescPtr, properties: &WriterPropertiesPtr) -> OpenColumn {
        let pages = Pages::new();
        let writer = Box::new(pages.clone());
        OpenColumn {
            has_dictionary: properties.dictionary_enabled(column.path()),
            writer: get_column_writer(column, Arc::clone(properties), writer),
            pages,
            values: 0,
        }
    }

    /// Returns whether values are still looked up in a dictionary. Nothing is written before it is
    /// complete, or too large.
    fn uses_dictionary(&self) -> bool {
        self.has_dictionary && self.pages.written() == 0
    }

    /// Returns whether the values are too many for a dictionary.
    pub(super) fn has_many_values(&self) -> bool {
        self.has_dictionary && !self.uses_dictionary()
    }

    fn append(&mut self, column: Column) -> Result<()> {
        let uses_dictionary = self.uses_dictionary();
        let written = column.write_to(&mut self.writer, uses_dictionary)?;
        self.values += written as u64;
        Ok(())
    }

    /// Appends the column to the group in the file.
    pub(super) fn write_to<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        let closed = self.writer.close()?;
        group.append_column(&self.pages.take(), closed)
    }

    /// Returns about how much memory the encoded values need.
    fn bytes(&self) -> u64 {
        let indices = if self.uses_dictionary() {
            self.values
        } else {
            0
        };
        self.pages.written() + indices * BYTES_PER_INDEX
    }
}

/// The encoded pages of a column. Its writer owns one of the two handles.
#[derive(Clone)]
struct Pages(Arc<Mutex<Encoded>>);

struct Encoded {
    /// Counts what was written, and holds no more than the latest page.
    writer: TrackedWrite<Vec<u8>>,
    /// Apart, so that they need no more memory than they have bytes.
    pages: Vec<Vec<u8>>,
}

impl Pages {
    fn new() -> Pages {
        let encoded = Encoded {
            writer: TrackedWrite::new(Vec::new()),
            pages: Vec::new(),
        };
        Pages(Arc::new(Mutex::new(encoded)))
    }

    fn written(&self) -> u64 {
        lock(&self.0).writer.bytes_written() as u64
    }

    /// Returns all pages.
    fn take(self) -> Bytes {
        let pages = mem::take(&mut lock(&self.0).pages);
        let mut all = Vec::with_capacity(pages.iter().map(Vec::len).sum());
        for page in pages {
            all.extend(page);
        }
        all.into()
    }
}

impl PageWriter for Pages {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        let encoded = &mut *lock(&self.0);
        let spec = SerializedPageWriter::new(&mut encoded.writer).write_page(page)?;
        encoded.writer.flush()?;
        encoded.pages.push(mem::take(encoded.writer.inner_mut()));
        Ok(spec)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

//! The file that rows are appended to.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex};

use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::TypePtr;

use super::Rows;
use super::properties::{self, Dictionaries};
use super::row_group::RowGroup;
use crate::data::convert::encoder::Assembler;
use crate::data::convert::output::Output;
use crate::data::error::{Error, ErrorKind};
use crate::system::lock;

/// A Parquet file on its way to a target.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub struct ParquetFile {
    /// The export that the rows are from, if known.
    pub(super) export_arn: Option<String>,
    open: Option<Open>,
}

/// About how much of a file's metadata is about a column of a row group.
const METADATA_BYTES: u64 = 512;

/// A file of limited size has room for so many row groups.
const GROUPS_PER_PART: u64 = 8;

/// The file once its columns are known.
struct Open {
    file: SerializedFileWriter<Buffer>,
    buffer: Buffer,
    schema: TypePtr,
    /// None before its first rows.
    group: Option<RowGroup>,
    dictionaries: Dictionaries,
    items: usize,
    /// The size of the largest row group in the file.
    largest_group: u64,
    groups: u64,
}

impl Assembler<Rows> for ParquetFile {
    fn append<W: Write>(&mut self, rows: Rows, output: &mut Output<W>) -> Result<(), Error> {
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&rows.schema).map_err(failed)?),
        };
        let max_bytes = output.parts.max_bytes / GROUPS_PER_PART;
        if open.append(rows, max_bytes).map_err(failed)? {
            self.write_group(output)?;
        }
        Ok(())
    }

    fn finish<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        self.write_group(output)?;
        match self.open.take() {
            Some(open) => open.finish(self.export_arn.take(), output),
            None => Ok(()),
        }
    }
}

impl ParquetFile {
    /// Writes the rows, if any; to the next file if this one would become too large.
    fn write_group<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        if open.group.is_some() && open.groups > 0 && output.parts.would_exceed(open.next_bytes()) {
            let mut next = Open::new(&open.schema).map_err(failed)?;
            next.group = open.group.take();
            mem::swap(&mut next.dictionaries, &mut open.dictionaries);
            let full = mem::replace(open, next);
            full.finish(self.export_arn.clone(), output)?;
            output.next_part()?;
        }
        open.write_group(output)
    }
}

impl Open {
    fn new(schema: &TypePtr) -> Result<Open, ParquetError> {
        let buffer = Buffer::default();
        let file = SerializedFileWriter::new(
            buffer.clone(),
            Arc::clone(schema),
            Arc::new(properties::common().build()),
        )?;
        Ok(Open {
            dictionaries: Dictionaries::new(schema.get_fields().len()),
            file,
            buffer,
            schema: Arc::clone(schema),
            group: None,
            items: 0,
            largest_group: 0,
            groups: 0,
        })
    }

    /// Returns about how large the next row group and the metadata of all will be.
    fn next_bytes(&self) -> u64 {
        let columns = self.schema.get_fields().len() as u64;
        let group = self.group.as_ref().map_or(0, RowGroup::bytes);
        group.max(self.largest_group) + columns * (self.groups + 1) * METADATA_BYTES
    }

    /// Appends rows to the group, and returns whether it is full.
    fn append(&mut self, rows: Rows, max_bytes: u64) -> Result<bool, ParquetError> {
        if rows.count == 0 {
            return Ok(false);
        }
        let group = self.group.get_or_insert_with(|| {
            let schema = self.file.schema_descr();
            let properties = properties::of_group(schema, &rows, &self.dictionaries);
            RowGroup::new(schema, &Arc::new(properties))
        });
        group.append(rows)?;
        Ok(group.is_full(max_bytes))
    }

    /// Writes the rows, if any.
    fn write_group<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        self.items += group.rows;
        self.groups += 1;
        let mut bytes = 0;
        let mut writer = self.file.next_row_group().map_err(failed)?;
        for (index, column) in group.columns.into_iter().enumerate() {
            if column.has_many_values() {
                self.dictionaries.omit(index);
            }
            column.write_to(&mut writer).map_err(failed)?;
            let column = self.buffer.take();
            bytes += column.len() as u64;
            output.append(&column)?;
        }
        writer.close().map_err(failed)?;
        self.largest_group = self.largest_group.max(bytes);
        Ok(())
    }

    /// Writes the metadata.
    fn finish<W: Write>(
        mut self,
        export_arn: Option<String>,
        output: &mut Output<W>,
    ) -> Result<(), Error> {
        let items = ("simpledb-export.items", Some(self.items.to_string()));
        for (key, value) in [items, ("simpledb-export.export-arn", export_arn)] {
            if value.is_some() {
                let pair = KeyValue::new(key.to_string(), value);
                self.file.append_key_value_metadata(pair);
            }
        }
        self.file.finish().map_err(failed)?;
        output.append(&self.buffer.take())
    }
}

/// What is written to the file, until it is taken. Clones are the same buffer.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut lock(&self.0))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Only memory is written to: errors of the target do not pass through here.
pub(super) fn failed(error: ParquetError) -> Error {
    let message = format!("cannot write output: {error}");
    Error::new(ErrorKind::Write, message).caused_by(error)
}

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

/// The file once its columns are known.
struct Open {
    file: SerializedFileWriter<Buffer>,
    buffer: Buffer,
    /// None before its first rows.
    group: Option<RowGroup>,
    dictionaries: Dictionaries,
    items: usize,
}

impl Assembler<Rows> for ParquetFile {
    fn append<W: Write>(&mut self, rows: Rows, output: &mut Output<W>) -> Result<(), Error> {
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&rows.schema).map_err(failed)?),
        };
        if open.append(rows).map_err(failed)? {
            open.write_group(output)?;
        }
        Ok(())
    }

    fn finish<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        open.write_group(output)?;
        let buffer = open.buffer.clone();
        open.finish(self.export_arn.take()).map_err(failed)?;
        output.append(buffer.take())
    }
}

impl Open {
    fn new(schema: &TypePtr) -> Result<Open, ParquetError> {
        let buffer = Buffer::default();
        let file = SerializedFileWriter::new(
            buffer.clone(),
            Arc::clone(schema),
            Arc::new(properties::of_file()),
        )?;
        Ok(Open {
            dictionaries: Dictionaries::new(schema.get_fields().len()),
            file,
            buffer,
            group: None,
            items: 0,
        })
    }

    /// Appends rows to the group, and returns whether it is full.
    fn append(&mut self, rows: Rows) -> Result<bool, ParquetError> {
        if rows.count == 0 {
            return Ok(false);
        }
        self.items += rows.count;
        let group = self.group.get_or_insert_with(|| {
            let schema = self.file.schema_descr();
            let properties = properties::of_group(schema, &rows, &self.dictionaries);
            RowGroup::new(schema, &Arc::new(properties))
        });
        group.append(rows)?;
        Ok(group.is_full())
    }

    /// Writes the rows, if any.
    fn write_group<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        let mut writer = self.file.next_row_group().map_err(failed)?;
        for (index, column) in group.into_columns().enumerate() {
            if column.has_many_values() {
                self.dictionaries.omit(index);
            }
            column.write_to(&mut writer).map_err(failed)?;
            output.append(self.buffer.take())?;
        }
        writer.close().map_err(failed)?;
        Ok(())
    }

    /// Writes the metadata.
    fn finish(mut self, export_arn: Option<String>) -> Result<(), ParquetError> {
        let items = ("simpledb-export.items", Some(self.items.to_string()));
        for (key, value) in [items, ("simpledb-export.export-arn", export_arn)] {
            if value.is_some() {
                let pair = KeyValue::new(key.to_string(), value);
                self.file.append_key_value_metadata(pair);
            }
        }
        self.file.finish()?;
        Ok(())
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

/// Only memory is written to: the target has errors of its own.
pub(super) fn failed(error: ParquetError) -> Error {
    let message = format!("cannot write output: {error}");
    Error::new(ErrorKind::Write, message).caused_by(error)
}

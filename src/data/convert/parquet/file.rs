//! The file that rows are appended to.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex};

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, TypePtr};

use super::Rows;
use super::row_group::RowGroup;
use crate::data::convert::WriteReport;
use crate::data::convert::encoder::Sink;
use crate::data::convert::output::Output;
use crate::data::error::{Error, ErrorKind};
use crate::system::lock;

/// Only so many columns have a dictionary, which needs memory even if it is empty.
const MAX_DICTIONARIES: usize = 100;

/// How many bytes of values all dictionaries hold. In memory they need several times as much.
const DICTIONARY_BYTES: usize = 3 << 19;

/// How many bytes of values are collected before they are compressed.
const PAGE_BYTES: usize = 2 << 20;

/// The most bytes of a column's dictionary or page.
const MAX_COLUMN_BYTES: usize = 256 << 10;

/// The least bytes of a column's dictionary or page.
const MIN_COLUMN_BYTES: usize = 8 << 10;

/// A Parquet file on its way to a target.
pub struct ParquetFile<W: Write> {
    output: Output<W>,
    /// The export that the rows are from, if known.
    pub(super) export_arn: Option<String>,
    open: Option<Open>,
}

/// The file once its columns are known.
struct Open {
    file: SerializedFileWriter<Buffer>,
    buffer: Buffer,
    group: RowGroup,
    /// Of the next row group.
    properties: WriterPropertiesPtr,
    items: usize,
}

impl<W: Write> ParquetFile<W> {
    pub(super) fn new(target: W) -> ParquetFile<W> {
        ParquetFile {
            output: Output::new(target),
            export_arn: None,
            open: None,
        }
    }
}

impl<W: Write> Sink for ParquetFile<W> {
    type Input = Rows;
    type Target = W;

    fn append(&mut self, rows: Rows) -> Result<(), Error> {
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&rows.schema).map_err(failed)?),
        };
        open.group.append(rows).map_err(failed)?;
        if open.group.is_full() {
            open.write_group(&mut self.output)?;
        }
        Ok(())
    }

    fn finish(mut self, report: &mut WriteReport) -> Result<W, Error> {
        if let Some(mut open) = self.open.take() {
            if open.group.rows() > 0 {
                open.write_group(&mut self.output)?;
            }
            let buffer = open.buffer.clone();
            open.finish(self.export_arn.take()).map_err(failed)?;
            self.output.append(buffer.take())?;
        }
        self.output.finish(report)
    }
}

impl<W: Write> fmt::Debug for ParquetFile<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetFile")
            .field("export_arn", &self.export_arn)
            .finish_non_exhaustive()
    }
}

impl Open {
    fn new(schema: &TypePtr) -> Result<Open, ParquetError> {
        let properties = Arc::new(properties(schema));
        let buffer = Buffer::default();
        let file =
            SerializedFileWriter::new(buffer.clone(), Arc::clone(schema), Arc::clone(&properties))?;
        Ok(Open {
            group: RowGroup::new(file.schema_descr(), &properties),
            file,
            buffer,
            properties,
            items: 0,
        })
    }

    /// Writes the rows, and starts the next group.
    fn write_group<W: Write>(&mut self, output: &mut Output<W>) -> Result<(), Error> {
        let next = RowGroup::new(self.file.schema_descr(), &self.properties);
        let group = mem::replace(&mut self.group, next);
        self.items += group.rows();
        let without_dictionary = group.without_dictionary();
        let mut writer = self.file.next_row_group().map_err(failed)?;
        for column in group.into_columns() {
            column.write_to(&mut writer).map_err(failed)?;
            output.append(self.buffer.take())?;
        }
        writer.close().map_err(failed)?;
        if !without_dictionary.is_empty() {
            let mut properties = WriterProperties::clone(&self.properties).into_builder();
            for column in without_dictionary {
                properties = properties.set_column_dictionary_enabled(column, false);
            }
            self.properties = Arc::new(properties.build());
            self.group = RowGroup::new(self.file.schema_descr(), &self.properties);
        }
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

fn properties(schema: &TypePtr) -> WriterProperties {
    let columns = schema.get_fields();
    let each = |bytes: usize| (bytes / columns.len()).clamp(MIN_COLUMN_BYTES, MAX_COLUMN_BYTES);
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("simpledb-export version ", env!("CARGO_PKG_VERSION")).to_string())
        .set_compression(Compression::SNAPPY)
        // The order of the items says nothing about their values, so that statistics of pages
        // would not help to skip any.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_data_page_size_limit(each(PAGE_BYTES))
        .set_dictionary_page_size_limit(each(DICTIONARY_BYTES));
    // Item names are all different.
    let without = columns.iter().enumerate();
    let without = without.filter(|(index, _)| *index == 0 || *index > MAX_DICTIONARIES);
    for (_, column) in without {
        let path = ColumnPath::new(vec![column.name().to_string()]);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties.build()
}

/// Only memory is written to: the target has errors of its own.
pub(super) fn failed(error: ParquetError) -> Error {
    let message = format!("cannot write output: {error}");
    Error::new(ErrorKind::Write, message).caused_by(error)
}

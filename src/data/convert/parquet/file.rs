//! The file that rows are appended to.

use std::io::Write;
use std::mem;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
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
    /// What was written since the last row group.
    file: SerializedFileWriter<Vec<u8>>,
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

    fn append(&mut self, rows: Rows) -> std::result::Result<(), Error> {
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&rows.schema).map_err(failed)?),
        };
        open.append(rows).map_err(failed)?;
        self.output.append(mem::take(open.file.inner_mut()))
    }

    fn finish(mut self, report: &mut WriteReport) -> std::result::Result<W, Error> {
        if let Some(open) = self.open.take() {
            let end = open.finish(self.export_arn.take()).map_err(failed)?;
            self.output.append(end)?;
        }
        self.output.finish(report)
    }
}

impl Open {
    fn new(schema: &TypePtr) -> Result<Open> {
        let properties = Arc::new(properties(schema));
        let file =
            SerializedFileWriter::new(Vec::new(), Arc::clone(schema), Arc::clone(&properties))?;
        Ok(Open {
            group: RowGroup::new(file.schema_descr(), &properties),
            file,
            properties,
            items: 0,
        })
    }

    fn append(&mut self, rows: Rows) -> Result<()> {
        self.group.append(rows)?;
        if self.group.is_full() {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let next = RowGroup::new(self.file.schema_descr(), &self.properties);
        let group = mem::replace(&mut self.group, next);
        self.items += group.rows();
        let without_dictionary = group.write_to(&mut self.file)?;
        if !without_dictionary.is_empty() {
            let mut properties = WriterProperties::clone(&self.properties).into_builder();
            for column in without_dictionary {
                properties = properties.set_column_dictionary_enabled(column, false);
            }
            self.properties = Arc::new(properties.build());
            self.group = RowGroup::new(self.file.schema_descr(), &self.properties);
        }
        self.file.flush()?;
        Ok(())
    }

    fn finish(mut self, export_arn: Option<String>) -> Result<Vec<u8>> {
        if self.group.rows() > 0 {
            self.write_group()?;
        }
        let items = self.items.to_string();
        let mut add = |key: &str, value| {
            let pair = KeyValue::new(key.to_string(), value);
            self.file.append_key_value_metadata(pair);
        };
        add("simpledb-export.items", items);
        if let Some(arn) = export_arn {
            add("simpledb-export.export-arn", arn);
        }
        self.file.into_inner()
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

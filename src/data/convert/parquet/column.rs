//! The values of one column in some rows, and the rows that they belong to.

use std::iter;

use bytes::Bytes;
use parquet::basic::Type;
use parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::schema::types::ColumnDescriptor;

use crate::data::error::{Error, ErrorKind};
use crate::data::types::Value;

/// The day of 1970-01-01 in the count of days that `time` has.
const EPOCH: i32 = 2_440_588;

/// A column of consecutive rows.
#[derive(Debug, Clone)]
pub(super) struct Column {
    values: Values,
    /// Parquet's definition level of a value: 0 if every row has one.
    level: i16,
    /// Whether a row can have several values.
    is_repeated: bool,
    /// The definition level of each value, and of each row without one, which is 0. Those of the
    /// rows after the last value are left out.
    definitions: Vec<i16>,
    /// Parquet's repetition levels, if a row can have several values.
    repetitions: Vec<i16>,
    /// The number of rows that have levels.
    rows: usize,
}

impl Column {
    pub(super) fn new(column: &ColumnDescriptor) -> Column {
        Column {
            values: Values::new(column),
            level: column.max_def_level(),
            is_repeated: column.max_rep_level() > 0,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            rows: 0,
        }
    }

    /// Returns the column without its rows.
    pub(super) fn emptied(&self) -> Column {
        Column {
            values: self.values.emptied(),
            definitions: Vec::with_capacity(self.definitions.len()),
            repetitions: Vec::with_capacity(self.repetitions.len()),
            rows: 0,
            ..*self
        }
    }

    /// Appends the name of an item.
    pub(super) fn push_key(&mut self, name: &str) {
        if let Values::Text(texts) = &mut self.values {
            texts.push(name);
        }
        self.rows += 1;
    }

    /// Sets the values of a row, in the order of the rows.
    pub(super) fn push(&mut self, row: usize, values: &[Value<'_>]) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        self.skip_to(row);
        for (index, value) in values.iter().enumerate() {
            self.values.push(value)?;
            self.definitions.push(self.level);
            if self.is_repeated {
                self.repetitions.push((index > 0).into());
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Leaves rows without a value.
    pub(super) fn skip_to(&mut self, row: usize) {
        let absent = row.saturating_sub(self.rows);
        let levels = self.definitions.len() + absent;
        self.definitions.resize(levels, 0);
        if self.is_repeated {
            self.repetitions.resize(levels, 0);
        }
        self.rows += absent;
    }

    /// Returns how many bytes a value has on average.
    pub(super) fn average_length(&self) -> usize {
        match &self.values {
            Values::Text(texts) => texts.bytes.len() / texts.ends.len().max(1),
            Values::Int64(_) => size_of::<i64>(),
            Values::Int32(_) => size_of::<i32>(),
            Values::Double(_) => size_of::<f64>(),
            Values::Boolean(_) => size_of::<bool>(),
            Values::Fixed(width, _) => *width,
        }
    }

    /// Encodes the values, and returns how many there are.
    pub(super) fn write_to(
        self,
        writer: &mut ColumnWriter<'_>,
        uses_dictionary: bool,
    ) -> ParquetResult<usize> {
        use ColumnWriter::{
            BoolColumnWriter, ByteArrayColumnWriter, DoubleColumnWriter,
            FixedLenByteArrayColumnWriter, Int32ColumnWriter, Int64ColumnWriter,
        };
        let levels = Levels {
            definitions: (self.level > 0).then_some(&self.definitions),
            repetitions: self.is_repeated.then_some(&self.repetitions),
        };
        match (writer, self.values) {
            (ByteArrayColumnWriter(writer), Values::Text(texts)) => {
                levels.write(writer, &texts.into_arrays(uses_dictionary))
            }
            (Int64ColumnWriter(writer), Values::Int64(values)) => levels.write(writer, &values),
            (Int32ColumnWriter(writer), Values::Int32(values)) => levels.write(writer, &values),
            (DoubleColumnWriter(writer), Values::Double(values)) => levels.write(writer, &values),
            (BoolColumnWriter(writer), Values::Boolean(values)) => levels.write(writer, &values),
            (FixedLenByteArrayColumnWriter(writer), Values::Fixed(width, bytes)) => {
                let numbers = bytes.chunks_exact(width).map(ByteArray::from);
                let numbers: Vec<_> = numbers.map(FixedLenByteArray::from).collect();
                levels.write(writer, &numbers)
            }
            _ => {
                let message = "the values of a column are not those of its schema";
                Err(ParquetError::General(message.to_string()))
            }
        }
    }
}

/// In which rows the values of a column are.
struct Levels<'a> {
    definitions: Option<&'a Vec<i16>>,
    repetitions: Option<&'a Vec<i16>>,
}

impl Levels<'_> {
    fn write<T: DataType>(
        &self,
        writer: &mut ColumnWriterImpl<'_, T>,
        values: &[T::T],
    ) -> ParquetResult<usize> {
        let definitions = self.definitions.map(Vec::as_slice);
        let repetitions = self.repetitions.map(Vec::as_slice);
        writer.write_batch(values, definitions, repetitions)
    }
}

/// The values of a column, as Parquet stores them.
#[derive(Debug, Clone)]
enum Values {
    Text(Texts),
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    Double(Vec<f64>),
    Boolean(Vec<bool>),
    /// Numbers with this many bytes each, the highest first.
    Fixed(usize, Vec<u8>),
}

impl Values {
    fn new(column: &ColumnDescriptor) -> Values {
        match column.physical_type() {
            Type::INT64 => Values::Int64(Vec::new()),
            Type::INT32 => Values::Int32(Vec::new()),
            Type::DOUBLE => Values::Double(Vec::new()),
            Type::BOOLEAN => Values::Boolean(Vec::new()),
            Type::FIXED_LEN_BYTE_ARRAY => {
                let width = column.type_length().try_into().unwrap_or_default();
                Values::Fixed(width, Vec::new())
            }
            _ => Values::Text(Texts::default()),
        }
    }

    /// Returns memory for as many values of the same kind.
    fn emptied(&self) -> Values {
        match self {
            Values::Text(texts) => Values::Text(Texts {
                bytes: Vec::with_capacity(texts.bytes.len()),
                ends: Vec::with_capacity(texts.ends.len()),
            }),
            Values::Int64(values) => Values::Int64(Vec::with_capacity(values.len())),
            Values::Int32(values) => Values::Int32(Vec::with_capacity(values.len())),
            Values::Double(values) => Values::Double(Vec::with_capacity(values.len())),
            Values::Boolean(values) => Values::Boolean(Vec::with_capacity(values.len())),
            Values::Fixed(width, bytes) => Values::Fixed(*width, Vec::with_capacity(bytes.len())),
        }
    }

    fn push(&mut self, value: &Value<'_>) -> Result<(), Error> {
        self.store(value).ok_or_else(|| {
            let message = format!("value \"{value}\" is not of the type of its column");
            Error::new(ErrorKind::TypeMismatch, message)
        })
    }

    fn store(&mut self, value: &Value<'_>) -> Option<()> {
        match (self, value) {
            (Values::Text(texts), Value::Text(text)) => texts.push(text),
            // What no other type holds.
            (Values::Text(texts), number) => texts.push(&number.to_string()),
            (Values::Int64(values), Value::Timestamp(timestamp)) => {
                values.push(timestamp.unix_microseconds());
            }
            (Values::Int64(values), number) => values.push(integer(number)?.try_into().ok()?),
            (Values::Int32(values), Value::Date(date)) => {
                values.push(date.to_julian_day() - EPOCH);
            }
            (Values::Double(values), Value::Float(number)) => values.push(*number),
            (Values::Boolean(values), Value::Boolean(value)) => values.push(*value),
            (Values::Fixed(width, bytes), number) => {
                let number = integer(number)?.to_be_bytes();
                let start = number.len().checked_sub(*width)?;
                bytes.extend_from_slice(number.get(start..)?);
            }
            _ => return None,
        }
        Some(())
    }
}

/// Returns a number without its point.
fn integer(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Decimal(number) => number.unscaled(),
        _ => None,
    }
}

/// Texts, one after the other.
#[derive(Debug, Clone, Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
    }

    /// Returns the texts: each with its own memory, if a dictionary keeps some without the others, or
    /// else sharing the memory of all.
    fn into_arrays(self, are_separate: bool) -> Vec<ByteArray> {
        let starts = iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends).map(|(start, end)| start..*end);
        if are_separate {
            let texts = ranges.map(|range| self.bytes.get(range).unwrap_or_default());
            texts.map(ByteArray::from).collect()
        } else {
            let bytes = Bytes::from(self.bytes);
            ranges.map(|range| bytes.slice(range).into()).collect()
        }
    }
}

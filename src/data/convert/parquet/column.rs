//! The values of one column in some rows, and in which of the rows they are.

use std::iter;
use std::ops::Range;

use bytes::Bytes;
use parquet::data_type::{ByteArray, FixedLenByteArray};

use super::schema::Storage;
use crate::data::error::{Error, ErrorKind};
use crate::data::types::{AttributeType, Value};

/// The day of 1970-01-01 in the count of days that `time` has.
const EPOCH: i32 = 2_440_588;

/// How often a row has a value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// Once.
    One,
    /// Once at most.
    Optional,
    /// Any number of times.
    Several,
}

/// A column of consecutive rows.
#[derive(Debug, Clone)]
pub(super) struct Column {
    count: Count,
    values: Values,
    /// Parquet's definition level of each value, and of each row without one. Those of the rows
    /// after the last value are left out.
    definitions: Vec<i16>,
    /// Parquet's repetition levels, if a row can have several values.
    repetitions: Vec<i16>,
    /// The number of rows that have levels.
    rows: usize,
}

impl Column {
    /// Creates the column of the item names.
    pub(super) fn of_key() -> Column {
        Column::new(Storage::Text, Count::One)
    }

    /// Creates the column of an attribute.
    pub(super) fn of(attribute: &AttributeType) -> Column {
        let count = if attribute.multi_valued {
            Count::Several
        } else {
            Count::Optional
        };
        Column::new(Storage::of(attribute.data_type), count)
    }

    fn new(storage: Storage, count: Count) -> Column {
        Column {
            count,
            values: Values::new(storage),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            rows: 0,
        }
    }

    /// Returns the column without its rows.
    pub(super) fn emptied(&self) -> Column {
        Column {
            count: self.count,
            values: self.values.emptied(),
            definitions: Vec::with_capacity(self.definitions.len()),
            repetitions: Vec::with_capacity(self.repetitions.len()),
            rows: 0,
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
        let level = if self.count == Count::Several { 2 } else { 1 };
        for (index, value) in values.iter().enumerate() {
            self.values.push(value)?;
            self.definitions.push(level);
            if self.count == Count::Several {
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
        if self.count == Count::Several {
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

    /// Returns the values, the definition levels (the key has none), and the repetition levels of a
    /// column with several values.
    pub(super) fn into_parts(self) -> (Values, Option<Vec<i16>>, Option<Vec<i16>>) {
        let has = |is_present: bool, levels| is_present.then_some(levels);
        (
            self.values,
            has(self.count != Count::One, self.definitions),
            has(self.count == Count::Several, self.repetitions),
        )
    }
}

/// The values of a column, as Parquet stores them.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Text(Texts),
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    Double(Vec<f64>),
    Boolean(Vec<bool>),
    /// Numbers with this many bytes each, the highest first.
    Fixed(usize, Vec<u8>),
}

impl Values {
    fn new(storage: Storage) -> Values {
        match storage {
            Storage::Text => Values::Text(Texts::default()),
            Storage::Decimal { .. } => match storage.fixed_width() {
                Some(width) => Values::Fixed(width, Vec::new()),
                None => Values::Int64(Vec::new()),
            },
            Storage::Integer | Storage::Timestamp { .. } => Values::Int64(Vec::new()),
            Storage::Float => Values::Double(Vec::new()),
            Storage::Boolean => Values::Boolean(Vec::new()),
            Storage::Date => Values::Int32(Vec::new()),
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
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
    }

    /// Returns the texts, which share the memory of all of them.
    pub(super) fn shared(self) -> Vec<ByteArray> {
        let bytes = Bytes::from(self.bytes);
        ranges(&self.ends)
            .map(|range| bytes.slice(range).into())
            .collect()
    }

    /// Returns the texts, each with memory of its own, so that one may be kept without the others.
    pub(super) fn separate(&self) -> Vec<ByteArray> {
        ranges(&self.ends)
            .map(|range| self.bytes.get(range).unwrap_or_default().into())
            .collect()
    }
}

fn ranges(ends: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let starts = iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| start..*end)
}

/// Returns numbers of a fixed width, each with memory of its own.
pub(super) fn fixed(width: usize, bytes: &[u8]) -> Vec<FixedLenByteArray> {
    bytes
        .chunks_exact(width)
        .map(|number| ByteArray::from(number).into())
        .collect()
}

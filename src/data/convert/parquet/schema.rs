//! The columns of a Parquet file.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::Result;
use parquet::schema::types::{Type, TypePtr};

use crate::data::types::{AttributeType, DataType, Types};

/// The most digits of a decimal that readers take: those of 128 bits.
const MAX_DIGITS: u8 = 38;

/// The most digits that 64 bits always hold.
const MAX_DIGITS_OF_64_BITS: u8 = 18;

/// Microseconds reach from the year 1 to 9999, and are what every reader knows.
const UNIT: TimeUnit = TimeUnit::MICROS;

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    Text,
    Integer,
    /// An integer without the decimal's point, in 64 bits or in as few bytes as the digits need.
    Decimal {
        digits: u8,
        scale: u8,
    },
    Float,
    Boolean,
    Timestamp {
        is_utc: bool,
    },
    Date,
}

impl Storage {
    /// Returns how values of a type are stored; as text if no other type holds them.
    pub(super) fn of(data_type: DataType) -> Storage {
        match data_type {
            DataType::Text => Storage::Text,
            DataType::Integer { precision: None } => Storage::Integer,
            DataType::Integer {
                precision: Some(precision),
            } => Storage::decimal(precision, 0),
            DataType::Decimal { precision, scale } => Storage::decimal(precision, scale),
            DataType::Float => Storage::Float,
            DataType::Boolean => Storage::Boolean,
            DataType::Timestamp { with_zone } => Storage::Timestamp { is_utc: with_zone },
            DataType::Date => Storage::Date,
        }
    }

    fn decimal(precision: u8, scale: u8) -> Storage {
        // A type by hand may have more decimals than digits.
        let digits = precision.max(scale).max(1);
        if digits > MAX_DIGITS {
            Storage::Text
        } else {
            Storage::Decimal { digits, scale }
        }
    }

    /// Returns the number of bytes of a number that 64 bits need not hold.
    pub(super) fn fixed_width(self) -> Option<usize> {
        match self {
            Storage::Decimal { digits, .. } if digits > MAX_DIGITS_OF_64_BITS => {
                let largest = 10_u128.pow(digits.into()) - 1;
                let bits_and_sign = u128::BITS - largest.leading_zeros() + 1;
                Some(bits_and_sign.div_ceil(8) as usize)
            }
            _ => None,
        }
    }

    fn physical(self) -> Physical {
        match self {
            Storage::Text => Physical::BYTE_ARRAY,
            Storage::Decimal { .. } if self.fixed_width().is_some() => {
                Physical::FIXED_LEN_BYTE_ARRAY
            }
            Storage::Integer | Storage::Decimal { .. } | Storage::Timestamp { .. } => {
                Physical::INT64
            }
            Storage::Float => Physical::DOUBLE,
            Storage::Boolean => Physical::BOOLEAN,
            Storage::Date => Physical::INT32,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Storage::Text => Some(LogicalType::String),
            Storage::Decimal { digits, scale } => {
                Some(LogicalType::decimal(scale.into(), digits.into()))
            }
            Storage::Timestamp { is_utc } => Some(LogicalType::timestamp(is_utc, UNIT)),
            Storage::Date => Some(LogicalType::Date),
            Storage::Integer | Storage::Float | Storage::Boolean => None,
        }
    }

    fn leaf(self, name: &str, repetition: Repetition) -> Result<TypePtr> {
        let mut leaf = Type::primitive_type_builder(name, self.physical())
            .with_repetition(repetition)
            .with_logical_type(self.logical());
        if let Storage::Decimal { digits, scale } = self {
            leaf = leaf.with_precision(digits.into()).with_scale(scale.into());
        }
        if let Some(width) = self.fixed_width().and_then(|width| width.try_into().ok()) {
            leaf = leaf.with_length(width);
        }
        leaf.build().map(Arc::new)
    }
}

/// Returns the schema of a file: the item name, then a column per attribute.
pub(super) fn schema(types: &Types, key_name: &str) -> Result<TypePtr> {
    let mut columns = vec![Storage::Text.leaf(key_name, Repetition::REQUIRED)?];
    for (name, attribute) in types.iter() {
        columns.push(column(name, attribute)?);
    }
    let root = Type::group_type_builder("schema").with_fields(columns);
    root.build().map(Arc::new)
}

/// A list has the three levels that the format asks for.
fn column(name: &str, attribute: &AttributeType) -> Result<TypePtr> {
    let storage = Storage::of(attribute.data_type);
    if !attribute.multi_valued {
        return storage.leaf(name, Repetition::OPTIONAL);
    }
    let element = storage.leaf("element", Repetition::REQUIRED)?;
    let elements = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(elements)])
        .build()
        .map(Arc::new)
}

/// Returns why numbers of this type are stored as text, if they are.
pub(super) fn text_reason(data_type: DataType) -> Option<&'static str> {
    (data_type != DataType::Text && Storage::of(data_type) == Storage::Text)
        .then_some("a Parquet decimal has at most 38 digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_decimals_in_as_few_bytes_as_their_digits_need() {
        let width = |digits| Storage::decimal(digits, 0).fixed_width();
        assert_eq!([1, 18].map(width), [None, None]);
        let fixed = [(19, 9), (20, 9), (21, 9), (22, 10), (36, 16), (38, 16)];
        for (digits, bytes) in fixed {
            assert_eq!(width(digits), Some(bytes), "{digits}");
        }
        assert_eq!(Storage::decimal(39, 0), Storage::Text);
    }

    #[test]
    fn allows_types_with_more_decimals_than_digits() {
        let storage = |precision, scale| Storage::of(DataType::Decimal { precision, scale });
        let decimal = |digits, scale| Storage::Decimal { digits, scale };
        assert_eq!(storage(0, 0), decimal(1, 0));
        assert_eq!(storage(2, 5), decimal(5, 5));
        assert_eq!(storage(2, 39), Storage::Text);
    }
}

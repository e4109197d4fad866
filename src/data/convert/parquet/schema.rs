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

/// Returns the digits of numbers that are stored as decimals, and how many are after the point.
fn decimal(data_type: DataType) -> Option<(u8, u8)> {
    match data_type {
        DataType::Integer { precision } => Some((precision?, 0)),
        DataType::Decimal { precision, scale } => Some((precision, scale)),
        _ => None,
    }
}

/// Returns why numbers of this type are stored as text, if they are.
pub(super) fn text_reason(data_type: DataType) -> Option<&'static str> {
    let (digits, _) = decimal(data_type)?;
    (digits > MAX_DIGITS).then_some("a Parquet decimal has at most 38 digits")
}

/// Returns the number of bytes of an integer with so many digits, unless 64 bits hold it.
fn fixed_width(digits: u8) -> Option<i32> {
    if digits <= MAX_DIGITS_OF_64_BITS {
        return None;
    }
    let largest = 10_u128.pow(digits.into()) - 1;
    let bits_and_sign = u128::BITS - largest.leading_zeros() + 1;
    i32::try_from(bits_and_sign.div_ceil(8)).ok()
}

/// Returns the column of single values. A decimal is an integer, in 64 bits or in as few bytes as
/// the digits need.
fn leaf(data_type: DataType, name: &str, repetition: Repetition) -> Result<TypePtr> {
    let decimal = decimal(data_type).filter(|(digits, _)| *digits <= MAX_DIGITS);
    let width = decimal.and_then(|(digits, _)| fixed_width(digits));
    let (physical, logical) = match (data_type, decimal) {
        (_, Some((digits, scale))) => {
            let physical = match width {
                Some(_) => Physical::FIXED_LEN_BYTE_ARRAY,
                None => Physical::INT64,
            };
            let logical = LogicalType::decimal(scale.into(), digits.into());
            (physical, Some(logical))
        }
        (DataType::Integer { precision: None }, _) => (Physical::INT64, None),
        (DataType::Float, _) => (Physical::DOUBLE, None),
        (DataType::Boolean, _) => (Physical::BOOLEAN, None),
        (DataType::Timestamp { with_zone }, _) => (
            Physical::INT64,
            Some(LogicalType::timestamp(with_zone, UNIT)),
        ),
        (DataType::Date, _) => (Physical::INT32, Some(LogicalType::Date)),
        (DataType::Text | DataType::Integer { .. } | DataType::Decimal { .. }, None) => {
            (Physical::BYTE_ARRAY, Some(LogicalType::String))
        }
    };
    let mut leaf = Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical);
    if let Some((digits, scale)) = decimal {
        leaf = leaf.with_precision(digits.into()).with_scale(scale.into());
    }
    if let Some(width) = width {
        leaf = leaf.with_length(width);
    }
    leaf.build().map(Arc::new)
}

/// Returns the schema of a file: the item name, then a column per attribute.
pub(super) fn schema(types: &Types, key_name: &str) -> Result<TypePtr> {
    let mut columns = vec![leaf(DataType::Text, key_name, Repetition::REQUIRED)?];
    for (name, attribute) in types.iter() {
        columns.push(column(name, attribute)?);
    }
    let root = Type::group_type_builder("schema").with_fields(columns);
    root.build().map(Arc::new)
}

/// A list has the three levels that the format asks for.
fn column(name: &str, attribute: &AttributeType) -> Result<TypePtr> {
    if !attribute.multi_valued {
        return leaf(attribute.data_type, name, Repetition::OPTIONAL);
    }
    let element = leaf(attribute.data_type, "element", Repetition::REQUIRED)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_decimals_in_as_few_bytes_as_their_digits_need() {
        assert_eq!([1, 18].map(fixed_width), [None, None]);
        let fixed = [(19, 9), (20, 9), (21, 9), (22, 10), (36, 16), (38, 16)];
        for (digits, bytes) in fixed {
            assert_eq!(fixed_width(digits), Some(bytes), "{digits}");
        }
    }
}

//! Which types and encodings there are.

use super::digits::MAX_DIGITS;
use super::{AttributeType, DataType, Encoding};

impl AttributeType {
    /// Returns what is wrong with the type, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let AttributeType {
            data_type,
            encoding,
            ..
        } = *self;
        if self.numbered && !self.multi_valued {
            return Err(
                "a numbered attribute has several values; add \"multiValued\": true".to_string(),
            );
        }
        check_precision(data_type)?;
        match (data_type, encoding) {
            (_, Encoding::Plain)
            | (DataType::Decimal { .. }, Encoding::FixedPoint | Encoding::Pointed)
            | (DataType::Boolean, Encoding::Capitalized)
            | (DataType::Float, Encoding::BotoFloat) => Ok(()),
            (DataType::Integer { .. } | DataType::Decimal { .. }, Encoding::Padded { width }) => {
                let unit = "the width";
                between(unit, width, 1, MAX_DIGITS)
            }
            (
                DataType::Integer { .. },
                Encoding::Offset {
                    width, scale: 0, ..
                },
            ) => between("the width", width, 1, MAX_DIGITS),
            (DataType::Integer { .. }, Encoding::Offset { .. }) => Err(
                "an offset with a scale is for decimals; write decimal(digits,decimals)"
                    .to_string(),
            ),
            (DataType::Decimal { .. }, Encoding::Offset { width, scale, .. }) => {
                between("the scale", scale, 0, MAX_DIGITS)?;
                between("the width", width, scale.max(1), scale + MAX_DIGITS)
            }
            _ => Err(format!("the encoding is not valid for {data_type}")),
        }
    }
}

fn check_precision(data_type: DataType) -> Result<(), String> {
    match data_type {
        DataType::Integer {
            precision: Some(precision),
        } => between("the number of digits", precision, 1, MAX_DIGITS),
        DataType::Decimal { precision, scale } => {
            between("the number of decimals", scale, 0, MAX_DIGITS)?;
            let least = scale.max(1);
            between("the number of digits", precision, least, scale + MAX_DIGITS)
        }
        _ => Ok(()),
    }
}

fn between(what: &str, number: u8, least: u8, most: u8) -> Result<(), String> {
    if (least..=most).contains(&number) {
        Ok(())
    } else {
        Err(format!("{what} is {number}; expected {least} to {most}"))
    }
}

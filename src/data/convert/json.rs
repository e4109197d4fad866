//! JSON: texts, typed values, and what surrounds those of an attribute.

use std::io::Write;

use crate::data::error::Error;
use crate::data::types::{DataType, Value};

/// How many digits of any decimal number a 64-bit binary one keeps.
const EXACT_DIGITS: u8 = 15;

/// What surrounds the values of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// What precedes and follows all values together.
    pub(super) all: [&'static str; 2],
    /// What precedes and follows each value.
    pub(super) each: [&'static str; 2],
}

impl Form {
    /// A single value.
    pub(super) const VALUE: Form = Form {
        all: ["", ""],
        each: ["", ""],
    };

    pub(super) const ARRAY: Form = Form {
        all: ["[", "]"],
        each: ["", ""],
    };

    /// Appends values, separated by commas.
    pub(super) fn push<V>(
        self,
        json: &mut Vec<u8>,
        values: impl IntoIterator<Item = V>,
        push_value: impl Fn(&mut Vec<u8>, V) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let ([before_all, after_all], [before, after]) = (self.all, self.each);
        json.extend_from_slice(before_all.as_bytes());
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(before.as_bytes());
            push_value(json, value)?;
            json.extend_from_slice(after.as_bytes());
        }
        json.extend_from_slice(after_all.as_bytes());
        Ok(())
    }
}

/// Returns whether values become numbers or booleans. Common readers take a number with a fraction,
/// or one of more than 64 bits, for a 64-bit binary one: what that cannot hold exactly stays text.
pub(super) fn is_native(data_type: DataType) -> bool {
    match data_type {
        DataType::Integer { precision: None } | DataType::Float | DataType::Boolean => true,
        DataType::Integer {
            precision: Some(precision),
        }
        | DataType::Decimal { precision, .. } => precision <= EXACT_DIGITS,
        _ => false,
    }
}

/// Returns why numbers of this type are text, if they are.
pub(super) fn text_reason(data_type: DataType) -> Option<&'static str> {
    let is_number = matches!(
        data_type,
        DataType::Integer { .. } | DataType::Decimal { .. }
    );
    (is_number && !is_native(data_type))
        .then_some("most readers of JSON round numbers of more than 15 digits")
}

/// Appends a value: as a number or a boolean if `is_native`.
pub(super) fn push(json: &mut Vec<u8>, value: &Value<'_>, is_native: bool) -> Result<(), Error> {
    match value {
        Value::Text(text) => push_text(json, text),
        // No other value has a character that JSON escapes.
        _ if is_native => write!(json, "{value}").map_err(Error::write),
        _ => write!(json, "\"{value}\"").map_err(Error::write),
    }
}

/// Appends a text in quotes.
pub(super) fn push_text(json: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    // A vector takes everything, and text always has a JSON form.
    serde_json::to_writer(json, text).map_err(|error| Error::write(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_as_text_what_readers_would_round() {
        let precise = |precision| DataType::Integer {
            precision: Some(precision),
        };
        let decimal = |precision| DataType::Decimal {
            precision,
            scale: 2,
        };
        for data_type in [
            DataType::Integer { precision: None },
            precise(15),
            decimal(15),
            DataType::Float,
            DataType::Boolean,
        ] {
            assert!(is_native(data_type), "{data_type}");
        }
        for data_type in [precise(16), decimal(16), DataType::Text, DataType::Date] {
            assert!(!is_native(data_type), "{data_type}");
        }
    }

    #[test]
    fn writes_values_as_json() {
        let mut json = Vec::new();
        let values = [
            Value::Text("a\"\n😀".into()),
            Value::Integer(-42),
            Value::Float(1e300),
            Value::Boolean(true),
        ];
        for (values, is_native) in [(&values[..], true), (&values, false), (&[], true)] {
            Form::ARRAY
                .push(&mut json, values, |json, value| {
                    push(json, value, is_native)
                })
                .unwrap();
        }
        let expected =
            "[\"a\\\"\\n😀\",-42,1e300,true][\"a\\\"\\n😀\",\"-42\",\"1e300\",\"true\"][]";
        assert_eq!(String::from_utf8(json).unwrap(), expected);
        serde_json::from_str::<serde_json::Value>("[-42,1e300,true]").unwrap();
    }
}

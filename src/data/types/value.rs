//! A decoded value.

use std::borrow::Cow;
use std::fmt;

use super::{Decimal, Timestamp};

/// A value of an attribute. `Display` is its exact text: that of RFC 3339 for timestamps and dates.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Decimal(Decimal),
    /// A binary floating-point number; never infinite or not a number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A date and a time of day.
    Timestamp(Timestamp),
    /// A date, from year 1 to 9999.
    Date(time::Date),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Integer(number) => number.fmt(f),
            Value::Decimal(number) => number.fmt(f),
            // With an exponent if that is shorter, unlike `Display`.
            Value::Float(number) => fmt::Debug::fmt(number, f),
            Value::Boolean(value) => value.fmt(f),
            Value::Timestamp(timestamp) => timestamp.fmt(f),
            Value::Date(date) => {
                let month = u8::from(date.month());
                write!(f, "{:04}-{month:02}-{:02}", date.year(), date.day())
            }
        }
    }
}

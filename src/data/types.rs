//! The types of attributes. SimpleDB itself stores only text.

mod check;
mod decimal;
mod decode;
mod digits;
mod encode;
mod file;
mod list;
mod member;
mod mismatch;
mod timestamp;
mod value;

use std::fmt;

pub use self::decimal::Decimal;
pub use self::file::TypesFile;
pub(crate) use self::list::{in_order, is_numbered};
pub(crate) use self::mismatch::Mismatch;
pub use self::timestamp::Timestamp;
pub(crate) use self::timestamp::{Form, read_date};
pub use self::value::Value;
use super::error::{Error, ErrorKind};

/// The attributes of a domain that become columns, in order, with their types.
///
/// ```
/// use simpledb_export::data::{AttributeType, DataType, Encoding, Types};
///
/// let mut types = Types::new();
/// types.insert("title", AttributeType::new(DataType::Text));
/// let offset = Encoding::Offset { width: 10, offset: 1 << 31, scale: 0 };
/// let year = AttributeType::new(DataType::Integer { precision: None }).encoding(offset);
/// types.insert("year", year);
/// assert_eq!(types.get("year"), Some(&year));
/// assert_eq!(year.decode("2147485647")?.to_string(), "1999");
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Types {
    pub(super) attributes: Vec<(String, AttributeType)>,
}

impl Types {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Types {
        Types::default()
    }

    /// Sets the type of an attribute, which becomes the last column if it is new.
    pub fn insert(&mut self, name: impl Into<String>, attribute: AttributeType) {
        let name = name.into();
        match self.attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = attribute,
            None => self.attributes.push((name, attribute)),
        }
    }

    /// Returns the type of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&AttributeType> {
        let mut all = self.iter();
        all.find_map(|(known, attribute)| (known == name).then_some(attribute))
    }

    /// Returns the attributes in the order of the columns.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &AttributeType)> {
        self.attributes
            .iter()
            .map(|(name, attribute)| (name.as_str(), attribute))
    }

    /// Returns the number of attributes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    /// Returns true if there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
}

/// If a name occurs more than once, its last type counts.
impl<N: Into<String>> FromIterator<(N, AttributeType)> for Types {
    fn from_iter<I: IntoIterator<Item = (N, AttributeType)>>(attributes: I) -> Types {
        let mut types = Types::new();
        for (name, attribute) in attributes {
            types.insert(name, attribute);
        }
        types
    }
}

/// The type of an attribute: what its values are, and how they are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AttributeType {
    /// The data type of the values.
    pub data_type: DataType,
    /// How the values are written. Defaults to [`Encoding::Plain`].
    pub encoding: Encoding,
    /// Whether an item can have multiple values. Defaults to false.
    pub multi_valued: bool,
    /// Whether each of several values begins with its number in the list, as boto writes lists:
    /// `000:text`. Defaults to false. Used by [`decode_list`](AttributeType::decode_list),
    /// [`encode_list`](AttributeType::encode_list) and conversions only.
    pub numbered: bool,
}

impl AttributeType {
    /// Creates a type for single, plainly written values.
    #[must_use]
    pub fn new(data_type: DataType) -> AttributeType {
        AttributeType {
            data_type,
            encoding: Encoding::Plain,
            multi_valued: false,
            numbered: false,
        }
    }

    /// Sets how the values are written.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> AttributeType {
        self.encoding = encoding;
        self
    }

    /// Sets whether an item can have multiple values.
    #[must_use]
    pub fn multi_valued(mut self, multi_valued: bool) -> AttributeType {
        self.multi_valued = multi_valued;
        self
    }

    /// Sets whether each of several values begins with its number in the list.
    #[must_use]
    pub fn numbered(mut self, numbered: bool) -> AttributeType {
        self.numbered = numbered;
        self
    }

    /// Decodes a text to exactly the value that it represents.
    ///
    /// With [`Encoding::Plain`], accepts more than [`encode`](AttributeType::encode) writes:
    /// leading zeros, a plus sign, and trailing zeros of a fraction. Booleans are accepted in any case.
    ///
    /// # Errors
    ///
    /// [`TypeMismatch`](ErrorKind::TypeMismatch) if the text is not a value of this type.
    pub fn decode<'a>(&self, text: &'a str) -> Result<Value<'a>, Error> {
        let decoded = self.decode_text(text);
        decoded.map_err(|mismatch| self.mismatch(mismatch, text))
    }

    fn mismatch(&self, mismatch: Mismatch, text: &str) -> Error {
        Error::new(ErrorKind::TypeMismatch, mismatch.of_value(text, self))
    }

    /// Encodes a value, or returns `None` if it is not of this type.
    #[must_use]
    pub fn encode(&self, value: &Value<'_>) -> Option<String> {
        let mut text = String::new();
        self.encode_to(value, &mut text).then_some(text)
    }
}

/// The data type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// Any text.
    Text,
    /// Whole numbers.
    Integer {
        /// The number of digits, at most 38; `None` for signed 64-bit integers.
        precision: Option<u8>,
    },
    /// Exact decimal numbers.
    Decimal {
        /// The number of digits, at most 76, of which at most 38 are before the point.
        precision: u8,
        /// The number of digits after the point, at most 38.
        scale: u8,
    },
    /// 64-bit floating-point numbers.
    Float,
    /// True or false.
    Boolean,
    /// A date and a time of day, with at most microseconds.
    Timestamp {
        /// Whether the values have an offset from UTC.
        with_zone: bool,
    },
    /// A date.
    Date,
}

/// How the values of an attribute are written as text.
///
/// SimpleDB compares values as text. So that numbers sort correctly, applications pad them with
/// zeros and, if some are negative, add an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// The usual form: `-42`, `1.5`, `true`, `2026-02-16T16:56:43.659+01:00`, `2026-02-16`.
    Plain,
    /// A boolean as Python writes it: `True`, `False`.
    Capitalized,
    /// A decimal with all digits of its scale: `1.50`.
    FixedPoint,
    /// A decimal with at least one digit after the point: `1.0`, `2.25`, as many languages write
    /// floating-point numbers.
    Pointed,
    /// A non-negative number, padded with zeros to this many digits: `00042`. For a decimal, these
    /// are the digits before the point: `00001.5`, as the AWS SDKs for Java and .NET write it.
    Padded {
        /// The number of digits.
        width: u8,
    },
    /// A number plus an offset, multiplied by a power of ten, padded with zeros.
    ///
    /// | | offset | width | scale |
    /// |---|---|---|---|
    /// | SimpleJPA, simple_record, boto's long integers | 2^63 | 20 | 0 |
    /// | boto's integers | 2^31 | 10 | 0 |
    /// | SimpleJPA's real numbers | 2^63 | 40 | 20 |
    /// | AWS SDKs for Java and .NET | any | left + right | right |
    Offset {
        /// The number of digits, at most 76.
        width: u8,
        /// What is added to the number.
        offset: u64,
        /// How many of the digits are after the point, at most 38.
        scale: u8,
    },
    /// A float as boto writes it: `5 000 1.5000000000000000`.
    BotoFloat,
}

/// `integer + 2^63 in 20 digits`.
impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data_type.fmt(f)?;
        match self.encoding {
            Encoding::Plain => {}
            Encoding::Capitalized => f.write_str(" as True or False")?,
            Encoding::FixedPoint => f.write_str(" with all decimals")?,
            Encoding::Pointed => f.write_str(" with at least one decimal")?,
            Encoding::Padded { width } => match self.data_type {
                DataType::Decimal { .. } => write!(f, " with {width} digits before the point")?,
                _ => write!(f, " in {width} digits")?,
            },
            Encoding::Offset {
                width,
                offset,
                scale,
            } => {
                if offset.is_power_of_two() && offset > 1 {
                    write!(f, " + 2^{}", offset.trailing_zeros())?;
                } else {
                    write!(f, " + {offset}")?;
                }
                write!(f, " in {width} digits")?;
                if scale > 0 {
                    write!(f, ", {scale} of them decimals")?;
                }
            }
            Encoding::BotoFloat => f.write_str(" as boto writes it")?,
        }
        if self.numbered {
            f.write_str(" in numbered lists")?;
        }
        Ok(())
    }
}

/// The name of the type: `integer`, `decimal(10,2)`, `timestamp with zone`.
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataType::Text => f.write_str("text"),
            DataType::Integer { precision: None } => f.write_str("integer"),
            DataType::Integer {
                precision: Some(precision),
            } => write!(f, "integer({precision})"),
            DataType::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            DataType::Float => f.write_str("float"),
            DataType::Boolean => f.write_str("boolean"),
            DataType::Timestamp { with_zone: true } => f.write_str("timestamp with zone"),
            DataType::Timestamp { with_zone: false } => f.write_str("timestamp"),
            DataType::Date => f.write_str("date"),
        }
    }
}

#[cfg(test)]
mod tests;

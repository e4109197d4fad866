//! A type as a member of a types file: a string, or an object with the encoding.

use std::fmt;
use std::io;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::ser::Formatter;

use super::{AttributeType, DataType, Encoding};

const TYPES: &str = "text, integer, integer(digits), decimal(digits,decimals), float, boolean, \
                     timestamp, timestamp with zone or date";

/// The members of an object.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Members {
    #[serde(rename = "type")]
    data_type: String,
    #[serde(default, skip_serializing_if = "EncodingName::is_plain")]
    encoding: EncodingName,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multi_valued: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbered: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EncodingName {
    #[default]
    Plain,
    Capitalized,
    FixedPoint,
    Pointed,
    Padded,
    Offset,
    BotoFloat,
}

impl EncodingName {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "called by serde")]
    fn is_plain(&self) -> bool {
        *self == EncodingName::Plain
    }
}

impl Members {
    fn new(attribute: &AttributeType) -> Members {
        let (encoding, width, offset, scale) = match attribute.encoding {
            Encoding::Plain => (EncodingName::Plain, None, None, 0),
            Encoding::Capitalized => (EncodingName::Capitalized, None, None, 0),
            Encoding::FixedPoint => (EncodingName::FixedPoint, None, None, 0),
            Encoding::Pointed => (EncodingName::Pointed, None, None, 0),
            Encoding::Padded { width } => (EncodingName::Padded, Some(width), None, 0),
            Encoding::Offset {
                width,
                offset,
                scale,
            } => (EncodingName::Offset, Some(width), Some(offset), scale),
            Encoding::BotoFloat => (EncodingName::BotoFloat, None, None, 0),
        };
        Members {
            data_type: attribute.data_type.to_string(),
            encoding,
            width,
            offset,
            scale: (scale > 0).then_some(scale),
            multi_valued: attribute.multi_valued.then_some(true),
            numbered: attribute.numbered.then_some(true),
        }
    }

    fn attribute(&self) -> Result<AttributeType, String> {
        let Members {
            width,
            offset,
            scale,
            ..
        } = *self;
        let encoding = match (self.encoding, width, offset, scale) {
            (EncodingName::Padded, Some(width), None, None) => Encoding::Padded { width },
            (EncodingName::Offset, Some(width), Some(offset), scale) => Encoding::Offset {
                width,
                offset,
                scale: scale.unwrap_or_default(),
            },
            (EncodingName::Padded, None, None, None) => {
                return Err("the encoding \"padded\" needs the member \"width\"".to_string());
            }
            (EncodingName::Offset, None, ..) | (EncodingName::Offset, _, None, _) => {
                return Err(
                    "the encoding \"offset\" needs the members \"width\" and \"offset\""
                        .to_string(),
                );
            }
            (EncodingName::Plain, None, None, None) => Encoding::Plain,
            (EncodingName::Capitalized, None, None, None) => Encoding::Capitalized,
            (EncodingName::FixedPoint, None, None, None) => Encoding::FixedPoint,
            (EncodingName::Pointed, None, None, None) => Encoding::Pointed,
            (EncodingName::BotoFloat, None, None, None) => Encoding::BotoFloat,
            _ => {
                return Err(
                    "\"width\" belongs to the encodings \"padded\" and \"offset\", \"offset\" and \
                     \"scale\" to \"offset\""
                        .to_string(),
                );
            }
        };
        let attribute = AttributeType::new(parse(&self.data_type)?)
            .encoding(encoding)
            .multi_valued(self.multi_valued.unwrap_or_default())
            .numbered(self.numbered.unwrap_or_default());
        attribute.check()?;
        Ok(attribute)
    }
}

impl Serialize for AttributeType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.encoding == Encoding::Plain && !self.multi_valued {
            return serializer.collect_str(&self.data_type);
        }
        Members::new(self).serialize(serializer)
    }
}

/// Writes JSON in one line, with spaces.
#[derive(Debug)]
pub(super) struct OneLine;

impl Formatter for OneLine {
    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        writer.write_all(if is_first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

impl<'de> Deserialize<'de> for AttributeType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AttributeType, D::Error> {
        struct Member;

        impl<'de> Visitor<'de> for Member {
            type Value = AttributeType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a type, or an object with the member \"type\"")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<AttributeType, E> {
                let attribute = AttributeType::new(parse(name).map_err(E::custom)?);
                attribute.check().map_err(E::custom)?;
                Ok(attribute)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<AttributeType, A::Error> {
                let members = Members::deserialize(MapAccessDeserializer::new(members))?;
                members.attribute().map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Member)
    }
}

/// Reads what `Display` writes.
fn parse(name: &str) -> Result<DataType, String> {
    let simple = [
        DataType::Text,
        DataType::Integer { precision: None },
        DataType::Float,
        DataType::Boolean,
        DataType::Timestamp { with_zone: false },
        DataType::Timestamp { with_zone: true },
        DataType::Date,
    ];
    let mut simple = simple.into_iter();
    let data_type = simple.find(|data_type| data_type.to_string() == name);
    data_type
        .or_else(|| with_numbers(name))
        .ok_or_else(|| format!("unknown type {name:?}; expected {TYPES}"))
}

/// Reads `integer(20)` or `decimal(10,2)`.
fn with_numbers(name: &str) -> Option<DataType> {
    let (name, numbers) = name.strip_suffix(')')?.split_once('(')?;
    let number = |text: &str| text.trim().parse().ok();
    match (name, numbers.split_once(',')) {
        ("integer", None) => Some(DataType::Integer {
            precision: Some(number(numbers)?),
        }),
        ("decimal", Some((precision, scale))) => Some(DataType::Decimal {
            precision: number(precision)?,
            scale: number(scale)?,
        }),
        _ => None,
    }
}

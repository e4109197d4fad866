//! A type as a member of a types file: a string, or an object with the encoding.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::{AttributeType, DataType, Encoding};

const TYPES: &str = "text, integer, integer(digits), decimal(digits,decimals), float, boolean, \
                     timestamp, timestamp with zone or date";

/// Writes a type in one line.
pub(super) fn write(attribute: &AttributeType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let AttributeType {
        data_type,
        encoding,
        several,
    } = attribute;
    if encoding == &Encoding::Plain && !several {
        return write!(f, "\"{data_type}\"");
    }
    write!(f, "{{\"type\": \"{data_type}\"")?;
    match encoding {
        Encoding::Plain => {}
        Encoding::FixedPoint => f.write_str(", \"encoding\": \"fixed-point\"")?,
        Encoding::Padded { width } => {
            write!(f, ", \"encoding\": \"padded\", \"width\": {width}")?;
        }
        Encoding::Offset {
            width,
            offset,
            scale,
        } => {
            write!(f, ", \"encoding\": \"offset\", \"width\": {width}")?;
            write!(f, ", \"offset\": {offset}")?;
            if *scale > 0 {
                write!(f, ", \"scale\": {scale}")?;
            }
        }
        Encoding::BotoFloat => f.write_str(", \"encoding\": \"boto-float\"")?,
    }
    if *several {
        f.write_str(", \"several\": true")?;
    }
    f.write_str("}")
}

/// The members of an object.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(rename = "type")]
    data_type: TypeName,
    #[serde(default)]
    encoding: EncodingName,
    width: Option<u8>,
    offset: Option<u64>,
    scale: Option<u8>,
    #[serde(default)]
    several: bool,
}

#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EncodingName {
    #[default]
    Plain,
    FixedPoint,
    Padded,
    Offset,
    BotoFloat,
}

impl Members {
    fn attribute(&self) -> Result<AttributeType, String> {
        let Members {
            width,
            offset,
            scale,
            ..
        } = *self;
        let required = "the encoding needs the member \"width\"";
        let encoding = match (self.encoding, width, offset, scale) {
            (EncodingName::Padded, Some(width), None, None) => Encoding::Padded { width },
            (EncodingName::Offset, Some(width), Some(offset), scale) => Encoding::Offset {
                width,
                offset,
                scale: scale.unwrap_or_default(),
            },
            (EncodingName::Padded, None, ..) => return Err(required.to_string()),
            (EncodingName::Offset, ..) => {
                return Err(
                    "the encoding \"offset\" needs the members \"width\" and \"offset\""
                        .to_string(),
                );
            }
            (EncodingName::Plain, None, None, None) => Encoding::Plain,
            (EncodingName::FixedPoint, None, None, None) => Encoding::FixedPoint,
            (EncodingName::BotoFloat, None, None, None) => Encoding::BotoFloat,
            _ => {
                return Err(
                    "\"width\" belongs to the encodings \"padded\" and \"offset\", \"offset\" and \
                     \"scale\" to \"offset\""
                        .to_string(),
                );
            }
        };
        let attribute = AttributeType::new(self.data_type.0)
            .encoding(encoding)
            .several(self.several);
        attribute.check()?;
        Ok(attribute)
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
                let name = TypeName::deserialize(StrDeserializer::<E>::new(name))?;
                let attribute = AttributeType::new(name.0);
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

struct TypeName(DataType);

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TypeName, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = TypeName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a type")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<TypeName, E> {
                let unknown = || E::custom(format_args!("unknown type {name:?}; expected {TYPES}"));
                parse(name).map(TypeName).ok_or_else(unknown)
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// Reads what `Display` writes.
fn parse(name: &str) -> Option<DataType> {
    let with_numbers = name.strip_suffix(')').and_then(|name| name.split_once('('));
    let Some((name, numbers)) = with_numbers else {
        return Some(match name {
            "text" => DataType::Text,
            "integer" => DataType::Integer { precision: None },
            "float" => DataType::Float,
            "boolean" => DataType::Boolean,
            "timestamp" => DataType::Timestamp { with_zone: false },
            "timestamp with zone" => DataType::Timestamp { with_zone: true },
            "date" => DataType::Date,
            _ => return None,
        });
    };
    let number = |text: &str| text.trim().parse::<u8>().ok();
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

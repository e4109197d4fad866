//! From values to text.

use std::fmt::Write as _;

use super::{AttributeType, DataType, Decimal, Encoding, Value, digits};

impl AttributeType {
    /// Appends the text of a value, and returns whether the value is one of this type. If it is
    /// not, what was appended is unspecified.
    pub(crate) fn encode_to(&self, value: &Value<'_>, text: &mut String) -> bool {
        let written = match (value, self.data_type) {
            (Value::Text(value), DataType::Text) => {
                text.push_str(value);
                Ok(())
            }
            (Value::Integer(number), DataType::Integer { .. }) => match self.encoding {
                Encoding::Plain => write!(text, "{number}"),
                Encoding::Padded { width } => {
                    return padded(text, u128::try_from(*number).ok(), width);
                }
                Encoding::Offset {
                    width,
                    offset,
                    scale: 0,
                } => {
                    let number = number.checked_add(offset.into());
                    return padded(text, number.and_then(|n| u128::try_from(n).ok()), width);
                }
                _ => return false,
            },
            (Value::Decimal(number), DataType::Decimal { scale, .. }) => {
                return decimal(text, *number, scale, self.encoding).is_some();
            }
            (Value::Float(number), DataType::Float) => match self.encoding {
                Encoding::Plain => write!(text, "{number:?}"),
                Encoding::BotoFloat => return boto_float(text, *number).is_some(),
                _ => return false,
            },
            (Value::Boolean(value), DataType::Boolean) => {
                text.push_str(match (self.encoding, value) {
                    (Encoding::Capitalized, true) => "True",
                    (Encoding::Capitalized, false) => "False",
                    (_, true) => "true",
                    (_, false) => "false",
                });
                Ok(())
            }
            (Value::Timestamp(timestamp), DataType::Timestamp { with_zone })
                if timestamp.offset().is_some() == with_zone =>
            {
                timestamp.write_as_read(text)
            }
            (Value::Date(_), DataType::Date) => write!(text, "{value}"),
            _ => return false,
        };
        written.is_ok()
    }
}

fn padded(text: &mut String, number: Option<u128>, width: u8) -> bool {
    let Some(number) = number.filter(|number| digits::count(*number) <= width) else {
        return false;
    };
    write!(text, "{number:0width$}", width = width.into()).is_ok()
}

fn decimal(text: &mut String, number: Decimal, scale: u8, encoding: Encoding) -> Option<()> {
    let number = number.rescaled(scale)?;
    match encoding {
        Encoding::Plain => {
            let shortest = number.rescaled(number.significant_scale())?;
            write!(text, "{shortest}").ok()
        }
        Encoding::FixedPoint => write!(text, "{number}").ok(),
        Encoding::Pointed => {
            let shortest = number.rescaled(number.significant_scale().max(1))?;
            write!(text, "{shortest}").ok()
        }
        Encoding::Padded { width } => {
            let number = number.rescaled(number.significant_scale().max(1))?;
            let is_written = !number.is_negative && padded(text, Some(number.whole), width);
            let width = number.scale.into();
            write!(text, ".{:0width$}", number.fraction).ok()?;
            is_written.then_some(())
        }
        Encoding::Offset {
            width,
            offset,
            scale,
        } => {
            let number = number.rescaled(scale)?;
            let offset = u128::from(offset);
            let (whole, fraction) = match (number.is_negative, number.fraction) {
                (false, fraction) => (number.whole.checked_add(offset)?, fraction),
                (true, 0) => (offset.checked_sub(number.whole)?, 0),
                (true, fraction) => (
                    offset.checked_sub(number.whole.checked_add(1)?)?,
                    digits::power(scale)? - fraction,
                ),
            };
            let before = width.checked_sub(scale)?;
            let is_written = (before > 0 || whole == 0)
                && (before == 0 || padded(text, Some(whole), before))
                && (scale == 0 || padded(text, Some(fraction), scale));
            is_written.then_some(())
        }
        Encoding::Capitalized | Encoding::BotoFloat => None,
    }
}

/// Writes the form of draft-wood-ldapext-float, as boto writes it: with six decimals, and zeros to
/// 18 characters.
fn boto_float(text: &mut String, number: f64) -> Option<()> {
    let scientific = format!("{:.6e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (case, exponent) = match (number.is_sign_negative(), exponent) {
        _ if number == 0.0 => (3, 0),
        (false, 0..) => (5, exponent),
        (false, _) => (4, 999 + exponent),
        (true, ..0) => (2, -exponent),
        (true, _) => (1, 999 - exponent),
    };
    let mantissa = mantissa.replace('.', "");
    let mut millionths = digits::read(mantissa.as_bytes())?;
    if case < 3 {
        millionths = 10_000_000 - millionths;
    }
    let (whole, decimals) = (millionths / 1_000_000, millionths % 1_000_000);
    write!(text, "{case} {exponent:03} {whole}.{decimals:06}0000000000").ok()
}

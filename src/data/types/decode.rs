//! From text to values.

use std::borrow::Cow;

use super::timestamp::read_date;
use super::{AttributeType, DataType, Decimal, Encoding, Mismatch, Timestamp, Value, digits};

impl AttributeType {
    pub(crate) fn decode_text<'a>(&self, text: &'a str) -> Result<Value<'a>, Mismatch> {
        match self.data_type {
            DataType::Text => Ok(Value::Text(Cow::Borrowed(text))),
            DataType::Integer { precision } => {
                integer(text, self.encoding, precision).map(Value::Integer)
            }
            DataType::Decimal { precision, scale } => {
                decimal(text, self.encoding, precision, scale).map(Value::Decimal)
            }
            DataType::Float => float(text, self.encoding).map(Value::Float),
            DataType::Boolean => boolean(text)
                .map(Value::Boolean)
                .ok_or(Mismatch::NotABoolean),
            DataType::Timestamp { with_zone } => {
                let timestamp = Timestamp::read(text).ok_or(Mismatch::NotATimestamp)?;
                match (with_zone, timestamp.offset()) {
                    (true, None) => Err(Mismatch::NoZone),
                    (false, Some(_)) => Err(Mismatch::Zone),
                    _ => Ok(Value::Timestamp(timestamp)),
                }
            }
            DataType::Date => read_date(text.as_bytes())
                .map(Value::Date)
                .ok_or(Mismatch::NotADate),
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    let is_true = text.eq_ignore_ascii_case("true");
    (is_true || text.eq_ignore_ascii_case("false")).then_some(is_true)
}

fn integer(text: &str, encoding: Encoding, precision: Option<u8>) -> Result<i128, Mismatch> {
    let number = match encoding {
        Encoding::Plain => {
            let (is_negative, digits) = sign(text);
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return Err(Mismatch::NotANumber);
            }
            signed(is_negative, digits::read(digits).ok_or(Mismatch::TooLarge)?)
        }
        Encoding::Padded { width } => signed(false, padded(text, width)?),
        Encoding::Offset {
            width,
            offset,
            scale: 0,
        } => signed(false, padded(text, width)?) - i128::from(offset),
        _ => return Err(Mismatch::Encoding),
    };
    let fits = match precision {
        None => i64::try_from(number).is_ok(),
        Some(precision) => digits::count(number.unsigned_abs()) <= precision,
    };
    fits.then_some(number).ok_or(Mismatch::TooLarge)
}

/// A number of at most 38 digits always fits.
fn signed(is_negative: bool, number: u128) -> i128 {
    let number = i128::try_from(number).unwrap_or(i128::MAX);
    if is_negative { -number } else { number }
}

fn decimal(text: &str, encoding: Encoding, precision: u8, scale: u8) -> Result<Decimal, Mismatch> {
    let number = match encoding {
        Encoding::Plain | Encoding::FixedPoint | Encoding::Pointed => {
            let (is_negative, digits) = sign(text);
            pointed(is_negative, digits)?
        }
        Encoding::Padded { width } => {
            let number = text.as_bytes();
            let whole = number.iter().take_while(|byte| **byte != b'.').count();
            if whole != usize::from(width) {
                return Err(Mismatch::NotDigits { width });
            }
            pointed(false, number)?
        }
        Encoding::Offset {
            width,
            offset,
            scale,
        } => shifted(text, width, offset, scale)?,
        Encoding::Capitalized | Encoding::BotoFloat => return Err(Mismatch::Encoding),
    };
    let number = number
        .rescaled(scale)
        .ok_or(Mismatch::TooManyDecimals { scale })?;
    if number.whole_digits() > precision.saturating_sub(scale) {
        return Err(Mismatch::TooLarge);
    }
    Ok(number)
}

/// Reads `1.50` or `1`; the point is between digits.
fn pointed(is_negative: bool, text: &[u8]) -> Result<Decimal, Mismatch> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point.and_then(|point| text.split_at_checked(point)) {
        Some((whole, [_, fraction @ ..])) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(Mismatch::NotANumber),
        None => (text, &[][..]),
    };
    let is_number = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return Err(Mismatch::NotANumber);
    }
    let scale = u8::try_from(fraction.len()).unwrap_or(u8::MAX);
    if scale > digits::MAX_DIGITS {
        return Err(Mismatch::TooLarge);
    }
    let whole = digits::read(whole).ok_or(Mismatch::TooLarge)?;
    let fraction = digits::read(fraction).ok_or(Mismatch::TooLarge)?;
    Ok(Decimal {
        is_negative: is_negative && (whole, fraction) != (0, 0),
        whole,
        fraction,
        scale,
    })
}

/// Reads a number that was multiplied by 10 to the power of `scale`, with an offset.
fn shifted(text: &str, width: u8, offset: u64, scale: u8) -> Result<Decimal, Mismatch> {
    let digits = text.as_bytes();
    if digits.len() != usize::from(width) {
        return Err(Mismatch::NotDigits { width });
    }
    let before = usize::from(width.checked_sub(scale).ok_or(Mismatch::Encoding)?);
    let (whole, fraction) = digits.split_at(before);
    let mismatch = Mismatch::NotDigits { width };
    let whole = digits::read(whole).ok_or(mismatch)?;
    let fraction = digits::read(fraction).ok_or(mismatch)?;
    let offset = u128::from(offset);
    let unit = digits::power(scale).ok_or(Mismatch::Encoding)?;
    let (is_negative, whole, fraction) = match (whole.checked_sub(offset), fraction) {
        (Some(whole), fraction) => (false, whole, fraction),
        (None, 0) => (true, offset - whole, 0),
        (None, fraction) => (true, offset - whole - 1, unit - fraction),
    };
    Ok(Decimal {
        is_negative,
        whole,
        fraction,
        scale,
    })
}

fn padded(text: &str, width: u8) -> Result<u128, Mismatch> {
    if text.len() != usize::from(width) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Mismatch::NotDigits { width });
    }
    digits::read(text.as_bytes()).ok_or(Mismatch::TooLarge)
}

/// Takes the sign off a number.
fn sign(text: &str) -> (bool, &[u8]) {
    match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    }
}

fn float(text: &str, encoding: Encoding) -> Result<f64, Mismatch> {
    let number = match encoding {
        Encoding::Plain => plain_float(text).ok_or(Mismatch::NotANumber)?,
        Encoding::BotoFloat => boto_float(text).ok_or(Mismatch::NotABotoFloat)?,
        _ => return Err(Mismatch::Encoding),
    };
    let is_finite = number.is_finite();
    is_finite.then_some(number).ok_or(Mismatch::TooLarge)
}

/// Does not accept the words that `f64` does, such as `inf`.
fn plain_float(text: &str) -> Option<f64> {
    let is_number = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(is_number).then(|| text.parse().ok())?
}

/// Reads the form of draft-wood-ldapext-float, as boto writes it: case, exponent, mantissa.
fn boto_float(text: &str) -> Option<f64> {
    let &[case, b' ', e1, e2, e3, b' ', ref mantissa @ ..] = text.as_bytes() else {
        return None;
    };
    let &[whole, b'.', ref decimals @ ..] = mantissa else {
        return None;
    };
    if mantissa.len() != 18 {
        return None;
    }
    let exponent = i32::try_from(digits::read(&[e1, e2, e3])?).ok()?;
    let whole = digits::read(&[whole])?;
    let decimals = digits::read(decimals)?;
    // The mantissa without its point, 16 decimals.
    let one = digits::power(16)?;
    let mantissa = whole * one + decimals;
    let (sign, mantissa, exponent) = match case {
        b'5' => ("", mantissa, exponent),
        b'4' => ("", mantissa, exponent - 999),
        b'3' if mantissa == 0 && exponent == 0 => return Some(0.0),
        b'2' => ("-", 10 * one - mantissa, -exponent),
        b'1' => ("-", 10 * one - mantissa, 999 - exponent),
        _ => return None,
    };
    // The standard library rounds correctly.
    format!("{sign}{mantissa}e{}", exponent - 16).parse().ok()
}

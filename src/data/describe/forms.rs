//! Which forms the values of an attribute have: counts only, so that one pass with little memory
//! is enough.

use super::span::Span;
use crate::data::types::{AttributeType, DataType, Encoding, Form, Timestamp, read_date};

/// How many values have each form. A value can have several.
#[derive(Debug, Default)]
pub(super) struct Forms {
    pub(super) empty: u64,
    pub(super) booleans: u64,
    /// Those of them that are `True` or `False`.
    pub(super) capitalized: u64,
    pub(super) dates: u64,
    pub(super) timestamps: u64,
    pub(super) timestamp_form: OneForm,
    pub(super) boto_floats: u64,
    /// Values such as `000:text`.
    pub(super) numbered: u64,
    /// Integers and decimals of any form.
    pub(super) numbers: u64,
    /// Numbers without a sign and a point.
    pub(super) digits: u64,
    pub(super) digits_width: Span,
    /// Those of them with more zeros at the start than necessary.
    pub(super) padded: u64,
    /// Numbers of ten digits, and the greatest of them.
    pub(super) ten: u64,
    pub(super) ten_max: u64,
    pub(super) twenty: Shifted,
    pub(super) forty: Shifted,
    /// Integers as they are usually written.
    pub(super) integers: u64,
    pub(super) is_beyond_64_bits: bool,
    /// Integers and decimals without zeros at the end.
    pub(super) shortest: u64,
    /// Decimals without zeros at the end, except for one after the point.
    pub(super) pointed: u64,
    /// Decimals, possibly with zeros at the end.
    pub(super) fixed: u64,
    /// The digits before the point, and after it.
    pub(super) whole: Span,
    pub(super) fraction: Span,
}

/// The form of all timestamps, if it is the same.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum OneForm {
    #[default]
    Unknown,
    All(Form),
    Different,
}

impl OneForm {
    fn merge(&mut self, other: OneForm) {
        *self = match (*self, other) {
            (form, OneForm::Unknown) | (OneForm::Unknown, form) => form,
            (form, other) if form == other => form,
            _ => OneForm::Different,
        }
    }
}

/// Numbers whose first 20 digits may have the offset 2^63.
#[derive(Debug, Default)]
pub(super) struct Shifted {
    pub(super) values: u64,
    /// The greatest of the first 20 digits.
    max: u64,
    /// Whether they exceed 64 bits.
    is_beyond: bool,
    /// The digits of the decoded number, before the point and after it.
    pub(super) whole: Span,
    pub(super) fraction: Span,
}

const OFFSET: u64 = 1 << 63;

impl Shifted {
    fn add(&mut self, text: &str) {
        self.values += 1;
        let (whole, fraction) = text.split_at_checked(20).unwrap_or((text, ""));
        let Ok(number) = whole.parse() else {
            self.is_beyond = true;
            return;
        };
        self.max = self.max.max(number);
        let fraction = fraction.trim_end_matches('0').len();
        // A negative number's fraction was subtracted from the next integer.
        let magnitude = match number.checked_sub(OFFSET) {
            Some(magnitude) => magnitude,
            None => OFFSET - number - u64::from(fraction > 0),
        };
        self.whole
            .add(magnitude.checked_ilog10().map_or(0, |log| log as usize + 1));
        self.fraction.add(fraction);
    }

    fn merge(&mut self, other: &Shifted) {
        self.values += other.values;
        self.max = self.max.max(other.max);
        self.is_beyond |= other.is_beyond;
        self.whole.merge(other.whole);
        self.fraction.merge(other.fraction);
    }

    /// Returns whether an offset of 2^63 explains the numbers: if all of them are small, they are
    /// padded only.
    pub(super) fn has_offset(&self) -> bool {
        !self.is_beyond && self.max >= 1 << 62
    }

    pub(super) fn is_small(&self) -> bool {
        !self.is_beyond && self.max < 1 << 62
    }
}

impl Forms {
    pub(super) fn add(&mut self, text: &str) {
        match text.as_bytes() {
            [] => self.empty += 1,
            b"true" | b"false" => self.booleans += 1,
            b"True" | b"False" => {
                self.booleans += 1;
                self.capitalized += 1;
            }
            [b'-', digits @ ..] => {
                let digits = count_digits(digits);
                self.add_number(text, 1, digits);
            }
            bytes @ [b'0'..=b'9', ..] => self.add_digits(text, count_digits(bytes)),
            _ => {}
        }
    }

    /// Adds a text that begins with this many digits.
    fn add_digits(&mut self, text: &str, digits: usize) {
        match (digits, text.as_bytes().get(digits)) {
            (_, None | Some(b'.')) => self.add_number(text, 0, digits),
            (4, Some(b'-')) => self.add_time(text),
            (3, Some(b':')) => self.numbered += 1,
            (1, Some(b' ')) if is_boto_float(text) => self.boto_floats += 1,
            _ => {}
        }
    }

    fn add_time(&mut self, text: &str) {
        if read_date(text.as_bytes()).is_some() {
            self.dates += 1;
        } else if let Some(timestamp) = Timestamp::read(text) {
            self.timestamps += 1;
            self.timestamp_form.merge(OneForm::All(timestamp.form()));
        }
    }

    /// Adds a text that has this many digits after its sign.
    fn add_number(&mut self, text: &str, sign: usize, digits: usize) {
        let bytes = text.as_bytes();
        let fraction = match bytes.get(sign + digits..) {
            _ if digits == 0 => return,
            Some([]) => &[][..],
            Some([b'.', fraction @ ..])
                if !fraction.is_empty() && count_digits(fraction) == fraction.len() =>
            {
                fraction
            }
            _ => return,
        };
        self.numbers += 1;
        let is_padded = digits > 1 && bytes.get(sign) == Some(&b'0');
        if sign == 0 && fraction.is_empty() {
            self.add_unsigned(text, is_padded);
        }
        let is_minus_zero =
            sign > 0 && bytes.iter().skip(1).all(|byte| matches!(byte, b'0' | b'.'));
        if is_padded || is_minus_zero || digits > MAX_DIGITS || fraction.len() > MAX_DIGITS {
            return;
        }
        self.whole.add(digits);
        self.fraction.add(fraction.len());
        if fraction.is_empty() {
            self.integers += 1;
            self.is_beyond_64_bits |= digits > 18 && text.parse::<i64>().is_err();
        } else {
            self.fixed += 1;
            let is_pointed = fraction == b"0" || fraction.last() != Some(&b'0');
            self.pointed += u64::from(is_pointed);
        }
        self.shortest += u64::from(fraction.last() != Some(&b'0'));
    }

    fn add_unsigned(&mut self, text: &str, is_padded: bool) {
        self.digits += 1;
        self.digits_width.add(text.len());
        self.padded += u64::from(is_padded);
        match text.len() {
            10 => {
                self.ten += 1;
                self.ten_max = self.ten_max.max(text.parse().unwrap_or(u64::MAX));
            }
            20 => self.twenty.add(text),
            40 => self.forty.add(text),
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Forms) {
        self.empty += other.empty;
        self.booleans += other.booleans;
        self.capitalized += other.capitalized;
        self.dates += other.dates;
        self.timestamps += other.timestamps;
        self.timestamp_form.merge(other.timestamp_form);
        self.boto_floats += other.boto_floats;
        self.numbered += other.numbered;
        self.numbers += other.numbers;
        self.digits += other.digits;
        self.digits_width.merge(other.digits_width);
        self.padded += other.padded;
        self.ten += other.ten;
        self.ten_max = self.ten_max.max(other.ten_max);
        self.twenty.merge(&other.twenty);
        self.forty.merge(&other.forty);
        self.integers += other.integers;
        self.is_beyond_64_bits |= other.is_beyond_64_bits;
        self.shortest += other.shortest;
        self.pointed += other.pointed;
        self.fixed += other.fixed;
        self.whole.merge(other.whole);
        self.fraction.merge(other.fraction);
    }
}

/// What an exact number has at most, before and after its point.
const MAX_DIGITS: usize = 38;

fn count_digits(bytes: &[u8]) -> usize {
    let digits = bytes.iter().position(|byte| !byte.is_ascii_digit());
    digits.unwrap_or(bytes.len())
}

/// Only what boto itself writes: more digits than it does would be lost.
fn is_boto_float(text: &str) -> bool {
    let float = AttributeType::new(DataType::Float).encoding(Encoding::BotoFloat);
    let value = float.decode_text(text).ok();
    value.and_then(|value| float.encode(&value)).as_deref() == Some(text)
}

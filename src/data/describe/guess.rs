//! Which type the values of an attribute have, for certain.

use std::fmt;

use super::AttributeDescription;
use super::forms::{Forms, OneForm};
use super::span::Span;
use super::tally::Tally;
use crate::data::types::{AttributeType, DataType, Encoding};

/// Describes an attribute. Its type is text unless another gives back the text of every value, and
/// nothing else is as likely.
pub(super) fn describe(name: Box<str>, tally: Tally) -> AttributeDescription {
    let several = tally.per_item.max() > 1;
    let values = Grouped(tally.values);
    let mut attribute_type = AttributeType::new(DataType::Text);
    let (mut evidence, mut reason) = (None, None);
    match candidate(&tally) {
        Verdict::Text(why) => reason = why,
        Verdict::Typed(attribute, form) => {
            let described = match form {
                Some(form) => format!("{attribute}, {form}"),
                None => attribute.to_string(),
            };
            if tally.forms.empty > 0 {
                let empty = Grouped(tally.forms.empty);
                reason = Some(format!(
                    "{described}, except that {empty} of {values} values are empty"
                ));
            } else {
                attribute_type = attribute;
                evidence = Some(format!("{described}: {values} of {values} values"));
            }
        }
    }
    AttributeDescription {
        name: name.into(),
        items: tally.items,
        values: tally.per_item.range(),
        length: tally.lengths.range(),
        attribute_type: attribute_type.multi_valued(several),
        evidence,
        reason,
        examples: tally.examples(),
    }
}

enum Verdict {
    /// With the form of all timestamps.
    Typed(AttributeType, Option<String>),
    /// With the reason, if the values look like something else.
    Text(Option<String>),
}

/// Decides as if there were no empty values.
fn candidate(tally: &Tally) -> Verdict {
    let forms = &tally.forms;
    let filled = tally.values - forms.empty;
    let is_all = |count: u64| count == filled && count > 0;
    let text = |reason: &str| Verdict::Text(Some(reason.to_string()));

    if is_all(forms.booleans) {
        let boolean = AttributeType::new(DataType::Boolean);
        return match forms.capitalized {
            0 => Verdict::Typed(boolean, None),
            all if is_all(all) => Verdict::Typed(boolean.encoding(Encoding::Capitalized), None),
            _ => text("booleans of different forms"),
        };
    }
    if is_all(forms.dates) {
        return Verdict::Typed(AttributeType::new(DataType::Date), None);
    }
    if is_all(forms.timestamps) {
        let OneForm::All(form) = forms.timestamp_form else {
            return text("timestamps of different forms");
        };
        let with_zone = form.has_zone();
        let attribute = AttributeType::new(DataType::Timestamp { with_zone });
        return Verdict::Typed(attribute, Some(form.to_string()));
    }
    if is_all(forms.boto_floats) {
        let float = AttributeType::new(DataType::Float).encoding(Encoding::BotoFloat);
        return Verdict::Typed(float, None);
    }
    if is_all(forms.numbered) && tally.is_numbered && tally.per_item.max() > 1 {
        let list = AttributeType::new(DataType::Text)
            .multi_valued(true)
            .numbered(true);
        return Verdict::Typed(list, None);
    }
    if is_all(forms.numbered) {
        return text("each value begins with three digits and a colon, as boto writes lists");
    }
    if is_all(forms.numbers) {
        return number(tally, filled);
    }
    Verdict::Text(nearly(tally, filled))
}

/// Decides about values that are all numbers.
fn number(tally: &Tally, filled: u64) -> Verdict {
    let forms = &tally.forms;
    if let Some(shifted) = shifted(forms, filled) {
        return Verdict::Typed(shifted, None);
    }
    if forms.digits == filled {
        if let Some(reason) = ambiguous(forms, filled) {
            return Verdict::Text(Some(reason));
        }
    }
    if forms.integers == filled {
        let digits = u8::try_from(forms.whole.max()).unwrap_or(u8::MAX);
        let precision = forms.is_beyond_64_bits.then_some(digits);
        let integer = AttributeType::new(DataType::Integer { precision });
        return Verdict::Typed(integer, None);
    }
    let encoding = if forms.shortest == filled {
        Encoding::Plain
    } else if forms.fixed == filled && forms.fraction.single().is_some() {
        Encoding::FixedPoint
    } else if forms.pointed == filled {
        Encoding::Pointed
    } else {
        let reason = "numbers whose text could not be restored: leading or final zeros, minus zero, or \
                      more than 38 digits";
        return Verdict::Text(Some(reason.to_string()));
    };
    let decimal = AttributeType::new(decimal(forms.whole, forms.fraction));
    Verdict::Typed(decimal.encoding(encoding), None)
}

/// Returns the type of numbers with the offset 2^63.
fn shifted(forms: &Forms, filled: u64) -> Option<AttributeType> {
    let (data_type, width, scale) = if forms.twenty.values == filled && forms.twenty.has_offset() {
        (DataType::Integer { precision: None }, 20, 0)
    } else if forms.forty.values == filled && forms.forty.has_offset() {
        (decimal(forms.forty.whole, forms.forty.fraction), 40, 20)
    } else {
        return None;
    };
    let encoding = Encoding::Offset {
        width,
        offset: 1 << 63,
        scale,
    };
    Some(AttributeType::new(data_type).encoding(encoding))
}

/// Returns why values of digits only may be something else than plain integers.
fn ambiguous(forms: &Forms, filled: u64) -> Option<String> {
    let width = forms.digits_width.single();
    let limit = match width {
        Some(20) => forms.twenty.is_small().then_some("2^62"),
        Some(40) => forms.forty.is_small().then_some("2^62 * 10^20"),
        _ => None,
    };
    if let (Some(width), Some(limit)) = (width, limit) {
        return Some(format!(
            "padded to {width} digits, but not shifted by 2^63: every value is below {limit}"
        ));
    }
    if forms.ten == filled && forms.ten_max >= FIRST_BOTO_INTEGER {
        let reason = "ten digits: integers, or integers + 2^31 as boto writes them";
        return Some(reason.to_string());
    }
    (forms.padded > 0).then(|| match width {
        Some(width) => format!("{width} digits with leading zeros: padded numbers, or codes"),
        None => "digits with leading zeros".to_string(),
    })
}

fn decimal(whole: Span, fraction: Span) -> DataType {
    let scale = u8::try_from(fraction.max()).unwrap_or(u8::MAX);
    let whole = u8::try_from(whole.max()).unwrap_or(u8::MAX);
    DataType::Decimal {
        precision: whole.saturating_add(scale).max(1),
        scale,
    }
}

/// Below, an integer that boto shifted by 2^31 would be less than -2^28: such values are plain,
/// such as seconds since 1970.
const FIRST_BOTO_INTEGER: u64 = (1 << 31) - (1 << 28);

/// Returns what most values are, if not all.
fn nearly(tally: &Tally, filled: u64) -> Option<String> {
    let forms = &tally.forms;
    let counts = [
        (forms.booleans, "booleans"),
        (forms.dates, "dates"),
        (forms.timestamps, "timestamps"),
        (forms.boto_floats, "floats as boto writes them"),
        (forms.numbers, "numbers"),
    ];
    let (count, name) = counts.into_iter().max_by_key(|(count, _)| *count)?;
    (count > filled / 2).then(|| {
        let (count, values) = (Grouped(count), Grouped(tally.values));
        format!("only {count} of {values} values are {name}")
    })
}

/// A number with commas: `3,000`.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

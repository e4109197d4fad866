//! Which type the values of an attribute have, for certain.

use std::fmt;

use super::forms::OneForm;
use super::tally::Tally;
use crate::data::types::{AttributeType, DataType, Encoding};

/// A type with the reasons for it.
#[derive(Debug)]
pub(super) struct Guess {
    pub(super) attribute_type: AttributeType,
    pub(super) evidence: Option<String>,
    pub(super) reason: Option<String>,
}

/// Returns a type only if it gives back the text of every value, and nothing else is as likely.
pub(super) fn guess(tally: &Tally) -> Guess {
    let several = tally.per_item.max() > 1;
    let text = AttributeType::new(DataType::Text).multi_valued(several);
    let stays_text = |reason| Guess {
        attribute_type: text,
        evidence: None,
        reason,
    };
    match candidate(tally) {
        Verdict::Text(reason) => stays_text(reason),
        Verdict::Typed(attribute, form) => {
            let described = match form {
                Some(form) => format!("{attribute}, {form}"),
                None => attribute.to_string(),
            };
            let values = Grouped(tally.values);
            if tally.forms.empty > 0 {
                let empty = Grouped(tally.forms.empty);
                return stays_text(Some(format!(
                    "{described}, except that {empty} of {values} values are empty"
                )));
            }
            Guess {
                attribute_type: attribute.multi_valued(several),
                evidence: Some(format!("{described}: {values} of {values} values")),
                reason: None,
            }
        }
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
    let typed = |data_type| Verdict::Typed(AttributeType::new(data_type), None);
    let text = |reason: &str| Verdict::Text(Some(reason.to_string()));

    if is_all(forms.booleans) {
        return typed(DataType::Boolean);
    }
    if is_all(forms.dates) {
        return typed(DataType::Date);
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
    let text = |reason: String| Verdict::Text(Some(reason));
    let shifted = |data_type, width, scale| {
        let offset = Encoding::Offset {
            width,
            offset: 1 << 63,
            scale,
        };
        Verdict::Typed(AttributeType::new(data_type).encoding(offset), None)
    };
    let decimal = |whole: usize, fraction: usize| {
        let scale = u8::try_from(fraction).unwrap_or(u8::MAX);
        let whole = u8::try_from(whole).unwrap_or(u8::MAX);
        DataType::Decimal {
            precision: whole.saturating_add(scale).max(1),
            scale,
        }
    };

    if forms.twenty.values == filled && forms.twenty.has_offset() {
        return shifted(DataType::Integer { precision: None }, 20, 0);
    }
    if forms.forty.values == filled && forms.forty.has_offset() {
        let (whole, fraction) = (forms.forty.whole.max(), forms.forty.fraction.max());
        return shifted(decimal(whole, fraction), 40, 20);
    }
    if forms.digits == filled {
        let small = match forms.digits_width.single() {
            Some(20) => forms.twenty.is_small().then_some("2^62"),
            Some(40) => forms.forty.is_small().then_some("2^62 * 10^20"),
            _ => None,
        };
        if let Some(limit) = small {
            let width = forms.digits_width.max();
            return text(format!(
                "padded to {width} digits, but not shifted by 2^63: every value is below {limit}"
            ));
        }
        if forms.ten.values == filled && forms.ten.max >= FIRST_BOTO_INTEGER {
            return text(
                "ten digits: integers, or integers + 2^31 as boto writes them".to_string(),
            );
        }
    }
    if forms.padded > 0 && forms.digits == filled {
        return text(match forms.digits_width.single() {
            Some(width) => format!("{width} digits with leading zeros: padded numbers, or codes"),
            None => "digits with leading zeros".to_string(),
        });
    }
    if forms.integers == filled {
        let digits = u8::try_from(forms.whole.max()).unwrap_or(u8::MAX);
        let precision = forms.is_beyond_64_bits.then_some(digits);
        let integer = AttributeType::new(DataType::Integer { precision });
        return Verdict::Typed(integer, None);
    }
    let data_type = decimal(forms.whole.max(), forms.fraction.max());
    if forms.shortest == filled {
        return Verdict::Typed(AttributeType::new(data_type), None);
    }
    if forms.fixed == filled && forms.fraction.single().is_some() {
        let fixed = AttributeType::new(data_type).encoding(Encoding::FixedPoint);
        return Verdict::Typed(fixed, None);
    }
    if forms.pointed == filled {
        let pointed = AttributeType::new(data_type).encoding(Encoding::Pointed);
        return Verdict::Typed(pointed, None);
    }
    text(
        "numbers whose text could not be restored: leading or final zeros, minus zero, or more than \
         38 digits"
            .to_string(),
    )
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

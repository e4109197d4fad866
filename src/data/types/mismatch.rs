//! Why a text is not a value of a type.

use std::fmt;

use super::AttributeType;
use crate::text::Escaped;

/// Why a text is not a value of its attribute's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    NotANumber,
    NotDigits {
        width: u8,
    },
    TooLarge,
    TooManyDecimals {
        scale: u8,
    },
    NotABotoFloat,
    NotABoolean,
    NotATimestamp,
    NoZone,
    Zone,
    NotADate,
    NotNumbered,
    /// The encoding is not one of the type.
    Encoding,
}

/// Longer values are cut.
const MAX_CHARS: usize = 60;

impl Mismatch {
    /// Returns what an error says about a value.
    pub(crate) fn of_value(self, text: &str, attribute: &AttributeType) -> String {
        let shown: String = text.chars().take(MAX_CHARS).collect();
        let cut = if shown.len() < text.len() { "…" } else { "" };
        let shown = Escaped(&shown);
        format!("value \"{shown}{cut}\" does not fit {attribute}: {self}")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::NotANumber => f.write_str("not a number in digits"),
            Mismatch::NotDigits { width } => write!(f, "not exactly {width} digits"),
            Mismatch::TooLarge => f.write_str("the number is too large"),
            Mismatch::TooManyDecimals { scale } => write!(f, "more than {scale} decimals"),
            Mismatch::NotABotoFloat => f.write_str("not of the form 5 000 1.5000000000000000"),
            Mismatch::NotABoolean => f.write_str("neither true nor false"),
            Mismatch::NotATimestamp => {
                f.write_str("not of the form 2026-02-16T16:56:43, with at most 6 decimals")
            }
            Mismatch::NoZone => f.write_str("no offset from UTC, such as Z or +01:00"),
            Mismatch::Zone => f.write_str("has an offset from UTC"),
            Mismatch::NotADate => f.write_str("not of the form 2026-02-16"),
            Mismatch::NotNumbered => f.write_str("does not begin with three digits and a colon"),
            Mismatch::Encoding => f.write_str("the encoding is not valid for the type"),
        }
    }
}

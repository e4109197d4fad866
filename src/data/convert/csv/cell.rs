//! The values of an attribute in one field of a table.

use std::io::Write;

use crate::data::error::Error;
use crate::data::types::Value;

/// Joins values. A backslash precedes separators and backslashes within them.
pub(super) fn join(
    field: &mut Vec<u8>,
    values: &[Value<'_>],
    separator: char,
) -> Result<(), Error> {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            write!(field, "{separator}").map_err(Error::write)?;
        }
        for character in value.to_string().chars() {
            if character == separator || character == '\\' {
                field.push(b'\\');
            }
            write!(field, "{character}").map_err(Error::write)?;
        }
    }
    Ok(())
}

/// Returns whether a spreadsheet takes a text for a formula.
pub(super) fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_values_and_escapes_the_separator() {
        let joined = |texts: &[&'static str]| {
            let texts = texts.iter().map(|text| Value::Text((*text).into()));
            let mut field = Vec::new();
            join(&mut field, &texts.collect::<Vec<_>>(), '|').unwrap();
            String::from_utf8(field).unwrap()
        };
        assert_eq!(joined(&["a", "b"]), "a|b");
        assert_eq!(joined(&["a|b", "c\\"]), "a\\|b|c\\\\");
        assert_eq!(joined(&["", ""]), "|");
        assert_eq!(joined(&[""]), "");
    }

    #[test]
    fn finds_formulas() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "1", " =1", "a=1", "'=1"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}

//! Fields of a row: RFC 4180, with quotes only if they are necessary.

use std::io::Write;

use crate::data::error::Error;
use crate::data::types::Value;

/// Appends a field with a value. Quotes distinguish an empty value from a missing one.
pub(super) fn push(row: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    let is_special = |byte: u8| matches!(byte, b'"' | b'\n' | b'\r') || byte == delimiter;
    // Without an early exit from a block, many bytes are compared at once.
    let in_block = |block: &[u8]| block.iter().fold(false, |is, &byte| is | is_special(byte));
    if !text.is_empty() && !text.chunks(32).any(in_block) {
        row.extend_from_slice(text);
        return;
    }
    row.push(b'"');
    for (index, part) in text.split(|byte| *byte == b'"').enumerate() {
        if index > 0 {
            row.extend_from_slice(b"\"\"");
        }
        row.extend_from_slice(part);
    }
    row.push(b'"');
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_if_necessary() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", "\"\""),
            (" a ", " a "),
            ("a,b", "a,b"),
            ("a;b", "\"a;b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("\"", "\"\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("\r", "\"\r\""),
            ("😀", "😀"),
        ] {
            let mut row = Vec::new();
            push(&mut row, text.as_bytes(), b';');
            assert_eq!(String::from_utf8(row).unwrap(), expected);
        }
    }

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
}

//! Fields of a row: RFC 4180, with quotes only if they are necessary.

/// Appends a field with a value. Quotes tell an empty value from a missing one.
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
}

//! Makes JSON of what only looks like it: text that JSON or UTF-8 cannot represent.

use std::fmt::Write as _;

/// Replaces what is not text in the strings of a JSON value. Control characters are escaped, and
/// thus kept; invalid UTF-8, surrogates without their other half, and invalid escapes become U+FFFD.
pub(super) fn repair(json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let mut repaired = String::with_capacity(json.len());
    let mut in_string = false;
    let mut rest = &*json;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        match character {
            '"' => {
                in_string = !in_string;
                repaired.push('"');
            }
            '\\' if in_string => {
                if let Some(escape) = escape(rest) {
                    length = escape.len();
                    repaired.push_str(escape);
                } else {
                    length = unit(rest).map_or(1, |_| UNIT_BYTES);
                    repaired.push(char::REPLACEMENT_CHARACTER);
                }
            }
            control if in_string && u32::from(control) < 0x20 => {
                // A string takes everything.
                let _ = write!(repaired, "\\u{:04x}", u32::from(control));
            }
            other => repaired.push(other),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    repaired
}

/// The length of `\ud800`.
const UNIT_BYTES: usize = 6;

/// Returns the escape that `text` begins with, if it stands for a character.
fn escape(text: &str) -> Option<&str> {
    let length = match text.as_bytes().get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
        _ => match (unit(text)?, text.get(UNIT_BYTES..).and_then(unit)) {
            (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => 2 * UNIT_BYTES,
            (0xd800..=0xdfff, _) => return None,
            _ => UNIT_BYTES,
        },
    };
    text.get(..length)
}

/// Returns the UTF-16 code unit of the `\u` escape that `text` begins with.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_only_what_is_not_text() {
        for (json, expected) in [
            (&b"{\"a\": [\"b\\n\\u00e9\\ud83d\\ude00\"]}\n"[..], None),
            (b"\"\0 \n\"", Some("\"\\u0000 \\u000a\"")),
            (b"\"a\xffb\"", Some("\"a\u{fffd}b\"")),
            (b"\"\\ud83d\"", Some("\"\u{fffd}\"")),
            (b"\"\\ude00\\ud83dx\"", Some("\"\u{fffd}\u{fffd}x\"")),
            (b"\"\\ud83d\\u0041\"", Some("\"\u{fffd}\\u0041\"")),
            (
                b"\"\\q\\u12\\uzzzz\"",
                Some("\"\u{fffd}q\u{fffd}u12\u{fffd}uzzzz\""),
            ),
            (b"\"\\", Some("\"\u{fffd}")),
        ] {
            let repaired = repair(json);
            let expected = expected.unwrap_or_else(|| std::str::from_utf8(json).unwrap());
            assert_eq!(repaired, expected);
        }
    }

    proptest::proptest! {
        #![proptest_config(crate::tests::items::few_cases())]

        #[test]
        fn makes_a_string_of_any_bytes(bytes: Vec<u8>) {
            // A quote would end the string, and a backslash escape the last quote.
            let inner = bytes.into_iter().filter(|byte| !matches!(byte, b'"' | b'\\'));
            let json = [b"\"".to_vec(), inner.collect(), b"\"".to_vec()].concat();
            proptest::prop_assert!(serde_json::from_str::<String>(&repair(&json)).is_ok());
        }
    }
}

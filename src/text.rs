//! Foreign text in a message of one line: nothing in it can control a terminal.

use std::fmt::{self, Write as _};

/// Shows a name, a path or the like with control characters escaped, so that it stays
/// distinguishable from others.
#[derive(Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if controls_terminal(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Returns whether a character does something to a terminal rather than being shown.
#[must_use]
pub fn controls_terminal(character: char) -> bool {
    breaks_line(character) || reorders(character)
}

/// Shows prose, such as an error message: line breaks and other control characters, with the white
/// space around them, become one space; what would reorder the text is escaped.
#[derive(Debug)]
pub struct Spaced<'a>(pub &'a str);

impl fmt::Display for Spaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(breaks_line) {
            return Escaped(self.0).fmt(f);
        }
        let parts = self.0.split(breaks_line).map(str::trim);
        for (index, part) in parts.filter(|part| !part.is_empty()).enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            Escaped(part).fmt(f)?;
        }
        Ok(())
    }
}

/// Returns whether a character is a control character or separates lines.
fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Returns whether a character is one of Unicode's bidirectional controls (property
/// `Bidi_Control`), which can make a text read as another.
fn reorders(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_control_characters_only() {
        assert_eq!(
            Escaped("é \"x\" \\ \r\n\u{1b}[2J\u{9b}").to_string(),
            "é \"x\" \\ \\r\\n\\u{1b}[2J\\u{9b}"
        );
    }

    #[test]
    fn escapes_every_bidirectional_control() {
        for code in [
            0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,
            0x2069,
        ] {
            let text = format!("a{}b", char::from_u32(code).unwrap());
            let expected = format!("a\\u{{{code:x}}}b");
            assert_eq!(Escaped(&text).to_string(), expected);
            assert_eq!(Spaced(&text).to_string(), expected);
        }
        assert_eq!(Spaced("a\u{202e}\u{2028}b").to_string(), "a\\u{202e} b");
        assert_eq!(Escaped("\u{2029}").to_string(), "\\u{2029}");
    }

    #[test]
    fn turns_control_characters_and_white_space_around_them_into_one_space() {
        for (text, expected) in [
            (" as  it is ", " as  it is "),
            ("a\r\n  b\n", "a b"),
            ("a  b\tc", "a  b c"),
            ("\u{1b}[2J\u{9b}x\u{7f}\0", "[2J x"),
            ("\n \n", ""),
        ] {
            assert_eq!(Spaced(text).to_string(), expected, "{text:?}");
        }
    }
}

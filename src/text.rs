//! Foreign text in a message of one line: no control character of it reaches a terminal.

use std::fmt::{self, Write as _};

/// Shows a name, a path or the like with its control characters escaped, so that it can still be
/// told from another.
#[derive(Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Shows what is for reading, such as an error's message, with a space for each line break or
/// other control character, whatever white space is around it.
#[derive(Debug)]
pub struct Spaced<'a>(pub &'a str);

impl fmt::Display for Spaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(char::is_control) {
            return f.write_str(self.0);
        }
        let parts = self.0.split(char::is_control).map(str::trim);
        for (index, part) in parts.filter(|part| !part.is_empty()).enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(
            Escaped("é \"x\" \\ \r\n\u{1b}[2J\u{9b}").to_string(),
            "é \"x\" \\ \\r\\n\\u{1b}[2J\\u{9b}"
        );
    }

    #[test]
    fn a_control_character_and_what_is_around_it_become_one_space() {
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

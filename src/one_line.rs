//! Foreign text in a message of one line.

use std::fmt::{self, Write as _};

/// Shows text with its control characters escaped, so that it stays on its line and cannot
/// steer a terminal.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(
            OneLine("é \"x\" \\ \r\n\u{1b}[2J\u{9b}").to_string(),
            "é \"x\" \\ \\r\\n\\u{1b}[2J\\u{9b}"
        );
    }
}

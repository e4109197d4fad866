//! Whether what is written has colours.

use std::ffi::{OsStr, OsString};

use clap::{ColorChoice, ValueEnum};

/// Decides for everything that is written from now on, by clap and by us.
pub(crate) fn choose(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// What a command line asks for that is help, or wrong, and so is not parsed to its end.
pub(crate) fn asked_for(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let mut choice = ColorChoice::Auto;
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        let value = if argument == "--color" {
            arguments.next()
        } else {
            let argument = argument.to_str();
            let value = argument.and_then(|argument| argument.strip_prefix("--color="));
            value.map(OsString::from)
        };
        let value = value.as_deref().and_then(OsStr::to_str);
        if let Some(Ok(value)) = value.map(|value| ColorChoice::from_str(value, false)) {
            choice = value;
        }
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_is_right_counts() {
        let asked_for = |line: &str| asked_for(line.split(' ').map(OsString::from));
        for (line, expected) in [
            ("program whoami", ColorChoice::Auto),
            ("program --color never --help", ColorChoice::Never),
            ("program --wrong --color=always", ColorChoice::Always),
            (
                "program --color=always whoami --color auto",
                ColorChoice::Auto,
            ),
            ("program --color=always --color=blue", ColorChoice::Always),
            ("program --color", ColorChoice::Auto),
            ("program -- --color=always", ColorChoice::Auto),
        ] {
            assert_eq!(asked_for(line), expected, "{line}");
        }
    }
}

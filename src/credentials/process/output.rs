//! What of a program's standard error may stand in an error.

use crate::credentials::document::one_line;

/// A word at least this long that mixes letters and digits may be a key.
const KEY_LENGTH: usize = 16;

const HIDDEN: &str = "***";

/// Standard error on one line, cut short, without the lines that name a secret or trace a shell,
/// the arguments of the command, and words that may be keys.
pub(super) fn presentable(stderr: &[u8], command: &str) -> String {
    let text = String::from_utf8_lossy(stderr);
    let arguments = arguments(command);
    let mut shown = String::new();
    for line in text.lines().filter(|line| !is_telling(line)) {
        for word in line.split_whitespace() {
            let is_hidden = is_hidden(word, &arguments);
            shown.push_str(if is_hidden { HIDDEN } else { word });
            shown.push(' ');
        }
    }
    one_line(&shown)
}

/// The words of the command, except for the program's own name.
fn arguments(command: &str) -> Vec<&str> {
    let is_between = |c: char| {
        let is_sign = matches!(
            c,
            '\'' | '"' | '=' | ';' | '|' | '&' | '(' | ')' | '<' | '>'
        );
        is_sign || c.is_whitespace()
    };
    let mut words: Vec<&str> = command.split(is_between).collect();
    words.retain(|word| !word.is_empty());
    // Before the program's name there may be variables; then it is hidden, too.
    let first = command.split_whitespace().next();
    if !words.is_empty() && !first.is_some_and(|word| word.contains('=')) {
        words.remove(0);
    }
    words
}

/// A line of a shell's trace repeats commands; one that names a secret may go on to show it.
fn is_telling(line: &str) -> bool {
    let line = line.trim_start().to_ascii_lowercase();
    line.starts_with('+')
        || [
            "secret",
            "token",
            "password",
            "passphrase",
            "accesskey",
            "access_key",
        ]
        .iter()
        .any(|name| holds(&line, name))
}

fn is_hidden(word: &str, arguments: &[&str]) -> bool {
    let is_argument = arguments.iter().any(|argument| {
        // A short argument such as `-q` would hide half of every sentence.
        argument.len() > 3 && holds(word, argument)
            || word.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == *argument
    });
    let is_between = |byte: &u8| matches!(byte, b':' | b',' | b';' | b'"' | b'\'');
    is_argument || word.as_bytes().split(is_between).any(may_be_key)
}

/// What `str::contains` finds, without its code for long texts; no part is empty.
fn holds(text: &str, part: &str) -> bool {
    let mut windows = text.as_bytes().windows(part.len().max(1));
    windows.any(|window| window == part.as_bytes())
}

fn may_be_key(part: &[u8]) -> bool {
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(byte);
    part.len() >= KEY_LENGTH
        && part.iter().any(u8::is_ascii_digit)
        && part.iter().any(u8::is_ascii_alphabetic)
        && part.iter().all(is_of_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_survives() {
        for (stderr, command, text) in [
            (
                "sh: 1: vault: not found\n",
                "vault read aws",
                "sh: 1: vault: not found",
            ),
            ("no such\n  account\r\n", "get --quiet", "no such account"),
            ("", "get", ""),
        ] {
            assert_eq!(presentable(stderr.as_bytes(), command), text);
        }
    }

    #[test]
    fn nothing_secret_survives() {
        for (stderr, command) in [
            ("+ get --pin hunter2\nfailed", "get --pin hunter2"),
            ("usage: hunter2 is no user\n", "get --user=hunter2"),
            ("{\"SecretAccessKey\":\"hunter2\"}", "get"),
            ("aws_session_token = hunter2", "get"),
            ("got wJalrXUtnFEMI/K7MDENG+bPxRfiCYhunter2", "get"),
            ("got (\"hunter2\")", "A=hunter2 get"),
            ("cannot use 'hunter2'.", "get hunter2"),
        ] {
            let text = presentable(stderr.as_bytes(), command);
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

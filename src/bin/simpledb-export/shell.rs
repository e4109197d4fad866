//! Words in commands to copy.

/// Quotes a word for the shell of the platform.
pub(crate) fn quote(word: &str) -> String {
    if cfg!(windows) {
        quote_for_windows(word)
    } else {
        quote_for_posix(word)
    }
}

fn quote_for_posix(word: &str) -> String {
    if is_plain(word, "-_./:=@%+,") {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Quotes by the rules of C programs, which cmd.exe and PowerShell leave alone.
fn quote_for_windows(word: &str) -> String {
    if is_plain(word, r"-_./:=+\") {
        return word.to_owned();
    }
    // Backslashes before a quote count double.
    let parts = word.split('"').map(|part| {
        let backslashes = part.len() - part.trim_end_matches('\\').len();
        format!("{part}{}", "\\".repeat(backslashes))
    });
    format!("\"{}\"", parts.collect::<Vec<_>>().join("\\\""))
}

fn is_plain(word: &str, punctuation: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || punctuation.contains(c);
    !word.is_empty() && word.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_words_for_a_posix_shell() {
        for (word, quoted) in [
            ("arn:aws:sdb", "arn:aws:sdb"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quote_for_posix(word), quoted);
        }
    }

    #[test]
    fn quotes_words_for_windows() {
        for (word, quoted) in [
            (r"C:\out\data", r"C:\out\data"),
            ("", r#""""#),
            ("my out", r#""my out""#),
            (r"my out\", r#""my out\\""#),
            (r#"a "b" \"c"#, r#""a \"b\" \\\"c""#),
            ("it's", r#""it's""#),
            ("a,b", r#""a,b""#),
            ("a & b", r#""a & b""#),
        ] {
            assert_eq!(quote_for_windows(word), quoted);
        }
    }
}

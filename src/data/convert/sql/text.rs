//! Text as each database reads it. Every value ends where it should, stays on one line, and contains
//! nothing that a program that reads SQL might change, such as a carriage return.

use std::borrow::Cow;

/// What replaces NUL if the database has no text with it.
const REPLACEMENT: &str = "\u{FFFD}";

/// For some programs on Windows.
const END_OF_FILE: char = '\u{1A}';

/// Appends text as a field of PostgreSQL's `COPY`.
pub(super) fn push_copied(out: &mut String, text: &str) {
    push_escaped(out, text, |byte| match byte {
        b'\0' => Some(REPLACEMENT),
        b'\\' => Some("\\\\"),
        b'\n' => Some("\\n"),
        b'\r' => Some("\\r"),
        b'\t' => Some("\\t"),
        _ => None,
    });
}

/// Appends text as a literal of MySQL without the mode `NO_BACKSLASH_ESCAPES`.
pub(super) fn push_mysql(out: &mut String, text: &str) {
    out.push('\'');
    push_escaped(out, text, |byte| match byte {
        b'\'' => Some("''"),
        b'\\' => Some("\\\\"),
        b'\0' => Some("\\0"),
        b'\n' => Some("\\n"),
        b'\r' => Some("\\r"),
        0x1A => Some("\\Z"),
        _ => None,
    });
    out.push('\'');
}

/// Appends text as an expression of SQLite, whose literals have no escapes.
pub(super) fn push_sqlite(out: &mut String, text: &str) {
    let line_feed = stand_in(text, '\n', "\\n");
    let carriage_return = stand_in(text, '\r', "\\r");
    let end_of_file = stand_in(text, END_OF_FILE, "\\Z");
    let stand_ins = [
        (&line_feed, "10"),
        (&carriage_return, "13"),
        (&end_of_file, "26"),
    ];
    for _ in stand_ins.iter().filter(|(stand_in, _)| stand_in.is_some()) {
        out.push_str("replace(");
    }
    out.push('\'');
    push_escaped(out, text, |byte| match byte {
        b'\'' => Some("''"),
        b'\0' => Some(REPLACEMENT),
        b'\n' => line_feed.as_deref(),
        b'\r' => carriage_return.as_deref(),
        0x1A => end_of_file.as_deref(),
        _ => None,
    });
    out.push('\'');
    for (stand_in, code) in stand_ins {
        if let Some(stand_in) = stand_in {
            out.push_str(",'");
            out.push_str(stand_in);
            out.push_str("',char(");
            out.push_str(code);
            out.push_str("))");
        }
    }
}

/// Returns what stands for a character that occurs in the text, and does not occur itself.
fn stand_in(text: &str, character: char, wanted: &'static str) -> Option<Cow<'static, str>> {
    if !text.contains(character) {
        return None;
    }
    let mut stand_in = Cow::Borrowed(wanted);
    let mut number = 1;
    while text.contains(&*stand_in) {
        stand_in = Cow::Owned(format!("{wanted}{number}"));
        number += 1;
    }
    Some(stand_in)
}

/// Appends text with some ASCII characters replaced.
fn push_escaped<'e>(out: &mut String, text: &str, escape: impl Fn(u8) -> Option<&'e str>) {
    let mut rest = text;
    while let Some((at, escaped)) = rest
        .bytes()
        .enumerate()
        .find_map(|(at, byte)| Some((at, escape(byte)?)))
    {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(escaped);
        rest = special.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str) -> String {
        let mut out = String::new();
        push_copied(&mut out, text);
        out
    }

    fn mysql(text: &str) -> String {
        let mut out = String::new();
        push_mysql(&mut out, text);
        out
    }

    fn sqlite(text: &str) -> String {
        let mut out = String::new();
        push_sqlite(&mut out, text);
        out
    }

    #[test]
    fn leaves_plain_text_alone() {
        for text in [
            "", "00501", "null", "NULL", "é 😀", "a\"b", "--", ";", "\u{1}",
        ] {
            assert_eq!(copied(text), text);
            assert_eq!(mysql(text), format!("'{text}'"));
            assert_eq!(sqlite(text), format!("'{text}'"));
        }
    }

    #[test]
    fn escapes_fields_of_copy() {
        assert_eq!(copied("\\."), "\\\\.");
        assert_eq!(copied("\\N"), "\\\\N");
        assert_eq!(copied("a\tb\r\nc'd"), "a\\tb\\r\\nc'd");
        assert_eq!(copied("a\0b"), "a\u{FFFD}b");
    }

    #[test]
    fn escapes_literals_of_mysql() {
        assert_eq!(mysql("'; DROP TABLE x; --"), "'''; DROP TABLE x; --'");
        assert_eq!(mysql("\\' \\"), "'\\\\'' \\\\'");
        assert_eq!(mysql("a\0b\r\nc\u{1A}"), "'a\\0b\\r\\nc\\Z'");
    }

    #[test]
    fn escapes_expressions_of_sqlite() {
        assert_eq!(sqlite("'; DROP TABLE x; --\\"), "'''; DROP TABLE x; --\\'");
        assert_eq!(sqlite("a\0b"), "'a\u{FFFD}b'");
        assert_eq!(sqlite("a\nb\n"), "replace('a\\nb\\n','\\n',char(10))");
        assert_eq!(
            sqlite("\r\n"),
            "replace(replace('\\r\\n','\\n',char(10)),'\\r',char(13))"
        );
        assert_eq!(sqlite("\u{1A}"), "replace('\\Z','\\Z',char(26))");
        assert_eq!(
            sqlite("\\n\\n1\n\\r"),
            "replace('\\n\\n1\\n2\\r','\\n2',char(10))"
        );
    }

    #[test]
    fn never_writes_more_than_one_line() {
        for character in '\0'..'\u{100}' {
            let text = format!("a{character}{character}b");
            for written in [copied(&text), mysql(&text), sqlite(&text)] {
                assert!(!written.contains(['\n', '\r', '\0']), "{written:?}");
            }
        }
    }
}

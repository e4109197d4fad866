//! Writing to stderr, which need not be there.

use std::io::Write;

use clap::builder::Styles;

use simpledb_export::cli_support::Escaped;

/// Writes a line to stderr.
pub(crate) fn note(line: &str) {
    write(&format!("simpledb-export: {}\n", shown(line)));
}

/// Writes why the command ends to stderr, in the colour of clap's own errors where there are any.
pub(crate) fn error(line: &str) {
    let style = Styles::styled();
    let style = style.get_error();
    let line = shown(line);
    write(&format!("{style}simpledb-export:{style:#} {line}\n"));
}

/// A text of one line, or of a few where it is a list, without anything that drives a terminal.
fn shown(text: &str) -> String {
    let lines = text.split('\n').map(|line| Escaped(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Where it fails, there is nowhere left to say so.
fn write(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_break_is_let_through() {
        assert_eq!(shown("a\n  b\r\x1b[2J\u{9b}"), "a\n  b\\r\\u{1b}[2J\\u{9b}");
    }
}

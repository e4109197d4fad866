//! Writing to stderr, which need not be there.

use std::io::Write;

use clap::builder::Styles;

/// Writes a line to stderr.
pub(crate) fn note(line: &str) {
    write(&format!("simpledb-export: {line}\n"));
}

/// Writes why the command ends to stderr, in the colour of clap's own errors where there are any.
pub(crate) fn error(line: &str) {
    let style = Styles::styled();
    let style = style.get_error();
    write(&format!("{style}simpledb-export:{style:#} {line}\n"));
}

/// Where it fails, there is nowhere left to say so.
fn write(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// A text without anything that would end the line or drive a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

//! Results in one of the three output formats.

mod table;
mod text;
mod times;

use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};
use simpledb_export::cli_support::{Escaped, controls_terminal};

pub(crate) use self::times::rfc3339;
use super::args::Format;
use super::failure::Failure;
use super::{Result, stdout};

/// Writes a result to stdout.
pub(crate) fn print(format: Option<Format>, result: &impl Serialize) -> Result<()> {
    let text =
        render(format.unwrap_or_default(), result).map_err(|error| Failure::general(&error))?;
    stdout::print(&text)
}

fn render(format: Format, result: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(result)?;
    times::replace(&mut value);
    Ok(match format {
        Format::Json => json(&value)?,
        Format::Text => text::render(&value),
        Format::Table => table::render(&value, terminal_width()),
    })
}

/// Returns a table as wide as the terminal, with or without a header.
pub(crate) fn grid(header: &[&str], rows: Vec<Vec<String>>) -> String {
    table::grid(header, rows, terminal_width())
}

fn terminal_width() -> Option<u16> {
    let stdout = io::stdout();
    let size = stdout.is_terminal().then(terminal_size::terminal_size)?;
    size.map(|(width, _)| width.0)
}

/// Indented by four spaces, like the AWS CLI's output.
fn json(value: &Value) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(format!("{}\n", with_escapes(&text)))
}

/// Escapes what JSON does not and what a terminal obeys, all of it inside of strings.
fn with_escapes(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && controls_terminal(character) {
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// A value in a line of text or in a cell. Null and true are written as the AWS CLI writes them.
fn word(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => Escaped(text).to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Record {
        later: u8,
        first: Vec<u8>,
    }

    #[test]
    fn indents_json_by_four_and_keeps_the_order_of_the_members() {
        let record = Record {
            later: 1,
            first: Vec::new(),
        };
        assert_eq!(
            render(Format::Json, &record).unwrap(),
            "{\n    \"later\": 1,\n    \"first\": []\n}\n"
        );
    }

    #[test]
    fn escapes_control_characters_in_every_format() {
        #[derive(Serialize)]
        struct Record {
            message: &'static str,
        }
        let message = "a\u{1b}[2J\u{9b}2J\u{7f}\u{a0}é\nb\u{202e}c\u{2066}";
        for format in [Format::Json, Format::Text, Format::Table] {
            let text = render(format, &Record { message }).unwrap();
            let is_raw = |c: char| c != '\n' && controls_terminal(c);
            assert!(!text.contains(is_raw), "{text:?}");
        }
        let json = render(Format::Json, &Record { message }).unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["message"], message);
    }
}

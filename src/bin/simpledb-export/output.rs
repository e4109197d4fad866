//! An answer in one of the three forms.

mod table;
mod text;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::args::Format;
use super::failure::Failure;
use super::{Result, stdout};
use simpledb_export::cli_support::Escaped;

/// Writes an answer to stdout; the title is for tables.
pub(crate) fn print(format: Format, title: &str, answer: &impl Serialize) -> Result<()> {
    let text = render(format, title, answer).map_err(|error| Failure::general(&error))?;
    stdout::print(&text)
}

fn render(format: Format, title: &str, answer: &impl Serialize) -> serde_json::Result<String> {
    Ok(match format {
        Format::Json => json(answer)?,
        Format::Text => text::render(&serde_json::to_value(answer)?),
        Format::Table => table::render(title, &serde_json::to_value(answer)?),
    })
}

/// Indented by four, like the AWS CLI's.
fn json(answer: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    answer.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(format!("{}\n", without_late_controls(&text)))
}

/// JSON's own escapes end before those control characters, of which a terminal obeys some.
fn without_late_controls(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, '\u{7f}'..='\u{9f}') {
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

/// A value in a line of text or a cell. The AWS CLI says None and True where JSON says null and
/// true, and scripts know it so.
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
    struct Answer {
        later: u8,
        first: Vec<u8>,
    }

    #[test]
    fn json_is_indented_by_four_in_the_order_of_the_members() {
        let answer = Answer {
            later: 1,
            first: Vec::new(),
        };
        assert_eq!(
            render(Format::Json, "Title", &answer).unwrap(),
            "{\n    \"later\": 1,\n    \"first\": []\n}\n"
        );
    }

    #[test]
    fn no_form_lets_a_text_drive_a_terminal() {
        #[derive(Serialize)]
        struct Answer {
            message: &'static str,
        }
        let message = "a\u{1b}[2J\u{9b}2J\u{7f}\u{a0}é\nb";
        for form in [Format::Json, Format::Text, Format::Table] {
            let text = render(form, "Title", &Answer { message }).unwrap();
            let is_raw = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(is_raw), "{text:?}");
        }
        let json = render(Format::Json, "Title", &Answer { message }).unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["message"], message);
    }
}

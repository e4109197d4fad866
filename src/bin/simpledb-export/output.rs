//! An answer in one of the three forms.

mod table;
mod text;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::args::Format;
use super::failure::Failure;
use super::{Result, stderr, stdout};

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
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
        Value::String(text) => stderr::one_line(text),
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
}

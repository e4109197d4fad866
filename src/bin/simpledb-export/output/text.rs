//! Tab-separated values by the AWS CLI's rules: members sorted by name; each record of a list on a
//! line that starts with the list's name and has every member that any record of the list has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{is_scalar, word};

/// Renders a value as lines.
pub(super) fn render(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, None, value);
    text
}

fn write(text: &mut String, name: Option<&str>, value: &Value) {
    match value {
        Value::Object(record) => write_record(text, name, record, None),
        Value::Array(list) => write_list(text, name, list),
        scalar => write_line(text, name, [word(scalar)]),
    }
}

fn write_list(text: &mut String, name: Option<&str>, list: &[Value]) {
    let records = list.iter().filter_map(Value::as_object);
    let columns: BTreeSet<&String> = records
        .flatten()
        .filter(|(_, value)| is_scalar(value))
        .map(|(name, _)| name)
        .collect();
    for value in list {
        match value {
            Value::Object(record) => write_record(text, name, record, Some(&columns)),
            other => write(text, name, other),
        }
    }
}

/// Writes a line with the scalar members, then the nested ones.
fn write_record(
    text: &mut String,
    name: Option<&str>,
    record: &Map<String, Value>,
    columns: Option<&BTreeSet<&String>>,
) {
    let members: BTreeMap<_, _> = record.iter().collect();
    let words: Vec<String> = if let Some(columns) = columns {
        let member = |name: &&String| record.get(*name).map(word).unwrap_or_default();
        columns.iter().map(member).collect()
    } else {
        let scalars = members.values().filter(|value| is_scalar(value));
        scalars.map(|value| word(value)).collect()
    };
    if !words.is_empty() {
        write_line(text, name, words);
    }
    for (name, value) in members.iter().filter(|(_, value)| !is_scalar(value)) {
        write(text, Some(name), value);
    }
}

fn write_line(text: &mut String, name: Option<&str>, words: impl IntoIterator<Item = String>) {
    let name = name.map(str::to_uppercase);
    let line: Vec<String> = name.into_iter().chain(words).collect();
    text.push_str(&line.join("\t"));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_a_record_as_a_line_sorted_by_name() {
        let value = json!({"b": "two", "a": 1, "c": null, "d": true});
        assert_eq!(render(&value), "1\ttwo\tNone\tTrue\n");
    }

    #[test]
    fn writes_the_records_of_a_list_with_its_name_and_the_same_columns() {
        let value = json!({"items": [{"a": 1, "b": "x"}, {"b": "y\nz"}], "next": "t"});
        assert_eq!(render(&value), "t\nITEMS\t1\tx\nITEMS\t\ty\\nz\n");
    }

    #[test]
    fn writes_nothing_for_an_empty_list() {
        assert_eq!(render(&json!({"items": []})), "");
    }

    #[test]
    fn writes_nested_records_and_each_scalar_of_a_list_on_a_line() {
        let value = json!({"outer": {"inner": ["x", "y"], "a": 1}});
        assert_eq!(render(&value), "OUTER\t1\nINNER\tx\nINNER\ty\n");
    }
}

//! Lines of tab-separated values, by the AWS CLI's rules: members in the order of their names, the
//! records of a list each after the list's name, and with every member that any of them has.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{is_scalar, word};

/// An answer as lines.
pub(super) fn render(answer: &Value) -> String {
    let mut text = String::new();
    write(&mut text, None, answer);
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
    let names: BTreeSet<&String> = records
        .flatten()
        .filter(|(_, value)| is_scalar(value))
        .map(|(name, _)| name)
        .collect();
    for value in list {
        match value {
            Value::Object(record) => write_record(text, name, record, Some(&names)),
            other => write(text, name, other),
        }
    }
}

/// A line with the scalar members, then what the others have; `names` are the columns of a list.
fn write_record(
    text: &mut String,
    name: Option<&str>,
    record: &Map<String, Value>,
    names: Option<&BTreeSet<&String>>,
) {
    let words: Vec<String> = match names {
        Some(names) => {
            let member = |name: &&String| record.get(*name).map(word).unwrap_or_default();
            names.iter().map(member).collect()
        }
        None => record
            .values()
            .filter(|value| is_scalar(value))
            .map(word)
            .collect(),
    };
    if !words.is_empty() {
        write_line(text, name, words);
    }
    for (name, value) in record.iter().filter(|(_, value)| !is_scalar(value)) {
        write(text, Some(name), value);
    }
}

fn write_line(text: &mut String, name: Option<&str>, words: impl IntoIterator<Item = String>) {
    let line: Vec<String> = name
        .map(str::to_uppercase)
        .into_iter()
        .chain(words)
        .collect();
    text.push_str(&line.join("\t"));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_a_line_in_the_order_of_the_names() {
        let answer = json!({"b": "two", "a": 1, "c": null, "d": true});
        assert_eq!(render(&answer), "1\ttwo\tNone\tTrue\n");
    }

    #[test]
    fn the_records_of_a_list_have_its_name_and_the_same_columns() {
        let answer = json!({"items": [{"a": 1, "b": "x"}, {"b": "y\nz"}], "next": "t"});
        assert_eq!(render(&answer), "t\nITEMS\t1\tx\nITEMS\t\ty\\nz\n");
    }

    #[test]
    fn an_empty_list_is_no_line() {
        assert_eq!(render(&json!({"items": []})), "");
    }

    #[test]
    fn lists_of_scalars_are_a_line_each_and_records_nest() {
        let answer = json!({"outer": {"inner": ["x", "y"], "a": 1}});
        assert_eq!(render(&answer), "OUTER\t1\nINNER\tx\nINNER\ty\n");
    }
}

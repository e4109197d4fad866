//! Tables for reading: a titled box for each record, and one for each list.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{is_scalar, word};

/// An answer as tables.
pub(super) fn render(title: &str, answer: &Value) -> String {
    let mut lines = Vec::new();
    write(&mut lines, title, answer);
    lines.push(String::new());
    lines.join("\n")
}

fn write(lines: &mut Vec<String>, title: &str, value: &Value) {
    match value {
        Value::Object(record) => write_record(lines, title, record),
        Value::Array(list) if list.iter().any(Value::is_object) => write_list(lines, title, list),
        Value::Array(list) => {
            let rows: Vec<_> = list.iter().map(|value| vec![word(value)]).collect();
            write_box(lines, title, None, &rows);
        }
        scalar => write_box(lines, title, None, &[vec![word(scalar)]]),
    }
}

/// Names on the left, values on the right; what is no scalar follows in a box of its own.
fn write_record(lines: &mut Vec<String>, title: &str, record: &Map<String, Value>) {
    let rows: Vec<_> = record
        .iter()
        .filter(|(_, value)| is_scalar(value))
        .map(|(name, value)| vec![name.clone(), word(value)])
        .collect();
    if !rows.is_empty() {
        write_box(lines, title, None, &rows);
    }
    for (name, value) in record.iter().filter(|(_, value)| !is_scalar(value)) {
        write(lines, name, value);
    }
}

/// A row a record, under the names of all that any of them has; or a box a record, where one has
/// more than scalars.
fn write_list(lines: &mut Vec<String>, title: &str, list: &[Value]) {
    let records: Vec<_> = list.iter().filter_map(Value::as_object).collect();
    if records.iter().any(|record| !record.values().all(is_scalar)) {
        for record in records {
            write_record(lines, title, record);
        }
        return;
    }
    let names: BTreeSet<&String> = records.iter().flat_map(|record| record.keys()).collect();
    let header: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    let row = |record: &&Map<String, Value>| {
        let cell = |name: &&String| record.get(*name).map(word).unwrap_or_default();
        names.iter().map(cell).collect()
    };
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    write_box(lines, title, Some(&header), &rows);
}

/// A box that is as wide as its title and its cells ask for.
fn write_box(
    lines: &mut Vec<String>,
    title: &str,
    header: Option<&Vec<String>>,
    rows: &[Vec<String>],
) {
    let mut widths: Vec<usize> = Vec::new();
    for row in header.into_iter().chain(rows) {
        widths.resize(widths.len().max(row.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(cell.chars().count());
        }
    }
    // Two blanks on either side of a cell, and a line between two.
    let inner = (widths.iter().sum::<usize>() + 5 * widths.len()).saturating_sub(1);
    let missing = (title.chars().count() + 4).saturating_sub(inner);
    if let Some(last) = widths.last_mut() {
        *last += missing;
    }
    let inner = inner + missing;
    let edge = format!("+{}+", "-".repeat(inner));
    let rule: Vec<_> = widths.iter().map(|width| "-".repeat(width + 4)).collect();
    let rule = format!("+{}+", rule.join("+"));

    lines.push(edge.clone());
    lines.push(format!("|{title:^inner$}|"));
    lines.push(if widths.is_empty() {
        edge
    } else {
        rule.clone()
    });
    if let Some(header) = header {
        lines.push(row_line(header, &widths));
        lines.push(rule.clone());
    }
    if !rows.is_empty() {
        lines.extend(rows.iter().map(|row| row_line(row, &widths)));
        lines.push(rule);
    }
}

fn row_line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<_> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("  {cell:width$}  "))
        .collect();
    format!("|{}|", cells.join("|"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_has_names_and_values() {
        assert_eq!(
            render("Export", &json!({"arn": "x", "items": 40})),
            "\
+----------------+
|     Export     |
+---------+------+
|  arn    |  x   |
|  items  |  40  |
+---------+------+
"
        );
    }

    #[test]
    fn a_list_has_a_header_and_a_row_a_record() {
        let answer = json!({"list": [{"a": "1", "b": "é"}, {"b": "long"}]});
        assert_eq!(
            render("Title", &answer),
            "\
+--------------+
|     list     |
+-----+--------+
|  a  |  b     |
+-----+--------+
|  1  |  é     |
|     |  long  |
+-----+--------+
"
        );
    }

    #[test]
    fn records_that_hold_more_have_boxes_of_their_own() {
        let answer = json!({"list": [{"a": 1, "inner": {"b": 2}}]});
        assert_eq!(
            render("Title", &answer),
            "\
+-----------+
|   list    |
+-----+-----+
|  a  |  1  |
+-----+-----+
+-----------+
|   inner   |
+-----+-----+
|  b  |  2  |
+-----+-----+
"
        );
    }

    #[test]
    fn a_title_longer_than_its_table_and_an_empty_list_fit() {
        assert_eq!(
            render("A long title", &json!({"a": 1})),
            "\
+----------------+
|  A long title  |
+-----+----------+
|  a  |  1       |
+-----+----------+
"
        );
        assert_eq!(
            render("Title", &json!({"empty": []})),
            "\
+---------+
|  empty  |
+---------+
"
        );
    }
}

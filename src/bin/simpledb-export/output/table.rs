//! Tables: one for each record, and one for each list.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::presets::ASCII_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Map, Value};

use super::{is_scalar, word};

/// Renders a value as tables at most `width` characters wide, if there is such a limit.
pub(super) fn render(value: &Value, width: Option<u16>) -> String {
    let mut tables = Tables {
        text: String::new(),
        width,
    };
    tables.add(None, value);
    tables.text
}

struct Tables {
    text: String,
    width: Option<u16>,
}

impl Tables {
    fn add(&mut self, title: Option<&str>, value: &Value) {
        match value {
            Value::Object(record) => self.add_record(title, record),
            Value::Array(list) if list.iter().any(Value::is_object) => self.add_list(title, list),
            Value::Array(list) => {
                let rows = list.iter().map(|value| vec![word(value)]);
                self.add_table(title, &[], rows.collect());
            }
            scalar => self.add_table(title, &[], vec![vec![word(scalar)]]),
        }
    }

    /// Adds names on the left and values on the right; nested values get their own tables.
    fn add_record(&mut self, title: Option<&str>, record: &Map<String, Value>) {
        let scalars = record.iter().filter(|(_, value)| is_scalar(value));
        let rows: Vec<_> = scalars
            .map(|(name, value)| vec![name.clone(), word(value)])
            .collect();
        if !rows.is_empty() {
            self.add_table(title, &[], rows);
        }
        for (name, value) in record.iter().filter(|(_, value)| !is_scalar(value)) {
            self.add(Some(name), value);
        }
    }

    /// Adds one row for each record; or a table for each if one of them has nested values.
    fn add_list(&mut self, title: Option<&str>, list: &[Value]) {
        let records: Vec<_> = list.iter().filter_map(Value::as_object).collect();
        if records.iter().any(|record| !record.values().all(is_scalar)) {
            for record in records {
                self.add_record(title, record);
            }
            return;
        }
        let names: BTreeSet<&str> = records
            .iter()
            .flat_map(|record| record.keys().map(String::as_str))
            .collect();
        let names = Vec::from_iter(names);
        let row = |record: &&Map<String, Value>| {
            let cell = |name: &&str| record.get(*name).map(word).unwrap_or_default();
            names.iter().map(cell).collect()
        };
        let rows = records.iter().map(row).collect();
        self.add_table(title, &names, rows);
    }

    fn add_table(&mut self, title: Option<&str>, header: &[&str], rows: Vec<Vec<String>>) {
        if let Some(title) = title {
            let _ = writeln!(self.text, "{title}:");
        }
        self.text.push_str(&grid(header, rows, self.width));
    }
}

/// Renders a single table, or nothing if it is empty.
pub(super) fn grid(header: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_preset(ASCII_FULL_CONDENSED).add_rows(rows);
    if !header.is_empty() {
        table.set_header(header);
    }
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    if table.is_empty() {
        String::new()
    } else {
        format!("{table}\n")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_the_names_and_values_of_a_record() {
        assert_eq!(
            render(&json!({"arn": "x", "items": 40}), None),
            "\
+-------+----+
| arn   | x  |
| items | 40 |
+-------+----+
"
        );
    }

    #[test]
    fn shows_a_list_with_a_header_and_a_row_for_each_record() {
        let value = json!({"list": [{"a": "1", "b": "é"}, {"b": "long"}]});
        assert_eq!(
            render(&value, None),
            "\
list:
+---+------+
| a | b    |
+==========+
| 1 | é    |
|   | long |
+---+------+
"
        );
    }

    #[test]
    fn shows_nested_records_in_their_own_tables() {
        let value = json!({"list": [{"a": 1, "inner": {"b": 2}}], "empty": []});
        let text = render(&value, None);
        for table in [
            "list:\n+---+---+\n| a | 1 |\n",
            "inner:\n+---+---+\n| b | 2 |\n",
        ] {
            assert!(text.contains(table), "{text}");
        }
        assert!(text.contains("empty:\n"), "{text}");
    }

    #[test]
    fn wraps_cells_in_a_narrow_terminal() {
        let text = render(&json!({"message": "one two three four five"}), Some(24));
        assert!(text.lines().all(|line| line.len() <= 24), "{text}");
        assert!(text.lines().count() > 3, "{text}");
    }
}

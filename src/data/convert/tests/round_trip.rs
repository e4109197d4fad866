use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::tests::items::{any_items, few_cases};

type Attributes = BTreeMap<String, Vec<String>>;

/// What a conversion must contain: each attribute once, with all of its values.
fn merged(item: &Item) -> Attributes {
    let mut attributes = Attributes::new();
    for attribute in &item.attributes {
        let values = attributes.entry(attribute.name.clone()).or_default();
        values.extend(attribute.values.iter().cloned());
    }
    attributes
}

fn rows(table: &str) -> Vec<Vec<String>> {
    ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// Reads a field as the documentation describes it.
fn values(field: &str, separator: Option<char>) -> Vec<String> {
    let Some(separator) = separator else {
        return match field {
            array if array.starts_with('[') => serde_json::from_str(array).unwrap(),
            value => vec![value.to_owned()],
        };
    };
    let mut values = vec![String::new()];
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        if character == separator {
            values.push(String::new());
        } else {
            let plain = if character == '\\' {
                characters.next().unwrap()
            } else {
                character
            };
            values.last_mut().unwrap().push(plain);
        }
    }
    values
}

fn read_table(table: &str, separator: Option<char>) -> Vec<(String, Attributes)> {
    let rows = rows(table);
    let (header, rows) = rows.split_first().unwrap();
    rows.iter()
        .map(|row| {
            let attributes = header
                .iter()
                .zip(row)
                .skip(1)
                .filter(|(_, field)| !field.is_empty());
            let attributes = attributes
                .map(|(name, field)| (name.clone(), values(field, separator)))
                .collect();
            (row[0].clone(), attributes)
        })
        .collect()
}

fn texts(array: &Value) -> Vec<String> {
    serde_json::from_value(array.clone()).unwrap()
}

fn repeated(report: &WriteReport) -> u64 {
    report.losses.count(LossKind::RepeatedAttribute)
}

fn only_repetitions(report: &WriteReport) -> bool {
    report
        .losses
        .counts()
        .all(|(kind, _)| kind == LossKind::RepeatedAttribute)
}

fn repetitions(items: &[Item]) -> u64 {
    items
        .iter()
        .map(|item| (item.attributes.len() - merged(item).len()) as u64)
        .sum()
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn json_lines_lose_nothing(items in any_items()) {
        let (text, report) = json_lines(&items);
        prop_assert_eq!(report.items, items.len() as u64);
        prop_assert!(only_repetitions(&report));
        prop_assert_eq!(repeated(&report), repetitions(&items));
        let expected: Vec<_> = items
            .iter()
            .map(|item| json!({"itemName": item.item_name, "attributes": merged(item)}))
            .collect();
        prop_assert_eq!(lines(&text), expected);
    }

    #[test]
    fn csv_with_arrays_loses_nothing(mut items in any_items()) {
        for item in &mut items {
            item.attributes.retain(|attribute| attribute.name != "itemName");
        }
        let (table, report) = csv_table(&items, csv_writer());
        prop_assert!(only_repetitions(&report));
        prop_assert_eq!(repeated(&report), repetitions(&items));
        let expected: Vec<_> =
            items.iter().map(|item| (item.item_name.clone(), merged(item))).collect();
        prop_assert_eq!(read_table(&table, None), expected);
    }

    #[test]
    fn csv_with_a_separator_loses_only_what_is_reported(
        mut items in any_items(),
        separator in prop_oneof![Just('|'), Just(','), Just('"'), Just('\n'), Just('é')],
    ) {
        for item in &mut items {
            item.attributes.retain(|attribute| attribute.name != "itemName");
        }
        let (table, report) = csv_table(&items, csv_writer().separator(separator));
        let (mut without, mut empty) = (0, 0);
        let expected: Vec<_> = items
            .iter()
            .map(|item| {
                let mut attributes = merged(item);
                attributes.retain(|_, values| {
                    without += u64::from(values.is_empty());
                    empty += u64::from(*values == [""]);
                    !values.is_empty() && *values != [""]
                });
                (item.item_name.clone(), attributes)
            })
            .collect();
        prop_assert_eq!(read_table(&table, Some(separator)), expected);
        prop_assert_eq!(report.losses.count(LossKind::NoValues), without);
        prop_assert_eq!(report.losses.count(LossKind::EmptyValue), empty);
    }

    #[test]
    fn dynamodb_with_lists_loses_nothing(items in any_items()) {
        let (text, report) = dynamodb(&items, true);
        prop_assert_eq!(repeated(&report), repetitions(&items));
        let expected: Vec<_> = items
            .iter()
            .map(|item| {
                let mut expected = Map::new();
                expected.insert(KEY.to_owned(), json!({"S": item.item_name}));
                for (name, values) in merged(item) {
                    let typed = match &values[..] {
                        [value] => json!({"S": value}),
                        values => {
                            let list: Vec<_> = values.iter().map(|v| json!({"S": v})).collect();
                            json!({"L": list})
                        }
                    };
                    expected.insert(name, typed);
                }
                json!({"Item": expected})
            })
            .collect();
        prop_assert_eq!(lines(&text), expected);
    }

    #[test]
    fn dynamodb_with_sets_loses_only_what_is_reported(items in any_items()) {
        let (text, report) = dynamodb(&items, false);
        let mut kept = 0;
        let mut left_out = 0;
        for (line, item) in lines(&text).iter().zip(&items) {
            let written = line["Item"].as_object().unwrap();
            let attributes = merged(item);
            left_out += (attributes.len() + 1 - written.len()) as u64;
            for (name, typed) in written.iter().filter(|(name, _)| *name != KEY) {
                let values = match (typed.get("S"), typed.get("SS")) {
                    (Some(value), None) => vec![value.as_str().unwrap().to_owned()],
                    (None, Some(set)) => texts(set),
                    _ => panic!("{typed}"),
                };
                let mut expected = Vec::new();
                for value in &attributes[name] {
                    if !expected.contains(value) {
                        expected.push(value.clone());
                    }
                }
                prop_assert_eq!(&values, &expected);
                prop_assert_eq!(typed.get("S").is_some(), values.len() == 1);
                kept += values.len() as u64;
            }
        }
        let all: u64 = items.iter().flat_map(merged).map(|(_, values)| values.len() as u64).sum();
        prop_assert_eq!(report.losses.count(LossKind::DuplicateValue), all - kept);
        prop_assert_eq!(report.losses.count(LossKind::NoValues), left_out);
    }
}

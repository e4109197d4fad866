use std::collections::BTreeMap;
use std::mem;

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

/// Reads rows of fields, which are `None` if they are empty and have no quotes.
fn rows(table: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut characters = table.chars().peekable();
    while characters.peek().is_some() {
        let mut field = String::new();
        let is_quoted = characters.next_if_eq(&'"').is_some();
        let end = loop {
            match characters.next().unwrap() {
                '"' if is_quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
                '"' if is_quoted => break characters.next().unwrap(),
                end @ (',' | '\n') if !is_quoted => break end,
                character => {
                    assert!(is_quoted || !['"', '\r'].contains(&character));
                    field.push(character);
                }
            }
        };
        row.push((is_quoted || !field.is_empty()).then_some(field));
        match end {
            '\n' => rows.push(mem::take(&mut row)),
            end => assert_eq!(end, ','),
        }
    }
    assert!(row.is_empty(), "the last line has no end");
    rows
}

/// Reads the field of an attribute that can have several values, as the documentation describes it.
fn values(field: &str, separator: Option<char>) -> Vec<String> {
    let Some(separator) = separator else {
        return serde_json::from_str(field).unwrap();
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

fn read_table(table: &str, types: &Types, separator: Option<char>) -> Vec<(String, Attributes)> {
    let mut rows = rows(table).into_iter();
    let header: Vec<_> = rows
        .next()
        .unwrap()
        .into_iter()
        .map(Option::unwrap)
        .collect();
    rows.map(|row| {
        let mut fields = header.iter().zip(row);
        let (_, item_name) = fields.next().unwrap();
        let attributes = fields.filter_map(|(name, field)| {
            let field = field?;
            let values = if types.get(name).unwrap().multi_valued {
                values(&field, separator)
            } else {
                vec![field]
            };
            Some((name.clone(), values))
        });
        (item_name.unwrap(), attributes.collect())
    })
    .collect()
}

/// Returns the items as a table can hold them: attributes without values are omitted.
fn tabular(items: &[Item]) -> Vec<(String, Attributes)> {
    items
        .iter()
        .map(|item| {
            let mut attributes = merged(item);
            attributes.retain(|_, values| !values.is_empty());
            (item.item_name.clone(), attributes)
        })
        .collect()
}

fn only_without_values(report: &WriteReport) -> bool {
    let mut kinds = report.losses.counts().map(|(kind, _)| kind);
    kinds.all(|kind| [LossKind::RepeatedAttribute, LossKind::NoValues].contains(&kind))
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
        prop_assert!(only_without_values(&report));
        prop_assert_eq!(repeated(&report), repetitions(&items));
        prop_assert_eq!(read_table(&table, &text_types(&items), None), tabular(&items));
    }

    #[test]
    fn csv_with_a_separator_loses_nothing(
        mut items in any_items(),
        separator in prop_oneof![Just('|'), Just(','), Just('"'), Just('\n'), Just('é')],
    ) {
        for item in &mut items {
            item.attributes.retain(|attribute| attribute.name != "itemName");
        }
        let (table, report) = csv_table(&items, csv_writer().separator(separator));
        prop_assert!(only_without_values(&report));
        prop_assert_eq!(read_table(&table, &text_types(&items), Some(separator)), tabular(&items));
    }

    #[test]
    fn flat_json_lines_lose_nothing(mut items in any_items()) {
        for item in &mut items {
            item.attributes.retain(|attribute| attribute.name != "itemName");
        }
        let types = text_types(&items);
        let mut writer = JsonLinesWriter::new(Vec::new()).flat(true).types(types.clone());
        for item in &items {
            writer.write(item).unwrap();
        }
        let (text, report) = text(writer.finish());
        prop_assert!(only_without_values(&report));
        let expected: Vec<_> = tabular(&items)
            .into_iter()
            .map(|(item_name, attributes)| {
                let mut line = Map::from_iter([("itemName".to_owned(), json!(item_name))]);
                line.extend(attributes.into_iter().map(|(name, values)| {
                    let several = types.get(&name).unwrap().multi_valued;
                    let value = if several { json!(values) } else { json!(values[0]) };
                    (name, value)
                }));
                Value::Object(line)
            })
            .collect();
        prop_assert_eq!(lines(&text), expected);
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

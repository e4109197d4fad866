use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::data::convert::tests::{shown, write_text};
use crate::data::convert::{LossKind, WriteReport};
use crate::data::types::{AttributeType, DataType};
use crate::data::{ErrorKind, OnError, Types};
use crate::tests::items::{any_items, few_cases};
use crate::wire::item::Item;

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

const INTEGER: DataType = DataType::Integer { precision: None };
const ZONED: DataType = DataType::Timestamp { with_zone: true };

fn types(types: &[(&str, DataType, bool)]) -> Types {
    let types = types.iter().map(|(name, data_type, several)| {
        (*name, AttributeType::new(*data_type).multi_valued(*several))
    });
    types.collect()
}

/// Returns the statements that insert rows.
fn inserts(dialect: Dialect, types: &Types, items: &[Item]) -> (String, WriteReport) {
    let writer = SqlWriter::new(Vec::new(), dialect)
        .types(types.clone())
        .table("t")
        .key_name("id");
    let (script, report) = write_text(writer, items).unwrap();
    let schema = Schema::new(dialect, "t", "id", types).unwrap();
    let inserts = script
        .strip_prefix(&script::opening(dialect, &schema))
        .and_then(|script| script.strip_suffix(&script::closing(dialect, &schema)));
    (inserts.unwrap().to_string(), report)
}

fn example() -> (Types, [Item; 2]) {
    let types = types(&[
        ("title", DataType::Text, false),
        ("tag", DataType::Text, true),
        ("year", INTEGER, false),
        (
            "big",
            DataType::Integer {
                precision: Some(20),
            },
            false,
        ),
        (
            "price",
            DataType::Decimal {
                precision: 4,
                scale: 2,
            },
            false,
        ),
        ("weight", DataType::Float, false),
        ("sold", DataType::Boolean, false),
        ("seen", ZONED, false),
        ("born", DataType::Date, false),
    ]);
    let items = [
        Item::new("it's")
            .attribute("title", [""])
            .attribute("tag", ["b", "a\n"])
            .attribute("year", ["1999"])
            .attribute("big", ["12345678901234567890"])
            .attribute("price", ["1.5"])
            .attribute("weight", ["-0.5"])
            .attribute("sold", ["true"])
            .attribute("seen", ["2012-02-29T23:59:59.999+02:00"])
            .attribute("born", ["1815-12-10"]),
        Item::new("none"),
    ];
    (types, items)
}

#[test]
fn copies_rows_to_postgres() {
    let (types, items) = example();
    let (inserts, report) = inserts(Dialect::Postgres, &types, &items);
    assert_eq!(
        inserts,
        "COPY \"t\" (\"id\", \"title\", \"year\", \"big\", \"price\", \"weight\", \"sold\", \
         \"seen\", \"born\") FROM stdin;\n\
         it's\t\t1999\t12345678901234567890\t1.50\t-5e-1\ttrue\t2012-02-29T23:59:59.999+02:00\t\
         1815-12-10\n\
         none\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n\
         \\.\n\
         COPY \"t_tag\" (\"id\", \"position\", \"value\") FROM stdin;\n\
         it's\t1\tb\n\
         it's\t2\ta\\n\n\
         \\.\n"
    );
    assert!(report.losses.is_empty());
    assert!(report.text_columns.is_empty());
    assert_eq!(report.items, 2);
}

#[test]
fn inserts_rows_into_sqlite() {
    let (types, items) = example();
    let (inserts, report) = inserts(Dialect::Sqlite, &types, &items);
    assert_eq!(
        inserts,
        "INSERT INTO \"t\" (\"id\", \"title\", \"year\", \"big\", \"price\", \"weight\", \
         \"sold\", \"seen\", \"born\") VALUES\n\
         ('it''s','',1999,'12345678901234567890','1.50',-5/10.0,1,\
         '2012-02-29T23:59:59.999+02:00','1815-12-10'),\n\
         ('none',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);\n\
         INSERT INTO \"t_tag\" (\"id\", \"position\", \"value\") VALUES\n\
         ('it''s',1,'b'),\n\
         ('it''s',2,replace('a\\n','\\n',char(10)));\n"
    );
    assert!(report.losses.is_empty());
    let text_columns = shown(&report.text_columns);
    assert_eq!(
        text_columns,
        [
            "attribute big: written as text: integers of SQLite have 64 bits",
            "attribute price: written as text: SQLite has no exact decimals",
        ]
    );
}

#[test]
fn inserts_rows_into_mysql() {
    let (types, items) = example();
    let (inserts, report) = inserts(Dialect::MySql, &types, &items);
    assert_eq!(
        inserts,
        "INSERT INTO `t` (`id`, `title`, `year`, `big`, `price`, `weight`, `sold`, `seen`, \
         `born`) VALUES\n\
         ('it''s','',1999,12345678901234567890,1.50,-5e-1,true,'2012-02-29T21:59:59.999000',\
         '1815-12-10'),\n\
         ('none',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);\n\
         INSERT INTO `t_tag` (`id`, `position`, `value`) VALUES\n\
         ('it''s',1,'b'),\n\
         ('it''s',2,'a\\n');\n"
    );
    assert!(report.losses.is_empty());
    assert!(report.text_columns.is_empty());
}

#[test]
fn writes_tables_without_rows() {
    for dialect in ALL {
        let (inserts, report) = inserts(dialect, &types(&[("a", INTEGER, true)]), &[]);
        assert_eq!(inserts, "");
        assert_eq!(report.items, 0);
    }
}

#[test]
fn splits_rows_into_statements_that_every_server_accepts() {
    let types = types(&[("a", DataType::Text, false), ("b", DataType::Text, true)]);
    let items: Vec<Item> = (0..500)
        .map(|number| {
            Item::new(number.to_string())
                .attribute("a", ["'".repeat(1024)])
                .attribute("b", ["x"; 20])
        })
        .collect();
    for dialect in [Dialect::Sqlite, Dialect::MySql] {
        let (inserts, report) = inserts(dialect, &types, &items);
        assert_eq!(report.items, 500);
        let statements: Vec<_> = inserts.split(";\n").collect();
        assert!(statements.len() > 4);
        assert!(statements.iter().all(|statement| statement.len() < 300_000));
        assert_eq!(
            inserts.lines().filter(|line| line.ends_with(')')).count(),
            0
        );
    }
}

#[test]
fn reports_what_a_database_cannot_represent() {
    let types = types(&[
        ("a", DataType::Text, false),
        ("t", ZONED, false),
        ("s", ZONED, true),
    ]);
    let last = "9999-12-31T23:59:59-01:00";
    let first = "0001-01-01T00:00:00+20:00";
    let item = Item::new("x\0")
        .attribute("a", ["\0\0"])
        .attribute("t", [last])
        .attribute("s", [first, "2000-01-01T00:00:00+20:00"]);
    let losses = |dialect| {
        let (inserts, report) = inserts(dialect, &types, std::slice::from_ref(&item));
        let losses = report.losses.examples();
        (
            inserts,
            losses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    let name = "item x\\u{0}: the database's text cannot contain NUL, which was replaced by U+FFFD";
    let value = "item x\\u{0}, attribute a: the database's text cannot contain NUL, which was \
                 replaced by U+FFFD";
    let range = |attribute| {
        format!(
            "item x\\u{{0}}, attribute {attribute}: the time is out of the database's range and was \
             omitted"
        )
    };
    let (inserts, found) = losses(Dialect::Sqlite);
    assert_eq!(found, [name, value]);
    assert!(
        inserts.contains("('x\u{FFFD}','\u{FFFD}\u{FFFD}','9999"),
        "{inserts}"
    );
    let (inserts, found) = losses(Dialect::Postgres);
    assert_eq!(found, [name, value, &range("s")]);
    assert!(
        inserts.ends_with("x\u{FFFD}\t2\t1999-12-31T04:00:00.000000Z\n\\.\n"),
        "{inserts}"
    );
    let (inserts, found) = losses(Dialect::MySql);
    assert_eq!(found, [range("t"), range("s")]);
    assert!(inserts.contains("('x\\0','\\0\\0',NULL)"), "{inserts}");
    assert!(
        inserts.ends_with("VALUES\n('x\\0',2,'1999-12-31T04:00:00.000000');\n"),
        "{inserts}"
    );
}

#[test]
fn writes_decimals_that_mysql_cannot_hold_as_text() {
    let decimal = |precision, scale| DataType::Decimal { precision, scale };
    let types = types(&[
        ("fits", decimal(65, 30), false),
        ("long", decimal(66, 30), false),
        ("fine", decimal(31, 31), false),
    ]);
    let writer = SqlWriter::new(Vec::new(), Dialect::MySql).types(types);
    let item = Item::new("x")
        .attribute("long", ["1.5"])
        .attribute("fits", ["-0.5"]);
    let (script, report) = write_text(writer, &[item]).unwrap();
    for column in [
        "`fits` DECIMAL(65,30),",
        "`long` LONGTEXT,",
        "`fine` LONGTEXT,",
    ] {
        assert!(script.contains(column), "{script}");
    }
    let zeros = "0".repeat(29);
    let row = format!("('x',-0.5{zeros},'1.5{zeros}',NULL);");
    assert!(script.contains(&row), "{script}");
    assert_eq!(
        report.text_columns[1].to_string(),
        "attribute fine: written as text: decimals of MySQL have at most 65 digits, of which at \
         most 30 after the point"
    );
}

#[test]
fn rejects_values_that_do_not_fit_unless_they_are_skipped_or_replaced() {
    let writer = |on_error| {
        SqlWriter::new(Vec::new(), Dialect::Sqlite)
            .types(types(&[("n", INTEGER, false)]))
            .on_error(on_error)
    };
    let items = [
        Item::new("a").attribute("n", ["x"]),
        Item::new("b").attribute("n", ["1"]),
    ];
    let error = write_text(writer(OnError::Fail), &items).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch);
    let (text, report) = write_text(writer(OnError::Skip), &items).unwrap();
    assert!(text.ends_with("VALUES\n('b',1);\nCOMMIT;\n"), "{text}");
    assert_eq!(report.losses.count(LossKind::SkippedItem), 1);
    let (text, _) = write_text(writer(OnError::Replace), &items).unwrap();
    assert!(
        text.ends_with("VALUES\n('a',NULL),\n('b',1);\nCOMMIT;\n"),
        "{text}"
    );
}

#[test]
fn rejects_an_attribute_with_the_name_of_the_key() {
    let writer =
        SqlWriter::new(Vec::new(), Dialect::Postgres).types(types(&[("itemName", INTEGER, false)]));
    let error = writer.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NameCollision);
}

/// The rows of each table: the texts of their cells.
type Tables = BTreeMap<String, Vec<Vec<Option<String>>>>;

/// Reads the statements that insert rows as the database does.
fn read(dialect: Dialect, inserts: &str) -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in inserts.split_terminator('\n') {
        let head = line
            .strip_prefix("COPY ")
            .or_else(|| line.strip_prefix("INSERT INTO "));
        if let Some(head) = head.filter(|_| line.ends_with(';') || line.ends_with("VALUES")) {
            table = head.split(" (").next().unwrap().to_string();
        } else if line != "\\." {
            let row = match dialect {
                Dialect::Postgres => line.split('\t').map(copied).collect(),
                _ => row(dialect, line),
            };
            tables.entry(table.clone()).or_default().push(row);
        }
    }
    tables
}

fn copied(field: &str) -> Option<String> {
    if field == "\\N" {
        return None;
    }
    let mut text = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next().unwrap() {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '\\' => '\\',
                other => panic!("\\{other}"),
            },
            plain => plain,
        });
    }
    Some(text)
}

fn row(dialect: Dialect, line: &str) -> Vec<Option<String>> {
    let mut rest = line.strip_prefix('(').unwrap();
    let mut cells = Vec::new();
    loop {
        let (cell, after) = expression(dialect, rest);
        cells.push(cell);
        let Some(next) = after.strip_prefix(',') else {
            assert!([")", "),", ");"].contains(&after), "{after}");
            return cells;
        };
        rest = next;
    }
}

fn expression(dialect: Dialect, text: &str) -> (Option<String>, &str) {
    if let Some(rest) = text.strip_prefix("NULL") {
        return (None, rest);
    }
    if let Some(rest) = text.strip_prefix("replace(") {
        let (value, rest) = expression(dialect, rest);
        let (stand_in, rest) = expression(dialect, rest.strip_prefix(',').unwrap());
        let (code, rest) = rest
            .strip_prefix(",char(")
            .unwrap()
            .split_once("))")
            .unwrap();
        let character = char::from(code.parse::<u8>().unwrap());
        let value = value
            .unwrap()
            .replace(&stand_in.unwrap(), &character.to_string());
        return (Some(value), rest);
    }
    let Some(quoted) = text.strip_prefix('\'') else {
        let end = text.find([',', ')']).unwrap();
        return (Some(text[..end].to_string()), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        let rest = &quoted[at + character.len_utf8()..];
        value.push(match character {
            '\'' if rest.starts_with('\'') => characters.next().unwrap().1,
            '\'' => return (Some(value), rest),
            '\\' if dialect == Dialect::MySql => match characters.next().unwrap().1 {
                '0' => '\0',
                'n' => '\n',
                'r' => '\r',
                'Z' => '\u{1A}',
                '\\' => '\\',
                other => panic!("\\{other}"),
            },
            plain => plain,
        });
    }
    panic!("no end: {text}");
}

/// What the tables must contain: all texts, with NUL replaced if the database has no such text.
fn expected(dialect: Dialect, items: &[Item]) -> Tables {
    let text = |text: &str| {
        Some(match dialect {
            Dialect::MySql => text.to_string(),
            _ => text.replace('\0', "\u{FFFD}"),
        })
    };
    let mut tables = Tables::new();
    for item in items {
        let name = text(&item.item_name);
        let values = |attribute: &str| {
            let attributes = item.attributes.iter().filter(|a| a.name == attribute);
            attributes
                .flat_map(|a| &a.values)
                .map(|value| text(value))
                .collect::<Vec<_>>()
        };
        let single = values("b").first().cloned().flatten();
        let rows = tables.entry(dialect.quoted("t")).or_default();
        rows.push(vec![name.clone(), single]);
        for (value, number) in values("a").into_iter().zip(1..) {
            let rows = tables.entry(dialect.quoted("t_a")).or_default();
            rows.push(vec![name.clone(), Some(number.to_string()), value]);
        }
    }
    tables
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn loses_only_what_is_reported(mut items in any_items()) {
        for item in &mut items {
            item.attributes.retain(|attribute| ["a", "b"].contains(&&*attribute.name));
            let mut singles = 0;
            for attribute in item.attributes.iter_mut().filter(|attribute| attribute.name == "b") {
                attribute.values.truncate(1 - singles);
                singles += attribute.values.len();
            }
        }
        let types = types(&[("a", DataType::Text, true), ("b", DataType::Text, false)]);
        for dialect in ALL {
            let (inserts, report) = inserts(dialect, &types, &items);
            prop_assert_eq!(read(dialect, &inserts), expected(dialect, &items));
            let with_nul = report.losses.count(LossKind::NulCharacter);
            let nul = items.iter().flat_map(|item| {
                let values = item.attributes.iter().flat_map(|attribute| &attribute.values);
                values.chain([&item.item_name]).filter(|text| text.contains('\0'))
            });
            prop_assert_eq!(with_nul, if dialect == Dialect::MySql { 0 } else { nul.count() as u64 });
        }
    }
}

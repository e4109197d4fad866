use proptest::prelude::*;

use super::tally::{Place, Tally};
use super::*;
use crate::data::ErrorKind;
use crate::data::pipeline::FilePlace;
use crate::data::types::Encoding;
use crate::tests::export::TestExport;
use crate::tests::items::few_cases;
use crate::wire::item::Item;

/// Describes an export of files whose items have the attribute `a` with one of these values each.
fn describe(files: &[&[&str]]) -> AttributeDescription {
    let item = |value: &&str| Item::new("i").attribute("a", [*value]);
    let files = files.iter().map(|values| values.iter().map(item).collect());
    let dir = TestExport::of(&files.collect::<Vec<_>>());
    let export = Export::open(dir.path()).unwrap();
    let mut found = export.describe().threads(1).run().unwrap();
    let parallel = export.describe().threads(3).run().unwrap();
    let json = |description| serde_json::to_value(description).unwrap();
    assert_eq!(json(&found), json(&parallel));
    found.attributes.remove(0)
}

/// Describes values as `type | evidence` or `text | reason`.
fn guess(values: &[&str]) -> String {
    let (first, second) = values.split_at(values.len() / 2);
    let found = describe(&[first, second, &[]]);
    for value in values {
        let attribute = found.attribute_type;
        let decoded = attribute.decode(value).unwrap();
        assert_eq!(
            attribute.encode(&decoded).as_deref(),
            Some(*value),
            "{attribute}"
        );
    }
    let why = found.evidence.or(found.reason).unwrap_or_default();
    format!("{} | {why}", found.attribute_type)
}

#[test]
fn guesses_plain_types() {
    for (values, expected) in [
        (&["true", "false"][..], "boolean | boolean: 2 of 2 values"),
        (
            &["True", "False", "True"],
            "boolean as True or False | boolean as True or False: 3 of 3 values",
        ),
        (&["0", "-1", "42"], "integer | integer: 3 of 3 values"),
        (
            &["1", "-12.25"],
            "decimal(4,2) | decimal(4,2): 2 of 2 values",
        ),
        (
            &["1.50", "-0.25", "12.00"],
            "decimal(4,2) with all decimals | decimal(4,2) with all decimals: 3 of 3 values",
        ),
        (
            &["1.0", "-12.25"],
            "decimal(4,2) with at least one decimal | decimal(4,2) with at least one decimal: 2 of 2 \
             values",
        ),
        (&["2024-02-29"], "date | date: 1 of 1 values"),
        (
            &[
                "2026-02-16T16:56:43.659+01:00",
                "2026-02-16T16:56:43.000-05:00",
            ],
            "timestamp with zone | timestamp with zone, yyyy-MM-ddTHH:mm:ss.SSS±hh:mm: 2 of 2 values",
        ),
        (
            &["2026-02-16T16:56:43"],
            "timestamp | timestamp, yyyy-MM-ddTHH:mm:ss: 1 of 1 values",
        ),
        (
            &["18446744073709551616", "-1"],
            "integer(20) | integer(20): 2 of 2 values",
        ),
        (
            &["9223372036854775807", "-9223372036854775808"],
            "integer | integer: 2 of 2 values",
        ),
        (&["a", ""], "text | "),
    ] {
        assert_eq!(guess(values), expected);
    }
}

#[test]
fn guesses_shifted_numbers() {
    for (values, expected) in [
        (
            &["09223372036854775850", "09223372036854775766"][..],
            "integer + 2^63 in 20 digits | integer + 2^63 in 20 digits: 2 of 2 values",
        ),
        (
            &["00000000000000000000", "18446744073709551615"],
            "integer + 2^63 in 20 digits | integer + 2^63 in 20 digits: 2 of 2 values",
        ),
        (
            &[
                "0922337203685477580950000000000000000000",
                "0922337203685477570725000000000000000000",
            ],
            "decimal(5,2) + 2^63 in 40 digits, 20 of them decimals | decimal(5,2) + 2^63 in 40 \
             digits, 20 of them decimals: 2 of 2 values",
        ),
        (
            &["5 000 1.5000000000000000", "3 000 0.0000000000000000"],
            "float as boto writes it | float as boto writes it: 2 of 2 values",
        ),
    ] {
        assert_eq!(guess(values), expected);
    }
}

#[test]
fn leaves_what_is_not_certain_text_and_says_why() {
    for (values, reason) in [
        (
            &["00501", "90210"][..],
            "5 digits with leading zeros: padded numbers, or codes",
        ),
        (&["1", "02"], "digits with leading zeros"),
        (
            &["00000000000000000042", "04611686018427387903"],
            "padded to 20 digits, but not shifted by 2^63: every value is below 2^62",
        ),
        (
            &["0461168601842738790399999999999999999999"],
            "padded to 40 digits, but not shifted by 2^63: every value is below 2^62 * 10^20",
        ),
        (
            &["2147483690", "2147483606"],
            "ten digits: integers, or integers + 2^31 as boto writes them",
        ),
        (
            &["1.5", "1.50"],
            "numbers whose text could not be restored: leading or final zeros, minus zero, or more \
             than 38 digits",
        ),
        (
            &["-0", "1"],
            "numbers whose text could not be restored: leading or final zeros, minus zero, or more \
             than 38 digits",
        ),
        (&["1", "2", "n/a"], "only 2 of 3 values are numbers"),
        (
            &["1", "", "3"],
            "integer, except that 1 of 3 values are empty",
        ),
        (
            &["2026-02-16T16:56:43Z", "2026-02-16T16:56:43.5Z"],
            "timestamps of different forms",
        ),
        (
            &["000:a", "001:b"],
            "each value begins with three digits and a colon, as boto writes lists",
        ),
        (&["+1"], ""),
        (&["1e5"], ""),
        (&["1.", "2."], ""),
        (&["5 000 1.5000000000000001"], ""),
        (&["true", "True"], "booleans of different forms"),
        (&["True", "true", "no"], "only 2 of 3 values are booleans"),
        (&["TRUE", "FALSE"], ""),
    ] {
        assert_eq!(guess(values), format!("text | {reason}"), "{values:?}");
    }
}

#[test]
fn recognizes_the_lists_of_boto() {
    let list = |items: &[&[&str]]| {
        let item = |values: &&[&str]| Item::new("i").attribute("a", values.iter().copied());
        let dir = TestExport::of(&[items.iter().map(item).collect()]);
        let export = Export::open(dir.path()).unwrap();
        let found = export.describe().run().unwrap().attributes.remove(0);
        (found.attribute_type, found.evidence)
    };
    let numbered = AttributeType::new(DataType::Text)
        .multi_valued(true)
        .numbered(true);
    assert_eq!(
        list(&[&["001:b", "000:a"], &["000:"]]),
        (
            numbered,
            Some("text in numbered lists: 3 of 3 values".to_string())
        )
    );
    let text = AttributeType::new(DataType::Text);
    for items in [
        &[&["000:a", "002:b"][..]][..],
        &[&["000:a", "000:b"]],
        &[&["001:a", "002:b"]],
        &[&["000:a", "001:b"], &["c"]],
    ] {
        assert_eq!(list(items), (text.multi_valued(true), None), "{items:?}");
    }
    assert_eq!(list(&[&["000:a"]]), (text, None));
}

#[test]
fn takes_seconds_of_ten_digits_as_integers() {
    assert_eq!(guess(&["1700000000"]), "integer | integer: 1 of 1 values");
}

#[test]
fn counts_items_values_and_lengths() {
    let dir = TestExport::of(&[
        vec![
            Item::new("first")
                .attribute("late", ["é"])
                .attribute("a", ["1", "22"]),
            Item::new("2"),
        ],
        vec![],
        vec![
            Item::new("three")
                .attribute("a", ["333"])
                .attribute("a", ["4", "5"]),
            Item::new("four").attribute("z", [""; 0]),
        ],
    ]);
    let export = Export::open(dir.path()).unwrap();
    let found = export.describe().run().unwrap();
    assert_eq!(
        serde_json::to_value(&found).unwrap(),
        serde_json::json!({
            "domainName": null,
            "items": 4,
            "itemNameLength": {"min": 1, "max": 5},
            "attributes": [
                {
                    "name": "late",
                    "items": 1,
                    "values": {"min": 1, "max": 1},
                    "length": {"min": 2, "max": 2},
                    "type": "text",
                    "examples": ["é"],
                },
                {
                    "name": "a",
                    "items": 2,
                    "values": {"min": 1, "max": 3},
                    "length": {"min": 1, "max": 3},
                    "type": {"type": "integer", "multiValued": true},
                    "evidence": "integer: 5 of 5 values",
                    "examples": ["1", "22", "333"],
                },
                {
                    "name": "z",
                    "items": 1,
                    "values": {"min": 0, "max": 0},
                    "length": {"min": 0, "max": 0},
                    "type": "text",
                    "examples": [],
                },
            ],
        })
    );
    let several = |types: &Types| types.get("a").unwrap().multi_valued;
    assert!(several(&found.types()) && several(&found.text_types()));
    let text = found.text_types();
    assert!(
        text.iter()
            .all(|(_, kind)| kind.data_type == DataType::Text)
    );
    assert!(
        text.iter()
            .all(|(_, kind)| kind.encoding == Encoding::Plain)
    );
}

#[test]
fn keeps_the_first_different_examples_cut_at_a_character() {
    let long = "é".repeat(80);
    let found = describe(&[&["x", "x"], &["y", &long], &["z"]]);
    let cut = "é".repeat(50);
    assert_eq!(found.examples, ["x", "y", &cut]);
}

#[test]
fn reports_a_file_that_cannot_be_read() {
    let dir = TestExport::of(&[vec![Item::new("a")]]);
    dir.write("data/dataFile_0.json", b"[{\"itemName\":1}]");
    let export = Export::open(dir.path()).unwrap();
    let error = export.describe().run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(
        dir.anonymous(&error.to_string())
            .starts_with("data/dataFile_0.json: byte ")
    );
    let skipped = export.clone().on_error(crate::data::OnError::Skip);
    let found = skipped.describe().run().unwrap();
    assert_eq!((found.items, found.unreadable.len()), (0, 1));
}

#[test]
fn a_callback_cancels() {
    let dir = TestExport::of(&[vec![Item::new("a")]]);
    let export = Export::open(dir.path()).unwrap();
    let describe = export.describe().on_progress(|_| ControlFlow::Break(()));
    let error = describe.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.to_string(), "the description was cancelled");
}

#[test]
fn limits_the_number_of_attributes() {
    let item = |number: usize| Item::new("i").attribute(format!("a{number}"), ["1"]);
    let dir = TestExport::of(&[(0..=10_000).map(item).collect()]);
    let export = Export::open(dir.path()).unwrap();
    let error = export.describe().run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyColumns);
}

/// The place of an attribute in the first batch of a file.
fn place(file: usize, number: u64) -> Place {
    let batch = FilePlace { file, batch: 0 };
    Place { batch, number }
}

/// Texts of one form, or of forms that are easily confused.
fn any_values() -> impl Strategy<Value = Vec<String>> {
    let form = prop_oneof![
        Just("-?[0-9]{1,3}"),
        Just("[0-9]{20}"),
        Just("(0922337203|1844674407)[0-9]{10}"),
        Just("(0922337203|1844674407)[0-9]{30}"),
        Just("[0-9]{10}"),
        Just("-?[0-9]{1,2}\\.[0-9]{1,2}"),
        Just("-?[0-9]{1,2}\\.[0-9]{2}"),
        Just("-?[0-9]{1,2}\\.(0|25|5)"),
        Just("-?[0-9]{36,40}(\\.[0-9]{36,40})?"),
        Just("[1-5] [0-9]{3} [0-9]\\.[0-9]{6}0000000000"),
        Just("true|false|True"),
        Just("20[0-9]{2}-[01][0-9]-[0-3][0-9]"),
        Just(
            "20[0-9]{2}-[01][0-9]-2[0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?(Z|\\+0[0-9]:00)?"
        ),
        Just("[-+0-9.eTZ: ]{0,30}"),
    ];
    form.prop_flat_map(|form| prop::collection::vec(form, 1..5))
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn a_guessed_type_gives_back_the_text_of_every_value(values in any_values()) {
        let mut tally = Tally::new(place(0, 0));
        tally.add(&values, 1, place(0, 1));
        let attribute = guess::describe("a".into(), tally).attribute_type;
        prop_assert_eq!(attribute.check(), Ok(()));
        for value in &values {
            let decoded = attribute.decode(value).map_err(|error| error.to_string());
            let encoded = decoded.map(|decoded| attribute.encode(&decoded));
            prop_assert_eq!(encoded, Ok(Some(value.clone())), "{}", attribute);
        }
    }

    #[test]
    fn parts_can_be_described_in_any_order(
        values in prop::collection::vec(any_values(), 3),
        order in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let part = |file: usize| {
            let mut tally = Tally::new(place(file, 0));
            let values = values.get(file).map(Vec::as_slice).unwrap_or_default();
            tally.add(values, 1, place(file, 1));
            tally
        };
        let shown = |mut tally: Tally| {
            tally.last_item = 0;
            tally.last_values = 0;
            (format!("{tally:?}"), guess::describe("a".into(), tally))
        };
        let mut left = part(0);
        left.merge(part(1));
        left.merge(part(2));
        let mut right = part(order[1]);
        right.merge(part(order[2]));
        let mut shuffled = part(order[0]);
        shuffled.merge(right);
        prop_assert_eq!(format!("{:?}", shown(left)), format!("{:?}", shown(shuffled)));
    }
}

use std::io;

use proptest::prelude::*;

use super::*;
use crate::data::reader::{ItemReader, OnError};
use crate::tests::items::{any_items, few_cases};
use crate::wire::item::Item;

/// Everything that reading a file results in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    items: Vec<Item>,
    unreadable: Vec<String>,
    error: Option<String>,
}

impl Outcome {
    fn add<R: Read>(&mut self, reader: ItemReader<R>, on_error: OnError) {
        let mut reader = reader.on_error(on_error);
        for item in reader.by_ref() {
            match item {
                Ok(item) => self.items.push(item),
                Err(error) => self.error = Some(error.to_string()),
            }
        }
        let unreadable = reader.unreadable().iter().map(ToString::to_string);
        self.unreadable.extend(unreadable);
    }
}

fn in_one(json: &[u8], max_item_bytes: usize, on_error: OnError) -> Outcome {
    let mut outcome = Outcome::default();
    let reader = ItemReader::new(json).max_item_bytes(max_item_bytes);
    outcome.add(reader, on_error);
    outcome
}

fn in_batches(
    source: impl Read,
    batch_bytes: usize,
    max_item_bytes: usize,
    on_error: OnError,
) -> (Outcome, usize) {
    let mut batches = Batches::new(source, batch_bytes, max_item_bytes);
    let mut outcome = Outcome::default();
    let mut count = 0;
    while let Some(batch) = batches.next() {
        count += 1;
        if outcome.error.is_none() {
            outcome.add(ItemReader::of_batch(batch, max_item_bytes), on_error);
        }
    }
    (outcome, count)
}

#[test]
fn cuts_between_elements_wherever_they_end() {
    let json = br#"[ {"itemName":"a"} ,{"itemName":"b}"}, {"itemName":"c"}]  "#;
    for batch_bytes in 1..json.len() {
        let (outcome, count) = in_batches(&json[..], batch_bytes, 100, OnError::Fail);
        assert_eq!(outcome, in_one(json, 100, OnError::Fail));
        assert!(batch_bytes > 40 || count > 1, "{batch_bytes}");
    }
}

#[test]
fn needs_little_memory_for_white_space() {
    let space = " ".repeat(1000);
    let json = format!(
        "\u{feff}{space}[{space}{{\"itemName\":\"a\"}}{space},{space}{{\"itemName\":\"b\"}}{space}]{space}"
    );
    let mut batches = Batches::new(json.as_bytes(), 100, 100);
    while let Some(batch) = batches.next() {
        assert!(batch.bytes.len() < 300);
    }
    let (outcome, _) = in_batches(json.as_bytes(), 100, 100, OnError::Fail);
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.items, [Item::new("a"), Item::new("b")]);
    for fault in [",", "x", "{"] {
        for json in [
            format!("{json}{fault}"),
            json.replace(&space, &format!("{space}{fault}")),
        ] {
            let (outcome, _) = in_batches(json.as_bytes(), 100, 100, OnError::Fail);
            assert_eq!(outcome, in_one(json.as_bytes(), 100, OnError::Fail));
        }
    }
}

#[test]
fn does_not_collect_an_element_that_is_far_too_large() {
    let long = "x".repeat(10_000);
    let json = format!("[{{\"itemName\":\"a\"}},{{\"itemName\":\"{long}\"}}]");
    let mut batches = Batches::new(json.as_bytes(), 100, 1000);
    while let Some(batch) = batches.next() {
        assert!(batch.bytes.len() < 2300);
    }
    for on_error in [OnError::Fail, OnError::Skip] {
        let (outcome, _) = in_batches(json.as_bytes(), 100, 1000, on_error);
        assert_eq!(outcome.items, [Item::new("a")]);
        assert_eq!(
            outcome.error.unwrap(),
            "byte 18, item 2: larger than the limit of 1000 bytes; raise max_item_bytes"
        );
    }
}

#[test]
fn reports_a_failure_to_read_after_the_items_before_it() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let json = &b"[{\"itemName\":\"a\"},{\"itemName\":"[..];
    let (outcome, _) = in_batches(json.chain(Broken), 8, 100, OnError::Fail);
    assert_eq!(outcome.items, [Item::new("a")]);
    assert_eq!(
        outcome.error.unwrap(),
        "byte 30, item 2: cannot be read: timed out"
    );
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn makes_no_difference_to_a_file_in_one_piece(
        written in any_items(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        quotes in prop::collection::vec(any::<prop::sample::Index>(), 0..2),
        pretty: bool,
        batch_bytes in 1..300_usize,
        skip: bool,
    ) {
        let json = if pretty {
            serde_json::to_vec_pretty(&written)
        } else {
            serde_json::to_vec(&written)
        };
        let mut json = json.unwrap();
        for (at, byte) in damage {
            let at = at.index(json.len());
            json[at] = byte;
        }
        for at in quotes {
            json.insert(at.index(json.len()), b'"');
        }
        let on_error = if skip { OnError::Skip } else { OnError::Replace };
        let (outcome, _) = in_batches(&json[..], batch_bytes, 1 << 20, on_error);
        prop_assert_eq!(outcome, in_one(&json, 1 << 20, on_error));
    }
}

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;
use crate::data::ErrorKind;
use crate::tests::items::{any_items, few_cases};

const SMALL: &str = "\u{feff}[ {\"itemName\":\"é1\",\"attributes\":[{\"name\":\"a\\u0041\",\
    \"values\":[\"30\",\"\"]}]},\n{\"itemName\":\"b\",\"new\":{\"x\":[-1.5e3,null]},\
    \"attributes\":null} ]\n";

fn small() -> Vec<Item> {
    vec![Item::new("é1").attribute("aA", ["30", ""]), Item::new("b")]
}

struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

fn items(json: &[u8]) -> Result<Vec<Item>, Error> {
    ItemReader::new(json).collect()
}

#[test]
fn returns_the_same_items_in_every_way_of_reading() {
    assert_eq!(items(SMALL.as_bytes()).unwrap(), small());
    let dripped: Result<Vec<_>, _> = ItemReader::new(Drip(SMALL.as_bytes())).collect();
    assert_eq!(dripped.unwrap(), small());

    let mut reader = ItemReader::new(SMALL.as_bytes());
    let mut item = Item::default();
    for expected in small() {
        assert!(reader.read_item(&mut item).unwrap());
        assert_eq!(item, expected);
    }
    assert!(!reader.read_item(&mut item).unwrap());
}

#[test]
fn reports_the_byte_at_which_a_file_is_truncated() {
    let whole = SMALL.trim_end().len();
    for length in 0..whole {
        let error = items(&SMALL.as_bytes()[..length]).unwrap_err();
        assert_eq!(
            error.byte().map(|byte| (length as u64) - byte <= 2),
            Some(true),
            "{length}"
        );
        let number = SMALL[..].as_bytes()[length - length.min(1)];
        if !matches!(number, b'-' | b'.' | b'e') {
            assert_eq!(error.kind(), ErrorKind::Truncated, "{length}: {error}");
        }
    }
    assert_eq!(items(&SMALL.as_bytes()[..whole]).unwrap(), small());
}

#[test]
fn names_a_file_that_cannot_be_opened() {
    let error = ItemReader::open("no such directory/data.json").unwrap_err();
    let no_directory = io::Error::from_raw_os_error(if cfg!(windows) { 3 } else { 2 });
    assert_eq!(
        error.to_string(),
        format!("no such directory/data.json: cannot be read: {no_directory}")
    );
}

/// One item that is not text between two that are.
fn with_broken(value: &[u8]) -> Vec<u8> {
    let json = b"[{\"itemName\":\"a\"},\n{\"itemName\":\"b\",\"attributes\":\
        [{\"name\":\"n\",\"values\":[\"VALUE\"]}]},{\"itemName\":\"c\"}]";
    let at = json
        .windows(5)
        .position(|window| window == b"VALUE")
        .unwrap();
    [&json[..at], value, &json[at + 5..]].concat()
}

fn read_on(json: &[u8], on_error: OnError) -> (Vec<Item>, Vec<String>, Option<Error>) {
    let mut reader = ItemReader::new(Drip(json))
        .path("d.json")
        .on_error(on_error);
    let mut items = Vec::new();
    let mut error = None;
    for item in reader.by_ref() {
        match item {
            Ok(item) => items.push(item),
            Err(failed) => error = Some(failed),
        }
    }
    let unreadable = reader.unreadable().iter().map(ToString::to_string);
    (items, unreadable.collect(), error)
}

#[test]
fn fails_skips_or_repairs_an_item_that_is_not_text() {
    let named = |name| Item::new(name);
    for (value, message, repaired) in [
        (
            &b"x\x01"[..],
            "byte 73, item 2 (b): control character (\\u0000-\\u001F) found while parsing a string",
            "x\u{1}",
        ),
        (
            b"\xff\xfe",
            "byte 72, item 2 (b): invalid UTF-8",
            "\u{fffd}\u{fffd}",
        ),
        (
            b"\\ud83d",
            "byte 78, item 2 (b): unexpected end of hex escape",
            "\u{fffd}",
        ),
    ] {
        let json = with_broken(value);
        let message = format!("d.json: {message}");
        let (items, unreadable, error) = read_on(&json, OnError::Fail);
        assert_eq!((items, unreadable), (vec![named("a")], vec![]));
        assert_eq!(error.unwrap().to_string(), message);

        let (items, unreadable, error) = read_on(&json, OnError::Skip);
        assert_eq!(items, [named("a"), named("c")]);
        assert_eq!(unreadable, [format!("{message}; the item was skipped")]);
        assert!(error.is_none());

        let (items, unreadable, error) = read_on(&json, OnError::Replace);
        let kept = named("b").attribute("n", [repaired]);
        assert_eq!(items, [named("a"), kept, named("c")]);
        assert_eq!(
            unreadable,
            [format!("{message}; the item was repaired and kept")]
        );
        assert!(error.is_none());
    }
}

#[test]
fn fails_if_the_end_of_an_unreadable_item_is_not_found() {
    for json in [
        &b"[{\"itemName\":\"a"[..],
        b"[1,{\"itemName\":\"a\"}]",
        b"[{\"a\xff",
    ] {
        for on_error in [OnError::Skip, OnError::Replace] {
            let (items, unreadable, error) = read_on(json, on_error);
            assert_eq!((items, unreadable), (vec![], vec![]));
            assert!(error.is_some());
        }
    }
    // It is text, but not an item.
    let json = b"[{\"itemName\":1},{\"itemName\":\"b\"}]";
    let (items, _, error) = read_on(json, OnError::Replace);
    assert_eq!(items, []);
    assert_eq!(error.unwrap().kind(), ErrorKind::InvalidData);
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn reads_items_with_any_characters_exactly(
        written in any_items(),
        pretty: bool,
    ) {
        let json = if pretty {
            serde_json::to_vec_pretty(&written)
        } else {
            serde_json::to_vec(&written)
        };
        prop_assert_eq!(items(&json.unwrap()).unwrap(), written);
    }

    #[test]
    fn rejects_damaged_bytes_without_panicking(
        written in any_items(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut json = serde_json::to_vec(&written).unwrap();
        for (at, byte) in damage {
            let at = at.index(json.len());
            json[at] = byte;
        }
        let read = items(&json);
        let dripped: Result<Vec<_>, _> = ItemReader::new(Drip(&json)).collect();
        // From bytes, the parser would not check the text that it skips.
        let text = std::str::from_utf8(&json).ok();
        let plain = text.is_some_and(|text| serde_json::from_str::<Vec<Item>>(text).is_ok());
        prop_assert_eq!(read.is_ok(), plain);
        match read {
            Ok(items) => {
                prop_assert_eq!(dripped.unwrap(), items);
            }
            Err(error) => {
                prop_assert_eq!(dripped.unwrap_err().to_string(), error.to_string());
                prop_assert!(error.byte().unwrap() <= json.len() as u64);
            }
        }
    }
}

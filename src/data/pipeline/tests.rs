use std::mem;
use std::ops::ControlFlow;

use super::*;
use crate::data::progress::{Callback, Progress};
use crate::data::reader::OnError;
use crate::data::{Loss, LossKind, Losses};
use crate::tests::export::TestExport;

impl Chunk for Vec<String> {}

/// Collects the names of items.
#[derive(Clone, Default)]
struct Names(Vec<String>);

impl Encoder for Names {
    type Output = Vec<String>;

    /// About one item.
    const BATCH_BYTES: usize = 50;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        if item.item_name == "refused" {
            return Err(Error::new(ErrorKind::TypeMismatch, "does not fit"));
        }
        if item.attributes.is_empty() {
            tally.losses.add(LossKind::NoValues, item, None);
        }
        tally.items += 1;
        self.0.push(item.item_name.clone());
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn take(&mut self) -> Vec<String> {
        mem::take(&mut self.0)
    }
}

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    names: Vec<String>,
    losses: Vec<String>,
    unreadable: Vec<String>,
    error: Option<String>,
}

fn one_by_one(export: &Export) -> Outcome {
    let mut outcome = Outcome::default();
    let mut names = Names::default();
    let mut tally = Tally::default();
    let mut items = export.items();
    let error = loop {
        let mut item = Item::default();
        let read = match items.read_item(&mut item) {
            Ok(true) => names.encode(&item, &mut tally),
            Ok(false) => break None,
            Err(error) => Err(error),
        };
        if let Err(error) = read {
            break Some(error);
        }
    };
    outcome.error = error.map(|error| error.to_string());
    if outcome.error.is_none() {
        outcome.names = names.0;
        outcome.losses = examples(&tally.losses);
        outcome.unreadable = items.unreadable().iter().map(ToString::to_string).collect();
    }
    outcome
}

fn on_threads(export: &Export, threads: usize) -> Outcome {
    let mut outcome = Outcome::default();
    let mut tally = Tally::default();
    let tracker = Tracker::new("cancelled", &[], Callback::none());
    let ran = run(
        export,
        &tracker,
        threads,
        &Names::default(),
        None,
        |names, of_chunk| {
            outcome.names.extend(names);
            tally.append(of_chunk);
            Ok(())
        },
    );
    match ran {
        Ok(ItemsRead { unreadable, .. }) => {
            assert_eq!(tally.items, outcome.names.len() as u64);
            outcome.losses = examples(&tally.losses);
            outcome.unreadable = unreadable.iter().map(ToString::to_string).collect();
            outcome
        }
        Err(error) => Outcome {
            error: Some(error.to_string()),
            ..Outcome::default()
        },
    }
}

fn examples(losses: &Losses) -> Vec<String> {
    losses.examples().iter().map(Loss::to_string).collect()
}

/// Compares what several threads find with what reading item by item finds, and returns it.
fn same_on_all(export: &Export) -> Outcome {
    let expected = one_by_one(export);
    for threads in [1, 2, 5] {
        for _ in 0..5 {
            assert_eq!(on_threads(export, threads), expected, "{threads}");
        }
    }
    expected
}

fn many(file: usize) -> Vec<Item> {
    let item = |number| {
        let item = Item::new(format!("{file}.{number}"));
        if number % 3 == 0 {
            item
        } else {
            item.attribute("a", ["x".repeat(number)])
        }
    };
    (0..40).map(item).collect()
}

fn several_files() -> TestExport {
    TestExport::of(&[many(0), vec![], many(2), many(3)])
}

fn open(dir: &TestExport) -> Export {
    Export::open(dir.path()).unwrap().check_md5(true)
}

#[test]
fn keeps_the_order_of_items_and_losses() {
    let dir = several_files();
    let outcome = same_on_all(&open(&dir));
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.names.len(), 120);
    assert_eq!(outcome.losses.len(), 10);
}

#[test]
fn reports_the_first_error_in_order() {
    let dir = several_files();
    dir.write("data/dataFile_3.json", b"[1");
    let error = same_on_all(&open(&dir).check_md5(false)).error.unwrap();
    let path = |error: String| dir.anonymous(&error);
    assert!(path(error).starts_with("data/dataFile_3.json: byte 1, item 1: "));
    dir.remove("data/dataFile_2.json");
    let error = same_on_all(&open(&dir)).error.unwrap();
    assert!(path(error).starts_with("data/dataFile_2.json: cannot be read: "));
}

#[test]
fn a_changed_file_is_an_error_after_its_items() {
    let dir = several_files();
    dir.write(
        "data/dataFile_2.json",
        &serde_json::to_vec(&many(9)).unwrap(),
    );
    let error = same_on_all(&open(&dir)).error.unwrap();
    assert!(error.contains("MD5 checksum is "), "{error}");
    assert_eq!(same_on_all(&open(&dir).check_md5(false)).error, None);
}

/// Replaces the first `x` of a file, and thereby makes an item unreadable.
fn with_broken_item(items: &[Item]) -> Vec<u8> {
    let mut json = serde_json::to_vec(items).unwrap();
    let at = json.iter().position(|byte| *byte == b'x').unwrap();
    json[at] = b'\n';
    json
}

#[test]
fn tells_an_unreadable_item_from_a_changed_file() {
    let dir = TestExport::of(&[many(0), many(1)]);
    dir.write("data/dataFile_1.json", &with_broken_item(&many(1)));
    let error = same_on_all(&open(&dir)).error.unwrap();
    assert!(error.contains("MD5 checksum is "), "{error}");
    let error = same_on_all(&open(&dir).check_md5(false)).error.unwrap();
    assert!(error.contains("item 2 (1.1): control character"), "{error}");
    let skipping = open(&dir).on_error(OnError::Skip);
    let error = same_on_all(&skipping).error.unwrap();
    assert!(error.contains("MD5 checksum is "), "{error}");

    let mut manifest = dir.read_json("manifest-file.json");
    let md5 = crate::data::Md5Digest::of(&with_broken_item(&many(1)));
    manifest[1]["md5Checksum"] = md5.to_string().into();
    dir.write_json("manifest-file.json", &manifest);
    let error = same_on_all(&open(&dir)).error.unwrap();
    assert!(error.ends_with("; skip or replace the item"), "{error}");
    for on_error in [OnError::Skip, OnError::Replace] {
        let outcome = same_on_all(&open(&dir).on_error(on_error));
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.unreadable.len(), 1);
    }
}

#[test]
fn names_the_file_of_an_item_that_does_not_fit() {
    let dir = TestExport::of(&[many(0), vec![Item::new("a"), Item::new("refused")]]);
    let error = on_threads(&open(&dir), 2).error.unwrap();
    assert_eq!(dir.anonymous(&error), "data/dataFile_1.json: does not fit");
}

#[test]
fn an_error_while_appending_ends_the_work() {
    let dir = several_files();
    let export = open(&dir);
    let tracker = Tracker::new("cancelled", &[], Callback::none());
    let mut left = 3;
    let ran = run(&export, &tracker, 2, &Names::default(), None, |_, _| {
        left -= 1;
        if left == 0 {
            return Err(Error::new(ErrorKind::Write, "full"));
        }
        Ok(())
    });
    assert_eq!(ran.unwrap_err().to_string(), "full");
    assert_eq!(left, 0);
}

#[test]
fn reports_progress_and_can_be_cancelled() {
    let dir = several_files();
    let export = open(&dir);
    let mut last = Progress::default();
    let callback = Callback::new(|progress| {
        assert!(progress.bytes >= last.bytes && progress.items >= last.items);
        last = progress.clone();
        ControlFlow::Continue(())
    });
    let tracker = Tracker::new("cancelled", &export.entries, callback);
    run(&export, &tracker, 2, &Names::default(), None, |_, _| Ok(())).unwrap();
    drop(tracker);
    assert_eq!((last.items, last.total_items), (120, 120));
    assert_eq!((last.files, last.total_files), (4, 4));
    assert_eq!(Some(last.bytes), last.total_bytes);

    let callback = Callback::new(|progress| {
        if progress.items > 7 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let tracker = Tracker::new("cancelled", &[], callback);
    let ran = run(&export, &tracker, 2, &Names::default(), None, |_, _| Ok(()));
    assert_eq!(ran.unwrap_err().kind(), ErrorKind::Cancelled);
}

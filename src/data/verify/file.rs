//! Checks one data file in one pass.

use std::io::{self, Read};
use std::mem;
use std::path::Path;

use super::{Problem, ProblemKind};
use crate::data::checksum::{Md5Reader, mismatch};
use crate::data::counts::Counter;
use crate::data::error::{Error, ErrorKind};
use crate::data::export::Export;
use crate::data::manifest::Entry;
use crate::data::pipeline::DataFiles as _;
use crate::data::progress::{Reported, Tracker};
use crate::data::reader::{ItemReader, OnError};
use crate::wire::item::Item;

/// What was found in a data file.
#[derive(Debug, Default)]
pub(super) struct FileCheck {
    pub(super) bytes: u64,
    /// The number of items; in an invalid file, those before the fault.
    pub(super) items: u64,
    /// What the items that can be read contain.
    pub(super) counter: Counter,
    pub(super) problems: Vec<Problem>,
    pub(super) was_found: bool,
    /// It was read to its end and is a valid data file.
    pub(super) is_valid: bool,
}

/// Checks a data file; fails only if the verification is cancelled.
pub(super) fn check(
    export: &Export,
    entry: &Entry,
    tracker: &Tracker<'_>,
) -> Result<FileCheck, Error> {
    let path = export.name(entry);
    let mut progress = tracker.file(entry.items.unwrap_or_default());
    let (opened, length) = match export.open(entry) {
        Ok(opened) => opened,
        Err(error) => {
            progress.complete(0)?;
            let was_found = !error.is_not_found();
            let problem = if was_found {
                Problem::error(ProblemKind::Invalid, &error.in_file(&path))
            } else {
                Problem::missing(path)
            };
            return Ok(FileCheck {
                problems: vec![problem],
                was_found,
                ..FileCheck::default()
            });
        }
    };
    progress.set(0, length)?;
    let mut source = Reported::new(opened, length, &mut progress);
    let check = check_content(&mut source, &path, entry, export.max_item_bytes);
    match source.cancelled {
        Some(cancelled) => Err(cancelled),
        None => progress.complete(check.bytes).map(|()| check),
    }
}

fn check_content(
    source: impl Read,
    path: &Path,
    entry: &Entry,
    max_item_bytes: usize,
) -> FileCheck {
    let mut source = Md5Reader::new(source);
    let mut reader = ItemReader::new(&mut source)
        .path(path)
        .max_item_bytes(max_item_bytes)
        .on_error(OnError::Skip);
    let mut counter = Counter::default();
    let (mut items, mut outcome) = count(&mut reader, &mut counter);
    let unreadable = mem::take(&mut reader.unreadable);
    let mut was_read = !matches!(&outcome, Err(error) if error.kind() == ErrorKind::Read);
    if was_read && outcome.is_err() {
        // The checksum needs the rest as well.
        if let Err(error) = io::copy(reader.source_mut(), &mut io::sink()) {
            outcome = Err(Error::read(error).in_file(path));
            was_read = false;
        }
    }
    let (bytes, md5) = source.finish();
    let is_changed = entry.md5.is_some_and(|expected| expected != md5);

    let path = || path.to_owned();
    let mut problems = Vec::new();
    match entry.md5 {
        None => {
            let what = "cannot be checked: the manifest has no checksum for it";
            let problem = Problem::of_file(ProblemKind::Unchecked, path(), what);
            problems.push(problem);
        }
        Some(expected) if was_read && is_changed => {
            let what = mismatch(expected, md5);
            let problem = Problem::of_file(ProblemKind::ChecksumMismatch, path(), what);
            problems.push(problem);
        }
        Some(_) => {}
    }
    if is_changed {
        // Whatever is wrong with the first item that cannot be read may have changed the rest.
        if let Some(first) = unreadable.into_iter().next() {
            items = first.error.item().unwrap_or_default().saturating_sub(1);
            outcome = Err(first.error);
        }
    } else {
        items += unreadable.len() as u64;
        let unreadable = unreadable.into_iter().map(|item| item.error.unreadable());
        problems
            .extend(unreadable.map(|error| Problem::error(ProblemKind::UnreadableItem, &error)));
    }
    let is_valid = outcome.is_ok();
    match (outcome, entry.items) {
        (Err(error), _) => problems.push(Problem::error(ProblemKind::Invalid, &error)),
        (Ok(()), None) => problems.push(Problem::no_items_count(path())),
        (Ok(()), Some(expected)) if expected != items => {
            let what = format!("contains {items} items, expected {expected}; download it again");
            let problem = Problem::of_file(ProblemKind::ItemsMismatch, path(), what);
            problems.push(problem);
        }
        (Ok(()), Some(_)) => {}
    }
    FileCheck {
        bytes,
        items,
        counter,
        problems,
        was_found: true,
        is_valid,
    }
}

/// Reads to the end of the file or its first fault, and counts the items before that.
fn count(reader: &mut ItemReader<impl Read>, counter: &mut Counter) -> (u64, Result<(), Error>) {
    let mut item = Item::default();
    let mut items = 0;
    loop {
        match reader.read_item(&mut item) {
            Ok(true) => {
                items += 1;
                counter.add(&item);
            }
            Ok(false) => return (items, Ok(())),
            Err(error) => return (items, Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::checksum::Md5Digest;

    fn entry(json: &[u8]) -> Entry {
        Entry {
            path: "k".into(),
            md5: Some(Md5Digest::of(json)),
            items: None,
        }
    }

    #[test]
    fn reads_a_file_with_a_fault_to_its_end_for_the_checksum() {
        let json = format!("[1{}]", " ".repeat(300_000));
        let entry = entry(json.as_bytes());
        let check = check_content(json.as_bytes(), Path::new("a"), &entry, 100);
        assert_eq!(check.bytes, 300_003);
        let found: Vec<_> = check.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["a: byte 1, item 1: invalid type: integer `1`, expected an object"]
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_has_no_checksum() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
        for source in [&b""[..], b"[x", b"[{\"itemName\":\"a\"},"] {
            let check = check_content(source.chain(Broken), Path::new("a"), &entry(b""), 100);
            assert_eq!(check.problems.len(), 1);
            let problem = check.problems[0].to_string();
            assert!(problem.ends_with("cannot be read: timed out"), "{problem}");
        }
    }
}

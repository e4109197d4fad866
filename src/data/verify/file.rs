//! Checks one data file in one pass.

use std::collections::BTreeMap;
use std::io::Read;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Problem, ProblemKind};
use crate::data::counts::Counter;
use crate::data::error::{Error, ErrorKind};
use crate::data::manifest::Entry;
use crate::data::pipeline::{FilePlace, Survey};
use crate::data::reader::{ItemReader, UnreadableItem};
use crate::data::source::Changed;
use crate::system::lock;
use crate::wire::item::Item;

/// Checks files, of which several threads read batches.
pub(super) struct Checks {
    files: Vec<Mutex<FileContent>>,
}

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

/// What is known of the content of a data file.
#[derive(Default)]
struct FileContent {
    bytes: u64,
    changed: Option<Changed>,
    /// Why it cannot be read to its end.
    failure: Option<Error>,
    not_opened: Option<Error>,
    /// What the first batches contain, up to a fault.
    first: Content,
    /// How many batches these are.
    batches: u64,
    /// What later ones contain.
    waiting: BTreeMap<u64, Content>,
}

/// What batches contain.
#[derive(Default)]
struct Content {
    items: u64,
    counter: Counter,
    unreadable: Vec<UnreadableItem>,
    fault: Option<Error>,
}

impl Checks {
    pub(super) fn new(files: usize) -> Checks {
        Checks {
            files: (0..files).map(|_| Mutex::default()).collect(),
        }
    }

    /// Returns the result for each file, which has its entry and its path.
    pub(super) fn finish<'e>(
        self,
        files: impl Iterator<Item = (&'e Entry, PathBuf)>,
    ) -> Vec<FileCheck> {
        let contents = self.files.into_iter();
        let contents = contents.map(|file| mem::take(&mut *lock(&file)));
        contents
            .zip(files)
            .map(|(content, (entry, path))| content.check(entry, &path))
            .collect()
    }

    fn with(&self, file: usize, change: impl FnOnce(&mut FileContent)) {
        if let Some(file) = self.files.get(file) {
            change(&mut lock(file));
        }
    }
}

impl Survey for Checks {
    type Found = Item;

    const REQUIRES_MD5: bool = false;

    fn add<R: Read>(
        &self,
        item: &mut Item,
        place: FilePlace,
        items: &mut ItemReader<R>,
    ) -> Result<(), Error> {
        let content = Content::read(items, item);
        self.with(place.file, |known| known.add(place.batch, content));
        Ok(())
    }

    /// After a fault, only the checksum needs the rest.
    fn is_settled(&self, file: usize) -> bool {
        let mut has_fault = false;
        self.with(file, |content| has_fault = content.first.fault.is_some());
        has_fault
    }

    fn not_opened(&self, file: usize, error: Error) -> Result<(), Error> {
        self.with(file, |content| content.not_opened = Some(error));
        Ok(())
    }

    fn ended(
        &self,
        file: usize,
        bytes: u64,
        read: Result<Result<(), Changed>, Error>,
    ) -> Result<(), Error> {
        self.with(file, |content| {
            content.bytes = bytes;
            match read {
                Ok(checked) => content.changed = checked.err(),
                Err(error) => content.failure = Some(error),
            }
        });
        Ok(())
    }
}

impl Content {
    /// Reads to the end or the first fault, and counts the items before that.
    fn read<R: Read>(reader: &mut ItemReader<R>, item: &mut Item) -> Content {
        let mut content = Content::default();
        loop {
            match reader.read_item(item) {
                Ok(true) => {
                    content.items += 1;
                    content.counter.add(item);
                }
                Ok(false) => break,
                Err(error) => {
                    content.fault = Some(error);
                    break;
                }
            }
        }
        content.unreadable = mem::take(&mut reader.unreadable);
        content
    }

    /// Adds what the next batch contains.
    fn append(&mut self, next: Content) {
        if self.fault.is_some() {
            return;
        }
        self.items += next.items;
        self.counter.merge(next.counter);
        self.unreadable.extend(next.unreadable);
        self.fault = next.fault;
    }
}

impl FileContent {
    fn add(&mut self, number: u64, content: Content) {
        self.waiting.insert(number, content);
        while let Some(next) = self.waiting.remove(&self.batches) {
            self.first.append(next);
            self.batches += 1;
        }
    }

    fn check(self, entry: &Entry, path: &Path) -> FileCheck {
        if let Some(error) = self.not_opened {
            let was_found = !error.is_not_found();
            let problem = if was_found {
                Problem::error(ProblemKind::Invalid, &error)
            } else {
                Problem::missing(path.to_owned())
            };
            return FileCheck {
                problems: vec![problem],
                was_found,
                ..FileCheck::default()
            };
        }
        let Content {
            mut items,
            counter,
            unreadable,
            mut fault,
        } = self.first;
        let is_failure = |fault: &Error| fault.kind() == ErrorKind::Read;
        if self.failure.is_some() && !fault.as_ref().is_some_and(is_failure) {
            fault = self.failure;
        }
        let path = || path.to_owned();
        let mut problems = Vec::new();
        if entry.md5.is_none() {
            let what = "cannot be checked: the manifest has no checksum for it";
            let problem = Problem::of_file(ProblemKind::Unchecked, path(), what);
            problems.push(problem);
        }
        if let Some(changed) = self.changed {
            let what = Error::from(changed);
            let problem = Problem::of_file(ProblemKind::ChecksumMismatch, path(), what);
            problems.push(problem);
            // Whatever is wrong with the first item that cannot be read may have changed the rest.
            if let Some(first) = unreadable.into_iter().next() {
                items = first.error.item().unwrap_or_default().saturating_sub(1);
                fault = Some(first.error);
            }
        } else {
            items += unreadable.len() as u64;
            let unreadable = unreadable.into_iter().map(|item| item.error.unreadable());
            problems.extend(
                unreadable.map(|error| Problem::error(ProblemKind::UnreadableItem, &error)),
            );
        }
        let is_valid = fault.is_none();
        match (fault, entry.items) {
            (Some(error), _) => problems.push(Problem::error(ProblemKind::Invalid, &error)),
            (None, None) => problems.push(Problem::no_items_count(path())),
            (None, Some(expected)) if expected != items => {
                let what =
                    format!("contains {items} items, expected {expected}; download it again");
                let problem = Problem::of_file(ProblemKind::ItemsMismatch, path(), what);
                problems.push(problem);
            }
            (None, Some(_)) => {}
        }
        FileCheck {
            bytes: self.bytes,
            items,
            counter,
            problems,
            was_found: true,
            is_valid,
        }
    }
}
#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::data::checksum::Md5Digest;
    use crate::data::export::Export;
    use crate::data::pipeline::{self, DataFiles};
    use crate::data::progress::{Callback, Tracker};
    use crate::data::reader::OnError;

    /// A file that may break after its content.
    #[derive(Debug)]
    struct OneFile {
        content: Vec<u8>,
        breaks: bool,
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }

    impl DataFiles for OneFile {
        fn open(&self, _: &Entry) -> Result<(Box<dyn Read + Send + '_>, Option<u64>), Error> {
            if self.breaks {
                Ok((Box::new(self.content.chain(Broken)), None))
            } else {
                Ok((Box::new(&self.content[..]), None))
            }
        }
    }

    fn check(content: &[u8], breaks: bool, threads: usize) -> FileCheck {
        let entry = Entry {
            path: "a".into(),
            md5: Some(Md5Digest::of(content)),
            items: None,
        };
        let content = content.to_vec();
        let export = Export::new("dir".into(), None, vec![entry])
            .read_from(Arc::new(OneFile { content, breaks }))
            .max_item_bytes(100)
            .check_md5(true)
            .on_error(OnError::Skip);
        let tracker = Tracker::new("cancelled", &export.entries, Callback::none());
        let checks = Checks::new(1);
        pipeline::survey(&export, &tracker, threads, &checks).unwrap();
        let files = export.entries.iter().map(|entry| (entry, "a".into()));
        checks.finish(files).pop().unwrap()
    }

    #[test]
    fn reads_a_file_with_a_fault_to_its_end_for_the_checksum() {
        let json = format!("[1{}]", " ".repeat(3_000_000));
        for threads in [1, 3] {
            let check = check(json.as_bytes(), false, threads);
            assert_eq!(check.bytes, 3_000_003);
            let found: Vec<_> = check.problems.iter().map(ToString::to_string).collect();
            assert_eq!(
                found,
                ["dir/a: byte 1, item 1: invalid type: integer `1`, expected an object"]
            );
        }
    }

    #[test]
    fn counts_a_file_up_to_its_first_fault_whoever_reads_it() {
        let items = |count: usize| vec!["{\"itemName\":\"a\",\"attributes\":[]}"; count].join(",");
        let json = format!("[{},7,{}]", items(30_000), items(30_000));
        for threads in [1, 4] {
            let check = check(json.as_bytes(), false, threads);
            assert_eq!(check.items, 30_000);
            assert_eq!(check.counter.counts().items, 30_000);
            assert_eq!(check.problems.len(), 1);
            assert_eq!(check.bytes, json.len() as u64);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_has_no_checksum() {
        let spaces = format!("[x{}", " ".repeat(1_000_000));
        for content in ["", "[x", "[{\"itemName\":\"a\"},", &spaces] {
            let check = check(content.as_bytes(), true, 2);
            assert_eq!(check.problems.len(), 1);
            let problem = check.problems[0].to_string();
            assert!(problem.ends_with("cannot be read: timed out"), "{problem}");
        }
    }
}

//! Checks one data file in one pass.

use std::collections::BTreeMap;
use std::io::Read;
use std::mem;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use super::{Problem, ProblemKind, VerifyReport};
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
    files: Vec<Mutex<FileCheck>>,
}

/// What is known of a data file.
#[derive(Default)]
pub(super) struct FileCheck {
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

    /// Returns what is known of each file.
    pub(super) fn finish(self) -> impl Iterator<Item = FileCheck> {
        let files = self.files.into_iter();
        files.map(|file| mem::take(&mut *lock(&file)))
    }

    fn file(&self, file: usize) -> Option<MutexGuard<'_, FileCheck>> {
        self.files.get(file).map(lock)
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
        if let Some(mut file) = self.file(place.file) {
            file.add(place.batch, content);
        }
        Ok(())
    }

    /// After a fault, only the checksum needs the rest.
    fn is_settled(&self, file: usize) -> bool {
        let file = self.file(file);
        file.is_some_and(|file| file.first.fault.is_some())
    }

    fn not_opened(&self, file: usize, error: Error) -> Result<(), Error> {
        if let Some(mut file) = self.file(file) {
            file.not_opened = Some(error);
        }
        Ok(())
    }

    fn ended(
        &self,
        file: usize,
        bytes: u64,
        read: Result<Result<(), Changed>, Error>,
    ) -> Result<(), Error> {
        if let Some(mut file) = self.file(file) {
            file.bytes = bytes;
            match read {
                Ok(checked) => file.changed = checked.err(),
                Err(error) => file.failure = Some(error),
            }
        }
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

impl FileCheck {
    fn add(&mut self, number: u64, content: Content) {
        self.waiting.insert(number, content);
        while let Some(next) = self.waiting.remove(&self.batches) {
            self.first.append(next);
            self.batches += 1;
        }
    }

    /// Adds the file to a report, and returns whether it was read to its end and is a valid data file.
    pub(super) fn report(
        mut self,
        entry: &Entry,
        path: &Path,
        report: &mut VerifyReport,
        counter: &mut Counter,
    ) -> bool {
        let problems = &mut report.problems;
        if let Some(error) = self.not_opened {
            if error.is_not_found() {
                problems.push(Problem::missing(path));
            } else {
                problems.push(Problem::error(ProblemKind::Invalid, &error));
                report.files += 1;
            }
            return false;
        }
        if entry.md5.is_none() {
            let what = "cannot be checked: the manifest has no checksum for it";
            problems.push(Problem::of_file(ProblemKind::Unchecked, path, what));
        }
        let (items, fault) = self.items(path, problems);
        match (&fault, entry.items) {
            (Some(error), _) => problems.push(Problem::error(ProblemKind::Invalid, error)),
            (None, None) => problems.push(Problem::no_items_count(path)),
            (None, Some(expected)) if expected != items => {
                let what =
                    format!("contains {items} items, expected {expected}; download it again");
                problems.push(Problem::of_file(ProblemKind::ItemsMismatch, path, what));
            }
            (None, Some(_)) => {}
        }
        report.files += 1;
        report.bytes += self.bytes;
        report.items += items;
        counter.merge(self.first.counter);
        fault.is_none()
    }

    /// Returns the number of items before a fault, and the fault, if there is one. Adds what is wrong
    /// with the checksum, or with items although the checksum is right.
    fn items(&mut self, path: &Path, problems: &mut Vec<Problem>) -> (u64, Option<Error>) {
        let fault = match self.first.fault.take() {
            Some(fault) if fault.kind() == ErrorKind::Read => Some(fault),
            fault => self.failure.take().or(fault),
        };
        let mut unreadable = mem::take(&mut self.first.unreadable).into_iter();
        let Some(changed) = self.changed else {
            let items = self.first.items + unreadable.len() as u64;
            let unreadable = unreadable.map(|item| item.error.unreadable());
            problems.extend(
                unreadable.map(|error| Problem::error(ProblemKind::UnreadableItem, &error)),
            );
            return (items, fault);
        };
        let what = Error::from(changed);
        problems.push(Problem::of_file(ProblemKind::ChecksumMismatch, path, what));
        // The change that broke the first unreadable item may have affected the rest.
        match unreadable.next().map(|item| item.error) {
            Some(error) => (
                error.item().unwrap_or_default().saturating_sub(1),
                Some(error),
            ),
            None => (self.first.items, fault),
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
    use crate::data::manifest::Summary;
    use crate::data::source::DataFiles;

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

    fn check(content: &[u8], breaks: bool, threads: usize) -> VerifyReport {
        let entry = Entry {
            path: "a".into(),
            md5: Some(Md5Digest::of(content)),
            items: None,
        };
        let content = content.to_vec();
        let summary = Summary::read(&b"{\"itemsCount\":1}"[..]).unwrap();
        let export = Export::new("dir".into(), Some(summary), vec![entry])
            .read_from(Arc::new(OneFile { content, breaks }))
            .max_item_bytes(100);
        export.verify().threads(threads).run().unwrap()
    }

    #[test]
    fn reads_a_file_with_a_fault_to_its_end_for_the_checksum() {
        let json = format!("[1{}]", " ".repeat(3_000_000));
        for threads in [1, 3] {
            let report = check(json.as_bytes(), false, threads);
            assert_eq!(report.bytes, 3_000_003);
            let found: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
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
            let report = check(json.as_bytes(), false, threads);
            assert_eq!(report.items, 30_000);
            assert_eq!(report.counts.items, 30_000);
            assert_eq!(report.problems.len(), 1);
            assert_eq!(report.bytes, json.len() as u64);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_has_no_checksum() {
        let spaces = format!("[x{}", " ".repeat(1_000_000));
        for content in ["", "[x", "[{\"itemName\":\"a\"},", &spaces] {
            let report = check(content.as_bytes(), true, 2);
            assert_eq!(report.problems.len(), 1);
            let problem = report.problems[0].to_string();
            assert!(problem.ends_with("cannot be read: timed out"), "{problem}");
        }
    }
}

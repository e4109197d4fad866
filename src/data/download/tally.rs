//! How far a download is, over all its threads, and whether it is to go on.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::options::DownloadOptions;
use super::report::DownloadProgress;
use crate::data::error::{DataError, DataErrorKind};

pub(super) struct Tally<'a> {
    options: &'a DownloadOptions<'a>,
    files: Mutex<Vec<FileTally>>,
    is_over: AtomicBool,
}

/// One data file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileTally {
    pub(super) items: u64,
    bytes: u64,
    length: Option<u64>,
    is_done: bool,
}

impl FileTally {
    /// A file with so many items, of which nothing is here.
    pub(super) fn of_items(items: u64) -> FileTally {
        FileTally {
            items,
            ..FileTally::default()
        }
    }
}

impl<'a> Tally<'a> {
    pub(super) fn new(options: &'a DownloadOptions<'a>, files: Vec<FileTally>) -> Tally<'a> {
        Tally {
            options,
            files: Mutex::new(files),
            is_over: AtomicBool::new(false),
        }
    }

    /// So much of a file is here, of so much if that is known.
    pub(super) fn has(
        &self,
        file: usize,
        bytes: u64,
        length: Option<u64>,
    ) -> Result<(), DataError> {
        self.update(file, |file| {
            file.bytes = bytes;
            file.length = length.or(file.length);
        })
    }

    /// A file is here under its name.
    pub(super) fn done(&self, file: usize, bytes: u64) -> Result<(), DataError> {
        self.update(file, |file| {
            file.bytes = bytes;
            file.length = Some(bytes);
            file.is_done = true;
        })
    }

    fn update(&self, file: usize, update: impl FnOnce(&mut FileTally)) -> Result<(), DataError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get_mut(file) {
            update(file);
        }
        if let Some(on_progress) = &self.options.on_progress {
            if on_progress(&progress(&files)) == ControlFlow::Break(()) {
                self.end();
            }
        }
        self.check()
    }

    /// Ends the work of all threads, at their next step.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Whether to go on.
    pub(super) fn check(&self) -> Result<(), DataError> {
        if self.is_over.load(Ordering::SeqCst) {
            let message = "the download was ended by its caller; run it again and it goes on";
            return Err(DataError::new(DataErrorKind::Cancelled, message));
        }
        Ok(())
    }
}

fn progress(files: &[FileTally]) -> DownloadProgress {
    let done = || files.iter().filter(|file| file.is_done);
    let total_items = sum(files.iter().map(|file| file.items));
    DownloadProgress {
        files: done().count() as u64,
        total_files: files.len() as u64,
        items: sum(done().map(|file| file.items)),
        total_items,
        bytes: sum(files.iter().map(|file| file.bytes)),
        total_bytes: total_bytes(files, total_items),
    }
}

/// A sum of what a manifest or a server says, which may be anything.
pub(super) fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

/// The sum of the lengths; where not all are known, what it is if items are alike.
fn total_bytes(files: &[FileTally], total_items: u64) -> Option<u64> {
    let known = files
        .iter()
        .filter_map(|file| Some((file.items, file.length?)));
    let (mut count, mut items, mut bytes) = (0, 0_u64, 0_u64);
    for (file_items, length) in known {
        count += 1;
        items = items.saturating_add(file_items);
        bytes = bytes.saturating_add(length);
    }
    if count == files.len() {
        return Some(bytes);
    }
    let estimate = u128::from(bytes) * u128::from(total_items) / u128::from(items).max(1);
    (items > 0).then(|| u64::try_from(estimate).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<FileTally> {
        [30, 10].map(FileTally::of_items).into()
    }

    #[test]
    fn the_total_is_estimated_until_it_is_known() {
        let mut files = files();
        assert_eq!(total_bytes(&files, 40), None);
        files[0].length = Some(300);
        assert_eq!(total_bytes(&files, 40), Some(400));
        files[1].length = Some(200);
        assert_eq!(total_bytes(&files, 40), Some(500));
        assert_eq!(total_bytes(&[], 0), Some(0));
    }

    #[test]
    fn a_manifest_may_say_anything() {
        let mut files = [u64::MAX, u64::MAX].map(FileTally::of_items);
        files[0].length = Some(u64::MAX);
        let progress = progress(&files);
        assert_eq!(progress.total_items, u64::MAX);
        assert_eq!(progress.total_bytes, Some(u64::MAX));
    }

    #[test]
    fn bytes_are_told_as_they_come_and_items_with_their_file() {
        let told = Mutex::new(Vec::new());
        let options = DownloadOptions::new().on_progress(|progress| {
            let numbers = (progress.files, progress.items, progress.bytes);
            told.lock().unwrap().push(numbers);
            ControlFlow::Continue(())
        });
        let tally = Tally::new(&options, files());
        tally.has(0, 100, Some(300)).unwrap();
        tally.done(1, 50).unwrap();
        tally.has(0, 0, Some(300)).unwrap();
        tally.done(0, 300).unwrap();
        let expected = [(0, 0, 100), (1, 10, 150), (1, 10, 50), (2, 40, 350)];
        assert_eq!(*told.lock().unwrap(), expected);
    }

    #[test]
    fn a_break_ends_the_work_of_all() {
        let options = DownloadOptions::new().on_progress(|_| ControlFlow::Break(()));
        let tally = Tally::new(&options, files());
        assert!(tally.check().is_ok());
        let error = tally.has(0, 1, None).unwrap_err();
        assert_eq!(error.kind(), DataErrorKind::Cancelled);
        assert_eq!(
            error.to_string(),
            "the download was ended by its caller; run it again and it goes on"
        );
        assert!(tally.check().is_err());
    }
}

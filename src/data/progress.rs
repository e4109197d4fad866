//! The progress of a download, or of a pass over an export, on all threads, and its cancellation.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::{Error, ErrorKind};
use super::manifest::Entry;
use crate::system::lock;

/// The progress of a download, or of a pass over an export.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Progress {
    /// How many data files are complete.
    pub files: u64,
    /// How many data files the manifest lists.
    pub total_files: u64,
    /// How many items the complete files have, according to the manifest.
    pub items: u64,
    /// How many items all files have, according to the manifest.
    pub total_items: u64,
    /// How many bytes of data files were processed, including files in progress.
    pub bytes: u64,
    /// How many bytes all data files have: an estimate based on their items until all files were
    /// opened, and `None` before the first.
    pub total_bytes: Option<u64>,
}

type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + Send + 'a;

/// What a caller does about progress, if anything.
pub(super) struct Callback<'a>(Option<Box<OnProgress<'a>>>);

impl<'a> Callback<'a> {
    pub(super) fn none() -> Callback<'a> {
        Callback(None)
    }

    pub(super) fn new(call: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a) -> Callback<'a> {
        Callback(Some(Box::new(call)))
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}

/// Adds up the progress of files that several threads work on.
pub(super) struct Tracker<'a> {
    state: Mutex<State<'a>>,
    /// Tells all threads to end at their next step.
    stop: AtomicBool,
    cancelled: &'static str,
}

struct State<'a> {
    progress: Progress,
    /// The files whose length is known.
    known: Known,
    callback: Callback<'a>,
}

#[derive(Default)]
struct Known {
    files: u64,
    items: u64,
    bytes: u64,
}

impl<'a> Tracker<'a> {
    /// Tracks these files. `cancelled` is what the error says after the callback cancelled.
    pub(super) fn new(
        cancelled: &'static str,
        entries: &[Entry],
        callback: Callback<'a>,
    ) -> Tracker<'a> {
        let items = entries.iter().filter_map(|entry| entry.items);
        let progress = Progress {
            total_files: entries.len() as u64,
            total_items: items.fold(0, u64::saturating_add),
            ..Progress::default()
        };
        Tracker {
            state: Mutex::new(State {
                progress,
                known: Known::default(),
                callback,
            }),
            stop: AtomicBool::new(false),
            cancelled,
        }
    }

    /// Adds items that are done before their file is.
    pub(super) fn add_items(&self, items: u64) -> Result<(), Error> {
        self.update(|state| state.progress.items += items)
    }

    /// Returns how many bytes were processed.
    pub(super) fn bytes(&self) -> u64 {
        lock(&self.state).progress.bytes
    }

    pub(super) fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Starts a file with this number of items.
    pub(super) fn file(&self, items: u64) -> FileProgress<'_, 'a> {
        FileProgress {
            tracker: self,
            items,
            bytes: 0,
            length: None,
        }
    }

    fn update(&self, update: impl FnOnce(&mut State<'a>)) -> Result<(), Error> {
        let mut state = lock(&self.state);
        update(&mut state);
        state.progress.total_bytes = state.total_bytes();
        let State {
            progress, callback, ..
        } = &mut *state;
        let flow = callback.0.as_mut().map(|call| call(progress));
        if flow == Some(ControlFlow::Break(())) {
            self.stop.store(true, Ordering::SeqCst);
        }
        self.check()
    }

    /// Returns an error if the callback cancelled, or another thread failed.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Cancelled, self.cancelled));
        }
        Ok(())
    }
}

impl State<'_> {
    /// The sum of the lengths; if not all are known, what it is if all items are alike.
    fn total_bytes(&self) -> Option<u64> {
        let Known {
            files,
            items,
            bytes,
        } = self.known;
        if files == self.progress.total_files {
            return Some(bytes);
        }
        let estimate = u128::from(bytes) * u128::from(self.progress.total_items);
        let estimate = estimate.checked_div(u128::from(items))?;
        Some(u64::try_from(estimate).unwrap_or(u64::MAX))
    }
}

/// The progress of one file.
pub(super) struct FileProgress<'t, 'a> {
    tracker: &'t Tracker<'a>,
    items: u64,
    bytes: u64,
    length: Option<u64>,
}

impl FileProgress<'_, '_> {
    /// Sets how many bytes of the file were processed, and its length if known.
    pub(super) fn set(&mut self, bytes: u64, length: Option<u64>) -> Result<(), Error> {
        let (bytes_before, length_before) = (self.bytes, self.length);
        self.bytes = bytes;
        self.length = length.or(self.length);
        let FileProgress { length, items, .. } = *self;
        self.tracker.update(|state| {
            let all = &mut state.progress.bytes;
            *all = all.saturating_sub(bytes_before).saturating_add(bytes);
            if let Some(length) = length {
                let known = &mut state.known;
                if length_before.is_none() {
                    known.files += 1;
                    known.items = known.items.saturating_add(items);
                }
                let bytes = known
                    .bytes
                    .saturating_sub(length_before.unwrap_or_default());
                known.bytes = bytes.saturating_add(length);
            }
        })
    }

    /// Marks the file as complete, with this many bytes and all of its items.
    pub(super) fn complete(self, bytes: u64) -> Result<(), Error> {
        let mut state = lock(&self.tracker.state);
        state.progress.items = state.progress.items.saturating_add(self.items);
        drop(state);
        self.end(bytes)
    }

    /// Marks the file as complete, whose items were added one by one.
    pub(super) fn end(mut self, bytes: u64) -> Result<(), Error> {
        lock(&self.tracker.state).progress.files += 1;
        self.set(bytes, Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files with these numbers of items.
    fn files(items: &[u64]) -> Vec<Entry> {
        let file = |items: &u64| Entry {
            path: "a".into(),
            md5: None,
            items: Some(*items),
        };
        items.iter().map(file).collect()
    }

    #[test]
    fn estimates_the_total_until_it_is_known() {
        let totals = Mutex::new(Vec::new());
        let callback = Callback::new(|progress| {
            totals.lock().unwrap().push(progress.total_bytes);
            ControlFlow::Continue(())
        });
        let tracker = Tracker::new("cancelled", &files(&[30, 10]), callback);
        let (mut first, mut second) = (tracker.file(30), tracker.file(10));
        first.set(0, None).unwrap();
        first.set(100, Some(300)).unwrap();
        second.set(0, Some(200)).unwrap();
        assert_eq!(*totals.lock().unwrap(), [None, Some(400), Some(500)]);
    }

    #[test]
    fn survives_any_counts_in_a_manifest() {
        let last = Mutex::new(Progress::default());
        let callback = Callback::new(|progress| {
            *last.lock().unwrap() = progress.clone();
            ControlFlow::Continue(())
        });
        let tracker = Tracker::new("cancelled", &files(&[u64::MAX; 2]), callback);
        tracker.file(u64::MAX).set(1, Some(u64::MAX)).unwrap();
        let last = last.lock().unwrap().clone();
        assert_eq!(last.total_items, u64::MAX);
        assert_eq!(last.total_bytes, Some(u64::MAX));
    }

    #[test]
    fn reports_bytes_as_they_arrive_and_items_with_their_file() {
        let reported = Mutex::new(Vec::new());
        let callback = Callback::new(|progress| {
            let numbers = (progress.files, progress.items, progress.bytes);
            reported.lock().unwrap().push(numbers);
            ControlFlow::Continue(())
        });
        let tracker = Tracker::new("cancelled", &files(&[30, 10]), callback);
        let (mut first, second) = (tracker.file(30), tracker.file(10));
        first.set(100, Some(300)).unwrap();
        second.complete(50).unwrap();
        first.set(0, Some(300)).unwrap();
        first.complete(300).unwrap();
        let expected = [(0, 0, 100), (1, 10, 150), (1, 10, 50), (2, 40, 350)];
        assert_eq!(*reported.lock().unwrap(), expected);
    }

    #[test]
    fn a_break_cancels_all_threads() {
        let callback = Callback::new(|_| ControlFlow::Break(()));
        let tracker = Tracker::new("cancelled", &files(&[1]), callback);
        let error = tracker.file(1).set(1, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.to_string(), "cancelled");
        assert!(tracker.stop().load(Ordering::SeqCst));
    }
}

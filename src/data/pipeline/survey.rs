//! Reads all data files in no particular order, on several threads.
//!
//! Each thread reads a file of its own as long as there are enough. Then it helps with the file of
//! another: one at a time reads a batch and updates the file's checksum, each parses its own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::{mem, panic, thread};

use super::Job;
use super::supply::{Current, File, Work};
use crate::data::elements::{Batch, End};
use crate::data::error::{Error, ErrorKind};
use crate::data::progress::Tracker;
use crate::data::reader::ItemReader;
use crate::data::source::{Changed, explained, is_about_item};
use crate::system::lock;

/// Small enough to stay in a core's cache.
const BATCH_BYTES: usize = 256 << 10;

/// What is to be found out about data files.
pub(crate) trait Survey: Sync {
    /// What a thread finds out.
    type Found: Default + Send;

    /// Whether a file that has no checksum in the manifest is an error, if checksums are compared.
    const REQUIRES_MD5: bool;

    /// Handles a batch. Batches of a file are handled by several threads, in any order.
    fn add(&self, found: &mut Self::Found, batch: FileBatch<'_>) -> Result<(), Error>;

    /// Handles a file that cannot be opened.
    fn not_opened(&self, file: usize, error: Error) -> Result<(), Error>;

    /// Handles the end of a file: how many bytes were read, and whether the checksum is right, unless
    /// the file cannot be read to its end. Some of its batches may still be with other threads.
    fn ended(
        &self,
        file: usize,
        bytes: u64,
        checked: Option<Result<(), Changed>>,
    ) -> Result<(), Error>;
}

/// A batch of a data file.
pub(crate) struct FileBatch<'a> {
    /// The position of the file in the manifest.
    pub(crate) file: usize,
    /// The position of the batch in the file.
    pub(crate) number: u64,
    job: Job<'a>,
    work: Work,
}

impl FileBatch<'_> {
    /// Reads the items.
    pub(crate) fn reader(self) -> ItemReader<io::Empty> {
        ItemReader::of_batch(self.work.batch, self.job.max_item_bytes)
            .path(&self.work.file.path)
            .on_error(self.job.on_error)
    }

    /// Returns why the file cannot be read beyond the batch, if it cannot.
    pub(crate) fn failure(self) -> Option<Error> {
        let Work {
            batch: Batch { end, .. },
            file,
            ..
        } = self.work;
        match end {
            End::Failed(error) => Some(Error::read(error).in_file(&file.path)),
            End::Reached | End::Cut => None,
        }
    }
}

/// Reads all files on up to `threads` threads, this one included, and returns what each found out.
/// Of several errors in a file, the first one is returned.
pub(crate) fn survey<'a, S: Survey>(
    job: Job<'a>,
    tracker: &'a Tracker<'_>,
    threads: usize,
    survey: &S,
) -> Result<Vec<S::Found>, Error> {
    let all = Files {
        job,
        tracker,
        survey,
        state: Mutex::default(),
        error: Mutex::default(),
        has_failed: AtomicBool::new(false),
    };
    let run = || all.run();
    let found = thread::scope(|scope| {
        // If the system gives no more threads, this one does the work.
        let helpers: Vec<_> = (1..threads)
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok())
            .collect();
        let mut found = vec![run()];
        for helper in helpers {
            match helper.join() {
                Ok(more) => found.push(more),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        found
    });
    match lock(&all.error).take() {
        Some((_, error)) => Err(error),
        None => Ok(found),
    }
}

/// Where an error occurred: the positions of the file and of the batch.
type Position = (usize, u64);

struct Files<'s, 'a, 't, S> {
    job: Job<'a>,
    tracker: &'a Tracker<'t>,
    survey: &'s S,
    state: Mutex<State<'a, 't>>,
    /// The error of the first batch that has one.
    error: Mutex<Option<(Position, Error)>>,
    has_failed: AtomicBool,
}

#[derive(Default)]
struct State<'a, 't> {
    /// How many files were started.
    started: usize,
    unfinished: Vec<Arc<Unfinished<'a, 't>>>,
}

/// A file that is being read, by each thread that has a handle.
struct Unfinished<'a, 't> {
    position: usize,
    reading: Mutex<Reading<'a, 't>>,
}

enum Reading<'a, 't> {
    NotStarted,
    /// With the number of the next batch.
    Open(Current<'a, 't>, u64),
    Ended,
}

impl<'a, 't, S: Survey> Files<'_, 'a, 't, S> {
    fn run(&self) -> S::Found {
        let mut found = S::Found::default();
        while let Some(file) = self.next_file() {
            while let Some(batch) = self.next_batch(&file) {
                let position = (batch.file, batch.number);
                let of = Arc::clone(&batch.work.file);
                if let Err(error) = self.survey.add(&mut found, batch) {
                    let explain = self.job.check_md5 && is_about_item(&error);
                    let checked = explain.then(|| checksum_of(&file, &of)).flatten();
                    let error = match checked {
                        Some(checked) => explained(error, checked),
                        None => error,
                    };
                    self.fail(position, error.in_file(&of.path));
                }
            }
        }
        found
    }

    /// Returns a file that nobody reads yet, or one that the fewest threads read.
    fn next_file(&self) -> Option<Arc<Unfinished<'a, 't>>> {
        if self.has_failed.load(Ordering::SeqCst) {
            return None;
        }
        let mut state = lock(&self.state);
        let position = state.started;
        if position < self.job.entries.len() {
            state.started += 1;
            let file = Arc::new(Unfinished {
                position,
                reading: Mutex::new(Reading::NotStarted),
            });
            state.unfinished.push(Arc::clone(&file));
            return Some(file);
        }
        let unfinished = state.unfinished.iter();
        unfinished
            .min_by_key(|file| Arc::strong_count(file))
            .cloned()
    }

    /// Returns the next batch of a file, or `None` after the last one.
    fn next_batch(&self, file: &Arc<Unfinished<'a, 't>>) -> Option<FileBatch<'a>> {
        if self.has_failed.load(Ordering::SeqCst) {
            return None;
        }
        let mut reading = lock(&file.reading);
        let next = self.read(file.position, &mut reading);
        if matches!(*reading, Reading::Ended) {
            let mut state = lock(&self.state);
            state.unfinished.retain(|other| !Arc::ptr_eq(other, file));
        }
        next
    }

    fn read(&self, file: usize, reading: &mut Reading<'a, 't>) -> Option<FileBatch<'a>> {
        if matches!(reading, Reading::NotStarted) {
            *reading = Reading::Ended;
            match self.open(file) {
                Ok(Some(current)) => *reading = Reading::Open(current, 0),
                Ok(None) => {}
                Err(error) => self.fail((file, 0), error),
            }
        }
        let Reading::Open(current, number) = reading else {
            return None;
        };
        let position = (file, *number);
        *number += 1;
        let work = match current.next() {
            Ok(Some(work)) => work,
            Ok(None) => {
                *reading = Reading::Ended;
                return None;
            }
            Err(error) => {
                *reading = Reading::Ended;
                self.fail(position, error);
                return None;
            }
        };
        if work.is_last {
            let bytes = current.bytes;
            if let Reading::Open(current, _) = mem::replace(reading, Reading::Ended) {
                let ended = current.complete().and_then(|()| {
                    let ended = self.survey.ended(file, bytes, work.file.checked());
                    ended.map_err(|error| error.in_file(&work.file.path))
                });
                if let Err(error) = ended {
                    self.fail(position, error);
                }
            }
        }
        Some(FileBatch {
            file,
            number: position.1,
            job: self.job,
            work,
        })
    }

    /// Opens a file, unless it cannot be opened and that is no error.
    fn open(&self, position: usize) -> Result<Option<Current<'a, 't>>, Error> {
        let Some(entry) = self.job.entries.get(position) else {
            return Ok(None);
        };
        let check_md5 = self.job.check_md5 && (S::REQUIRES_MD5 || entry.md5.is_some());
        let job = Job {
            check_md5,
            ..self.job
        };
        match Current::open(job, self.tracker, entry, BATCH_BYTES) {
            Ok(current) => Ok(Some(current)),
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) => {
                self.survey.not_opened(position, error)?;
                let items = entry.items.unwrap_or_default();
                self.tracker.file(items).complete(0).map(|()| None)
            }
        }
    }

    /// Ends the work of all.
    fn fail(&self, position: Position, error: Error) {
        let mut first = lock(&self.error);
        if first.as_ref().is_none_or(|(known, _)| position < *known) {
            *first = Some((position, error));
        }
        self.has_failed.store(true, Ordering::SeqCst);
    }
}

/// Returns whether a file is what the export wrote, unless that is unknown. Reads the rest of it.
fn checksum_of(file: &Unfinished<'_, '_>, of: &File) -> Option<Result<(), Changed>> {
    match &mut *lock(&file.reading) {
        Reading::Open(current, _) => current.checksum(),
        Reading::NotStarted | Reading::Ended => of.checked(),
    }
}

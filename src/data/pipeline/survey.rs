//! Reads all data files in no particular order, on several threads.
//!
//! Each thread reads its own file while there are enough. The last ones are shared: one thread at a
//! time reads a batch and updates the file's checksum, each parses its own.

use std::io::{self, Read};
use std::mem;
use std::sync::{Arc, Mutex};

use super::supply::{Current, Work};
use crate::data::elements::End;
use crate::data::error::{Error, ErrorKind};
use crate::data::export::Export;
use crate::data::parallel;
use crate::data::progress::Tracker;
use crate::data::reader::ItemReader;
use crate::data::source::{Changed, explained};
use crate::system::lock;

/// Small enough to stay in a core's cache.
const BATCH_BYTES: usize = 256 << 10;

/// What is to be found out about data files.
pub(crate) trait Survey: Sync {
    /// What a thread finds out.
    type Found: Default + Send;

    /// Whether a file that has no checksum in the manifest is an error, if checksums are compared.
    const REQUIRES_MD5: bool;

    /// Adds the items of a file, or of a batch of it. Those of a file may be added in any order.
    fn add<R: Read>(
        &self,
        found: &mut Self::Found,
        place: FilePlace,
        items: &mut ItemReader<R>,
    ) -> Result<(), Error>;

    /// Returns whether nothing more needs to be added of a file.
    fn is_settled(&self, _file: usize) -> bool {
        false
    }

    /// Handles a file that cannot be opened.
    fn not_opened(&self, file: usize, error: Error) -> Result<(), Error>;

    /// Handles the end of a file: how many bytes were read, and whether the checksum is right, unless
    /// the file cannot be read to its end. Other threads may still add items.
    fn ended(
        &self,
        file: usize,
        bytes: u64,
        read: Result<Result<(), Changed>, Error>,
    ) -> Result<(), Error>;
}

/// Where items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePlace {
    /// The position of the file in the manifest.
    pub(crate) file: usize,
    /// The position of the batch in the file.
    pub(crate) batch: u64,
}

/// Reads all files on up to `threads` threads, this one included, and returns what each found out.
/// Of several errors in a file, the first one is returned.
pub(crate) fn survey<'a, S: Survey>(
    export: &'a Export,
    tracker: &'a Tracker<'_>,
    threads: usize,
    survey: &S,
) -> Result<Vec<S::Found>, Error> {
    let all = Files {
        export,
        tracker,
        threads,
        survey,
        state: Mutex::default(),
        error: Mutex::default(),
    };
    let found = parallel::run_all((0..threads.max(1)).map(|_| || all.run()));
    match lock(&all.error).take() {
        Some((_, error)) => Err(error),
        None => Ok(found),
    }
}

struct Files<'s, 'a, 't, S> {
    export: &'a Export,
    tracker: &'a Tracker<'t>,
    threads: usize,
    survey: &'s S,
    state: Mutex<State<'a, 't>>,
    /// The error of the first batch that has one; ends the work of all.
    error: Mutex<Option<(FilePlace, Error)>>,
}

#[derive(Default)]
struct State<'a, 't> {
    /// How many files were started.
    started: usize,
    shared: Vec<Arc<Shared<'a, 't>>>,
}

/// What a thread does next.
enum Next<'a, 't> {
    /// Read the file at this position.
    Whole(usize),
    /// Read batches of this one.
    Shared(Arc<Shared<'a, 't>>),
}

/// A file whose batches are read by each thread that has a handle.
struct Shared<'a, 't> {
    position: usize,
    reading: Mutex<Reading<'a, 't>>,
}

#[derive(Default)]
struct Reading<'a, 't> {
    is_started: bool,
    /// The file, until its last batch was read.
    current: Option<Current<'a, 't>>,
    /// How many batches were read.
    batches: u64,
}

impl<'a, 't, S: Survey> Files<'_, 'a, 't, S> {
    fn run(&self) -> S::Found {
        let mut found = S::Found::default();
        while let Some(next) = self.next() {
            match next {
                Next::Whole(file) => {
                    if let Err(error) = self.read_whole(file, &mut found) {
                        self.fail(FilePlace { file, batch: 0 }, error);
                    }
                }
                Next::Shared(file) => self.read_batches(&file, &mut found),
            }
        }
        found
    }

    /// Returns a file that nobody reads yet, or one that the fewest threads read.
    fn next(&self) -> Option<Next<'a, 't>> {
        if self.has_failed() {
            return None;
        }
        let mut state = lock(&self.state);
        let position = state.started;
        let left = self.export.entries.len() - position;
        if left > 0 {
            state.started += 1;
            // Cutting a file into batches takes time.
            if self.threads <= 1 || left > self.threads {
                return Some(Next::Whole(position));
            }
            let file = Arc::new(Shared {
                position,
                reading: Mutex::default(),
            });
            state.shared.push(Arc::clone(&file));
            return Some(Next::Shared(file));
        }
        let shared = state.shared.iter();
        let file = shared.min_by_key(|file| Arc::strong_count(file))?;
        Some(Next::Shared(Arc::clone(file)))
    }

    fn read_whole(&self, file: usize, found: &mut S::Found) -> Result<(), Error> {
        let Some(mut current) = self.open(file)? else {
            return Ok(());
        };
        let of = Arc::clone(&current.file);
        let mut items = ItemReader::new(&mut current)
            .path(&of.path)
            .max_item_bytes(self.export.max_item_bytes)
            .on_error(self.export.on_error);
        let added = self
            .survey
            .add(found, FilePlace { file, batch: 0 }, &mut items);
        self.tracker.check()?;
        if let Err(error) = added {
            let error = explained(error, self.export.check_md5, || current.checksum());
            return Err(error.in_file(&of.path));
        }
        // The checksum needs what follows a fault, too.
        let read = io::copy(&mut current, &mut io::sink());
        self.tracker.check()?;
        let read = read.map(|_| current.checksum().unwrap_or(Ok(())));
        self.end(file, current, read)
    }

    fn read_batches(&self, file: &Arc<Shared<'a, 't>>, found: &mut S::Found) {
        while let Some((place, work)) = self.next_batch(file) {
            if self.survey.is_settled(place.file) {
                continue;
            }
            let of = work.file;
            let mut items = ItemReader::of_batch(work.batch, self.export.max_item_bytes)
                .path(&of.path)
                .on_error(self.export.on_error);
            if let Err(error) = self.survey.add(found, place, &mut items) {
                let checksum = || match &mut lock(&file.reading).current {
                    Some(current) => current.checksum(),
                    None => of.checked(),
                };
                let error = explained(error, self.export.check_md5, checksum);
                self.fail(place, error.in_file(&of.path));
            }
        }
    }

    /// Returns the next batch of a file, or `None` after the last one.
    fn next_batch(&self, file: &Arc<Shared<'a, 't>>) -> Option<(FilePlace, Work)> {
        if self.has_failed() {
            return None;
        }
        let mut reading = lock(&file.reading);
        let place = FilePlace {
            file: file.position,
            batch: reading.batches,
        };
        let work = self.read(file.position, &mut reading);
        if reading.current.is_none() {
            let mut state = lock(&self.state);
            state.shared.retain(|other| !Arc::ptr_eq(other, file));
        }
        match work {
            Ok(work) => Some((place, work?)),
            Err(error) => {
                self.fail(place, error);
                None
            }
        }
    }

    fn read(&self, file: usize, reading: &mut Reading<'a, 't>) -> Result<Option<Work>, Error> {
        if !mem::replace(&mut reading.is_started, true) {
            reading.current = self.open(file)?;
        }
        let Some(mut current) = reading.current.take() else {
            return Ok(None);
        };
        reading.batches += 1;
        let work = current.next()?;
        match work.as_ref().map(|work| &work.batch.end) {
            Some(End::Cut) => reading.current = Some(current),
            Some(End::Reached) => {
                let checked = current.file.checked().unwrap_or(Ok(()));
                self.end(file, current, Ok(checked))?;
            }
            Some(End::Failed(error)) => {
                let error = io::Error::new(error.kind(), error.to_string());
                self.end(file, current, Err(error))?;
            }
            None => {}
        }
        Ok(work)
    }

    /// Ends a file, of which everything was read, and whose checksum may be right, or that cannot be
    /// read to its end.
    fn end(
        &self,
        file: usize,
        current: Current<'a, 't>,
        read: io::Result<Result<(), Changed>>,
    ) -> Result<(), Error> {
        let (of, bytes) = (Arc::clone(&current.file), current.bytes);
        current.complete()?;
        let read = read.map_err(|error| Error::read(error).in_file(&of.path));
        let ended = self.survey.ended(file, bytes, read);
        ended.map_err(|error| error.in_file(&of.path))
    }

    /// Opens a file, unless it cannot be opened and that is not an error.
    fn open(&self, position: usize) -> Result<Option<Current<'a, 't>>, Error> {
        let Some(entry) = self.export.entries.get(position) else {
            return Ok(None);
        };
        let check_md5 = self.export.check_md5 && (S::REQUIRES_MD5 || entry.md5.is_some());
        match Current::open(self.export, entry, check_md5, self.tracker, BATCH_BYTES) {
            Ok(current) => Ok(Some(current)),
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) => {
                self.survey.not_opened(position, error)?;
                let items = entry.items.unwrap_or_default();
                self.tracker.file(items).complete(0).map(|()| None)
            }
        }
    }

    fn has_failed(&self) -> bool {
        lock(&self.error).is_some()
    }

    /// Ends the work of all.
    fn fail(&self, place: FilePlace, error: Error) {
        let mut first = lock(&self.error);
        if first.as_ref().is_none_or(|(known, _)| place < *known) {
            *first = Some((place, error));
        }
    }
}

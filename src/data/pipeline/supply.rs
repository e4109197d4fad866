//! The batches of all data files, in the manifest's order.

use std::io::{self, Read};
use std::path::PathBuf;
use std::slice;
use std::sync::{Arc, OnceLock};

use crate::data::batches::Batches;
use crate::data::elements::{Batch, End};
use crate::data::error::Error;
use crate::data::export::Export;
use crate::data::manifest::Entry;
use crate::data::progress::{FileProgress, Tracker};
use crate::data::source::{Changed, Source};

pub(super) struct Supply<'a, 't> {
    export: &'a Export,
    /// The files to be opened.
    entries: slice::Iter<'a, Entry>,
    tracker: &'a Tracker<'t>,
    batch_bytes: usize,
    /// The number of the next batch.
    next_batch: u64,
    current: Option<Current<'a, 't>>,
    is_ended: bool,
}

/// The file that is read.
pub(super) struct Current<'a, 't> {
    pub(super) file: Arc<File>,
    batches: Batches<Source<'a>>,
    pub(super) bytes: u64,
    length: Option<u64>,
    progress: FileProgress<'a, 't>,
}

/// A file with batches that are not yet done.
pub(super) struct File {
    pub(super) path: PathBuf,
    checked: OnceLock<Result<(), Changed>>,
}

impl File {
    /// Returns whether the checksum is right, if the file was read to its end.
    pub(super) fn checked(&self) -> Option<Result<(), Changed>> {
        self.checked.get().copied()
    }
}

/// A batch to be parsed.
pub(super) struct Work {
    pub(super) file: Arc<File>,
    pub(super) batch: Batch,
}

impl<'a, 't> Supply<'a, 't> {
    pub(super) fn new(
        export: &'a Export,
        tracker: &'a Tracker<'t>,
        batch_bytes: usize,
    ) -> Supply<'a, 't> {
        Supply {
            export,
            entries: export.entries.iter(),
            tracker,
            batch_bytes,
            next_batch: 0,
            current: None,
            is_ended: false,
        }
    }

    /// Returns the next batch with its number, or why there is none; `None` at the end.
    pub(super) fn next(&mut self) -> Option<(u64, Result<Work, Error>)> {
        if self.is_ended {
            return None;
        }
        let work = self.read().transpose()?;
        self.is_ended = work.is_err();
        let number = self.next_batch;
        self.next_batch += 1;
        Some((number, work))
    }

    /// Returns whether a file is what the export wrote, unless that is unknown. Reads the rest of it;
    /// then there are no more batches.
    pub(super) fn checksum_of(&mut self, file: &Arc<File>) -> Option<Result<(), Changed>> {
        self.is_ended = true;
        match self.current.take() {
            Some(mut current) if Arc::ptr_eq(&current.file, file) => current.checksum(),
            _ => file.checked(),
        }
    }

    fn read(&mut self) -> Result<Option<Work>, Error> {
        let mut current = match self.current.take() {
            Some(current) => current,
            None => match self.entries.next() {
                Some(entry) => self.open(entry)?,
                None => return Ok(None),
            },
        };
        let work = current.next()?;
        if work.as_ref().is_some_and(|work| work.batch.is_last()) {
            // The items are counted as they are encoded.
            current.progress.end(current.bytes)?;
        } else {
            self.current = Some(current);
        }
        Ok(work)
    }

    fn open(&self, entry: &Entry) -> Result<Current<'a, 't>, Error> {
        let check_md5 = self.export.check_md5;
        Current::open(
            self.export,
            entry,
            check_md5,
            self.tracker,
            self.batch_bytes,
        )
    }
}

impl<'a, 't> Current<'a, 't> {
    pub(super) fn open(
        export: &'a Export,
        entry: &Entry,
        check_md5: bool,
        tracker: &'a Tracker<'t>,
        batch_bytes: usize,
    ) -> Result<Current<'a, 't>, Error> {
        let path = export.data_file(entry).path();
        let opened = export.open_entry(entry, check_md5);
        let (source, length) = opened.map_err(|error| error.in_file(&path))?;
        let mut progress = tracker.file(entry.items.unwrap_or_default());
        progress.set(0, length)?;
        Ok(Current {
            file: Arc::new(File {
                path,
                checked: OnceLock::new(),
            }),
            batches: Batches::new(source, batch_bytes, export.max_item_bytes),
            bytes: 0,
            length,
            progress,
        })
    }

    /// Returns the next batch, or `None` after the last one.
    pub(super) fn next(&mut self) -> Result<Option<Work>, Error> {
        let Some(batch) = self.batches.next() else {
            return Ok(None);
        };
        self.bytes += batch.bytes.len() as u64;
        if matches!(batch.end, End::Reached) {
            let checked = self.batches.source_mut().finish();
            self.file.checked.get_or_init(|| checked);
        }
        if !batch.is_last() {
            self.progress.set(self.bytes, self.length)?;
        }
        Ok(Some(Work {
            file: Arc::clone(&self.file),
            batch,
        }))
    }

    /// Marks the file as complete, after its last batch.
    pub(super) fn complete(self) -> Result<(), Error> {
        self.progress.complete(self.bytes)
    }

    /// Returns whether the file is what the export wrote, unless the rest of it cannot be read.
    pub(super) fn checksum(&mut self) -> Option<Result<(), Changed>> {
        self.batches.source_mut().checksum()
    }
}

/// Reads the file as a whole, instead of its batches.
impl Read for Current<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.batches.source_mut().read(buffer)?;
        self.bytes += read as u64;
        let progress = self.progress.set(self.bytes, self.length);
        progress.map_err(io::Error::other)?;
        Ok(read)
    }
}

//! Reads the items of an export on several threads.
//!
//! What comes of them is passed on in order, or found out in any order, which is a
//! [`survey`](survey::survey). In order:
//!
//! One thread at a time reads the next batch of a data file and updates the file's checksum. Each
//! parses and encodes its batch by itself. Then the chunks are appended in the order of the items,
//! so that everything, the first error included, is the same as on a single thread.

mod order;
mod supply;
mod survey;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

use self::order::Order;
use self::supply::{Supply, Work};
pub(crate) use self::survey::{FilePlace, Survey, survey};
use super::convert::{Chunk, Deflate, Encoder, Tally};
use super::counts::Counter;
use super::error::{Error, ErrorKind};
use super::manifest::Entry;
use super::parallel;
use super::progress::Tracker;
use super::reader::{ItemReader, OnError, UnreadableItem};
use super::source::{explained, is_about_item};
use crate::system::lock;
use crate::wire::item::Item;

/// Where data files come from: a disk, or a bucket.
pub(crate) trait DataFiles: Sync {
    /// Opens a data file, and returns its length if it is known.
    fn open(&self, entry: &Entry) -> Result<(Box<dyn Read + Send + '_>, Option<u64>), Error>;

    /// Returns the name that errors mention.
    fn name(&self, entry: &Entry) -> PathBuf;

    /// Returns the same files, of which so many are read at once if that is faster; they are to be
    /// opened in the manifest's order.
    fn ahead(&self, _count: usize) -> Option<Box<dyn DataFiles + '_>> {
        None
    }
}

/// The data files to read, and how.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) files: &'a dyn DataFiles,
    pub(crate) entries: &'a [Entry],
    pub(crate) check_md5: bool,
    pub(crate) on_error: OnError,
    pub(crate) max_item_bytes: usize,
}

/// What comes of a batch.
struct Done<O> {
    output: O,
    tally: Tally,
    unreadable: Vec<UnreadableItem>,
}

impl<O: Chunk> Done<O> {
    fn compressed(self, deflate: Option<&mut Deflate>) -> Result<Done<O>, Error> {
        let Some(deflate) = deflate else {
            return Ok(self);
        };
        let output = self.output.compressed(deflate)?;
        Ok(Done { output, ..self })
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct ItemsRead {
    /// The items that were skipped or repaired.
    pub(crate) unreadable: Vec<UnreadableItem>,
    /// What the others, and the repaired ones, contain.
    pub(crate) counter: Counter,
}

/// Reads all items on up to `threads` threads, this one included; passes the chunks that clones of
/// `encoder` make, and of `deflate` compress, to `append`, in order, by one thread at a time.
///
/// If it succeeds, every data file was read to its end, and its checksum is right if that is to be
/// checked.
pub(crate) fn run<'a, E: Encoder>(
    job: Job<'a>,
    tracker: &'a Tracker<'_>,
    threads: usize,
    encoder: &E,
    deflate: Option<&Deflate>,
    mut append: impl FnMut(E::Output, Tally) -> Result<(), Error> + Send,
) -> Result<ItemsRead, Error> {
    let mut unreadable = Vec::new();
    let order = Order::new(threads, |done: Done<E::Output>| {
        unreadable.extend(done.unreadable);
        let items = done.tally.items;
        append(done.output, done.tally)?;
        tracker.add_items(items)
    });
    // Pieces do not refer to each other, so that larger ones compress better.
    let batch_bytes = E::BATCH_BYTES << u8::from(deflate.is_some());
    let supply = Mutex::new(Supply::new(job, tracker, batch_bytes));
    let worker = Worker {
        job,
        supply: &supply,
        order: &order,
    };
    let workers = (0..threads.max(1)).map(|_| {
        let (encoder, deflate) = (encoder.clone(), deflate.cloned());
        move || worker.run(encoder, deflate)
    });
    let mut counter = Counter::default();
    for other in parallel::run_all(workers) {
        counter.merge(other);
    }
    order.finish()?;
    Ok(ItemsRead {
        unreadable,
        counter,
    })
}

struct Worker<'w, 'a, 't, F, O> {
    job: Job<'a>,
    supply: &'w Mutex<Supply<'a, 't>>,
    order: &'w Order<Done<O>, F>,
}

impl<F, O> Clone for Worker<'_, '_, '_, F, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, O> Copy for Worker<'_, '_, '_, F, O> {}

impl<F, O> Worker<'_, '_, '_, F, O>
where
    F: FnMut(Done<O>) -> Result<(), Error>,
{
    /// Works until nothing is left, or an error ends the work of all. Returns what the items contain.
    fn run<E: Encoder<Output = O>>(self, mut encoder: E, mut deflate: Option<Deflate>) -> Counter
    where
        O: Chunk,
    {
        let _open = self.order.ended_by_panic();
        let mut item = Item::default();
        let mut counter = Counter::default();
        loop {
            let Some((number, work)) = lock(self.supply).next() else {
                return counter;
            };
            let done = work
                .and_then(|work| self.encode(work, &mut encoder, &mut item, &mut counter))
                .and_then(|done| done.compressed(deflate.as_mut()));
            if !self.order.put(number, done) {
                return counter;
            }
        }
    }

    fn encode<E: Encoder<Output = O>>(
        self,
        work: Work,
        encoder: &mut E,
        item: &mut Item,
        counter: &mut Counter,
    ) -> Result<Done<O>, Error> {
        let Work { batch, file, .. } = work;
        let mut reader = ItemReader::of_batch(batch, self.job.max_item_bytes)
            .path(&file.path)
            .on_error(self.job.on_error);
        let mut tally = Tally::default();
        loop {
            match reader.read_item(item) {
                Ok(true) => {
                    counter.add(item);
                    encoder
                        .encode(item, &mut tally)
                        .map_err(|error| match error.kind() {
                            ErrorKind::TypeMismatch => error.in_file(&file.path),
                            _ => error,
                        })?;
                }
                Ok(false) => break,
                Err(error) if self.job.check_md5 && is_about_item(&error) => {
                    let checked = lock(self.supply).checksum_of(&file);
                    let error = match checked {
                        Some(checked) => explained(error, checked).in_file(&file.path),
                        None => error,
                    };
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        if work.is_last {
            if let Some(Err(changed)) = file.checked() {
                return Err(Error::from(changed).in_file(&file.path));
            }
        }
        Ok(Done {
            output: encoder.take(),
            tally,
            unreadable: reader.unreadable,
        })
    }
}

#[cfg(test)]
mod tests;

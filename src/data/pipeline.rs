//! Reads the items of an export on several threads: in order, to convert them ([`run`]), or in any
//! order, to find out what they contain ([`survey`](survey::survey)).
//!
//! In order, one thread at a time reads the next batch of a data file and updates the file's checksum;
//! each thread parses and encodes its own batch. The chunks are appended in the order of the items, so
//! that everything, including the first error, is the same as on a single thread.

mod order;
mod supply;
mod survey;

use std::sync::Mutex;

use self::order::Order;
use self::supply::{Supply, Work};
pub(crate) use self::survey::{FilePlace, Survey, survey};
use super::convert::{Chunk, Deflate, Encoder, Tally};
use super::counts::Counter;
use super::error::{Error, ErrorKind};
use super::export::Export;
use super::parallel;
use super::progress::Tracker;
use super::reader::{ItemReader, UnreadableItem};
use super::source::explained;
use crate::system::lock;
use crate::wire::item::Item;

/// What comes of a batch.
struct Done<O> {
    output: O,
    tally: Tally,
    unreadable: Vec<UnreadableItem>,
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
pub(crate) fn run<E: Encoder>(
    export: &Export,
    tracker: &Tracker<'_>,
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
    let supply = Mutex::new(Supply::new(export, tracker, batch_bytes));
    let workers = (0..threads.max(1)).map(|_| {
        let worker = Worker {
            export,
            supply: &supply,
            encoder: encoder.clone(),
            deflate: deflate.cloned(),
            item: Item::default(),
            counter: Counter::default(),
        };
        let order = &order;
        move || worker.run(order)
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

/// What a thread encodes with.
struct Worker<'w, 'a, 't, E> {
    export: &'a Export,
    supply: &'w Mutex<Supply<'a, 't>>,
    encoder: E,
    deflate: Option<Deflate>,
    /// The memory of the previous item.
    item: Item,
    counter: Counter,
}

impl<E: Encoder> Worker<'_, '_, '_, E> {
    /// Works until nothing is left, or an error ends the work of all. Returns what the items contain.
    fn run<F>(mut self, order: &Order<Done<E::Output>, F>) -> Counter
    where
        F: FnMut(Done<E::Output>) -> Result<(), Error>,
    {
        let _open = order.ended_by_panic();
        loop {
            let Some((number, work)) = lock(self.supply).next() else {
                return self.counter;
            };
            let done = work.and_then(|work| self.encode(work));
            if !order.put(number, done) {
                return self.counter;
            }
        }
    }

    fn encode(&mut self, Work { file, batch }: Work) -> Result<Done<E::Output>, Error> {
        let is_last = batch.is_last();
        let mut reader = ItemReader::of_batch(batch, self.export.max_item_bytes)
            .path(&file.path)
            .on_error(self.export.on_error);
        let mut tally = Tally::default();
        loop {
            match reader.read_item(&mut self.item) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let checksum = || lock(self.supply).checksum_of(&file);
                    let error = explained(error, self.export.check_md5, checksum);
                    return Err(error.in_file(&file.path));
                }
            }
            self.counter.add(&self.item);
            let encoded = self.encoder.encode(&self.item, &mut tally);
            encoded.map_err(|error| match error.kind() {
                ErrorKind::TypeMismatch => error.in_file(&file.path),
                _ => error,
            })?;
        }
        if let (true, Some(Err(changed))) = (is_last, file.checked()) {
            return Err(Error::from(changed).in_file(&file.path));
        }
        let mut output = self.encoder.take();
        if let Some(deflate) = &mut self.deflate {
            output = output.compressed(deflate)?;
        }
        Ok(Done {
            output,
            tally,
            unreadable: reader.unreadable,
        })
    }
}

#[cfg(test)]
mod tests;

//! The two halves of every writer: an encoder, which makes chunks of items without any I/O, and a
//! sink, which appends them to the target.
//!
//! A conversion on several threads has one encoder per thread and a single sink, which gets the
//! chunks in the order of the items.

use std::fmt;

use super::losses::Losses;
use super::{Renamed, TextColumn, WriteReport};
use crate::data::counts::Counter;
use crate::data::error::Error;
use crate::wire::item::Item;

/// A writer of items, to which an export can be converted: [`JsonLinesWriter`](super::JsonLinesWriter),
/// [`CsvWriter`](super::CsvWriter), [`DynamoDbWriter`](super::DynamoDbWriter),
/// [`SqlWriter`](super::SqlWriter), `ParquetWriter`.
///
/// This trait is sealed: only the writers of this crate implement it.
pub trait Writer: Halves {}

impl<W: Halves> Writer for W {}

/// A writer as its halves.
pub trait Halves {
    type Encoder: Encoder;
    /// What the writer writes to, and returns at the end.
    type Target;
    type Sink: Sink<Input = <Self::Encoder as Encoder>::Output, Target = Self::Target> + Send;

    fn halves(self) -> Joined<Self::Encoder, Self::Sink>;
}

/// Makes chunks of items. Its clones, one per thread, are made before the first item.
pub trait Encoder: Clone + Send {
    /// What the sink appends.
    type Output: Send;

    /// How many bytes of JSON make up a chunk when several threads convert. Memory is needed for
    /// them and for what they become, on every thread.
    const BATCH_BYTES: usize = 1 << 20;

    /// Checks the options, and returns what precedes the first item. Called once, before all else.
    fn start(&mut self) -> Result<Self::Output, Error>;

    /// Adds an item to the chunk, or nothing of it if that fails; and counts it, its losses, and the
    /// columns that it uses.
    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error>;

    /// Returns whether the chunk is large enough to be appended when items are written one by one.
    fn is_full(&self) -> bool;

    /// Returns the chunk, and starts the next one.
    fn take(&mut self) -> Result<Self::Output, Error>;

    /// Returns what follows the last item.
    fn end(&mut self) -> Result<Option<Self::Output>, Error> {
        Ok(None)
    }

    /// Returns the names of the columns that a tally counts as used, for formats with columns.
    fn columns(&self) -> &[String] {
        &[]
    }

    /// Returns the columns that are text because the format has no exact type for them.
    fn text_columns(&self) -> Vec<TextColumn> {
        Vec::new()
    }

    /// Returns the names that had to change.
    fn renamed(&self) -> Vec<Renamed> {
        Vec::new()
    }
}

/// Appends chunks to a target.
pub trait Sink {
    /// The output of the encoder.
    type Input;
    /// What is written to.
    type Target;

    /// Appends a chunk.
    fn append(&mut self, chunk: Self::Input) -> Result<(), Error>;

    /// Completes the target; adds to the report what only the sink knows, such as the bytes.
    fn finish(self, report: &mut WriteReport) -> Result<Self::Target, Error>;
}

/// What happened to items besides being encoded.
#[derive(Debug, Default)]
pub struct Tally {
    pub(crate) items: u64,
    pub(crate) losses: Losses,
    /// For each column, whether an item has that attribute; may be shorter.
    pub(super) used_columns: Vec<bool>,
}

impl Tally {
    /// Marks a column as used.
    pub(super) fn use_column(&mut self, position: usize) {
        if position >= self.used_columns.len() {
            self.used_columns.resize(position + 1, false);
        }
        if let Some(is_used) = self.used_columns.get_mut(position) {
            *is_used = true;
        }
    }

    /// Adds what happened to the items that follow.
    pub(crate) fn append(&mut self, next: Tally) {
        self.items += next.items;
        self.losses.append(next.losses);
        for (position, is_used) in next.used_columns.into_iter().enumerate() {
            if is_used {
                self.use_column(position);
            }
        }
    }

    fn into_report(self, columns: &[String]) -> WriteReport {
        let is_used = |position| self.used_columns.get(position).copied().unwrap_or(false);
        let unused = columns
            .iter()
            .enumerate()
            .filter(|(position, _)| self.items > 0 && !is_used(*position));
        WriteReport {
            items: self.items,
            unused_columns: unused.map(|(_, name)| name.clone()).collect(),
            losses: self.losses,
            ..WriteReport::default()
        }
    }
}

/// An encoder with its sink: what every writer is made of.
pub struct Joined<E, S> {
    pub(super) encoder: E,
    pub(super) sink: S,
    pub(super) tally: Tally,
    pub(super) counter: Counter,
    is_started: bool,
}

impl<E: Encoder, S: Sink<Input = E::Output>> Joined<E, S> {
    pub(super) fn new(encoder: E, sink: S) -> Joined<E, S> {
        Joined {
            encoder,
            sink,
            tally: Tally::default(),
            counter: Counter::default(),
            is_started: false,
        }
    }

    /// Writes an item, after what precedes the first one.
    pub(super) fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.start()?;
        self.counter.add(item);
        self.encoder.encode(item, &mut self.tally)?;
        if self.encoder.is_full() {
            self.sink.append(self.encoder.take()?)?;
        }
        Ok(())
    }

    /// Writes what is left, and returns the target and the report.
    pub(super) fn finish(mut self) -> Result<(S::Target, WriteReport), Error> {
        self.start()?;
        self.sink.append(self.encoder.take()?)?;
        if let Some(end) = self.encoder.end()? {
            self.sink.append(end)?;
        }
        let mut report = self.tally.into_report(self.encoder.columns());
        report.text_columns = self.encoder.text_columns();
        report.renamed = self.encoder.renamed();
        report.counts = self.counter.counts();
        let target = self.sink.finish(&mut report)?;
        Ok((target, report))
    }

    /// Writes what precedes the first item, once.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        if !self.is_started {
            self.sink.append(self.encoder.start()?)?;
            self.is_started = true;
        }
        Ok(())
    }
}

impl<E: fmt::Debug, S> fmt::Debug for Joined<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("encoder", &self.encoder)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

//! What a format consists of: an encoder, which makes chunks of items without any I/O, and an
//! assembler, which writes them as one output.
//!
//! A conversion on several threads has one encoder per thread and a single assembler, which gets the
//! chunks in the order of the items.

use std::fmt;
use std::io::Write;

use super::WriteReport;
use super::chunk::{Chunk, Text};
use super::columns::{ColumnOptions, Columns};
use super::output::Output;
use super::tally::Tally;
use crate::data::error::Error;
use crate::data::types::DataType;
use crate::wire::item::Item;

/// A format that an [`ItemWriter`](super::ItemWriter) writes.
///
/// This trait is sealed: only the formats of this crate implement it.
pub trait Format: Encode {}

impl<F: Encode> Format for F {}

/// The options of a format.
pub trait Encode: fmt::Debug {
    type Encoder: Encoder;
    type Assembler: Assembler<<Self::Encoder as Encoder>::Output>;

    /// Whether a row can contain line breaks, between quotes.
    const HAS_QUOTES: bool = false;

    /// Checks the options, and returns an encoder, whose first chunk is what precedes the items.
    fn encoder(&self, options: &ColumnOptions) -> Result<Self::Encoder, Error>;
}

/// A format whose output an [`ItemWriter`](super::ItemWriter) can split: all but SQL.
///
/// This trait is sealed: only the formats of this crate implement it.
pub trait SplitFormat: Format {}

/// Makes chunks of items. Its clones, one per thread, are made after the chunk that precedes the
/// items is taken.
pub trait Encoder: Clone + Send {
    type Output: Chunk;

    /// How many bytes of JSON make up a chunk when several threads convert. Memory is needed for
    /// them and for what they become, on every thread.
    const BATCH_BYTES: usize = 1 << 20;

    /// Adds an item to the chunk, or nothing of it if that fails; and counts it and its losses.
    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error>;

    /// Returns whether the chunk is large enough to be appended when items are written one by one.
    fn is_full(&self) -> bool;

    /// Returns the chunk, and starts the next one.
    fn take(&mut self) -> Self::Output;

    /// Returns the last chunk, including what follows the items. Adds to the report what only this
    /// format reports.
    fn finish(&mut self, _report: &mut WriteReport) -> Self::Output {
        self.take()
    }

    /// Returns the columns, for formats that have any.
    fn columns(&self) -> Option<&Columns> {
        None
    }

    /// Returns why columns of this type are text, if the format has no exact type for them.
    fn text_reason(&self, _data_type: DataType) -> Option<&'static str> {
        None
    }
}

/// Writes the chunks of all encoders as one output.
pub trait Assembler<Chunk>: Default + Send {
    fn append<W: Write>(&mut self, chunk: Chunk, output: &mut Output<W>) -> Result<(), Error>;

    /// Writes what remains.
    fn finish<W: Write>(&mut self, _output: &mut Output<W>) -> Result<(), Error> {
        Ok(())
    }
}

/// Writes text, chunk by chunk.
#[derive(Debug, Default)]
pub struct Concat;

impl Assembler<Text> for Concat {
    fn append<W: Write>(&mut self, chunk: Text, output: &mut Output<W>) -> Result<(), Error> {
        output.append_rows(chunk)
    }
}

//! What the formats of one JSON object a line have in common.

use std::fmt;
use std::io::Write;

use serde::Serialize;

use super::ConvertSummary;
use super::losses::Losses;
use super::output::Output;
use crate::data::error::DataError;

/// Lines on their way to a target, and what was written so far.
pub(super) struct Lines<W: Write> {
    output: Output<W>,
    written: ConvertSummary,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(target: W) -> Lines<W> {
        Lines {
            output: Output::new(target),
            written: ConvertSummary::default(),
        }
    }

    pub(super) fn gzip(mut self) -> Lines<W> {
        self.output = self.output.gzip();
        self
    }

    pub(super) fn losses(&mut self) -> &mut Losses {
        &mut self.written.losses
    }

    /// Writes the line of an item.
    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<(), DataError> {
        let piece = self.output.piece();
        // A vector takes everything, and text always has a form in JSON.
        serde_json::to_writer(&mut *piece, line).map_err(|e| DataError::write(e.into()))?;
        piece.push(b'\n');
        self.written.items += 1;
        self.output.settle()
    }

    /// Writes what is left, and returns the target and what was written.
    pub(super) fn finish(self) -> Result<(W, ConvertSummary), DataError> {
        self.output.finish(self.written)
    }
}

impl<W: Write> fmt::Debug for Lines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

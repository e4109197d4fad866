//! What the formats with one JSON object per line have in common.

use std::fmt;
use std::io::Write;

use serde::Serialize;

use super::WriteReport;
use super::losses::Losses;
use super::output::Output;
use crate::data::error::Error;

/// Lines on their way to a target, and what was written so far.
pub(super) struct Lines<W: Write> {
    output: Output<W>,
    report: WriteReport,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(target: W) -> Lines<W> {
        Lines {
            output: Output::new(target),
            report: WriteReport::default(),
        }
    }

    pub(super) fn gzip(mut self, gzip: bool) -> Lines<W> {
        self.output = self.output.gzip(gzip);
        self
    }

    pub(super) fn losses(&mut self) -> &mut Losses {
        &mut self.report.losses
    }

    /// Writes the line of an item.
    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let chunk = self.output.chunk();
        // A vector takes everything, and text always has a JSON form.
        serde_json::to_writer(&mut *chunk, line).map_err(|e| Error::write(e.into()))?;
        chunk.push(b'\n');
        self.report.items += 1;
        self.output.forward_if_full()
    }

    /// Writes what is left, and returns the target and the report.
    pub(super) fn finish(self) -> Result<(W, WriteReport), Error> {
        self.output.finish(self.report)
    }
}

impl<W: Write> fmt::Debug for Lines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

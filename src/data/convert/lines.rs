//! What the formats with one JSON object per line have in common.

use std::mem;

use serde::Serialize;

use super::output::CHUNK_BYTES;
use super::tally::Tally;
use crate::data::error::Error;

/// A chunk of lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// Adds the line of an item.
    pub(super) fn push(&mut self, line: &impl Serialize, tally: &mut Tally) -> Result<(), Error> {
        // A vector takes everything, and text always has a JSON form.
        serde_json::to_writer(&mut self.0, line).map_err(|e| Error::write(e.into()))?;
        self.0.push(b'\n');
        tally.items += 1;
        Ok(())
    }

    /// What is appended to this are lines too.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= CHUNK_BYTES
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        // The next chunk is about as large.
        let next = Vec::with_capacity(self.0.len() + self.0.len() / 16);
        mem::replace(&mut self.0, next)
    }
}

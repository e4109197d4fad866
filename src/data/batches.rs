//! Cuts the array in a data file into batches of elements, which threads then parse.
//!
//! This searches only for the ends of elements. What is wrong with a file, the parser finds,
//! [`Elements`](super::elements::Elements), as if the file were not cut.

use std::io::Read;

use super::elements::{Batch, End, Place};
use super::nesting::Nesting;

const CHUNK_BYTES: usize = 128 * 1024;

/// The batches of one data file.
pub(super) struct Batches<R> {
    source: R,
    batch_bytes: usize,
    /// How much is read at a time.
    chunk_bytes: usize,
    max_item_bytes: usize,
    nesting: Nesting,
    /// What was read, but is not yet part of a batch: the beginning of an element.
    rest: Vec<u8>,
    /// Where the next batch is in the file.
    offset: u64,
    /// How many elements come before the next batch.
    number: u64,
    place: Place,
    is_ended: bool,
}

impl<R: Read> Batches<R> {
    /// Cuts what is read from `source` into batches of about this size. An element that is much
    /// larger than the limit is cut as well, which the parser reports.
    pub(super) fn new(source: R, batch_bytes: usize, max_item_bytes: usize) -> Batches<R> {
        Batches {
            source,
            batch_bytes,
            chunk_bytes: CHUNK_BYTES.min(batch_bytes),
            max_item_bytes,
            nesting: Nesting::default(),
            rest: Vec::new(),
            offset: 0,
            number: 0,
            place: Place::BeforeArray,
            is_ended: false,
        }
    }

    pub(super) fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// Returns the next batch, or `None` after the end of the file or a failure to read it.
    pub(super) fn next(&mut self) -> Option<Batch> {
        if self.is_ended {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.batch_bytes + self.chunk_bytes);
        bytes.append(&mut self.rest);
        let (mut cut, mut elements) = (0, 0);
        loop {
            let start = bytes.len();
            let mut chunk = self.source.by_ref().take(self.chunk_bytes as u64);
            let end = match chunk.read_to_end(&mut bytes) {
                Ok(read) if read < self.chunk_bytes => Some(End::Reached),
                Ok(_) => None,
                Err(error) => Some(End::Failed(error)),
            };
            let ends = self
                .nesting
                .element_ends(bytes.get(start..).unwrap_or_default());
            if ends.count > 0 {
                cut = start + ends.last;
                elements += ends.count;
            }
            if let Some(end) = end {
                self.is_ended = true;
                return Some(self.batch(bytes, end));
            }
            if bytes.len() < self.batch_bytes {
                continue;
            }
            if cut > 0 {
                self.rest = bytes.split_off(cut);
                return Some(self.cut(bytes, elements, Place::AfterElement));
            }
            let is_space = bytes.last().is_some_and(u8::is_ascii_whitespace);
            let is_too_large = bytes.len() > self.max_item_bytes.saturating_mul(2);
            if self.nesting.is_between_elements() && is_space || is_too_large {
                let place = self.place.after(&bytes);
                return Some(self.cut(bytes, 0, place));
            }
        }
    }

    /// Returns these bytes as a batch, with this many elements, that is not the last one.
    fn cut(&mut self, bytes: Vec<u8>, elements: u64, place: Place) -> Batch {
        let length = bytes.len() as u64;
        let batch = self.batch(bytes, End::Cut);
        self.offset += length;
        self.number += elements;
        self.place = place;
        batch
    }

    fn batch(&self, bytes: Vec<u8>, end: End) -> Batch {
        Batch {
            bytes,
            offset: self.offset,
            number: self.number + u64::from(self.place == Place::AfterComma),
            place: self.place,
            end,
        }
    }
}

#[cfg(test)]
mod tests;

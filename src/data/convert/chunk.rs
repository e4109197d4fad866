//! What encoders make of items.

use std::mem;

use super::gzip::{Deflate, Piece};
use crate::data::error::Error;

/// What an encoder makes of some items.
pub trait Chunk: Send + Sized {
    /// Compresses the chunk, if it is written as it is. Called by the thread that encoded it.
    fn compressed(self, _deflate: &mut Deflate) -> Result<Self, Error> {
        Ok(self)
    }
}

/// A chunk of whole lines: what formats that are text are made of.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub enum Text {
    Plain(Vec<u8>),
    Compressed(Vec<Piece>),
}

impl Text {
    /// Takes what was collected.
    pub(super) fn take(collected: &mut Vec<u8>) -> Text {
        // The next chunk is about as large.
        let next = Vec::with_capacity(collected.len() + collected.len() / 16);
        Text::Plain(mem::replace(collected, next))
    }

    /// Returns the number of bytes before compression.
    pub(super) fn length(&self) -> usize {
        match self {
            Text::Plain(bytes) => bytes.len(),
            Text::Compressed(pieces) => pieces.iter().map(|piece| piece.length).sum(),
        }
    }
}

impl Chunk for Text {
    fn compressed(self, deflate: &mut Deflate) -> Result<Text, Error> {
        match self {
            Text::Plain(bytes) => Ok(Text::Compressed(deflate.pieces(&bytes)?)),
            Text::Compressed(_) => Ok(self),
        }
    }
}

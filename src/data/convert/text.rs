//! The chunks of the formats that are text.

use std::mem;

use super::gzip::Piece;

/// A chunk of whole lines.
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

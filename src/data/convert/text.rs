//! The chunks of the formats that are text.

use super::encoder::Chunk;
use super::gzip::{Deflate, Piece};
use crate::data::error::Error;

/// A chunk of whole lines.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub enum Text {
    Plain(Vec<u8>),
    Compressed(Vec<Piece>),
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        Text::Plain(bytes)
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

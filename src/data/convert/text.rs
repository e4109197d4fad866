//! The chunks of the formats that are text.

use super::gzip::Piece;

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

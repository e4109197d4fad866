//! Compresses with gzip, in pieces that several threads can compress at once.
//!
//! The pieces of a stream do not refer to each other. Each ends at a byte, but does not end the
//! stream, so that all of them together are one: what every reader of gzip takes.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::limit::Limit;
use crate::data::error::Error;

/// Without a name and a time, so that the output depends on the items only; the system is unknown.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty block, which is the last one.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// At least as much room as this is left at the end of a piece, or it is not complete.
const MIN_ROOM: usize = 64;

/// Compresses pieces.
#[derive(Debug)]
pub struct Deflate {
    compress: Compress,
    limit: Limit,
}

/// The clone compresses other pieces.
impl Clone for Deflate {
    fn clone(&self) -> Deflate {
        Deflate::new(self.limit)
    }
}

/// A part of a stream.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub struct Piece {
    deflated: Vec<u8>,
    crc: Crc,
    /// The length before compression.
    pub(super) length: usize,
}

impl Deflate {
    /// Makes pieces of rows within this limit, before compression.
    pub(super) fn new(limit: Limit) -> Deflate {
        Deflate {
            compress: Compress::new(Compression::default(), false),
            limit,
        }
    }

    pub(super) fn pieces(&mut self, mut text: &[u8]) -> Result<Vec<Piece>, Error> {
        let mut pieces = Vec::new();
        while let Some(end) = self.limit.cut(text, false) {
            let (piece, rest) = text.split_at(end);
            pieces.push(self.piece(piece)?);
            text = rest;
        }
        if !text.is_empty() {
            pieces.push(self.piece(text)?);
        }
        Ok(pieces)
    }

    fn piece(&mut self, text: &[u8]) -> Result<Piece, Error> {
        self.compress.reset();
        let mut deflated = Vec::with_capacity(text.len() / 4 + 2 * MIN_ROOM);
        let mut rest = text;
        loop {
            let before = self.compress.total_in();
            self.compress
                .compress_vec(rest, &mut deflated, FlushCompress::Sync)
                .map_err(|error| Error::write(error.into()))?;
            let used = usize::try_from(self.compress.total_in() - before).unwrap_or(usize::MAX);
            rest = rest.get(used..).unwrap_or_default();
            if deflated.capacity() > deflated.len() {
                break;
            }
            deflated.reserve(text.len() / 8 + MIN_ROOM);
        }
        let mut crc = Crc::new();
        crc.update(text);
        Ok(Piece {
            deflated,
            crc,
            length: text.len(),
        })
    }
}

/// A stream of pieces.
#[derive(Default)]
pub(super) struct Stream {
    crc: Crc,
    is_started: bool,
}

impl Stream {
    pub(super) fn append(&mut self, piece: &Piece, target: &mut impl Write) -> io::Result<()> {
        self.start(target)?;
        self.crc.combine(&piece.crc);
        target.write_all(&piece.deflated)
    }

    pub(super) fn finish(mut self, target: &mut impl Write) -> io::Result<()> {
        self.start(target)?;
        target.write_all(&LAST_BLOCK)?;
        target.write_all(&self.crc.sum().to_le_bytes())?;
        // The length modulo 2^32.
        target.write_all(&self.crc.amount().to_le_bytes())
    }

    fn start(&mut self, target: &mut impl Write) -> io::Result<()> {
        if self.is_started {
            return Ok(());
        }
        self.is_started = true;
        target.write_all(&HEADER)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;
    use crate::tests::items::few_cases;

    /// Reads one stream, and nothing after it.
    fn unzip(zipped: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut reader = flate2::bufread::GzDecoder::new(zipped);
        reader.read_to_end(&mut bytes).unwrap();
        assert!(reader.into_inner().is_empty());
        bytes
    }

    fn zip(chunks: &[Vec<u8>], room: usize) -> Vec<u8> {
        let limit = Limit {
            room,
            has_quotes: false,
        };
        let mut stream = Stream::default();
        let mut zipped = Vec::new();
        for chunk in chunks {
            // As on another thread.
            let pieces = Deflate::new(limit).pieces(chunk).unwrap();
            for piece in pieces {
                stream.append(&piece, &mut zipped).unwrap();
            }
        }
        stream.finish(&mut zipped).unwrap();
        zipped
    }

    #[test]
    fn nothing_is_an_empty_stream() {
        assert_eq!(unzip(&zip(&[], 100)), b"");
        assert_eq!(zip(&[], 100), zip(&[Vec::new()], 100));
    }

    #[test]
    fn repeated_text_is_small() {
        let chunk = "0123456789\n".repeat(100_000).into_bytes();
        let zipped = zip(&[chunk.clone(), chunk.clone()], usize::MAX);
        assert!(zipped.len() < chunk.len() / 100);
        assert!(unzip(&zipped) == [chunk.clone(), chunk].concat());
    }

    proptest! {
        #![proptest_config(few_cases())]

        #[test]
        fn any_pieces_are_one_stream(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20_000), 0..4),
            room in 1_usize..30_000,
        ) {
            prop_assert_eq!(unzip(&zip(&chunks, room)), chunks.concat());
        }
    }
}

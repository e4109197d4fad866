//! A target of bytes, compressed on request.

use std::io::{self, Write};
use std::mem;

use super::chunk::{Chunk, Text};
use super::gzip::{Deflate, Piece, Stream};
use super::parts::Parts;
use crate::data::error::Error;

/// How much an encoder collects before it is compressed and appended, if items are written one by
/// one.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// Appends bytes to a target.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub struct Output<W> {
    target: W,
    /// If the output is compressed.
    stream: Option<Stream>,
    /// How many bytes were appended, before compression.
    bytes: u64,
    pub(super) parts: Parts<W>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(target: W) -> Output<W> {
        Output {
            target,
            stream: None,
            bytes: 0,
            parts: Parts::single(),
        }
    }

    /// Sets whether the output is compressed.
    pub(super) fn set_gzip(&mut self, gzip: bool) {
        self.stream = gzip.then(Stream::default);
    }

    /// Returns what compresses chunks before they are appended, if the output is compressed.
    pub(super) fn deflate(&self) -> Option<Deflate> {
        let stream = self.stream.as_ref();
        stream.map(|_| Deflate::new(self.parts.limit()))
    }

    /// Compresses a chunk on this thread, if the output is compressed.
    pub(super) fn compressed<C: Chunk>(&self, chunk: C) -> Result<C, Error> {
        match self.deflate() {
            Some(mut deflate) => chunk.compressed(&mut deflate),
            None => Ok(chunk),
        }
    }

    /// Appends a chunk of rows. The first one is what precedes them.
    pub(super) fn append_rows(&mut self, chunk: Text) -> Result<(), Error> {
        let appended = if self.parts.head.is_none() {
            let appended = self.write_text(&chunk);
            self.parts.head = Some(chunk);
            appended
        } else {
            match &chunk {
                Text::Plain(rows) => self.write_rows(rows),
                Text::Compressed(pieces) => self.write_pieces(pieces),
            }
        };
        appended.map_err(Error::write)
    }

    /// Appends bytes to the current target.
    #[cfg(feature = "parquet")]
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.write(bytes).map_err(Error::write)
    }

    /// Completes the current target, and continues in the next one.
    #[cfg(feature = "parquet")]
    pub(super) fn next_part(&mut self) -> Result<(), Error> {
        self.write_next().map_err(Error::write)
    }

    /// Completes the target, and returns it with the number of bytes before compression.
    pub(super) fn finish(mut self) -> Result<(W, u64), Error> {
        self.end().map_err(Error::write)?;
        Ok((self.target, self.bytes))
    }

    fn write_rows(&mut self, mut rows: &[u8]) -> io::Result<()> {
        while let Some(end) = self.parts.cut(rows) {
            let (fitting, rest) = rows.split_at(end);
            self.write(fitting)?;
            self.write_next()?;
            rows = rest;
        }
        self.write(rows)
    }

    fn write_pieces(&mut self, pieces: &[Piece]) -> io::Result<()> {
        for piece in pieces {
            if self.parts.has_rows() && self.parts.would_exceed(piece.length as u64) {
                self.write_next()?;
            }
            self.write_piece(piece)?;
        }
        Ok(())
    }

    /// Completes the current target, and begins the next one with what precedes the rows.
    fn write_next(&mut self) -> io::Result<()> {
        self.end()?;
        self.parts.next(&mut self.target)?;
        let head = self.parts.head.take();
        let written = head.iter().try_for_each(|head| self.write_text(head));
        self.parts.head = head;
        written
    }

    fn write_text(&mut self, text: &Text) -> io::Result<()> {
        match text {
            Text::Plain(bytes) => self.write(bytes),
            Text::Compressed(pieces) => pieces.iter().try_for_each(|piece| self.write_piece(piece)),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.count(bytes.len());
        self.target.write_all(bytes)
    }

    fn write_piece(&mut self, piece: &Piece) -> io::Result<()> {
        self.count(piece.length);
        let stream = self.stream.get_or_insert_default();
        stream.append(piece, &mut self.target)
    }

    fn count(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.parts.written += bytes as u64;
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(stream) = &mut self.stream {
            mem::take(stream).finish(&mut self.target)?;
        }
        self.target.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::data::ErrorKind;

    fn append<W: Write>(output: &mut Output<W>, rows: &[u8]) -> Result<(), Error> {
        let rows = output.compressed(Text::Plain(rows.to_vec()))?;
        output.append_rows(rows)
    }

    fn fill(gzip: bool) -> (Vec<u8>, u64) {
        let mut output = Output::new(Vec::new());
        output.set_gzip(true);
        output.set_gzip(gzip);
        for _ in 0..10 {
            append(&mut output, &b"0123456789\n".repeat(1_000)).unwrap();
        }
        output.finish().unwrap()
    }

    #[test]
    fn writes_everything_plain_or_compressed() {
        let (plain, bytes) = fill(false);
        assert_eq!(bytes, 110_000);
        assert_eq!(plain, b"0123456789\n".repeat(10_000));

        let (zipped, bytes) = fill(true);
        assert_eq!(bytes, 110_000);
        assert!(zipped.len() < 2_000);
        let mut unzipped = Vec::new();
        flate2::read::GzDecoder::new(&zipped[..])
            .read_to_end(&mut unzipped)
            .unwrap();
        assert_eq!(unzipped, plain);
    }

    #[test]
    fn reports_a_full_target() {
        for gzip in [false, true] {
            let mut room = [0; 9];
            let mut output = Output::new(&mut room[..]);
            output.set_gzip(gzip);
            let appended = append(&mut output, b"0123456789");
            let finished = appended.and_then(|()| output.finish());
            let error = finished.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Write);
            assert_eq!(
                error.to_string(),
                "cannot write output: failed to write whole buffer"
            );
        }
    }
}

//! A target of bytes, compressed on request.

use std::io::{self, Write};
use std::mem;

use super::gzip::{Deflate, Piece, Stream};
use super::parts::Parts;
use super::text::Text;
use crate::data::error::Error;

/// How much an encoder collects before it is appended, if items are written one by one.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// How much is compressed at once, if it is not compressed already.
const COMPRESSED_BYTES: usize = 1 << 20;

/// Appends bytes to a target.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub struct Output<W> {
    target: W,
    is_compressed: bool,
    /// Rows that are yet to be compressed.
    pending: Vec<u8>,
    stream: Stream,
    /// How many bytes were appended, before compression.
    bytes: u64,
    parts: Option<Parts<W>>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(target: W) -> Output<W> {
        Output {
            target,
            is_compressed: false,
            pending: Vec::new(),
            stream: Stream::new(),
            bytes: 0,
            parts: None,
        }
    }

    /// Sets whether the output is compressed.
    pub(super) fn set_gzip(&mut self, gzip: bool) {
        self.is_compressed = gzip;
    }

    /// Sets how the output continues in other targets.
    pub(super) fn set_parts(&mut self, parts: Parts<W>) {
        self.parts = Some(parts);
    }

    /// Returns what compresses chunks of rows before they are appended, if the output is compressed.
    pub(super) fn deflate(&self) -> Option<Deflate> {
        let limit = self.parts.as_ref().map(Parts::limit);
        self.is_compressed.then(|| Deflate::new(limit))
    }

    /// Appends a chunk of rows, or what precedes them.
    pub(super) fn append_rows(&mut self, chunk: Text) -> Result<(), Error> {
        let rows = match chunk {
            Text::Plain(rows) => rows,
            Text::Compressed(pieces) => {
                self.compress_pending()?;
                return self.append_pieces(&pieces);
            }
        };
        let parts = self.parts.as_mut();
        if parts.is_some_and(|parts| parts.take_head(&rows)) {
            return self.append_head(&rows);
        }
        if !self.is_compressed {
            return self.write_rows(&rows).map_err(Error::write);
        }
        self.pending.extend(rows);
        if self.pending.len() < COMPRESSED_BYTES {
            return Ok(());
        }
        self.compress_pending()
    }

    /// Appends bytes to the current target.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.write(bytes).map_err(Error::write)
    }

    /// Returns the maximum size of a target, if there is one.
    #[cfg(feature = "parquet")]
    pub(super) fn max_bytes(&self) -> Option<u64> {
        self.parts.as_ref().map(Parts::max_bytes)
    }

    /// Returns whether so many bytes more are too many for the current target, which is not empty.
    #[cfg(feature = "parquet")]
    pub(super) fn would_exceed(&self, bytes: u64) -> bool {
        let parts = self.parts.as_ref();
        parts.is_some_and(|parts| parts.would_exceed(bytes))
    }

    /// Completes the current target, and continues in the next one.
    pub(super) fn next_part(&mut self) -> Result<(), Error> {
        self.write_next().map_err(Error::write)
    }

    /// Completes the target, and returns it with the number of bytes before compression.
    pub(super) fn finish(mut self) -> Result<(W, u64), Error> {
        self.compress_pending()?;
        self.end().map_err(Error::write)?;
        Ok((self.target, self.bytes))
    }

    fn append_head(&mut self, head: &[u8]) -> Result<(), Error> {
        match self.deflate() {
            Some(mut deflate) => {
                let pieces = deflate.pieces(head)?;
                let mut pieces = pieces.iter();
                pieces
                    .try_for_each(|piece| self.write_piece(piece))
                    .map_err(Error::write)
            }
            None => self.append(head),
        }
    }

    fn compress_pending(&mut self) -> Result<(), Error> {
        let pending = mem::take(&mut self.pending);
        match self.deflate() {
            Some(mut deflate) => self.append_pieces(&deflate.pieces(&pending)?),
            None => Ok(()),
        }
    }

    fn append_pieces(&mut self, pieces: &[Piece]) -> Result<(), Error> {
        for piece in pieces {
            let length = piece.length as u64;
            let parts = self.parts.as_ref();
            if parts.is_some_and(|parts| parts.has_rows() && parts.would_exceed(length)) {
                self.next_part()?;
                let head = self.parts.as_ref().map(Parts::head);
                self.append_head(&head.unwrap_or_default())?;
            }
            self.write_piece(piece).map_err(Error::write)?;
        }
        Ok(())
    }

    fn write_piece(&mut self, piece: &Piece) -> io::Result<()> {
        self.count(piece.length);
        self.stream.append(piece, &mut self.target)
    }

    fn write_rows(&mut self, mut rows: &[u8]) -> io::Result<()> {
        while let Some(end) = self.parts.as_ref().and_then(|parts| parts.cut(rows)) {
            let (fitting, rest) = rows.split_at(end);
            self.write(fitting)?;
            self.write_next()?;
            if let Some(head) = self.parts.as_ref().map(Parts::head) {
                self.write(&head)?;
            }
            rows = rest;
        }
        self.write(rows)
    }

    fn write_next(&mut self) -> io::Result<()> {
        self.end()?;
        match &mut self.parts {
            Some(parts) => parts.next(&mut self.target),
            None => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.count(bytes.len());
        self.target.write_all(bytes)
    }

    fn count(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        if let Some(parts) = &mut self.parts {
            parts.count(bytes);
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.is_compressed {
            let stream = mem::replace(&mut self.stream, Stream::new());
            stream.finish(&mut self.target)?;
        }
        self.target.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::data::ErrorKind;

    fn fill(gzip: bool) -> (Vec<u8>, u64) {
        let mut output = Output::new(Vec::new());
        output.set_gzip(true);
        output.set_gzip(gzip);
        for _ in 0..10 {
            let chunk = b"0123456789\n".repeat(1_000);
            output.append_rows(chunk.into()).unwrap();
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
            let appended = output.append_rows(b"0123456789".to_vec().into());
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

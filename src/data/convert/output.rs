//! A target of bytes, compressed on request.

use std::io::{self, Write};

use super::gzip::Gzip;
use super::parts::Parts;
use crate::data::error::Error;

/// How much an encoder collects before it is appended, if items are written one by one.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Appends bytes to a target.
#[expect(missing_debug_implementations, reason = "not nameable by users")]
pub struct Output<W> {
    target: W,
    is_compressed: bool,
    /// Started with the first chunk.
    gzip: Option<Gzip>,
    /// How many bytes were appended, before compression.
    bytes: u64,
    parts: Option<Parts<W>>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(target: W) -> Output<W> {
        Output {
            target,
            is_compressed: false,
            gzip: None,
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

    /// Appends a chunk of rows, or what precedes them.
    pub(super) fn append_rows(&mut self, chunk: Vec<u8>) -> Result<(), Error> {
        self.write_rows(chunk).map_err(Error::write)
    }

    /// Appends bytes to the current target.
    pub(super) fn append(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.write(bytes).map_err(Error::write)
    }

    /// Returns the maximum size of a target, if there is one.
    pub(super) fn max_bytes(&self) -> Option<u64> {
        self.parts.as_ref().map(Parts::max_bytes)
    }

    /// Returns whether so many bytes more are too many for the current target, which is not empty.
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
        self.end().map_err(Error::write)?;
        Ok((self.target, self.bytes))
    }

    fn write_rows(&mut self, chunk: Vec<u8>) -> io::Result<()> {
        let Some(parts) = &mut self.parts else {
            return self.write(chunk);
        };
        if parts.take_head(&chunk) {
            return self.write(chunk);
        }
        let mut rows = &chunk[..];
        while let Some(end) = self.parts.as_ref().and_then(|parts| parts.cut(rows)) {
            let (fitting, rest) = rows.split_at(end);
            self.write(fitting.to_vec())?;
            self.write_next()?;
            if let Some(head) = self.parts.as_ref().map(Parts::head) {
                self.write(head)?;
            }
            rows = rest;
        }
        self.write(rows.to_vec())
    }

    fn write_next(&mut self) -> io::Result<()> {
        self.end()?;
        match &mut self.parts {
            Some(parts) => parts.next(&mut self.target),
            None => Ok(()),
        }
    }

    fn write(&mut self, chunk: Vec<u8>) -> io::Result<()> {
        self.bytes += chunk.len() as u64;
        if let Some(parts) = &mut self.parts {
            parts.count(chunk.len());
        }
        if self.is_compressed {
            let gzip = self.gzip.get_or_insert_with(Gzip::start);
            gzip.push(chunk, &mut self.target)
        } else {
            self.target.write_all(&chunk)
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.is_compressed {
            let gzip = self.gzip.take().unwrap_or_else(Gzip::start);
            gzip.finish(&mut self.target)?;
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
            output.append(b"0123456789\n".repeat(1_000)).unwrap();
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
            let appended = output.append(b"0123456789".to_vec());
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

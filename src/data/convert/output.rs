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

    /// Sets how the output continues in other targets, of whole lines.
    pub(super) fn set_parts(&mut self, parts: Parts<W>) {
        self.parts = Some(parts);
    }

    /// Appends a chunk.
    pub(super) fn append(&mut self, chunk: Vec<u8>) -> Result<(), Error> {
        self.write_parts(chunk).map_err(Error::write)
    }

    /// Completes the target, and returns it with the number of bytes before compression.
    pub(super) fn finish(mut self) -> Result<(W, u64), Error> {
        self.end().map_err(Error::write)?;
        Ok((self.target, self.bytes))
    }

    fn write_parts(&mut self, mut chunk: Vec<u8>) -> io::Result<()> {
        while let Some(end) = self.parts.as_ref().and_then(|parts| parts.cut(&chunk)) {
            let rest = chunk.split_off(end);
            self.write(chunk)?;
            self.end()?;
            if let Some(parts) = &mut self.parts {
                parts.next(&mut self.target)?;
            }
            chunk = rest;
        }
        self.write(chunk)
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

//! The target of a conversion: written in large chunks, compressed on request.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use super::WriteReport;
use crate::data::error::Error;

const CHUNK_BYTES: usize = 64 * 1024;

pub(super) struct Output<W: Write> {
    target: W,
    gzip: Option<GzEncoder<Vec<u8>>>,
    chunk: Vec<u8>,
    /// How many bytes were forwarded, before compression.
    bytes: u64,
}

impl<W: Write> Output<W> {
    pub(super) fn new(target: W) -> Output<W> {
        Output {
            target,
            gzip: None,
            chunk: Vec::with_capacity(CHUNK_BYTES),
            bytes: 0,
        }
    }

    /// Sets whether the output is compressed; the result does not depend on the time.
    pub(super) fn gzip(mut self, gzip: bool) -> Output<W> {
        self.gzip = gzip.then(|| GzBuilder::new().write(Vec::new(), Compression::default()));
        self
    }

    /// What is appended to this is written.
    pub(super) fn chunk(&mut self) -> &mut Vec<u8> {
        &mut self.chunk
    }

    /// Forwards the chunk once it is large enough.
    pub(super) fn forward_if_full(&mut self) -> Result<(), Error> {
        if self.chunk.len() < CHUNK_BYTES {
            return Ok(());
        }
        self.forward().map_err(Error::write)
    }

    /// Writes what is left; returns the target, and the report with the number of bytes.
    pub(super) fn finish(mut self, report: WriteReport) -> Result<(W, WriteReport), Error> {
        let finished = self.forward().and_then(|()| {
            if let Some(gzip) = self.gzip.take() {
                self.target.write_all(&gzip.finish()?)?;
            }
            self.target.flush()
        });
        finished.map_err(Error::write)?;
        let report = WriteReport {
            bytes: self.bytes,
            ..report
        };
        Ok((self.target, report))
    }

    fn forward(&mut self) -> io::Result<()> {
        if let Some(gzip) = &mut self.gzip {
            gzip.write_all(&self.chunk)?;
            self.target.write_all(gzip.get_ref())?;
            gzip.get_mut().clear();
        } else {
            self.target.write_all(&self.chunk)?;
        }
        self.bytes += self.chunk.len() as u64;
        self.chunk.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::data::ErrorKind;

    fn fill(mut output: Output<Vec<u8>>) -> (Vec<u8>, u64) {
        for _ in 0..10_000 {
            output.chunk().extend_from_slice(b"0123456789\n");
            output.forward_if_full().unwrap();
        }
        let (target, report) = output.finish(WriteReport::default()).unwrap();
        (target, report.bytes)
    }

    #[test]
    fn writes_everything_plain_or_compressed() {
        let (plain, bytes) = fill(Output::new(Vec::new()).gzip(true).gzip(false));
        assert_eq!(bytes, 110_000);
        assert_eq!(plain, b"0123456789\n".repeat(10_000));

        let (zipped, bytes) = fill(Output::new(Vec::new()).gzip(true));
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
            let mut output = Output::new(&mut room[..]).gzip(gzip);
            output.chunk().extend_from_slice(b"0123456789");
            let finished = output.finish(WriteReport::default());
            let error = finished.map(|(_, report)| report).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Write);
            assert_eq!(
                error.to_string(),
                "cannot write output: failed to write whole buffer"
            );
        }
    }
}

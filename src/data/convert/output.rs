//! Where a conversion goes: collected into large pieces, and compressed if that is asked for.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use super::ConvertSummary;
use crate::data::error::DataError;

const PIECE_BYTES: usize = 64 * 1024;

pub(super) struct Output<W: Write> {
    target: Target<W>,
    piece: Vec<u8>,
    /// How many bytes have been handed on.
    bytes: u64,
}

enum Target<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
}

impl<W: Write> Output<W> {
    pub(super) fn new(target: W) -> Output<W> {
        Output {
            target: Target::Plain(target),
            piece: Vec::with_capacity(PIECE_BYTES),
            bytes: 0,
        }
    }

    /// Compresses what is written from now on, with nothing in it that depends on the time.
    pub(super) fn gzip(mut self) -> Output<W> {
        if let Target::Plain(target) = self.target {
            self.target = Target::Gzip(GzBuilder::new().write(target, Compression::default()));
        }
        self
    }

    /// What is appended to this is written.
    pub(super) fn piece(&mut self) -> &mut Vec<u8> {
        &mut self.piece
    }

    /// Hands on what has been collected, once it is worth it.
    pub(super) fn settle(&mut self) -> Result<(), DataError> {
        if self.piece.len() < PIECE_BYTES {
            return Ok(());
        }
        self.hand_on().map_err(DataError::write)
    }

    /// Writes what is left; returns the target, and what was written with the number of its bytes.
    pub(super) fn finish(
        mut self,
        written: ConvertSummary,
    ) -> Result<(W, ConvertSummary), DataError> {
        self.hand_on().map_err(DataError::write)?;
        let target = match self.target {
            Target::Plain(target) => Ok(target),
            Target::Gzip(encoder) => encoder.finish(),
        };
        let flushed = target.and_then(|mut target| target.flush().map(|()| target));
        let summary = ConvertSummary {
            bytes: self.bytes,
            ..written
        };
        Ok((flushed.map_err(DataError::write)?, summary))
    }

    fn hand_on(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Plain(target) => target.write_all(&self.piece)?,
            Target::Gzip(encoder) => encoder.write_all(&self.piece)?,
        }
        self.bytes += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }
}

/// For writers that append by themselves.
impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    /// Does nothing: what is collected is handed on when it is worth it, and at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::data::DataErrorKind;

    fn fill(mut output: Output<Vec<u8>>) -> (Vec<u8>, u64) {
        for _ in 0..10_000 {
            output.piece().extend_from_slice(b"0123456789\n");
            output.settle().unwrap();
        }
        let (target, summary) = output.finish(ConvertSummary::default()).unwrap();
        (target, summary.bytes)
    }

    #[test]
    fn everything_arrives_plain_or_compressed() {
        let (plain, bytes) = fill(Output::new(Vec::new()));
        assert_eq!(bytes, 110_000);
        assert_eq!(plain, b"0123456789\n".repeat(10_000));

        let (zipped, bytes) = fill(Output::new(Vec::new()).gzip().gzip());
        assert_eq!(bytes, 110_000);
        assert!(zipped.len() < 2_000);
        let mut unzipped = Vec::new();
        flate2::read::GzDecoder::new(&zipped[..])
            .read_to_end(&mut unzipped)
            .unwrap();
        assert_eq!(unzipped, plain);
    }

    #[test]
    fn a_target_that_is_full_is_an_error() {
        for gzip in [false, true] {
            let mut room = [0; 9];
            let output = Output::new(&mut room[..]);
            let mut output = if gzip { output.gzip() } else { output };
            output.piece().extend_from_slice(b"0123456789");
            let finished = output.finish(ConvertSummary::default());
            let error = finished.map(|(_, summary)| summary).unwrap_err();
            assert_eq!(error.kind(), DataErrorKind::Write);
            assert_eq!(
                error.to_string(),
                "the output cannot be written: write zero"
            );
        }
    }
}

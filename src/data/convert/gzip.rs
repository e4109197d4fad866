//! Compresses with gzip, on a thread of its own.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

/// How many chunks may wait for the thread.
const MAX_WAITING: usize = 2;

/// One stream of gzip. The result does not depend on the time.
pub(super) enum Gzip {
    OnThread {
        chunks: SyncSender<Vec<u8>>,
        compressed: Receiver<io::Result<Vec<u8>>>,
        thread: JoinHandle<()>,
    },
    /// If the system gives no more threads.
    Here(Compressor),
}

pub(super) struct Compressor(GzEncoder<Vec<u8>>);

impl Gzip {
    pub(super) fn start() -> Gzip {
        let (chunks, waiting) = mpsc::sync_channel::<Vec<u8>>(MAX_WAITING);
        // Not bounded, so that neither side ever waits for the other: there is at most one result
        // for each chunk.
        let (results, compressed) = mpsc::channel();
        let compress = move || {
            let mut compressor = Compressor::new();
            for chunk in waiting {
                if results.send(compressor.compress(&chunk)).is_err() {
                    return;
                }
            }
            // Nobody waits for it if the writer was dropped.
            let _ = results.send(compressor.finish());
        };
        match thread::Builder::new().spawn(compress) {
            Ok(thread) => Gzip::OnThread {
                chunks,
                compressed,
                thread,
            },
            Err(_) => Gzip::Here(Compressor::new()),
        }
    }

    /// Takes a chunk, and passes on what is compressed so far, which may be some of the chunks
    /// before.
    pub(super) fn push(&mut self, chunk: Vec<u8>, target: &mut impl Write) -> io::Result<()> {
        match self {
            Gzip::OnThread {
                chunks, compressed, ..
            } => {
                chunks.send(chunk).map_err(|_| stopped())?;
                compressed
                    .try_iter()
                    .try_for_each(|compressed| target.write_all(&compressed?))
            }
            Gzip::Here(compressor) => target.write_all(&compressor.compress(&chunk)?),
        }
    }

    /// Passes on the rest.
    pub(super) fn finish(self, target: &mut impl Write) -> io::Result<()> {
        match self {
            Gzip::OnThread {
                chunks,
                compressed,
                thread,
            } => {
                drop(chunks);
                compressed
                    .iter()
                    .try_for_each(|compressed| target.write_all(&compressed?))?;
                thread.join().map_err(|_| stopped())
            }
            Gzip::Here(compressor) => target.write_all(&compressor.finish()?),
        }
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that compresses has stopped")
}

impl Compressor {
    fn new() -> Compressor {
        Compressor(GzBuilder::new().write(Vec::new(), Compression::default()))
    }

    fn compress(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        self.0.write_all(chunk)?;
        Ok(mem::take(self.0.get_mut()))
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn writes_one_stream_on_a_thread_or_here() {
        let mut results = Vec::new();
        for mut gzip in [Gzip::start(), Gzip::Here(Compressor::new())] {
            let mut target = Vec::new();
            for number in 0..100_u32 {
                let chunk = number.to_string().repeat(1000);
                gzip.push(chunk.into_bytes(), &mut target).unwrap();
            }
            gzip.finish(&mut target).unwrap();
            results.push(target);
        }
        assert_eq!(results[0], results[1]);
        let expected: String = (0..100).map(|n: u32| n.to_string().repeat(1000)).collect();
        let mut text = String::new();
        // It reads a single stream only.
        let mut plain = flate2::read::GzDecoder::new(&results[0][..]);
        plain.read_to_string(&mut text).unwrap();
        assert!(text == expected);
    }
}

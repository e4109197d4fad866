//! The body of a response.

use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

/// How much of a file is read at a time, and held in memory for a slow client.
const CHUNK: u64 = 64 * 1024;

/// Bytes in memory, or those of a file, read as the client receives them. No thread waits for a slow
/// client.
#[derive(Debug)]
pub(crate) struct Body {
    state: State,
    /// The number of bytes left.
    left: u64,
}

#[derive(Debug)]
enum State {
    Bytes(Bytes),
    Idle(File),
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Done,
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body {
            left: bytes.len() as u64,
            state: State::Bytes(bytes.into()),
        }
    }
}

impl Body {
    /// Returns this many bytes of a file, from its current position.
    pub(super) fn file(file: File, length: u64) -> Body {
        Body {
            left: length,
            state: State::Idle(file),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        while self.left > 0 {
            let bytes = match std::mem::replace(&mut self.state, State::Done) {
                State::Bytes(bytes) => bytes,
                State::Idle(file) => {
                    let count = self.left.min(CHUNK);
                    self.state = State::Reading(spawn_blocking(move || read(file, count)));
                    continue;
                }
                State::Reading(mut reading) => {
                    let Poll::Ready(result) = Pin::new(&mut reading).poll(context) else {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    let (file, bytes) = result.map_err(io::Error::other)??;
                    self.state = State::Idle(file);
                    bytes
                }
                State::Done => break,
            };
            self.left -= bytes.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Reads some bytes; none means that the file was truncated.
fn read(mut file: File, count: u64) -> io::Result<(File, Bytes)> {
    let mut bytes = Vec::new();
    file.by_ref().take(count).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((file, bytes.into()))
}

//! Reads the body of an upload as it arrives.

use std::io::{self, Read};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Buf, Bytes, Incoming};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How much of a refused upload is read, so that the client sees the response rather than a broken
/// connection.
const MAX_DRAINED_BYTES: u64 = 16 * 1024 * 1024;

/// The body of an upload, read by a thread that may block.
#[derive(Debug)]
pub(super) struct Upload {
    /// `None` after its end, or after an error.
    body: Option<Incoming>,
    max_time: Duration,
    piece: Bytes,
    /// Whether the client still waits for consent to send the body, which it gets when that is first
    /// read. An empty body gets none.
    awaits_consent: bool,
}

impl Upload {
    /// Reads `body`, each piece of which must arrive within `max_time`.
    pub(super) fn new(body: Option<Incoming>, max_time: Duration, awaits_consent: bool) -> Upload {
        Upload {
            body,
            max_time,
            piece: Bytes::new(),
            awaits_consent,
        }
    }

    /// Returns whether the client waits for consent to send the body, and got the response instead.
    /// What it sends next is then ambiguous, so that the connection cannot be reused.
    pub(super) fn awaits_consent(&self) -> bool {
        self.awaits_consent
    }

    /// Reads the rest of a body that was refused, unless the client has not begun to send it.
    pub(super) fn drain(&mut self) {
        if !self.awaits_consent {
            // A connection that breaks now needs no response.
            io::copy(&mut self.take(MAX_DRAINED_BYTES), &mut io::sink()).ok();
        }
    }

    /// Waits for the next piece; an empty one is the end.
    fn next_piece(&mut self) -> io::Result<Bytes> {
        let Some(mut body) = self.body.take() else {
            return Ok(Bytes::new());
        };
        self.awaits_consent &= body.is_end_stream();
        loop {
            let frame = async { timeout(self.max_time, body.frame()).await };
            let frame = match Handle::current().block_on(frame)? {
                Some(frame) => frame.map_err(io::Error::other)?,
                None => return Ok(Bytes::new()),
            };
            // Trailers are of no use here.
            let data = frame.into_data().unwrap_or_default();
            if !data.is_empty() {
                self.body = Some(body);
                return Ok(data);
            }
        }
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.next_piece()?;
        }
        let count = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

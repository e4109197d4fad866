//! Reads the body of an upload as it arrives.

use std::io::{self, Read};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Buf, Bytes, Incoming};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Pieces of a body that are held for a slow disk.
const PIECES: usize = 4;

/// How much of a refused upload is read, so that the client sees the response rather than a broken
/// connection.
const MAX_DRAINED_BYTES: u64 = 16 * 1024 * 1024;

/// The body of an upload, read by a thread that may block.
#[derive(Debug)]
pub(super) struct Upload {
    /// Sent when the body is first read: until then, a client may wait for consent.
    start: Option<oneshot::Sender<()>>,
    /// An empty piece is the end; a closed channel is a broken connection.
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    is_at_end: bool,
    /// Whether the client still waits for consent to send the body. An empty body gets none.
    awaits_consent: bool,
    is_empty: bool,
}

impl Upload {
    /// Reads `body`, each piece of which must arrive within `max_time`.
    pub(super) fn of(body: Incoming, max_time: Duration, awaits_consent: bool) -> Upload {
        let is_empty = body.is_end_stream();
        let (start, started) = oneshot::channel();
        let (sender, pieces) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            if started.await.is_ok() {
                forward(body, max_time, &sender).await;
            }
        });
        Upload {
            start: Some(start),
            pieces,
            piece: Bytes::new(),
            is_at_end: false,
            awaits_consent,
            is_empty,
        }
    }

    pub(super) fn empty() -> Upload {
        Upload {
            start: None,
            pieces: mpsc::channel(1).1,
            piece: Bytes::new(),
            is_at_end: true,
            awaits_consent: false,
            is_empty: true,
        }
    }

    /// Returns whether the client waits for consent to send the body, and got the response instead.
    /// What it sends next is then ambiguous, so that the connection cannot be reused.
    pub(super) fn awaits_consent(&self) -> bool {
        self.awaits_consent
    }

    /// Reads what is left of a body that was refused, unless the client has not begun to send it.
    pub(super) fn drain(&mut self) {
        if self.is_at_end || self.awaits_consent {
            return;
        }
        // A connection that breaks now needs no response.
        io::copy(&mut self.take(MAX_DRAINED_BYTES), &mut io::sink()).ok();
    }
}

async fn forward(mut body: Incoming, max_time: Duration, pieces: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let piece = match timeout(max_time, body.frame()).await {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) if data.is_empty() => continue,
                Ok(data) => Ok(data),
                Err(_trailers) => continue,
            },
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Ok(None) => Ok(Bytes::new()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let is_last = !matches!(&piece, Ok(data) if !data.is_empty());
        if pieces.send(piece).await.is_err() || is_last {
            return;
        }
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(start) = self.start.take() {
            start.send(()).ok();
            self.awaits_consent &= self.is_empty;
        }
        if self.piece.is_empty() && !self.is_at_end {
            let piece = self.pieces.blocking_recv();
            self.piece = piece.unwrap_or(Err(io::ErrorKind::UnexpectedEof.into()))?;
            self.is_at_end = self.piece.is_empty();
        }
        let count = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

//! Connections that serve one request after the other.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};
use zeroize::Zeroizing;

/// A connection that was used this recently is taken for open without a check.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A pooled connection that turned out to be dead before the response began.
#[derive(Debug)]
pub(super) struct LostConnection(pub(super) io::Error);

impl fmt::Display for LostConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for LostConnection {}

/// Sends the head and the body of a request in one write, where ureq makes two, and wipes what it
/// sent. Adds what all requests of a pool have, which ureq would copy for each.
pub(super) struct PooledTransport {
    inner: Box<dyn Transport>,
    /// What a proxy that forwards requests expects before the path: `http://host:port`.
    origin: String,
    /// The headers of all requests, each with the end of its line.
    headers: String,
    /// The head of a request, which waits for the body.
    head: Zeroizing<Vec<u8>>,
    has_begun: bool,
    /// When the connection went back to the pool, while it is there.
    idle_since: Option<Instant>,
    is_reused: bool,
    has_response: bool,
    /// Number of bytes sent and received: more of the input buffer, which ureq also copies bodies
    /// through, has not been used.
    passed: usize,
}

impl PooledTransport {
    /// With an empty `origin`, requests are sent as they are.
    pub(super) fn new(
        inner: Box<dyn Transport>,
        origin: String,
        headers: String,
    ) -> PooledTransport {
        PooledTransport {
            inner,
            origin,
            headers,
            head: Zeroizing::default(),
            has_begun: false,
            idle_since: None,
            is_reused: false,
            has_response: false,
            passed: 0,
        }
    }

    /// Takes a head out of the output buffer, and adds the origin and the headers to it.
    fn hold(&mut self, amount: usize) {
        let output = &mut self.inner.buffers().output()[..amount];
        let (method, rest) = split_after(output, b' ');
        let (target, rest) = split_after(rest, b'\n');
        let (origin, headers) = (self.origin.as_bytes(), self.headers.as_bytes());
        self.head.reserve(amount + origin.len() + headers.len());
        for part in [method, origin, target, headers, rest] {
            self.head.extend_from_slice(part);
        }
        output.fill(0);
    }

    /// Sends the head, if one waits, and `amount` bytes of the output buffer after it.
    fn send(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let head = self.head.len();
        let output = self.inner.buffers().output();
        if head == 0 {
            return self.transmit(amount, timeout);
        }
        if let Some(room) = output.get_mut(..head + amount) {
            room.copy_within(..amount, head);
            room[..head].copy_from_slice(&self.head);
            self.clear_head();
            return self.transmit(head + amount, timeout);
        }
        let size = output.len();
        let message = Zeroizing::new([&self.head, &output[..amount]].concat());
        self.clear_head();
        for chunk in message.chunks(size) {
            self.inner.buffers().output()[..chunk.len()].copy_from_slice(chunk);
            self.transmit(chunk.len(), timeout)?;
        }
        Ok(())
    }

    fn transmit(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let sent = self.inner.transmit_output(amount, timeout);
        // The buffer is used again, so the compiler cannot leave this out.
        self.inner.buffers().output()[..amount].fill(0);
        sent.map_err(|error| self.lost(error))
    }

    fn clear_head(&mut self) {
        self.head.fill(0);
        self.head.clear();
    }

    /// Distinguishes a connection that died in the pool from one that broke during the exchange.
    fn lost(&self, error: Error) -> Error {
        use io::ErrorKind as K;
        match error {
            Error::Io(error)
                if self.is_reused
                    && !self.has_response
                    && matches!(
                        error.kind(),
                        K::UnexpectedEof
                            | K::ConnectionReset
                            | K::ConnectionAborted
                            | K::BrokenPipe
                            | K::NotConnected
                    ) =>
            {
                Error::Other(Box::new(LostConnection(error)))
            }
            error => error,
        }
    }
}

/// Splits after the first `end`; at the start if there is none.
fn split_after(bytes: &[u8], end: u8) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == end);
    bytes.split_at(end.map_or(0, |end| end + 1))
}

impl Transport for PooledTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.passed = self.passed.saturating_add(amount);
        if self.has_begun {
            return self.send(amount, timeout);
        }
        self.has_begun = true;
        self.hold(amount);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.head.is_empty() {
            self.send(0, timeout)?;
        }
        let before = self.inner.buffers().input().len();
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.has_response = true;
                let after = self.inner.buffers().input().len();
                self.passed = self.passed.saturating_add(after - before);
                Ok(true)
            }
            Ok(false) => {
                let closed = io::Error::new(io::ErrorKind::UnexpectedEof, "closed by the peer");
                match self.lost(Error::Io(closed)) {
                    lost @ Error::Other(_) => Err(lost),
                    _ => Ok(false),
                }
            }
            Err(error) => Err(self.lost(error)),
        }
    }

    /// Called when the connection goes back to the pool, and when it comes out.
    fn is_open(&mut self) -> bool {
        let Some(since) = self.idle_since.take() else {
            self.idle_since = Some(Instant::now());
            return true;
        };
        self.is_reused = true;
        self.has_begun = false;
        self.has_response = false;
        since.elapsed() < TRUSTED_FOR || self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Received bytes may hold credentials.
impl Drop for PooledTransport {
    fn drop(&mut self) {
        let buffers = self.inner.buffers();
        buffers.input_consume(buffers.input().len());
        let input = buffers.input_append_buf();
        let used = input.len().min(self.passed);
        input[..used].fill(0);
    }
}

impl fmt::Debug for PooledTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledTransport")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::system::lock;
    use ureq::unversioned::transport::LazyBuffers;

    /// What happens on a connection with buffers of 16 bytes.
    #[derive(Debug, Default, Clone)]
    struct Events(Arc<Mutex<Vec<String>>>);

    #[derive(Debug)]
    struct Recorder {
        buffers: LazyBuffers,
        events: Events,
        /// How waiting for a response ends.
        input: Result<bool, io::ErrorKind>,
    }

    impl Transport for Recorder {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _timeout: NextTimeout) -> Result<(), Error> {
            let sent = self.buffers.output()[..amount].to_vec();
            lock(&self.events.0).push(String::from_utf8(sent).unwrap());
            Ok(())
        }

        fn await_input(&mut self, _timeout: NextTimeout) -> Result<bool, Error> {
            if self.input == Ok(true) {
                self.buffers.input_append_buf()[..4].copy_from_slice(b"seen");
                self.buffers.input_appended(4);
            }
            self.input.map_err(|kind| Error::Io(kind.into()))
        }

        fn is_open(&mut self) -> bool {
            lock(&self.events.0).push("probe".to_owned());
            true
        }
    }

    impl Drop for Recorder {
        fn drop(&mut self) {
            let left = self.buffers.input_append_buf().to_vec();
            lock(&self.events.0).push(String::from_utf8(left).unwrap());
        }
    }

    fn transport(
        origin: &str,
        headers: &str,
        input: Result<bool, io::ErrorKind>,
    ) -> (PooledTransport, Events) {
        let events = Events::default();
        let inner = Recorder {
            buffers: LazyBuffers::new(16, 16),
            events: events.clone(),
            input,
        };
        (
            PooledTransport::new(Box::new(inner), origin.to_owned(), headers.to_owned()),
            events,
        )
    }

    fn write(transport: &mut PooledTransport, text: &str) {
        let output = transport.buffers().output();
        output[..text.len()].copy_from_slice(text.as_bytes());
        transport
            .transmit_output(text.len(), NextTimeout::default())
            .unwrap();
    }

    fn wait(transport: &mut PooledTransport) -> Result<bool, Error> {
        transport.await_input(NextTimeout::default())
    }

    /// Returns the writes that reach the connection for requests of these pieces.
    fn writes(origin: &str, headers: &str, requests: &[&[&str]]) -> Vec<String> {
        let (mut transport, events) = transport(origin, headers, Ok(true));
        for pieces in requests {
            for piece in *pieces {
                write(&mut transport, piece);
            }
            wait(&mut transport).unwrap();
            assert_eq!(transport.buffers().output(), [0; 16], "not wiped");
            assert!(transport.head.is_empty());
            // Back into the pool, and out again.
            transport.is_open();
            transport.is_open();
        }
        lock(&events.0).clone()
    }

    #[test]
    fn wipes_what_was_received_and_the_copy_of_a_body() {
        let (mut transport, events) = transport("", "", Ok(true));
        wait(&mut transport).unwrap();
        transport.buffers().tmp_and_output().0[..4].copy_from_slice(b"body");
        write(&mut transport, "body");
        drop(transport);
        let left = lock(&events.0).pop().unwrap();
        assert!(left.bytes().all(|byte| byte == 0), "{left}");
    }

    #[test]
    fn writes_head_and_body_at_once() {
        assert_eq!(writes("", "", &[&["head", "body"]]), ["headbody"]);
        assert_eq!(
            writes("", "", &[&["a", "b", "c"], &["d", "e"]]),
            ["ab", "c", "de"]
        );
    }

    #[test]
    fn writes_a_head_without_a_body_before_waiting() {
        assert_eq!(writes("", "", &[&["head"], &["head"]]), ["head"; 2]);
    }

    #[test]
    fn writes_what_does_not_fit_into_the_buffer_in_order() {
        assert_eq!(
            writes("", "", &[&["a long head", "a long body"]]),
            ["a long heada lon", "g body"]
        );
        assert_eq!(
            writes("http://h:80", "", &[&["GET /path", "?query"]]),
            ["GET http://h:80/", "path?query"]
        );
    }

    #[test]
    fn sends_the_whole_url_to_a_proxy_that_forwards() {
        assert_eq!(
            writes("http://h", "", &[&["G /", " x"], &["G /"]]),
            ["G http://h/ x", "G http://h/"]
        );
    }

    #[test]
    fn adds_the_headers_of_all_requests_after_the_first_line() {
        assert_eq!(
            writes("", "a: 1\n", &[&["G / 1\nb: 2\n\n"], &["G /\n\n", "body"]]),
            ["G / 1\na: 1\nb: 2\n", "\n", "G /\na: 1\n\nbody"]
        );
        assert_eq!(
            writes("h", "a: 1\n", &[&["G / 1\n\n"]]),
            ["G h/ 1\na: 1\n\n"]
        );
    }

    #[test]
    fn probes_only_a_connection_that_was_idle_for_long() {
        let (mut transport, events) = transport("", "", Ok(true));
        // Back into the pool, and out again.
        assert!(transport.is_open());
        assert!(transport.is_open());
        assert!(transport.is_open());
        assert!(lock(&events.0).is_empty());
        transport.idle_since = Instant::now().checked_sub(TRUSTED_FOR);
        assert!(transport.is_open());
        assert_eq!(*lock(&events.0), ["probe"]);
    }

    #[test]
    fn tells_a_pooled_connection_that_is_dead_from_one_that_breaks() {
        let ends: [Result<bool, io::ErrorKind>; 3] = [
            Ok(false),
            Err(io::ErrorKind::ConnectionReset),
            Err(io::ErrorKind::BrokenPipe),
        ];
        let is_lost = |result: Result<bool, Error>| match result {
            Err(Error::Other(error)) => error.is::<LostConnection>(),
            _ => false,
        };
        for end in ends {
            let (mut transport, _) = transport("", "", end);
            assert!(!is_lost(wait(&mut transport)), "fresh: {end:?}");
            transport.is_open();
            transport.is_open();
            assert!(is_lost(wait(&mut transport)), "pooled: {end:?}");
            transport.has_response = true;
            assert!(!is_lost(wait(&mut transport)), "in the response: {end:?}");
        }
        let (mut transport, _) = transport("", "", Err(io::ErrorKind::TimedOut));
        transport.is_reused = true;
        assert!(!is_lost(wait(&mut transport)));
    }
}

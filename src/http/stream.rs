//! A response whose body is read piece by piece.

use std::io::Read;
use std::time::Duration;

use ureq::BodyReader;
use ureq::http::HeaderMap;
use ureq::http::header::AsHeaderName;

use super::exchange::Exchange;
use super::failure::HttpFailure;
use super::socket;

/// A response whose body is still to be read.
pub(crate) struct HttpStream {
    pub(crate) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: BodyReader<'static>,
    pub(super) exchange: Exchange,
    pub(super) timeout: Duration,
}

impl HttpStream {
    /// Returns the value of a header; the first one if there are several.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Reads some more of the body, within the request's time limit; nothing at its end. A body
    /// that ends early is a failure.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HttpFailure> {
        socket::within(self.timeout, || self.body.read(buffer))
            .map_err(|error| self.exchange.failure(error.into()))
    }

    /// Returns the failure for a body that arrives too slowly.
    pub(crate) fn stalled(&self) -> HttpFailure {
        self.exchange.failure(ureq::Error::BodyStalled)
    }
}

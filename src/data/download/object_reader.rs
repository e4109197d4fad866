//! Reads one object as a stream, and resumes it where a connection breaks.

use std::io::{self, Cursor, Read};
use std::time::Duration;

use log::debug;

use super::object::{LEAST_BYTES, content_length};
use crate::data::error::{Error, ErrorKind};
use crate::data::s3::bucket::Bucket;
use crate::data::s3::resume::{Partial, Step};
use crate::http::{HttpFailure, HttpStream};
use crate::retry::{Attempts, Failed};
use crate::system::Deadline;

/// An object that is being read. Everything read belongs to the same version of it.
pub(super) struct ObjectReader<'a> {
    bucket: &'a Bucket,
    key: String,
    /// The version that is read, if S3 names it.
    etag: Option<String>,
    length: Option<u64>,
    /// How many bytes were received.
    position: u64,
    response: Option<HttpStream>,
    /// What was received, but not yet returned: the first bytes of a response.
    received: Cursor<Vec<u8>>,
    is_at_end: bool,
    /// How long it may take until [`bytes_due`](ObjectReader::bytes_due) have been received. Time
    /// between two reads does not count.
    left: Duration,
    bytes_due: u64,
}

impl<'a> ObjectReader<'a> {
    /// Requests an object, which must have this ETag, if one is given.
    pub(super) fn open(
        bucket: &'a Bucket,
        key: &str,
        etag: Option<String>,
    ) -> Result<ObjectReader<'a>, Error> {
        let mut reader = ObjectReader {
            bucket,
            key: key.to_owned(),
            etag,
            length: None,
            position: 0,
            response: None,
            received: Cursor::default(),
            is_at_end: false,
            left: bucket.client().config().operation_timeout(),
            bytes_due: 0,
        };
        reader.request()?;
        Ok(reader)
    }

    pub(super) fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// Returns the object's length, if S3 states it.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Requests the object, or the rest of it, until something arrives.
    fn request(&mut self) -> Result<(), Error> {
        let key = self.key.clone();
        let mut attempts = self.bucket.attempts(&key);
        attempts
            .run(|attempts| self.attempt(attempts))
            .map_err(|failed| failed.error)
    }

    /// Sends one request, and receives the first bytes of its response.
    fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Result<(), Failed<Error>> {
        let partial = self.etag.clone().map(|etag| Partial {
            bytes: self.position,
            etag,
        });
        let bucket = self.bucket;
        let (step, mut response) = bucket.get(attempts, &self.key, partial.as_ref())?;
        let failed = |failure| bucket.not_fetched(attempts.made(), &self.key, failure);
        match step {
            Step::TakeAll => {
                let etag = response.header("etag").map(str::to_owned);
                if self.etag.is_some() && self.etag != etag {
                    return Err(self.changed().into());
                }
                self.etag = etag;
                self.length = content_length(&response);
                skip(&mut response, self.position).map_err(failed)?;
            }
            Step::Append => {}
            Step::Complete => {
                self.is_at_end = true;
                return Ok(());
            }
            Step::StartOver => return Err(self.changed().into()),
        }
        let mut received = vec![0; LEAST_BYTES];
        let read = response.read(&mut received).map_err(failed)?;
        received.truncate(read);
        self.is_at_end = read == 0;
        self.count(read);
        self.received = Cursor::new(received);
        self.response = Some(response);
        Ok(())
    }

    fn count(&mut self, read: usize) {
        self.position += read as u64;
        if self.position >= self.bytes_due {
            self.bytes_due = self.position + LEAST_BYTES as u64;
            self.left = self.bucket.client().config().operation_timeout();
        }
    }

    fn changed(&self) -> Error {
        let message = "the object changed while it was read; find out what writes to the bucket, then \
                       start again";
        Error::new(ErrorKind::Changed, message).in_file(&self.bucket.object(&self.key))
    }

    fn give_up(&self, failure: HttpFailure) -> io::Error {
        io::Error::other(self.bucket.not_fetched(1, &self.key, failure).error)
    }
}

/// Reads over bytes that the server sends a second time.
fn skip(response: &mut HttpStream, mut bytes: u64) -> Result<(), HttpFailure> {
    let mut buffer = vec![0; LEAST_BYTES];
    while bytes > 0 {
        buffer.truncate(usize::try_from(bytes).unwrap_or(LEAST_BYTES));
        match response.read(&mut buffer)? {
            0 => break,
            read => bytes -= read as u64,
        }
    }
    Ok(())
}

impl Read for ObjectReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let received = self.received.read(buffer)?;
            if received > 0 || self.is_at_end || buffer.is_empty() {
                return Ok(received);
            }
            let deadline = Deadline::new(self.bucket.client().system(), self.left);
            let Some(response) = &mut self.response else {
                self.request().map_err(io::Error::other)?;
                continue;
            };
            match response.read(buffer) {
                Ok(0) => self.is_at_end = true,
                Ok(_) if deadline.has_passed() => {
                    let failure = response.stalled();
                    return Err(self.give_up(failure));
                }
                Ok(read) => {
                    self.left = deadline.left();
                    self.count(read);
                    return Ok(read);
                }
                Err(failure) if failure.is_transient && self.etag.is_some() => {
                    debug!(
                        "{}: resuming at byte {}: {failure}",
                        self.key, self.position
                    );
                    self.response = None;
                }
                Err(failure) => return Err(self.give_up(failure)),
            }
        }
    }
}

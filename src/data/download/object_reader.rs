//! Reads one object as a stream, and resumes it where a connection breaks.

use std::io::{self, Read};
use std::time::Duration;

use log::debug;

use super::object::{LEAST_BYTES, Trouble, given_up};
use crate::data::error::{Error, ErrorKind};
use crate::data::s3::bucket::{Bucket, Refused, Response};
use crate::data::s3::resume::{Partial, Step, judge};
use crate::retry::{Attempts, Failed, Failure, Quota};
use crate::system::Deadline;

/// An object that is being read. Everything read belongs to the same version of it.
pub(super) struct ObjectReader<'a> {
    bucket: &'a Bucket,
    quota: &'a Quota,
    key: String,
    /// The version that is read, if S3 names it.
    etag: Option<String>,
    length: Option<u64>,
    /// How many bytes were received.
    position: u64,
    response: Option<Response>,
    /// What was received, but not yet returned: the first bytes of a response.
    received: Vec<u8>,
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
        quota: &'a Quota,
        key: &str,
        etag: Option<String>,
    ) -> Result<ObjectReader<'a>, Trouble> {
        let mut reader = ObjectReader {
            bucket,
            quota,
            key: key.to_owned(),
            etag,
            length: None,
            position: 0,
            response: None,
            received: Vec::new(),
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
    fn request(&mut self) -> Result<(), Trouble> {
        let (quota, key) = (self.quota, self.key.clone());
        let config = self.bucket.client().config();
        let deadline = Deadline::new(self.bucket.client().system(), config.operation_timeout());
        let mut attempts = Attempts::new(&key, config.retry_config(), quota, deadline);
        attempts
            .run(|attempts| self.attempt(attempts))
            .map_err(|failed| given_up(failed, attempts.made()))
    }

    fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Result<(), Failed<Trouble>> {
        let client = self.bucket.client();
        let credentials = client.provide_credentials(attempts.deadline().left())?;
        attempts.begin();
        let headers = match (self.partial(), &self.etag) {
            (Some(partial), _) => partial.headers().into(),
            (None, Some(etag)) => vec![("if-match", etag.clone())],
            (None, None) => Vec::new(),
        };
        let tried = self
            .bucket
            .get(&self.key, &headers, &credentials)
            .map_err(|failure| Failed::from(Refused::of_exchange(failure)))
            .and_then(|response| self.begin(response));
        tried.map_err(|mut failed| {
            if let Trouble::Refused(refused) = &failed.error {
                if client.drop_expired(&credentials, refused.error.code(), attempts) {
                    failed.failure = Some(Failure::Transient);
                }
            }
            failed
        })
    }

    /// Judges a response, and receives its first bytes.
    fn begin(&mut self, mut response: Response) -> Result<(), Failed<Trouble>> {
        let stream = &mut response.stream;
        let etag = stream.header("etag").map(str::to_owned);
        let range = stream.header("content-range");
        let step = judge(
            self.partial().as_ref(),
            stream.status,
            etag.as_deref(),
            range,
        );
        // Bytes that were received before.
        let mut known = 0;
        match step {
            Step::TakeAll if self.etag.is_some() && self.etag != etag => {
                return Err(self.changed().into());
            }
            Step::TakeAll => {
                known = self.position;
                self.etag = etag;
                let length = stream.header("content-length");
                self.length = length.and_then(|length| length.parse().ok());
            }
            Step::Append => {}
            Step::Complete => {
                self.is_at_end = true;
                return Ok(());
            }
            Step::StartOver => return Err(self.changed().into()),
            Step::Refused if stream.status == 412 => return Err(self.changed().into()),
            Step::Refused => return Err(self.bucket.refused(response).into()),
        }
        let mut received = vec![0; LEAST_BYTES];
        loop {
            let wanted = usize::try_from(known).unwrap_or(usize::MAX);
            let wanted = if known == 0 { LEAST_BYTES } else { wanted };
            let room = received.len().min(wanted);
            let read = stream
                .read(received.get_mut(..room).unwrap_or_default())
                .map_err(Refused::of_exchange)?;
            if known > 0 && read > 0 {
                known -= read as u64;
                continue;
            }
            received.truncate(read);
            self.is_at_end = read == 0;
            self.count(read);
            self.received = received;
            self.response = Some(response);
            return Ok(());
        }
    }

    fn partial(&self) -> Option<Partial> {
        let etag = self.etag.clone().filter(|_| self.position > 0)?;
        Some(Partial {
            bytes: self.position,
            etag,
        })
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

    fn fail(&self, trouble: Trouble) -> io::Error {
        io::Error::other(trouble.into_error(self.bucket, &self.key))
    }
}

impl Read for ObjectReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.received.is_empty() {
                let count = self.received.len().min(buffer.len());
                let rest = self.received.split_off(count);
                if let Some(room) = buffer.get_mut(..count) {
                    room.copy_from_slice(&self.received);
                }
                self.received = rest;
                return Ok(count);
            }
            if self.is_at_end || buffer.is_empty() {
                return Ok(0);
            }
            let deadline = Deadline::new(self.bucket.client().system(), self.left);
            let Some(response) = &mut self.response else {
                self.request().map_err(|trouble| self.fail(trouble))?;
                continue;
            };
            let failure = match response.stream.read(buffer) {
                Ok(0) => {
                    self.is_at_end = true;
                    return Ok(0);
                }
                Ok(_) if deadline.has_passed() => {
                    let failed = Refused::of_exchange(response.stream.stalled());
                    return Err(self.fail(given_up(failed.into(), 1)));
                }
                Ok(read) => {
                    self.left = deadline.left();
                    self.count(read);
                    return Ok(read);
                }
                Err(failure) => failure,
            };
            if !failure.is_transient || self.etag.is_none() {
                let failed = Refused::of_exchange(failure);
                return Err(self.fail(given_up(failed.into(), 1)));
            }
            debug!(
                "{}: resuming at byte {}: {failure}",
                self.key, self.position
            );
            self.response = None;
        }
    }
}

//! Fetches one object into a partial file, in as many attempts as necessary.

use std::fmt;
use std::time::Duration;

use log::debug;

use super::partial_file::PartialFile;
use crate::data::error::{Error, ErrorKind};
use crate::data::manifest;
use crate::data::s3::bucket::{Bucket, Refused, Response};
use crate::data::s3::refusal::not_fetched;
use crate::data::s3::resume::{Partial, Step, judge};
use crate::error::Error as RequestError;
use crate::retry::{Attempts, Failed, Failure, Quota};
use crate::system::Deadline;

/// How much must arrive within an operation timeout.
pub(super) const LEAST_BYTES: usize = 64 * 1024;

/// How much is read before it is written and reported. File systems write few large pieces at half
/// the cost of many small ones.
const CHUNK_BYTES: usize = 1024 * 1024;

/// What has arrived is written and reported at least this often.
const LONGEST_STEP: Duration = Duration::from_secs(1);

/// How often an object may differ from the one whose beginning is here: once since a previous
/// download, and once more.
const MAX_CHANGES: u32 = 2;

/// Receives how many bytes were fetched, and the total if known; an error ends the fetching.
pub(super) type OnBytes<'a> = dyn FnMut(u64, Option<u64>) -> Result<(), Error> + 'a;

/// Why an object was not fetched.
pub(super) enum Trouble {
    /// S3 refused it.
    Refused(Refused),
    /// The disk, the caller, or the object itself.
    Data(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Data(error)
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Trouble {
        Trouble::Refused(refused)
    }
}

impl From<Failed<Refused>> for Failed<Trouble> {
    fn from(failed: Failed<Refused>) -> Failed<Trouble> {
        Failed {
            error: failed.error.into(),
            failure: failed.failure,
            retry_after: failed.retry_after,
        }
    }
}

impl From<Error> for Failed<Trouble> {
    fn from(error: Error) -> Failed<Trouble> {
        Trouble::from(error).into()
    }
}

impl From<RequestError> for Failed<Trouble> {
    fn from(error: RequestError) -> Failed<Trouble> {
        Trouble::from(Refused::from(error)).into()
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Refused(refused) => refused.error.fmt(f),
            Trouble::Data(error) => error.fmt(f),
        }
    }
}

impl Trouble {
    pub(super) fn into_error(self, bucket: &Bucket, key: &str) -> Error {
        match self {
            Trouble::Refused(refused) => {
                not_fetched(&bucket.object(key), bucket.owner(), refused.error)
            }
            Trouble::Data(error) => error,
        }
    }
}

/// The outcome of an attempt that did not fail.
enum Outcome {
    Complete,
    /// What was fetched before belongs to another object.
    Changed,
}

/// Fetches objects of one bucket.
pub(super) struct Fetcher<'a> {
    pub(super) bucket: &'a Bucket,
    /// Shared by all files of a download.
    pub(super) quota: &'a Quota,
}

impl Fetcher<'_> {
    /// Fetches a manifest, whose size is limited.
    pub(super) fn fetch_manifest(
        &self,
        key: &str,
        file: &mut PartialFile,
        max_bytes: u64,
    ) -> Result<(), Trouble> {
        self.fetch(key, file, &mut |bytes, length| {
            if bytes.max(length.unwrap_or_default()) <= max_bytes {
                return Ok(());
            }
            Err(manifest::too_large(max_bytes).in_file(&self.bucket.object(key)))
        })
    }

    /// Fetches an object, or what is missing of it in the partial file.
    pub(super) fn fetch(
        &self,
        key: &str,
        file: &mut PartialFile,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<(), Trouble> {
        let client = self.bucket.client();
        let config = client.config();
        for _ in 0..=MAX_CHANGES {
            let deadline = Deadline::new(client.system(), config.operation_timeout());
            let retry = config.retry_config();
            let mut attempts = Attempts::new(key, retry, self.quota, deadline);
            let tried = attempts.run(|attempts| self.attempt(attempts, key, file, on_bytes));
            match tried {
                Ok(Outcome::Complete) => return Ok(()),
                Ok(Outcome::Changed) => {
                    debug!("{key}: the object has changed");
                    file.start(None)?;
                }
                Err(failed) => return Err(given_up(failed, attempts.made())),
            }
        }
        Err(keeps_changing(self.bucket, key).into())
    }

    /// Sends one request and receives its response.
    fn attempt(
        &self,
        attempts: &mut Attempts<'_>,
        key: &str,
        file: &mut PartialFile,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Outcome, Failed<Trouble>> {
        on_bytes(file.bytes(), None)?;
        let client = self.bucket.client();
        let credentials = client.provide_credentials(attempts.deadline().left())?;
        let attempt = attempts.begin();
        debug!("{key}: attempt {attempt}");
        let before = file.bytes();
        let tried = self
            .bucket
            .get(key, &headers(file.partial().as_ref()), &credentials)
            .map_err(|failure| Failed::from(Refused::of_exchange(failure)))
            .and_then(|response| self.receive(response, file, on_bytes));
        if file.bytes() != before {
            // The timeout limits the time without progress: a large object takes longer.
            attempts.restart_deadline();
        }
        tried.map_err(|mut failed| {
            if let Trouble::Refused(refused) = &failed.error {
                if client.drop_expired(&credentials, refused.error.code(), attempts) {
                    failed.failure = Some(Failure::Transient);
                }
            }
            failed
        })
    }

    /// Reads a response into the file, as far as it arrives.
    fn receive(
        &self,
        mut response: Response,
        file: &mut PartialFile,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Outcome, Failed<Trouble>> {
        let stream = &mut response.stream;
        let etag = stream.header("etag");
        let range = stream.header("content-range");
        match judge(file.partial().as_ref(), stream.status, etag, range) {
            Step::TakeAll => file.start(etag)?,
            Step::Append => {}
            Step::Complete => return Ok(Outcome::Complete),
            Step::StartOver => return Ok(Outcome::Changed),
            Step::Refused => return Err(self.bucket.refused(response).into()),
        }
        let rest = stream.header("content-length");
        let rest = rest.and_then(|rest| rest.parse::<u64>().ok());
        let length = rest.map(|rest| file.bytes().saturating_add(rest));
        on_bytes(file.bytes(), length)?;
        let client = self.bucket.client();
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut deadline = Deadline::new(client.system(), client.config().operation_timeout());
        let mut bytes_due = file.bytes().saturating_add(LEAST_BYTES as u64);
        loop {
            let step = Deadline::new(client.system(), LONGEST_STEP);
            let (filled, end) = fill(&mut buffer, &step, |rest| stream.read(rest));
            file.append(buffer.get(..filled).unwrap_or_default())?;
            on_bytes(file.bytes(), length)?;
            match end {
                Ok(true) => return Ok(Outcome::Complete),
                Ok(false) => {}
                Err(failure) => return Err(Refused::of_exchange(failure).into()),
            }
            if file.bytes() >= bytes_due {
                bytes_due = file.bytes().saturating_add(LEAST_BYTES as u64);
                deadline = deadline.restarted();
            } else if deadline.has_passed() {
                return Err(Refused::of_exchange(stream.stalled()).into());
            }
        }
    }
}

/// Reads until the buffer is full or the deadline has passed (returns false), to the end (true), or to
/// a failure. The number of bytes read is returned in any case.
fn fill<E>(
    buffer: &mut [u8],
    deadline: &Deadline<'_>,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> (usize, Result<bool, E>) {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest) {
            Ok(0) => return (filled, Ok(true)),
            Ok(read) if deadline.has_passed() => return (filled + read, Ok(false)),
            Ok(read) => filled += read,
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(false))
}

fn headers(partial: Option<&Partial>) -> Vec<(&'static str, String)> {
    partial.map_or_else(Vec::new, |partial| partial.headers().into())
}

pub(super) fn given_up(failed: Failed<Trouble>, attempts: u32) -> Trouble {
    match failed.error {
        Trouble::Refused(Refused { error, region }) => Trouble::Refused(Refused {
            error: error
                .in_operation("GetObject")
                .after_attempts(attempts)
                .retryable(failed.failure.is_some()),
            region,
        }),
        trouble @ Trouble::Data(_) => trouble,
    }
}

fn keeps_changing(bucket: &Bucket, key: &str) -> Error {
    let message = "the object keeps changing during the download; find out what writes to the \
                   bucket, then download again";
    Error::new(ErrorKind::Changed, message).in_file(&bucket.object(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::RealSystem;

    #[test]
    fn keeps_what_was_read_before_a_failure_and_within_the_deadline() {
        let system = RealSystem;
        let deadline = Deadline::new(&system, Duration::MAX);
        let mut reads = vec![Err("broken"), Ok(2), Ok(3)];
        let mut buffer = [0; 8];
        let mut read = |rest: &mut [u8]| {
            let read = reads.pop().unwrap_or(Ok(0))?;
            rest[..read].fill(1);
            Ok(read)
        };
        assert_eq!(fill(&mut buffer, &deadline, &mut read), (5, Err("broken")));
        assert_eq!(fill(&mut buffer, &deadline, &mut read), (0, Ok(true)));
        let mut all = |rest: &mut [u8]| Ok::<usize, ()>(rest.len());
        assert_eq!(fill(&mut buffer, &deadline, &mut all), (8, Ok(false)));
        let passed = Deadline::new(&system, Duration::ZERO);
        let mut one = |_: &mut [u8]| Ok::<usize, ()>(1);
        assert_eq!(fill(&mut buffer, &passed, &mut one), (1, Ok(false)));
    }
}

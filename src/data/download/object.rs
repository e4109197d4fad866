//! Fetches one object into a partial file, in as many attempts as necessary.

use std::time::Duration;

use log::debug;

use super::partial_file::PartialFile;
use crate::data::error::{Error, ErrorKind};
use crate::data::manifest;
use crate::data::s3::bucket::Bucket;
use crate::data::s3::resume::Step;
use crate::http::HttpStream;
use crate::retry::{Attempts, Failed};
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

/// Fetches a manifest, whose size is limited.
pub(super) fn fetch_manifest(
    bucket: &Bucket,
    key: &str,
    file: &mut PartialFile,
    max_bytes: u64,
) -> Result<(), Error> {
    fetch(bucket, key, file, &mut |bytes, length| {
        if bytes.max(length.unwrap_or_default()) <= max_bytes {
            return Ok(());
        }
        Err(manifest::too_large(max_bytes).in_file(&bucket.object(key)))
    })
}

/// Fetches an object, or what is missing of it in the partial file.
pub(super) fn fetch(
    bucket: &Bucket,
    key: &str,
    file: &mut PartialFile,
    on_bytes: &mut OnBytes<'_>,
) -> Result<(), Error> {
    for _ in 0..=MAX_CHANGES {
        let mut attempts = bucket.attempts(key);
        let fetched = attempts.run(|attempts| attempt(bucket, attempts, key, file, on_bytes));
        match fetched {
            Ok(Outcome::Complete) => return Ok(()),
            Ok(Outcome::Changed) => {
                debug!("{key}: the object has changed");
                file.start(None)?;
            }
            Err(failed) => return Err(failed.error),
        }
    }
    let message = "the object keeps changing during the download; find out what writes to the \
                   bucket, then download again";
    Err(Error::new(ErrorKind::Changed, message).in_file(&bucket.object(key)))
}

/// The outcome of an attempt that did not fail.
enum Outcome {
    Complete,
    /// What was fetched before belongs to another object.
    Changed,
}

/// Sends one request and receives its response.
fn attempt(
    bucket: &Bucket,
    attempts: &mut Attempts<'_>,
    key: &str,
    file: &mut PartialFile,
    on_bytes: &mut OnBytes<'_>,
) -> Result<Outcome, Failed<Error>> {
    on_bytes(file.bytes(), None)?;
    let (step, response) = bucket.get(attempts, key, file.partial().as_ref())?;
    let before = file.bytes();
    match step {
        Step::TakeAll => file.start(response.header("etag"))?,
        Step::Append => {}
        Step::Complete => return Ok(Outcome::Complete),
        Step::StartOver => return Ok(Outcome::Changed),
    }
    let received = receive(bucket, attempts.made(), key, response, file, on_bytes);
    if file.bytes() != before {
        // The timeout limits the time without progress: a large object takes longer.
        attempts.restart_deadline();
    }
    received.map(|()| Outcome::Complete)
}

/// Reads a response into the file, as far as it arrives.
fn receive(
    bucket: &Bucket,
    attempts: u32,
    key: &str,
    mut response: HttpStream,
    file: &mut PartialFile,
    on_bytes: &mut OnBytes<'_>,
) -> Result<(), Failed<Error>> {
    let rest = content_length(&response);
    let length = rest.map(|rest| file.bytes().saturating_add(rest));
    on_bytes(file.bytes(), length)?;
    let failed = |failure| bucket.not_fetched(attempts, key, failure);
    let client = bucket.client();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut deadline = Deadline::new(client.system(), client.config().operation_timeout());
    let mut bytes_due = file.bytes().saturating_add(LEAST_BYTES as u64);
    loop {
        let step = Deadline::new(client.system(), LONGEST_STEP);
        let (filled, end) = fill(&mut buffer, &step, |rest| response.read(rest));
        file.append(buffer.get(..filled).unwrap_or_default())?;
        on_bytes(file.bytes(), length)?;
        if end.map_err(failed)? {
            return Ok(());
        }
        if file.bytes() >= bytes_due {
            bytes_due = file.bytes().saturating_add(LEAST_BYTES as u64);
            deadline = deadline.restarted();
        } else if deadline.has_passed() {
            return Err(failed(response.stalled()));
        }
    }
}

/// Returns the length of what a response contains, if S3 states it.
pub(super) fn content_length(response: &HttpStream) -> Option<u64> {
    response.header("content-length")?.parse().ok()
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

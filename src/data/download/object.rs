//! Fetching one object into a partial file, however often that takes.

use log::debug;

use super::bucket::{Answer, Bucket, Refused};
use super::partial_file::PartialFile;
use super::refusal::not_fetched;
use super::resume::{Partial, Step, judge};
use crate::data::error::{DataError, DataErrorKind};
use crate::error::Error;
use crate::retry::{Attempts, Quota};
use crate::system::random_fraction;

/// How much is read before it is written and told of.
const CHUNK_BYTES: usize = 64 * 1024;

/// How often an object may turn out to be another one than that which was begun: left by a
/// download before this one, and once more.
const MAX_CHANGES: u32 = 2;

/// Is told how many bytes there are, of how many if that is known; an error ends the fetching.
pub(super) type Tell<'a> = dyn Fn(u64, Option<u64>) -> Result<(), DataError> + 'a;

/// Why an object was not fetched.
pub(super) enum Trouble {
    /// S3 did not give it.
    Refused(Refused),
    /// The disk, the caller, or the object itself.
    Data(DataError),
}

impl From<DataError> for Trouble {
    fn from(error: DataError) -> Trouble {
        Trouble::Data(error)
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Trouble {
        Trouble::Refused(refused)
    }
}

impl Trouble {
    pub(super) fn into_error(self, bucket: &Bucket<'_>, key: &str) -> DataError {
        match self {
            Trouble::Refused(refused) => {
                not_fetched(bucket.name(), key, bucket.owner(), refused.error)
            }
            Trouble::Data(error) => error,
        }
    }
}

/// What an attempt came to that was no failure.
enum Outcome {
    Whole,
    /// What there is belongs to another object.
    Changed,
}

/// What fetches objects of one bucket.
pub(super) struct Fetcher<'a, 'b> {
    pub(super) bucket: &'a Bucket<'b>,
    /// Shared by all fetching of a download.
    pub(super) quota: &'a Quota,
}

impl Fetcher<'_, '_> {
    /// Fetches an object, or what the partial file lacks of it.
    pub(super) fn fetch(
        &self,
        key: &str,
        file: &mut PartialFile,
        tell: &Tell<'_>,
    ) -> Result<(), Trouble> {
        let client = self.bucket.client();
        let (config, system) = (client.config(), client.system());
        let mut attempts = Attempts::new(config.get_retry_config(), self.quota);
        let mut changes = 0;
        // A call's time is for getting on at all: a large object takes longer.
        let mut got_on = system.instant();
        loop {
            tell(file.bytes(), None)?;
            let passed = system.instant().saturating_duration_since(got_on);
            let left = config.get_operation_timeout().saturating_sub(passed);
            let credentials = client
                .provide_credentials(left)
                .map_err(|error| given_up(error, &attempts))?;
            let attempt = attempts.begin();
            let max_attempts = config.get_retry_config().max_attempts();
            debug!("{key}: attempt {attempt} of {max_attempts}");
            let before = file.bytes();
            let tried = self
                .bucket
                .get(key, &headers(file.partial().as_ref()), &credentials)
                .map_err(Trouble::from)
                .and_then(|answer| self.take(answer, file, tell));
            if file.bytes() != before {
                got_on = system.instant();
            }
            let refused = match tried {
                Ok(Outcome::Whole) => {
                    attempts.succeeded();
                    return Ok(());
                }
                Ok(Outcome::Changed) if changes < MAX_CHANGES => {
                    debug!("{key}: what there is belongs to another object");
                    changes += 1;
                    file.start(None)?;
                    attempts = Attempts::new(config.get_retry_config(), self.quota);
                    continue;
                }
                Ok(Outcome::Changed) => return Err(keeps_changing(self.bucket, key).into()),
                Err(Trouble::Refused(refused)) => refused,
                Err(trouble) => return Err(trouble),
            };
            let Refused {
                error,
                failure,
                retry_after,
                region,
            } = refused;
            let delay = failure.and_then(|failure| {
                let jitter = random_fraction(system);
                let passed = system.instant().saturating_duration_since(got_on);
                let left = config.get_operation_timeout().saturating_sub(passed);
                attempts.failed(failure, retry_after.as_deref(), jitter, left)
            });
            let Some(delay) = delay else {
                debug!("{key}: attempt {attempt} failed, and is the last: {error}");
                let error = error.retryable(failure.is_some());
                return Err(Trouble::Refused(Refused {
                    region,
                    ..given_up(error, &attempts)
                }));
            };
            debug!("{key}: attempt {attempt} failed, next in {delay:?}: {error}");
            system.sleep(delay);
        }
    }

    /// Reads an answer into the file, as far as it comes.
    fn take(
        &self,
        mut answer: Answer,
        file: &mut PartialFile,
        tell: &Tell<'_>,
    ) -> Result<Outcome, Trouble> {
        let stream = &mut answer.stream;
        let etag = stream.header("etag");
        let range = stream.header("content-range");
        match judge(file.partial().as_ref(), stream.status, etag, range) {
            Step::TakeWhole => file.start(etag)?,
            Step::Append => {}
            Step::CheckWhatIsThere => return Ok(Outcome::Whole),
            Step::StartOver => return Ok(Outcome::Changed),
            Step::Refused => return Err(self.bucket.refused(answer).into()),
        }
        let rest = stream.header("content-length");
        let rest = rest.and_then(|rest| rest.parse::<u64>().ok());
        let length = rest.map(|rest| file.bytes().saturating_add(rest));
        tell(file.bytes(), length)?;
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let (filled, end) = fill(&mut buffer, |rest| stream.read(rest));
            file.append(buffer.get(..filled).unwrap_or_default())?;
            tell(file.bytes(), length)?;
            match end {
                Ok(true) => return Ok(Outcome::Whole),
                Ok(false) => {}
                Err(failure) => return Err(Refused::from(failure).into()),
            }
        }
    }
}

/// Reads until the buffer is full, or to the end, which is true then, or to a failure: how much was
/// read, which is never lost.
fn fill<E>(
    buffer: &mut [u8],
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> (usize, Result<bool, E>) {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest) {
            Ok(0) => return (filled, Ok(true)),
            Ok(read) => filled += read,
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(false))
}

fn headers(partial: Option<&Partial>) -> Vec<(&'static str, String)> {
    partial.map_or_else(Vec::new, |partial| partial.headers().into())
}

fn given_up(error: Error, attempts: &Attempts<'_>) -> Refused {
    Refused {
        error: error
            .in_operation("GetObject")
            .after_attempts(attempts.made()),
        failure: None,
        retry_after: None,
        region: None,
    }
}

fn keeps_changing(bucket: &Bucket<'_>, key: &str) -> DataError {
    let message =
        "changes while it is fetched: see what writes to the bucket, then download it again";
    let object = format!("s3://{}/{key}", bucket.name());
    DataError::new(DataErrorKind::Changed, message).in_file(object.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_a_failure_counts() {
        let mut reads = vec![Err("broken"), Ok(2), Ok(3)];
        let mut buffer = [0; 8];
        let mut read = |rest: &mut [u8]| {
            let read = reads.pop().unwrap_or(Ok(0))?;
            rest[..read].fill(1);
            Ok(read)
        };
        assert_eq!(fill(&mut buffer, &mut read), (5, Err("broken")));
        assert_eq!(fill(&mut buffer, &mut read), (0, Ok(true)));
        let mut all = |rest: &mut [u8]| Ok::<usize, ()>(rest.len());
        assert_eq!(fill(&mut buffer, &mut all), (8, Ok(false)));
    }
}

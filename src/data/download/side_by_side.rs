//! Fetching several data files at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::object::{Fetcher, Tell};
use super::partial_file::PartialFile;
use super::plan::Target;
use super::tally::Tally;
use crate::data::checksum::{Md5Digest, Md5Reader};
use crate::data::error::{DataError, DataErrorKind};
use crate::data::threads::on_threads;

/// How a data file came to be here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Have {
    pub(super) bytes: u64,
    pub(super) was_fetched: bool,
}

/// Has all files in place, or gives the first error, after which no thread goes on.
pub(super) fn fetch_all(
    fetcher: &Fetcher<'_, '_>,
    targets: &[Target],
    threads: usize,
    tally: &Tally<'_>,
) -> Result<Vec<Have>, DataError> {
    let next = AtomicUsize::new(0);
    let first_error = Mutex::new(None);
    let work = || {
        let mut all = Vec::new();
        while let Some((number, target)) = take(targets, &next) {
            match have(fetcher, number, target, tally) {
                Ok(have) => all.push(have),
                Err(error) => {
                    tally.end();
                    let mut first = first_error.lock().unwrap_or_else(PoisonError::into_inner);
                    first.get_or_insert(error);
                    break;
                }
            }
        }
        all
    };
    let all = on_threads(threads.min(targets.len()), work);
    let error = first_error.into_inner();
    match error.unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(all),
    }
}

fn take<'a>(targets: &'a [Target], next: &AtomicUsize) -> Option<(usize, &'a Target)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, targets.get(number)?))
}

/// Has one file in place: keeps what is right, and fetches what is not.
fn have(
    fetcher: &Fetcher<'_, '_>,
    number: usize,
    target: &Target,
    tally: &Tally<'_>,
) -> Result<Have, DataError> {
    tally.check()?;
    if let Some(bytes) = kept(&target.path, target.md5)? {
        tally.done(number, bytes)?;
        return Ok(Have {
            bytes,
            was_fetched: false,
        });
    }
    let mut file = PartialFile::open(&target.path)?;
    let fetched = fetch_right(fetcher, target, &mut file, &|bytes, length| {
        tally.has(number, bytes, length)
    });
    if let Err(error) = fetched {
        if file.bytes() == 0 {
            file.discard()?;
        }
        return Err(error);
    }
    let bytes = file.bytes();
    file.keep()?;
    tally.done(number, bytes)?;
    Ok(Have {
        bytes,
        was_fetched: true,
    })
}

/// Fetches a file until its checksum is right, but no more than twice.
fn fetch_right(
    fetcher: &Fetcher<'_, '_>,
    target: &Target,
    file: &mut PartialFile,
    tell: &Tell<'_>,
) -> Result<(), DataError> {
    let mut was_wrong = false;
    loop {
        fetcher
            .fetch(&target.key, file, tell)
            .map_err(|trouble| trouble.into_error(fetcher.bucket, &target.key))?;
        let actual = file.md5();
        let Some(expected) = target.md5.filter(|expected| *expected != actual) else {
            return Ok(());
        };
        // It may have been damaged on its way, or where it was left.
        file.start(None)?;
        if was_wrong {
            return Err(wrong_checksum(fetcher, target, expected, actual));
        }
        was_wrong = true;
    }
}

/// The length of the file that is here already, if it is the right one.
fn kept(path: &Path, expected: Option<Md5Digest>) -> Result<Option<u64>, DataError> {
    let Some(expected) = expected else {
        return Ok(None);
    };
    let read = |error| DataError::read(error).in_file(path);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(read(error)),
    };
    let mut reader = Md5Reader::new(file);
    let mut buffer = vec![0; 64 * 1024];
    while reader.read(&mut buffer).map_err(read)? > 0 {}
    let (bytes, actual) = reader.finish();
    Ok((actual == expected).then_some(bytes))
}

fn wrong_checksum(
    fetcher: &Fetcher<'_, '_>,
    target: &Target,
    expected: Md5Digest,
    actual: Md5Digest,
) -> DataError {
    let message = format!(
        "its MD5 checksum is {actual}, fetched twice, but the manifest says {expected}: it was \
         changed after the export; start a new export"
    );
    let object = format!("s3://{}/{}", fetcher.bucket.name(), target.key);
    DataError::new(DataErrorKind::Changed, message).in_file(object.as_ref())
}

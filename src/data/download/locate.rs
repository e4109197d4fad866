//! Finding an export in its bucket, and the bucket in its region.

use std::path::Path;

use super::bucket::Bucket;
use super::object::{Fetcher, Trouble};
use super::partial_file::PartialFile;
use super::refusal::not_fetched;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::manifest::MANIFEST_SUMMARY;
use crate::retry::Quota;

/// How often a bucket may be said to be in another region.
const MAX_MOVES: u32 = 2;

/// Where an export lies, and its summary.
pub(super) struct Located {
    pub(super) folder_key: String,
    pub(super) summary: PartialFile,
}

/// Fetches the summary from the first of these folders of the bucket that has one, and leaves the
/// bucket in the region that it turns out to be in.
pub(super) fn locate(
    bucket: &mut Bucket<'_>,
    quota: &Quota,
    folder_keys: Vec<String>,
    folder: &Path,
) -> Result<Located, DataError> {
    let mut summary = PartialFile::create(&folder.join(MANIFEST_SUMMARY))?;
    let mut first = None;
    for folder_key in folder_keys {
        let key = format!("{folder_key}/{MANIFEST_SUMMARY}");
        match fetch_moving(bucket, quota, &key, &mut summary) {
            Ok(()) => {
                return Ok(Located {
                    folder_key,
                    summary,
                });
            }
            // Whoever may not list a bucket is told 403 of what is not there.
            Err(Trouble::Refused(refused))
                if matches!(refused.error.status(), Some(403 | 404))
                    && is_about_object(refused.error.code()) =>
            {
                let error = not_fetched(bucket.name(), &key, bucket.owner(), refused.error);
                first.get_or_insert(error);
            }
            Err(trouble) => {
                summary.discard()?;
                return Err(trouble.into_error(bucket, &key));
            }
        }
    }
    summary.discard()?;
    Err(first.unwrap_or_else(|| {
        DataError::new(
            DataErrorKind::Fetch,
            "the export has no folder in its bucket",
        )
    }))
}

/// Whether a refusal leaves open that another object is not refused.
fn is_about_object(code: Option<&str>) -> bool {
    matches!(code, None | Some("NoSuchKey" | "AccessDenied"))
}

fn fetch_moving(
    bucket: &mut Bucket<'_>,
    quota: &Quota,
    key: &str,
    file: &mut PartialFile,
) -> Result<(), Trouble> {
    let mut moves = 0;
    loop {
        let fetcher = Fetcher { bucket, quota };
        let refused = match fetcher.fetch(key, file, &|_, _| Ok(())) {
            Err(Trouble::Refused(refused)) => refused,
            other => return other,
        };
        match refused.region.as_deref() {
            Some(region) if moves < MAX_MOVES => {
                bucket.move_to(region).map_err(|error| {
                    DataError::new(DataErrorKind::Fetch, error.to_string()).caused_by(error)
                })?;
                moves += 1;
            }
            _ => return Err(refused.into()),
        }
    }
}

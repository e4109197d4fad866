//! Locates an export in its bucket, and the bucket in its region.

use log::debug;

use super::object::Trouble;
use crate::data::error::{Error, ErrorKind};
use crate::data::manifest::MANIFEST_SUMMARY;
use crate::data::s3::bucket::Bucket;
use crate::data::s3::refusal::not_fetched;
use crate::error::Error as RequestError;

/// How often S3 may report that the bucket is in another region.
const MAX_MOVES: u32 = 2;

/// The empty object that an export writes first.
const STARTED: &str = "_started";

/// Fetches the summary from the first of these prefixes that has one, and returns both; the bucket's
/// region is right afterwards.
pub(super) fn locate<T>(
    bucket: &mut Bucket,
    export_keys: Vec<String>,
    mut fetch: impl FnMut(&Bucket, &str) -> Result<T, Trouble>,
) -> Result<(String, T), Error> {
    let mut first = None;
    for export_key in export_keys {
        let key = format!("{export_key}/{MANIFEST_SUMMARY}");
        match fetch_moving(bucket, &key, &mut fetch) {
            Ok(summary) => return Ok((export_key, summary)),
            // Without permission to list the bucket, S3 responds 403 for an object that does not exist.
            Err(Trouble::Refused(refused))
                if matches!(refused.error.status(), Some(403 | 404))
                    && is_about_object(refused.error.code()) =>
            {
                let error = not_fetched(&bucket.object(&key), bucket.owner(), refused.error);
                first.get_or_insert(error);
            }
            Err(trouble) => return Err(trouble.into_error(bucket, &key)),
        }
    }
    Err(first
        .unwrap_or_else(|| Error::new(ErrorKind::Fetch, "the export has no files in its bucket")))
}

/// Returns whether the export has written its first object below one of these prefixes.
pub(super) fn has_started(
    bucket: &mut Bucket,
    export_keys: &[String],
) -> Result<bool, RequestError> {
    for export_key in export_keys {
        if exists_moving(bucket, &format!("{export_key}/{STARTED}"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn exists_moving(bucket: &mut Bucket, key: &str) -> Result<bool, RequestError> {
    for _ in 0..=MAX_MOVES {
        let credentials = bucket.client().credentials()?;
        let response = bucket.get(key, &[], &credentials)?;
        if response.stream.status == 200 {
            return Ok(true);
        }
        let refused = bucket.refused(response).error;
        debug!("{key}: {}", refused.error);
        match refused.region.as_deref() {
            Some(region) => bucket.move_to(region)?,
            None => break,
        }
    }
    Ok(false)
}

/// Returns whether another object may still be available.
fn is_about_object(code: Option<&str>) -> bool {
    matches!(code, None | Some("NoSuchKey" | "AccessDenied"))
}

fn fetch_moving<T>(
    bucket: &mut Bucket,
    key: &str,
    fetch: &mut impl FnMut(&Bucket, &str) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let mut moves = 0;
    loop {
        let refused = match fetch(bucket, key) {
            Err(Trouble::Refused(refused)) => refused,
            other => return other,
        };
        match refused.region.as_deref() {
            Some(region) if moves < MAX_MOVES => {
                bucket.move_to(region).map_err(|error| {
                    Error::new(ErrorKind::Fetch, error.to_string()).caused_by(error)
                })?;
                moves += 1;
            }
            _ => return Err(refused.into()),
        }
    }
}

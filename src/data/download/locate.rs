//! Locates an export in its bucket.

use std::error::Error as _;

use log::debug;

use crate::data::error::{Error, ErrorKind};
use crate::data::manifest::MANIFEST_SUMMARY;
use crate::data::s3::bucket::{Bucket, BucketRequest};
use crate::error::Error as RequestError;
use crate::http::Method;

/// The empty object that an export writes first.
const STARTED: &str = "_started";

/// Fetches the summary from the first of these prefixes that has one, and returns both.
pub(super) fn locate<T>(
    export_keys: Vec<String>,
    mut fetch: impl FnMut(&str) -> Result<T, Error>,
) -> Result<(String, T), Error> {
    let mut first = None;
    for export_key in export_keys {
        match fetch(&format!("{export_key}/{MANIFEST_SUMMARY}")) {
            Ok(summary) => return Ok((export_key, summary)),
            Err(error) => {
                let refusal = error.source().and_then(|source| source.downcast_ref());
                if !refusal.is_some_and(is_about_object) {
                    return Err(error);
                }
                first.get_or_insert(error);
            }
        }
    }
    Err(first
        .unwrap_or_else(|| Error::new(ErrorKind::Fetch, "the export has no files in its bucket")))
}

/// Returns whether another object may still be available. Without permission to list the bucket, S3
/// responds 403 for an object that does not exist.
fn is_about_object(error: &RequestError) -> bool {
    matches!(error.status(), Some(403 | 404))
        && matches!(error.code(), None | Some("NoSuchKey" | "AccessDenied"))
}

/// Returns whether the export has written its first object below one of these prefixes.
pub(super) fn has_started(bucket: &Bucket, export_keys: &[String]) -> bool {
    for export_key in export_keys {
        let key = format!("{export_key}/{STARTED}");
        match bucket.call("HeadObject", &BucketRequest::new(&Method::HEAD, &key)) {
            Ok(_) => return true,
            Err(error) => {
                debug!("{key}: {error}");
                if !is_about_object(&error) {
                    return false;
                }
            }
        }
    }
    false
}

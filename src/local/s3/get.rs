//! GetObject, HeadObject and DeleteObject.

use std::io::{Seek, SeekFrom};

use super::range::{self, Range};
use super::{ObjectRequest, modified};
use crate::local::error::ServiceError;
use crate::local::exchange::{Response, http_date};
use crate::local::store::Object;

impl ObjectRequest<'_> {
    pub(super) fn get(&self) -> Result<Response, ServiceError> {
        self.query.only(&[])?;
        let object = self.bucket.open(self.key)?;
        let etag = object.etag.clone();
        if self.is_excluded(&etag)? {
            return Ok(Response::empty(304).with_header("etag", &etag));
        }
        let length = object.metadata.len();
        let range = match self.request.header("range") {
            Some(header) => range::parse(header, length),
            None => Range::Whole,
        };
        let response = match range {
            Range::Whole => part(object, 200, 0, length)?,
            Range::Part { first, last } => part(object, 206, first, last - first + 1)?
                .with_header("content-range", &format!("bytes {first}-{last}/{length}")),
            Range::Outside => return Err(ServiceError::invalid_range(length)),
        };
        Ok(response.with_header("etag", &etag))
    }

    pub(super) fn delete(&self) -> Result<Response, ServiceError> {
        self.query.only(&[])?;
        self.bucket.delete(self.key)?;
        Ok(Response::empty(204))
    }

    /// Returns whether `If-None-Match` names an object's ETag; fails if `If-Match` does not.
    pub(super) fn is_excluded(&self, etag: &str) -> Result<bool, ServiceError> {
        let names = |header| Some(names(self.request.header(header)?, etag));
        if names("if-match") == Some(false) {
            return Err(ServiceError::precondition_failed(format!(
                "the object's ETag, {etag}, does not match If-Match"
            )));
        }
        Ok(names("if-none-match") == Some(true))
    }
}

/// Returns whether a condition names an ETag.
fn names(condition: &str, etag: &str) -> bool {
    condition
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_matches('"') == etag.trim_matches('"'))
}

fn part(
    mut object: Object,
    status: u16,
    first: u64,
    length: u64,
) -> Result<Response, ServiceError> {
    object.file.seek(SeekFrom::Start(first))?;
    let modified = http_date(modified(&object.metadata).unix_timestamp());
    let response = Response::file(status, object.file, length)
        .with_header("content-type", "binary/octet-stream")
        .with_header("accept-ranges", "bytes")
        .with_header("last-modified", &modified);
    let kept = object.headers.iter();
    Ok(kept.fold(response, |response, (name, value)| {
        response.with_header(name, value)
    }))
}

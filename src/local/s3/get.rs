//! GetObject, HeadObject and DeleteObject.

use std::io::{Seek, SeekFrom};

use super::range::{self, Range};
use super::{ObjectRequest, modified};
use crate::local::error::ServiceError;
use crate::local::exchange::{Request, Response, http_date};
use crate::local::store::Object;

impl ObjectRequest<'_> {
    pub(super) fn get(&self) -> Result<Response, ServiceError> {
        self.query.only(&[])?;
        let request = self.request;
        let mut object = self.bucket.open(self.key)?;
        let etag = self.etags.of(&mut object)?;
        if let Some(response) = precondition(request, &etag)? {
            return Ok(response);
        }
        let length = object.metadata.len();
        let range = match request.header("range") {
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
        let _locked = self.store.lock();
        self.bucket.delete(self.key)?;
        Ok(Response::empty(204))
    }
}

/// Returns whether a condition names an ETag.
pub(super) fn names(condition: &str, etag: &str) -> bool {
    condition
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_matches('"') == etag.trim_matches('"'))
}

/// Evaluates the conditions on the ETag; a response is 304, an error 412.
fn precondition(request: &Request, etag: &str) -> Result<Option<Response>, ServiceError> {
    let condition = |header| request.header(header);
    if condition("if-match").is_some_and(|tags| !names(tags, etag)) {
        return Err(ServiceError::precondition_failed(format!(
            "the object's ETag, {etag}, does not match If-Match"
        )));
    }
    let is_known = condition("if-none-match").is_some_and(|tags| names(tags, etag));
    Ok(is_known.then(|| Response::empty(304).with_header("etag", etag)))
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
    let kept = object.properties.headers.iter();
    Ok(kept.fold(response, |response, (name, value)| {
        response.with_header(name, value)
    }))
}

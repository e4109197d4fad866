//! S3's GetObject and HeadObject for the objects of a store.

mod address;
mod etags;
mod range;

use std::io::{Seek, SeekFrom};
use std::time::SystemTime;

pub(super) use self::address::Address;
use self::etags::Etags;
use self::range::Range;
use super::exchange::{Request, Response, ResponseBody, http_date};
use super::s3_error::S3Error;
use super::store::{Object, Store, StoreError};

/// Serves objects of a store.
#[derive(Debug, Default)]
pub(super) struct Objects {
    etags: Etags,
}

impl Objects {
    /// Handles an authorized GET or HEAD.
    pub(super) fn serve(
        &self,
        request: &Request,
        address: &Address,
        store: &Store,
        account_id: &str,
    ) -> Result<Response, S3Error> {
        // `x-id` only names the operation; every other parameter requests something else.
        if request.query().any(|part| !part.starts_with("x-id=")) {
            return Err(S3Error::not_implemented());
        }
        let (bucket, key) = address.bucket_and_key()?;
        let bucket = store.bucket(bucket)?;
        let owner = request.header("x-amz-expected-bucket-owner");
        if owner.is_some_and(|owner| owner != account_id) {
            return Err(S3Error::access_denied(format!(
                "the bucket belongs to the account {account_id}"
            )));
        }
        let mut object = bucket.open(key)?;
        let etag = self.etags.of(&mut object).map_err(StoreError::from)?;
        if let Some(response) = precondition(request, &etag)? {
            return Ok(response);
        }
        let length = object.metadata.len();
        let range = match request.header("range") {
            Some(header) => range::parse(header, length),
            None => Range::Whole,
        };
        let response = match range {
            Range::Whole => part(object, 0, length, request)?,
            Range::Part { first, last } => {
                let mut response = part(object, first, last - first + 1, request)?;
                response.status = 206;
                response.with_header("content-range", format!("bytes {first}-{last}/{length}"))
            }
            Range::Outside => return Err(S3Error::invalid_range(length)),
        };
        Ok(response.with_header("etag", etag))
    }
}

/// Evaluates the conditions on the ETag; a response is 304, an error 412.
fn precondition(request: &Request, etag: &str) -> Result<Option<Response>, S3Error> {
    let names = |header: &str| {
        header
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.trim_matches('"') == etag.trim_matches('"'))
    };
    if request.header("if-match").is_some_and(|tags| !names(tags)) {
        return Err(S3Error::new(
            412,
            "PreconditionFailed",
            format!("the object's ETag, {etag}, does not match If-Match"),
        ));
    }
    Ok(request
        .header("if-none-match")
        .filter(|tags| names(tags))
        .map(|_| Response {
            status: 304,
            headers: vec![("etag", etag.to_owned())],
            body: ResponseBody::Bytes(Vec::new()),
        }))
}

fn part(
    mut object: Object,
    first: u64,
    length: u64,
    request: &Request,
) -> Result<Response, S3Error> {
    object
        .file
        .seek(SeekFrom::Start(first))
        .map_err(StoreError::from)?;
    let modified = object.metadata.modified().map_err(StoreError::from)?;
    let modified = modified.duration_since(SystemTime::UNIX_EPOCH);
    let modified = modified.map_or(0, |since| since.as_secs().try_into().unwrap_or(i64::MAX));
    let body = if request.method == "HEAD" {
        ResponseBody::Head { length }
    } else {
        ResponseBody::File {
            file: object.file,
            length,
        }
    };
    Ok(Response {
        status: 200,
        headers: vec![
            ("content-type", "binary/octet-stream".to_owned()),
            ("accept-ranges", "bytes".to_owned()),
            ("last-modified", http_date(modified)),
        ],
        body,
    })
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> S3Error {
        let status = match error {
            StoreError::NoSuchBucket | StoreError::NoSuchKey => 404,
            StoreError::AccessDenied => 403,
            StoreError::KeyTooLong => 400,
            StoreError::Other(_) => 500,
        };
        S3Error::new(status, error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests;

//! S3's GetObject and HeadObject on what the service wrote.

mod address;
mod etags;
mod range;

use std::io::{Seek, SeekFrom};

use time::OffsetDateTime;

pub(super) use self::address::{Address, virtual_bucket};
use self::etags::Etags;
use self::range::Range;
use super::exchange::{Answer, AnswerBody, Request};
use super::s3_error::S3Error;
use super::store::{Object, Store, StoreError};
use super::timestamp;

/// Serves objects of a store.
#[derive(Debug, Default)]
pub(super) struct Objects {
    etags: Etags,
}

impl Objects {
    /// Answers a GET or HEAD that is allowed to read.
    pub(super) fn serve(
        &self,
        request: &Request,
        address: &Address,
        store: &Store,
        account_id: &str,
    ) -> Result<Answer, S3Error> {
        // `x-id` only names the operation; every other parameter asks for something else.
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
        if let Some(answer) = precondition(request, &etag)? {
            return Ok(answer);
        }
        let length = object.metadata.len();
        let range = match request.header("range") {
            Some(header) => range::parse(header, length),
            None => Range::Whole,
        };
        let answer = match range {
            Range::Whole => part(object, 0, length, request)?,
            Range::Part { first, last } => {
                let mut answer = part(object, first, last - first + 1, request)?;
                answer.status = 206;
                answer.with_header("content-range", format!("bytes {first}-{last}/{length}"))
            }
            Range::Outside => return Err(S3Error::invalid_range(length)),
        };
        Ok(answer.with_header("etag", etag))
    }
}

/// What the conditions on the ETag come to: nothing, 304 or 412.
fn precondition(request: &Request, etag: &str) -> Result<Option<Answer>, S3Error> {
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
            format!("the object's ETag is {etag}, not what If-Match asks for"),
        ));
    }
    Ok(request
        .header("if-none-match")
        .filter(|tags| names(tags))
        .map(|_| Answer {
            status: 304,
            headers: vec![("etag", etag.to_owned())],
            body: AnswerBody::Bytes(Vec::new()),
        }))
}

fn part(mut object: Object, first: u64, length: u64, request: &Request) -> Result<Answer, S3Error> {
    object
        .file
        .seek(SeekFrom::Start(first))
        .map_err(StoreError::from)?;
    let modified = object.metadata.modified().map_err(StoreError::from)?;
    let body = if request.method == "HEAD" {
        AnswerBody::Head { length }
    } else {
        AnswerBody::File {
            file: object.file,
            length,
        }
    };
    Ok(Answer {
        status: 200,
        headers: vec![
            ("content-type", "binary/octet-stream".to_owned()),
            ("accept-ranges", "bytes".to_owned()),
            (
                "last-modified",
                timestamp::http_date(OffsetDateTime::from(modified)),
            ),
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

//! PutObject, and what all writes have in common.

use std::io::Read;

use super::{ObjectRequest, payload};
use crate::local::error::ServiceError;
use crate::local::exchange::{Request, Response};
use crate::local::store::{Properties, StoreError, Written};

/// The framing of an upload, which is not an encoding of the object.
const AWS_CHUNKED: &str = "aws-chunked";

impl ObjectRequest<'_> {
    pub(super) fn put(&self, upload: &mut dyn Read) -> Result<Response, ServiceError> {
        self.query.only(&[])?;
        self.is_not_a_copy()?;
        // Also before the content, which may be large.
        self.check_condition()?;
        let mut object = self.bucket.create(self.key)?;
        let checksum = payload::copy(self.request, upload, &mut object)?;
        let written = object.close()?;
        let response = stored(written.md5, checksum);
        let properties = Properties {
            etag: None,
            headers: kept_headers(self.request),
        };
        self.commit(written, properties)?;
        Ok(response)
    }

    /// Makes an object visible, if the condition of the request holds.
    pub(super) fn commit(
        &self,
        written: Written,
        properties: Properties,
    ) -> Result<(), ServiceError> {
        let _locked = self.bucket.lock();
        self.check_condition()?;
        Ok(self.bucket.commit(self.key, written, properties)?)
    }

    /// Fails if the object is not what `If-Match` or `If-None-Match` requires.
    pub(super) fn check_condition(&self) -> Result<(), ServiceError> {
        let has = |header| self.request.header(header).is_some();
        if !has("if-match") && !has("if-none-match") {
            return Ok(());
        }
        let etag = match self.bucket.open(self.key) {
            Ok(object) => object.etag,
            Err(StoreError::NoSuchKey) if !has("if-match") => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if self.is_excluded(&etag)? {
            return Err(ServiceError::precondition_failed(format!(
                "an object with ETag {etag} exists, which If-None-Match excludes"
            )));
        }
        Ok(())
    }

    /// A copy would have no body, and write an empty object here.
    pub(super) fn is_not_a_copy(&self) -> Result<(), ServiceError> {
        match self.request.header("x-amz-copy-source") {
            Some(_) => Err(ServiceError::not_implemented("x-amz-copy-source (a copy)")),
            None => Ok(()),
        }
    }
}

/// Returns the response to an upload: its ETag, and the checksum that came with it.
pub(super) fn stored(md5: [u8; 16], checksum: Option<(String, String)>) -> Response {
    let response = Response::empty(200).with_header("etag", &format!("\"{}\"", hex::encode(md5)));
    match checksum {
        Some((name, value)) => response.with_header(&name, &value),
        None => response,
    }
}

/// Returns the headers of an upload that come back with the object.
pub(super) fn kept_headers(request: &Request) -> Vec<(String, String)> {
    let kept = |name: &str| {
        let is_kept = matches!(
            name,
            "cache-control"
                | "content-disposition"
                | "content-encoding"
                | "content-language"
                | "content-type"
                | "expires"
        );
        is_kept || name.starts_with("x-amz-meta-")
    };
    let headers = request.headers().filter(|(name, _)| kept(name));
    headers
        .filter_map(|(name, value)| {
            let value = match name {
                "content-encoding" => without_framing(value),
                _ => value.to_owned(),
            };
            (!value.is_empty()).then(|| (name.to_owned(), value))
        })
        .collect()
}

fn without_framing(encodings: &str) -> String {
    let encodings = encodings.split(',').map(str::trim);
    let encodings: Vec<&str> = encodings.filter(|one| *one != AWS_CHUNKED).collect();
    encodings.join(",")
}

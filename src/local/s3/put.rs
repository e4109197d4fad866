//! PutObject, and what all writes have in common.

use std::io::Read;

use super::etags::quoted;
use super::get::names;
use super::{ObjectRequest, payload};
use crate::local::error::ServiceError;
use crate::local::exchange::{Request, Response};
use crate::local::store::{ObjectWriter, Properties, StoreError, Written};

/// The framing of an upload, which is no encoding of the object.
const AWS_CHUNKED: &str = "aws-chunked";

impl ObjectRequest<'_> {
    pub(super) fn put(&self, upload: &mut dyn Read) -> Result<Response, ServiceError> {
        self.query.only(&[])?;
        self.is_not_a_copy()?;
        // Also before the content: nothing large is read in vain.
        self.check_condition()?;
        let mut object = self.create()?;
        let checksum = payload::copy(self.request, upload, &mut object)?;
        let written = object.close()?;
        let etag = quoted(&hex::encode(written.md5));
        let properties = Properties {
            etag: None,
            headers: kept_headers(self.request),
        };
        self.commit(written, properties)?;
        Ok(stored(&etag, checksum))
    }

    /// Starts to write the object; no directory on its path is removed meanwhile.
    pub(super) fn create(&self) -> Result<ObjectWriter, StoreError> {
        let _locked = self.store.lock();
        self.bucket.create(self.key)
    }

    /// Makes an object visible, if the condition of the request holds.
    pub(super) fn commit(
        &self,
        written: Written,
        properties: Properties,
    ) -> Result<(), ServiceError> {
        let _locked = self.store.lock();
        self.check_condition()?;
        let md5 = written.md5;
        self.bucket.commit(self.key, written, properties)?;
        let object = self.bucket.open(self.key)?;
        let remembered = self.etags.remember(object.path, &object.metadata, md5);
        Ok(remembered?)
    }

    /// Fails if the object is not what `If-Match` or `If-None-Match` requires.
    pub(super) fn check_condition(&self) -> Result<(), ServiceError> {
        let if_match = self.request.header("if-match");
        let if_none_match = self.request.header("if-none-match");
        if if_match.is_none() && if_none_match.is_none() {
            return Ok(());
        }
        let etag = match self.bucket.open(self.key) {
            Ok(mut object) => Some(self.etags.of(&mut object)?),
            Err(StoreError::NoSuchKey) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(etag) = etag else {
            return match if_match {
                Some(_) => Err(StoreError::NoSuchKey.into()),
                None => Ok(()),
            };
        };
        if if_match.is_some_and(|tags| !names(tags, &etag)) {
            return Err(ServiceError::precondition_failed(format!(
                "the object's ETag, {etag}, does not match If-Match"
            )));
        }
        if if_none_match.is_some_and(|tags| names(tags, &etag)) {
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

/// The response to an upload: its ETag, and the checksum that came with it.
pub(super) fn stored(etag: &str, checksum: Option<(String, String)>) -> Response {
    let response = Response::empty(200).with_header("etag", etag);
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

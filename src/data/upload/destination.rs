//! Where an object is uploaded to, and the requests for that.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use log::debug;
use sha2::{Digest, Sha256};

use crate::data::error::{Error, ErrorKind};
use crate::data::s3::bucket::{Bucket, BucketRequest};
use crate::data::s3::call::Success;
use crate::data::s3::refusal::not_uploaded;
use crate::error::{Error as RequestError, ErrorKind as RequestErrorKind};
use crate::fs::part_names::PartNames;
use crate::http::Method;
use crate::wire::{percent, xml};

/// Identifies the upload that an object came from.
const UPLOAD: &str = "x-amz-meta-simpledb-export-upload";

/// Says what an object is made from.
const SOURCE: &str = "x-amz-meta-simpledb-export-source";

/// The algorithm of the parts' checksums, also by which earlier uploads of this library are known.
const ALGORITHM: &str = "SHA256";

const HEAD_OBJECT: &str = "HeadObject";

/// How many lists of a thousand earlier uploads are read at most.
const MAX_LISTS: u32 = 20;

type Header = (&'static str, String);

/// An object that is to be written.
pub(super) struct Destination {
    /// Shared by objects that belong together.
    bucket: Arc<Bucket>,
    key: String,
    /// The value of [`UPLOAD`].
    id: String,
    source: Option<String>,
    existing: Existing,
}

/// What is at a key, as far as it is known.
#[derive(Default)]
struct Existing {
    /// That the object is still this one.
    condition: Option<Header>,
    source: Option<String>,
}

/// A part that S3 has.
pub(super) struct Part {
    etag: String,
    sha256: String,
}

impl Destination {
    /// Finds what is at the key, and aborts what earlier uploads have left there.
    pub(super) fn open(
        bucket: Arc<Bucket>,
        key: String,
        source: Option<String>,
    ) -> Result<Destination, Error> {
        let object = bucket.object(&key);
        let not_uploaded = |error| not_uploaded(&object, bucket.owner(), error);
        let found = bucket.call(HEAD_OBJECT, &BucketRequest::new(&Method::HEAD, &key));
        let existing = existing(&object, found).map_err(not_uploaded)?;
        let [id] = bucket.client().new_ids("PutObject").map_err(not_uploaded)?;
        let destination = Destination {
            bucket,
            key,
            id: id.to_string(),
            source,
            existing,
        };
        destination.abort_earlier(&destination.key, |key| key == destination.key)?;
        Ok(destination)
    }

    /// Returns another object of the same source in the same bucket.
    pub(super) fn beside(&self, key: String) -> Result<Destination, Error> {
        Destination::open(Arc::clone(&self.bucket), key, self.source.clone())
    }

    /// Rejects objects of another source among parts with these names, and aborts what uploads of
    /// such parts that were killed have left.
    pub(super) fn check_parts(&self, names: &PartNames) -> Result<(), Error> {
        for key in self.list(&names.prefix())? {
            if names.number(&key).is_some() && !self.has_same_source(&key) {
                let message = format!(
                    "exists: objects of another conversion would be mixed with the new ones; remove \
                     {} or choose another name",
                    names.pattern()
                );
                let error = Error::new(ErrorKind::Upload, message);
                return Err(error.in_file(&self.bucket.object(&key)));
            }
        }
        self.abort_earlier(&names.prefix(), |key| names.number(key).is_some())
    }

    /// Returns the keys with a prefix.
    fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let operation = "ListObjectsV2";
        let mut keys = Vec::new();
        let mut page = String::new();
        loop {
            let query = format!("list-type=2&prefix={}{page}", percent::encode(prefix));
            let request = BucketRequest {
                key: "",
                ..self.request(&Method::GET, &query)
            };
            let listed = self.call(operation, &request)?;
            let Some(rows) = xml::rows(&listed.body, "Contents", ["Key"]) else {
                let message = "the response is not a list; check that the endpoint is S3";
                return Err(self.misunderstood(operation, message));
            };
            keys.extend(rows.into_iter().flatten().flatten());
            let token = xml::texts(&listed.body, ["NextContinuationToken"]);
            let next = token.and_then(|[token]| {
                Some(format!("&continuation-token={}", percent::encode(&token?)))
            });
            match next {
                Some(next) if next != page => page = next,
                _ => return Ok(keys),
            }
        }
    }

    fn has_same_source(&self, key: &str) -> bool {
        let head = BucketRequest::new(&Method::HEAD, key);
        let found = self.bucket.call(HEAD_OBJECT, &head);
        self.source.is_some()
            && found.is_ok_and(|found| found.header(SOURCE) == self.source.as_deref())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.bucket.object(&self.key)
    }

    pub(super) fn existing_source(&self) -> Option<&str> {
        self.existing.source.as_deref()
    }

    /// Returns the metadata of the object.
    fn metadata(&self) -> impl Iterator<Item = Header> {
        let source = self.source.clone().map(|source| (SOURCE, source));
        [(UPLOAD, self.id.clone())].into_iter().chain(source)
    }

    /// Writes the object in one request.
    pub(super) fn put(&self, body: &[u8]) -> Result<(), Error> {
        let digest = Sha256::digest(body);
        let mut headers = vec![("x-amz-checksum-sha256", STANDARD.encode(digest))];
        headers.extend(self.metadata());
        headers.extend(self.existing.condition.clone());
        let sha256 = hex::encode(digest);
        let request = BucketRequest {
            headers: &headers,
            body,
            sha256: Some(&sha256),
            ..self.request(&Method::PUT, "")
        };
        match self.bucket.call("PutObject", &request) {
            Ok(_) => Ok(()),
            // An earlier attempt, whose response was lost, may have met the condition.
            Err(error) if error.status() == Some(412) && self.is_written() => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Starts an upload in parts, and returns its ID.
    pub(super) fn create(&self) -> Result<String, Error> {
        let mut headers = vec![("x-amz-checksum-algorithm", ALGORITHM.to_owned())];
        headers.extend(self.metadata());
        let request = BucketRequest {
            headers: &headers,
            ..self.request(&Method::POST, "uploads")
        };
        let operation = "CreateMultipartUpload";
        let created = self.call(operation, &request)?;
        let [id] = xml::texts(&created.body, ["UploadId"]).unwrap_or_default();
        id.map(|id| id.to_string()).ok_or_else(|| {
            self.misunderstood(
                operation,
                "the response has no UploadId; check that the endpoint is S3",
            )
        })
    }

    pub(super) fn put_part(&self, upload: &str, number: u32, body: &[u8]) -> Result<Part, Error> {
        let digest = Sha256::digest(body);
        let checksum = STANDARD.encode(digest);
        let sha256 = hex::encode(digest);
        let query = format!("partNumber={number}&uploadId={}", percent::encode(upload));
        let request = BucketRequest {
            headers: &[("x-amz-checksum-sha256", checksum.clone())],
            body,
            sha256: Some(&sha256),
            ..self.request(&Method::PUT, &query)
        };
        let sent = self.call("UploadPart", &request)?;
        let etag = sent.header("etag").unwrap_or_default().to_owned();
        Ok(Part {
            etag,
            sha256: checksum,
        })
    }

    /// Makes the object of its parts.
    pub(super) fn complete<'p>(
        &self,
        upload: &str,
        parts: impl Iterator<Item = (u32, &'p Part)>,
    ) -> Result<(), Error> {
        let body = completion(parts);
        let headers: Vec<Header> = self.existing.condition.clone().into_iter().collect();
        let query = format!("uploadId={}", percent::encode(upload));
        let request = BucketRequest {
            headers: &headers,
            body: body.as_bytes(),
            ..self.request(&Method::POST, &query)
        };
        match self.bucket.call("CompleteMultipartUpload", &request) {
            Ok(_) => Ok(()),
            // The response of an attempt that succeeded may have been lost.
            Err(_) if self.is_written() => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Removes the parts of an upload. If it has ended already, that is not an error.
    pub(super) fn abort(&self, upload: &str) -> Result<(), Error> {
        self.abort_at(&self.key, upload)
    }

    fn abort_at(&self, key: &str, upload: &str) -> Result<(), Error> {
        let query = format!("uploadId={}", percent::encode(upload));
        let request = BucketRequest {
            key,
            ..self.request(&Method::DELETE, &query)
        };
        match self.bucket.call("AbortMultipartUpload", &request) {
            Err(error) if error.code() != Some("NoSuchUpload") => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    /// Aborts what uploads to some of the keys with a prefix that were killed have left. That the list
    /// or the removal is not allowed does not prevent the upload.
    fn abort_earlier(&self, prefix: &str, is_ours: impl Fn(&str) -> bool) -> Result<(), Error> {
        // Those that were aborted are not listed again.
        for _ in 0..MAX_LISTS {
            if !self.abort_listed(prefix, &is_ours)? {
                break;
            }
        }
        Ok(())
    }

    /// Does that for those in one list; returns whether there may be more.
    fn abort_listed(&self, prefix: &str, is_ours: impl Fn(&str) -> bool) -> Result<bool, Error> {
        let query = format!("prefix={}&uploads=", percent::encode(prefix));
        let request = BucketRequest {
            key: "",
            ..self.request(&Method::GET, &query)
        };
        let listed = match self.bucket.call("ListMultipartUploads", &request) {
            Ok(listed) => listed,
            Err(error) if error.code() == Some("NoSuchBucket") || error.status().is_none() => {
                return Err(self.failed(error));
            }
            Err(error) => {
                debug!("earlier uploads were not listed: {error}");
                return Ok(false);
            }
        };
        let mut was_aborted = false;
        let rows = xml::rows(
            &listed.body,
            "Upload",
            ["Key", "UploadId", "ChecksumAlgorithm"],
        );
        for [key, id, algorithm] in rows.unwrap_or_default() {
            let is_alike = algorithm.is_none_or(|algorithm| algorithm == ALGORITHM);
            let (Some(key), Some(id)) = (key, id) else {
                continue;
            };
            if is_alike && is_ours(&key) {
                match self.abort_at(&key, &id) {
                    Ok(()) => was_aborted = true,
                    Err(error) => debug!("the earlier upload {id} was not aborted: {error}"),
                }
            }
        }
        let truncated = xml::texts(&listed.body, ["IsTruncated"]);
        let is_truncated = matches!(&truncated, Some([Some(text)]) if **text == "true");
        Ok(was_aborted && is_truncated)
    }

    /// Returns whether the object at the key is this one.
    fn is_written(&self) -> bool {
        let request = self.request(&Method::HEAD, "");
        let found = self.bucket.call(HEAD_OBJECT, &request);
        found.is_ok_and(|found| found.header(UPLOAD) == Some(&self.id))
    }

    fn request<'a>(&'a self, method: &'a Method, query: &'a str) -> BucketRequest<'a> {
        BucketRequest {
            query,
            ..BucketRequest::new(method, &self.key)
        }
    }

    fn call(&self, operation: &'static str, request: &BucketRequest<'_>) -> Result<Success, Error> {
        let called = self.bucket.call(operation, request);
        called.map_err(|error| self.failed(error))
    }

    /// Returns the error for a response that S3 does not send.
    fn misunderstood(&self, operation: &'static str, message: &str) -> Error {
        let error = RequestError::new(RequestErrorKind::Response, message);
        self.failed(error.in_operation(operation))
    }

    fn failed(&self, error: RequestError) -> Error {
        not_uploaded(&self.path(), self.bucket.owner(), error)
    }
}

/// Returns what is at a key, and the header that requires it to be as it is now. Without permission to
/// see it, there is none.
fn existing(object: &Path, found: Result<Success, RequestError>) -> Result<Existing, RequestError> {
    match found {
        Ok(found) => {
            let etag = found.header("etag").map(str::to_owned);
            Ok(Existing {
                condition: etag.map(|etag| ("if-match", etag)),
                source: found.header(SOURCE).map(str::to_owned),
            })
        }
        Err(error) => match error.status() {
            Some(404) => Ok(Existing {
                condition: Some(("if-none-match", "*".to_owned())),
                source: None,
            }),
            Some(_) => {
                debug!("what is at {} is not known: {error}", object.display());
                Ok(Existing::default())
            }
            None => Err(error),
        },
    }
}

fn completion<'p>(parts: impl Iterator<Item = (u32, &'p Part)>) -> String {
    let mut body =
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
    for (number, Part { etag, sha256 }) in parts {
        let etag = quick_xml::escape::escape(etag);
        // Writing to a text never fails.
        let _ = write!(
            body,
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>\
             <ChecksumSHA256>{sha256}</ChecksumSHA256></Part>"
        );
    }
    body + "</CompleteMultipartUpload>"
}

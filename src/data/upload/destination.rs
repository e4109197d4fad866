//! Where an object is uploaded to, and the requests for that.

use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use log::debug;
use sha2::{Digest, Sha256};

use crate::data::error::Error;
use crate::data::s3::bucket::{Bucket, BucketRequest};
use crate::data::s3::refusal::not_uploaded;
use crate::error::{Error as RequestError, ErrorKind as RequestErrorKind};
use crate::http::Method;
use crate::retry::Quota;
use crate::wire::{percent, xml};

/// Identifies the upload that an object came from.
const UPLOAD: &str = "x-amz-meta-simpledb-export-upload";

/// Says what an object is made from.
const SOURCE: &str = "x-amz-meta-simpledb-export-source";

/// The algorithm of the parts' checksums, also by which earlier uploads of this library are known.
const ALGORITHM: &str = "SHA256";

type Header = (&'static str, String);

/// An object that is to be written.
pub(super) struct Destination {
    bucket: Bucket,
    /// Shared by all requests of the upload.
    quota: Quota,
    key: String,
    /// The value of [`UPLOAD`].
    id: String,
    /// That the object is what it was at the start, if that is known.
    condition: Option<Header>,
    source: Option<String>,
    existing_source: Option<String>,
}

/// What is at a key.
#[derive(Default)]
struct Existing {
    condition: Option<Header>,
    source: Option<String>,
}

/// A part that S3 has.
pub(super) struct Part {
    etag: String,
    sha256: String,
}

impl Destination {
    /// Finds the bucket, what is at the key, and what earlier uploads have left there.
    pub(super) fn open(
        mut bucket: Bucket,
        key: String,
        source: Option<String>,
    ) -> Result<Destination, Error> {
        let quota = Quota::new(bucket.client().config().retry_config());
        let opened = (|| {
            let [id] = bucket.client().new_ids("PutObject")?;
            let existing = existing(&mut bucket, &quota, &key)?;
            Ok((id, existing))
        })();
        let (id, existing) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(not_uploaded(&bucket.object(&key), bucket.owner(), error)),
        };
        let destination = Destination {
            bucket,
            quota,
            key,
            id,
            condition: existing.condition,
            source,
            existing_source: existing.source,
        };
        destination.abort_earlier()?;
        Ok(destination)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.bucket.object(&self.key)
    }

    pub(super) fn existing_source(&self) -> Option<&str> {
        self.existing_source.as_deref()
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
        headers.extend(self.condition.clone());
        let sha256 = hex::encode(digest);
        let request = BucketRequest {
            headers: &headers,
            body,
            sha256: Some(&sha256),
            ..self.request(&Method::PUT, "")
        };
        match self.bucket.call(&self.quota, "PutObject", &request) {
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
        let created = self
            .bucket
            .call(&self.quota, operation, &request)
            .map_err(|error| self.failed(error))?;
        let [id] = xml::texts(&created.body, ["UploadId"]).unwrap_or_default();
        id.map(|id| id.to_string()).ok_or_else(|| {
            let message = "the response has no UploadId; check that the endpoint is S3";
            let error = RequestError::new(RequestErrorKind::Response, message);
            self.failed(error.in_operation(operation))
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
        let sent = self
            .bucket
            .call(&self.quota, "UploadPart", &request)
            .map_err(|error| self.failed(error))?;
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
        let headers: Vec<Header> = self.condition.clone().into_iter().collect();
        let query = format!("uploadId={}", percent::encode(upload));
        let request = BucketRequest {
            headers: &headers,
            body: body.as_bytes(),
            ..self.request(&Method::POST, &query)
        };
        match self
            .bucket
            .call(&self.quota, "CompleteMultipartUpload", &request)
        {
            Ok(_) => Ok(()),
            // The response of an attempt that succeeded may have been lost.
            Err(_) if self.is_written() => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Removes the parts of an upload. That it has ended already is no error.
    pub(super) fn abort(&self, upload: &str) -> Result<(), Error> {
        let query = format!("uploadId={}", percent::encode(upload));
        let request = self.request(&Method::DELETE, &query);
        match self
            .bucket
            .call(&self.quota, "AbortMultipartUpload", &request)
        {
            Err(error) if error.code() != Some("NoSuchUpload") => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    /// Aborts what uploads to this key that were killed have left. That the list or the removal is
    /// not allowed does not prevent the upload.
    fn abort_earlier(&self) -> Result<(), Error> {
        let query = format!("prefix={}&uploads=", percent::encode(&self.key));
        let request = BucketRequest {
            key: "",
            ..self.request(&Method::GET, &query)
        };
        let listed = match self
            .bucket
            .call(&self.quota, "ListMultipartUploads", &request)
        {
            Ok(listed) => listed,
            Err(error) if error.code() == Some("NoSuchBucket") || error.status().is_none() => {
                return Err(self.failed(error));
            }
            Err(error) => {
                debug!("earlier uploads were not listed: {error}");
                return Ok(());
            }
        };
        let rows = xml::rows(
            &listed.body,
            "Upload",
            ["Key", "UploadId", "ChecksumAlgorithm"],
        );
        for [key, id, algorithm] in rows.unwrap_or_default() {
            let is_ours = algorithm.is_none_or(|algorithm| algorithm == ALGORITHM);
            if let (Some(id), true) = (id, is_ours && key.as_ref() == Some(&self.key)) {
                match self.abort(&id) {
                    Ok(()) => debug!("aborted the earlier upload {id}"),
                    Err(error) => debug!("the earlier upload {id} was not aborted: {error}"),
                }
            }
        }
        Ok(())
    }

    /// Returns whether the object at the key is this one.
    fn is_written(&self) -> bool {
        let request = self.request(&Method::HEAD, "");
        let found = self.bucket.call(&self.quota, "HeadObject", &request);
        found.is_ok_and(|found| found.header(UPLOAD) == Some(&self.id))
    }

    fn request<'a>(&'a self, method: &'a Method, query: &'a str) -> BucketRequest<'a> {
        BucketRequest {
            query,
            ..BucketRequest::new(method, &self.key)
        }
    }

    fn failed(&self, error: RequestError) -> Error {
        not_uploaded(&self.path(), self.bucket.owner(), error)
    }
}

/// Returns what is at a key, and the header that requires it to be as it is now. Without permission to
/// see it, there is none.
fn existing(bucket: &mut Bucket, quota: &Quota, key: &str) -> Result<Existing, RequestError> {
    let head = BucketRequest::new(&Method::HEAD, key);
    match bucket.call_moving(quota, "HeadObject", &head) {
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
                debug!("what is at s3://{key} is not known: {error}");
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

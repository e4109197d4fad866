//! What the service implements of S3, for the objects of a store.

mod address;
mod checksum;
mod get;
mod list;
mod multipart;
mod payload;
mod put;
mod query;
mod range;

use std::fs::Metadata;
use std::io::{self, Read};
use std::time::SystemTime;

use time::OffsetDateTime;

use self::address::bucket_and_key;
use self::query::query_of;
use super::error::ServiceError;
use super::exchange::{Request, Response};
use super::parameters::Parameters;
use super::store::{Bucket, Store, StoreError};
use super::xml::Xml;
use crate::wire::timestamp::rfc3339;

/// The attribute of a response's root.
const NAMESPACE: &str = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

/// Who sends a request, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    /// The region that the request is signed for.
    pub(super) region: &'a str,
    /// The account that owns all buckets.
    pub(super) account_id: &'a str,
    pub(super) now: OffsetDateTime,
}

/// A request about one object.
struct ObjectRequest<'a> {
    request: &'a Request,
    query: Parameters,
    bucket: Bucket<'a>,
    key: &'a str,
}

/// Handles an authorized request.
pub(super) fn respond(
    request: &Request,
    upload: &mut dyn Read,
    store: &Store,
    caller: &Caller<'_>,
) -> Result<Response, ServiceError> {
    let host = request.header("host").unwrap_or_default();
    let (bucket, key) = bucket_and_key(host, request.path())?;
    let query = query_of(request)?;
    if bucket.is_empty() {
        return list_buckets(request, &query, store, caller.account_id);
    }
    let bucket = store.bucket(&bucket)?;
    let owner = request.header("x-amz-expected-bucket-owner");
    if owner.is_some_and(|owner| owner != caller.account_id) {
        let message = format!("the bucket belongs to the account {}", caller.account_id);
        return Err(ServiceError::new(403, "AccessDenied", message));
    }
    if key.is_empty() {
        return respond_about_bucket(request, &query, &bucket, caller.region);
    }
    let object = ObjectRequest {
        request,
        query,
        bucket,
        key: &key,
    };
    let has = |name| object.query.get(name).is_some();
    match request.method() {
        "GET" if has("uploadId") => object.list_parts(),
        "GET" | "HEAD" => object.get(),
        "PUT" if has("uploadId") => object.upload_part(upload),
        "PUT" => object.put(upload),
        "POST" if has("uploads") => object.create_upload(caller.now),
        "POST" if has("uploadId") => object.complete_upload(),
        "DELETE" if has("uploadId") => object.abort_upload(),
        "DELETE" => object.delete(),
        method => Err(not_allowed(method)),
    }
}

fn respond_about_bucket(
    request: &Request,
    query: &Parameters,
    bucket: &Bucket<'_>,
    region: &str,
) -> Result<Response, ServiceError> {
    match request.method() {
        "HEAD" => {
            query.only(&[])?;
            Ok(Response::empty(200).with_header("x-amz-bucket-region", region))
        }
        "GET" if query.get("location").is_some() => {
            query.only(&["location"])?;
            Ok(xml_response("LocationConstraint", |xml| {
                // The first region has no name here.
                xml.content(if region == "us-east-1" { "" } else { region });
            }))
        }
        "GET" if query.get("uploads").is_some() => multipart::list_uploads(query, bucket),
        "GET" => list::list_objects(query, bucket),
        method => Err(not_allowed(method)),
    }
}

fn list_buckets(
    request: &Request,
    query: &Parameters,
    store: &Store,
    account_id: &str,
) -> Result<Response, ServiceError> {
    if request.method() != "GET" {
        return Err(not_allowed(request.method()));
    }
    query.only(&["max-buckets"])?;
    let names = store.bucket_names()?;
    let created = rfc3339(OffsetDateTime::UNIX_EPOCH);
    Ok(xml_response("ListAllMyBucketsResult", |xml| {
        xml.parent("Owner", |xml| xml.text("ID", account_id));
        xml.parent("Buckets", |xml| {
            for name in names {
                xml.parent("Bucket", |xml| {
                    xml.text("Name", name);
                    xml.text("CreationDate", &created);
                });
            }
        });
    }))
}

fn not_allowed(method: &str) -> ServiceError {
    let message = format!("{method} is not implemented for this resource");
    ServiceError::new(405, "MethodNotAllowed", message)
}

fn xml_response(root: &str, content: impl FnOnce(&mut Xml)) -> Response {
    let xml = Xml::document(root, NAMESPACE, content);
    Response::new(200, "application/xml", xml)
}

/// Returns when a file was changed; the epoch if the system does not know.
fn modified(metadata: &Metadata) -> OffsetDateTime {
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let since = modified.duration_since(SystemTime::UNIX_EPOCH);
    let since = since.unwrap_or_default().try_into();
    OffsetDateTime::UNIX_EPOCH.saturating_add(since.unwrap_or(time::Duration::MAX))
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> ServiceError {
        let (status, code, _) = error.codes();
        ServiceError::new(status, code, error.to_string())
    }
}

impl From<io::Error> for ServiceError {
    fn from(error: io::Error) -> ServiceError {
        StoreError::from(error).into()
    }
}

#[cfg(test)]
mod tests;

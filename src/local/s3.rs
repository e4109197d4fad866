//! What the service implements of S3, for the objects of a store.

mod address;
mod checksum;
mod etags;
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

use self::address::Address;
use self::etags::Etags;
use self::query::query_of;
use super::error::ServiceError;
use super::exchange::{Request, Response};
use super::parameters::Parameters;
use super::store::{Bucket, Store, StoreError};
use super::xml::Xml;
use crate::wire::timestamp::rfc3339;

/// Serves the objects of a store.
#[derive(Debug, Default)]
pub(super) struct S3 {
    etags: Etags,
}

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
    store: &'a Store,
    bucket: Bucket,
    bucket_name: &'a str,
    key: &'a str,
    etags: &'a Etags,
}

impl S3 {
    /// Handles an authorized request.
    pub(super) fn respond(
        &self,
        request: &Request,
        upload: &mut dyn Read,
        store: &Store,
        caller: &Caller<'_>,
    ) -> Result<Response, ServiceError> {
        let host = request.header("host").unwrap_or_default();
        let Address { bucket: name, key } = Address::new(host, request.path())?;
        let query = query_of(request)?;
        if name.is_empty() {
            return list_buckets(request, &query, store, caller.account_id);
        }
        let bucket = store.bucket(&name)?;
        let owner = request.header("x-amz-expected-bucket-owner");
        if owner.is_some_and(|owner| owner != caller.account_id) {
            return Err(ServiceError::new(
                403,
                "AccessDenied",
                format!("the bucket belongs to the account {}", caller.account_id),
            ));
        }
        if key.is_empty() {
            return self.respond_about_bucket(request, &query, &bucket, &name, caller.region);
        }
        let object = ObjectRequest {
            request,
            query,
            store,
            bucket,
            bucket_name: &name,
            key: &key,
            etags: &self.etags,
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
        &self,
        request: &Request,
        query: &Parameters,
        bucket: &Bucket,
        name: &str,
        region: &str,
    ) -> Result<Response, ServiceError> {
        match request.method() {
            "HEAD" => {
                query.only(&[])?;
                Ok(Response::empty(200).with_header("x-amz-bucket-region", region))
            }
            "GET" if query.get("location").is_some() => {
                query.only(&["location"])?;
                Ok(xml_response(Xml::response("LocationConstraint", |xml| {
                    // The first region has no name here.
                    xml.content(if region == "us-east-1" { "" } else { region });
                })))
            }
            "GET" if query.get("uploads").is_some() => multipart::list_uploads(query, bucket, name),
            "GET" => list::list_objects(query, bucket, name, &self.etags),
            method => Err(not_allowed(method)),
        }
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
    Ok(xml_response(Xml::response(
        "ListAllMyBucketsResult",
        |xml| {
            xml.parent("Owner", |xml| xml.text("ID", account_id));
            xml.parent("Buckets", |xml| {
                for name in names {
                    xml.parent("Bucket", |xml| {
                        xml.text("Name", name);
                        xml.text("CreationDate", &created);
                    });
                }
            });
        },
    )))
}

fn not_allowed(method: &str) -> ServiceError {
    let message = format!("{method} is not implemented for this resource");
    ServiceError::new(405, "MethodNotAllowed", message)
}

fn xml_response(xml: Vec<u8>) -> Response {
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
        let (status, code) = error.response();
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

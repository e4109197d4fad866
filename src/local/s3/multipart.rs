//! Multipart uploads.

use std::fs::File;
use std::io::{self, Read};

use md5::{Digest, Md5};
use time::OffsetDateTime;

use super::put::{kept_headers, stored};
use super::{ObjectRequest, modified, payload, xml_response};
use crate::local::error::ServiceError;
use crate::local::exchange::Response;
use crate::local::parameters::Parameters;
use crate::local::store::{Bucket, Part, Properties, StoreError, Upload, UploadRecord};
use crate::system::{RealSystem, uuids_v4};
use crate::wire::timestamp::rfc3339;
use crate::wire::xml;

/// The smallest part but the last, in bytes, as in S3.
const MIN_PART_BYTES: u64 = 5 << 20;

/// The largest number of a part, as in S3.
const MAX_PART: u16 = 10_000;

/// The largest page of parts or uploads, as in S3.
const MAX_ENTRIES: usize = 1000;

impl ObjectRequest<'_> {
    pub(super) fn create_upload(&self, now: OffsetDateTime) -> Result<Response, ServiceError> {
        self.query.only(&["uploads"])?;
        let [id] = uuids_v4(&RealSystem)?;
        let record = UploadRecord {
            key: self.key.to_owned(),
            initiated: now.unix_timestamp(),
            checksum_algorithm: self
                .request
                .header("x-amz-checksum-algorithm")
                .map(str::to_owned),
            headers: kept_headers(self.request),
        };
        self.bucket.create_upload(&id, &record)?;
        Ok(xml_response("InitiateMultipartUploadResult", |xml| {
            xml.text("Bucket", &self.bucket.name);
            xml.text("Key", self.key);
            xml.text("UploadId", &*id);
        }))
    }

    pub(super) fn upload_part(&self, body: &mut dyn Read) -> Result<Response, ServiceError> {
        self.query.only(&["uploadId", "partNumber"])?;
        self.is_not_a_copy()?;
        let number = self.query.get("partNumber").unwrap_or_default();
        let number = part_number(number).ok_or_else(|| {
            let message =
                format!("partNumber is {number:?}; expected an integer from 1 to {MAX_PART}");
            ServiceError::bad_request("InvalidArgument", message)
        })?;
        let upload = self.upload()?;
        let received = self.receive_part(&upload, number, body);
        if received.is_err() {
            upload.remove_if_ended();
        }
        received
    }

    fn receive_part(
        &self,
        upload: &Upload<'_>,
        number: u16,
        body: &mut dyn Read,
    ) -> Result<Response, ServiceError> {
        let mut part = upload.create_part(number)?;
        let checksum = payload::copy(self.request, body, &mut part)?;
        let written = part.close()?;
        let response = stored(written.md5, checksum);
        // The upload may have ended since.
        self.upload()?.commit_part(number, written)?;
        Ok(response)
    }

    pub(super) fn complete_upload(&self) -> Result<Response, ServiceError> {
        self.query.only(&["uploadId"])?;
        let upload = self.upload()?;
        self.check_condition()?;
        let listed = listed_parts(&self.request.body)?;
        let mut present = upload.parts()?;
        let mut parts = Vec::with_capacity(listed.len());
        let mut digests = Md5::new();
        for (number, etag) in &listed {
            let part = present.remove(number);
            let part = part.filter(|part| etag.trim_matches('"') == hex::encode(part.md5));
            let part = part.ok_or_else(|| {
                let message = format!("part {number} with ETag {etag} was not uploaded");
                ServiceError::bad_request("InvalidPart", message)
            })?;
            digests.update(part.md5);
            parts.push(part);
        }
        check_sizes(&parts, self.request.header("x-amz-mp-object-size"))?;

        let mut object = self.bucket.create(self.key)?;
        for part in &parts {
            io::copy(&mut File::open(&part.path)?, &mut object)?;
        }
        let etag = format!("{}-{}", hex::encode(digests.finalize()), parts.len());
        let properties = Properties {
            etag: Some(etag.clone()),
            headers: upload.record.headers.clone(),
        };
        self.commit(object.close()?, properties)?;
        upload.remove()?;
        Ok(xml_response("CompleteMultipartUploadResult", |xml| {
            xml.text("Bucket", &self.bucket.name);
            xml.text("Key", self.key);
            xml.text("ETag", format!("\"{etag}\""));
        }))
    }

    pub(super) fn abort_upload(&self) -> Result<Response, ServiceError> {
        self.query.only(&["uploadId"])?;
        self.upload()?.remove()?;
        Ok(Response::empty(204))
    }

    pub(super) fn list_parts(&self) -> Result<Response, ServiceError> {
        self.query.only(&[
            "uploadId",
            "max-parts",
            "part-number-marker",
            "encoding-type",
        ])?;
        let max_parts = self
            .query
            .number("max-parts", MAX_ENTRIES)?
            .min(MAX_ENTRIES);
        let marker = self.query.number("part-number-marker", 0)?;
        let upload = self.upload()?;
        let mut parts = upload.parts()?;
        parts.retain(|number, _| usize::from(*number) > marker);
        let is_truncated = parts.len() > max_parts;
        let parts: Vec<(u16, Part)> = parts.into_iter().take(max_parts).collect();
        Ok(xml_response("ListPartsResult", |xml| {
            xml.text("Bucket", &self.bucket.name);
            xml.text("Key", self.key);
            xml.text("UploadId", &upload.id);
            xml.text("PartNumberMarker", marker.to_string());
            xml.text("MaxParts", max_parts.to_string());
            xml.text("IsTruncated", is_truncated.to_string());
            if let Some((last, _)) = parts.last().filter(|_| is_truncated) {
                xml.text("NextPartNumberMarker", last.to_string());
            }
            for (number, part) in parts {
                xml.parent("Part", |xml| {
                    xml.text("PartNumber", number.to_string());
                    xml.text("LastModified", rfc3339(modified(&part.metadata)));
                    xml.text("ETag", format!("\"{}\"", hex::encode(part.md5)));
                    xml.text("Size", part.metadata.len().to_string());
                });
            }
        }))
    }

    fn upload(&self) -> Result<Upload<'_>, StoreError> {
        let id = self.query.get("uploadId").unwrap_or_default();
        self.bucket.upload(self.key, id)
    }
}

fn part_number(text: &str) -> Option<u16> {
    let number = text.parse().ok()?;
    (1..=MAX_PART).contains(&number).then_some(number)
}

/// Reads the parts that a completion lists.
fn listed_parts(body: &[u8]) -> Result<Vec<(u16, String)>, ServiceError> {
    let malformed = || {
        let message = "expected CompleteMultipartUpload with at least one Part, each with \
                       PartNumber and ETag";
        ServiceError::bad_request("MalformedXML", message)
    };
    let rows = xml::rows(body, "Part", ["PartNumber", "ETag"]).ok_or_else(malformed)?;
    let parts = rows.into_iter().map(|[number, etag]| {
        let number = number.as_deref().and_then(part_number);
        Some((number?, etag?))
    });
    let parts: Option<Vec<_>> = parts.collect();
    let parts = parts
        .filter(|parts| !parts.is_empty())
        .ok_or_else(malformed)?;
    if parts.is_sorted_by(|(one, _), (next, _)| one < next) {
        Ok(parts)
    } else {
        let message = "the parts are not listed in the order of their numbers";
        Err(ServiceError::bad_request("InvalidPartOrder", message))
    }
}

fn check_sizes(parts: &[Part], expected_total: Option<&str>) -> Result<(), ServiceError> {
    let size = |part: &Part| part.metadata.len();
    let all_but_last = parts.split_last().map_or(&[][..], |(_, others)| others);
    if all_but_last.iter().any(|part| size(part) < MIN_PART_BYTES) {
        let message = format!("every part but the last has at least {MIN_PART_BYTES} bytes");
        return Err(ServiceError::bad_request("EntityTooSmall", message));
    }
    let total: u64 = parts.iter().map(size).sum();
    if expected_total.is_some_and(|expected| expected != total.to_string()) {
        let message = format!("the parts have {total} bytes, not what x-amz-mp-object-size says");
        return Err(ServiceError::bad_request("InvalidRequest", message));
    }
    Ok(())
}

/// ListMultipartUploads.
pub(super) fn list_uploads(
    query: &Parameters,
    bucket: &Bucket<'_>,
) -> Result<Response, ServiceError> {
    query.only(&[
        "uploads",
        "prefix",
        "max-uploads",
        "key-marker",
        "upload-id-marker",
        "encoding-type",
    ])?;
    let prefix = query.get("prefix").unwrap_or_default();
    let max_uploads = query.number("max-uploads", MAX_ENTRIES)?.min(MAX_ENTRIES);
    let key_marker = query.get("key-marker").unwrap_or_default();
    let id_marker = query.get("upload-id-marker").unwrap_or_default();
    let encoding = query.encoding()?;
    let mut uploads = bucket.uploads(prefix)?;
    // After the last upload of the previous page, if that still exists; else after its key.
    let is_last = |upload: &Upload<'_>| upload.record.key == key_marker && upload.id == id_marker;
    if let Some(last) = uploads.iter().position(is_last) {
        uploads.drain(..=last);
    } else if !key_marker.is_empty() {
        uploads.retain(|upload| upload.record.key.as_str() > key_marker);
    }
    let is_truncated = uploads.len() > max_uploads;
    uploads.truncate(max_uploads);
    Ok(xml_response("ListMultipartUploadsResult", |xml| {
        xml.text("Bucket", &bucket.name);
        xml.text("Prefix", encoding.encode(prefix));
        xml.text("KeyMarker", encoding.encode(key_marker));
        xml.text("UploadIdMarker", id_marker);
        xml.text("MaxUploads", max_uploads.to_string());
        xml.text("IsTruncated", is_truncated.to_string());
        encoding.write(xml);
        if let Some(last) = uploads.last().filter(|_| is_truncated) {
            xml.text("NextKeyMarker", encoding.encode(&last.record.key));
            xml.text("NextUploadIdMarker", &last.id);
        }
        for upload in uploads {
            let initiated = OffsetDateTime::from_unix_timestamp(upload.record.initiated);
            let initiated = initiated.unwrap_or(OffsetDateTime::UNIX_EPOCH);
            xml.parent("Upload", |xml| {
                xml.text("Key", encoding.encode(&upload.record.key));
                xml.text("UploadId", &upload.id);
                xml.text("Initiated", rfc3339(initiated));
                xml.text("StorageClass", "STANDARD");
                xml.optional("ChecksumAlgorithm", upload.record.checksum_algorithm);
            });
        }
    }))
}

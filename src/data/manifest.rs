//! The two manifests, which are written last and only when an export succeeded.

use std::io::Read;

use serde::Deserialize;
use time::OffsetDateTime;

use super::checksum::Md5Digest;
use super::elements::{Elements, first, message_of, place_of};
use super::error::{DataError, DataErrorKind};
use super::item_ref::Object;
use crate::operation::types::S3SseAlgorithm;
use crate::wire::timestamp::Timestamp;

/// The name of the manifest that lists the data files.
pub const MANIFEST_FILE: &str = "manifest-file.json";

/// The name of the manifest that describes the export.
pub const MANIFEST_SUMMARY: &str = "manifest-summary.json";

/// More than either manifest's largest object could need.
const MAX_OBJECT_BYTES: usize = 1 << 20;

/// What `manifest-summary.json` says about an export.
///
/// Members that are null, missing or not known do no harm.
///
/// ```
/// use simpledb_export::data::ManifestSummary;
///
/// let json = br#"{"domainName":"Books","itemsCount":4650,"s3SseAlgorithm":null}"#;
/// let summary = ManifestSummary::read(&json[..])?;
/// assert_eq!(summary.items_count, Some(4650));
/// assert_eq!(summary.s3_sse_algorithm, None);
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "SummaryJson")]
#[non_exhaustive]
pub struct ManifestSummary {
    /// The version of the format, such as `2025-11-01`.
    pub version: Option<String>,
    /// The export's ARN.
    pub export_arn: Option<String>,
    /// When the export was asked for.
    pub requested_at: Option<OffsetDateTime>,
    /// The bucket that the export was written to.
    pub s3_bucket_name: Option<String>,
    /// The key of the export's folder, `AWSSimpleDB/<id>/<domain>`.
    pub s3_export_prefix: Option<String>,
    /// The domain.
    pub domain_name: Option<String>,
    /// How many items the export has; the file's `itemsCount`, or else its `totalItemCount`.
    pub items_count: Option<u64>,
    /// Items that were put before this time are in the export.
    pub export_data_cutoff_time: Option<OffsetDateTime>,
    /// How the objects are encrypted.
    pub s3_sse_algorithm: Option<S3SseAlgorithm>,
    /// The KMS key, where there is one.
    pub s3_sse_kms_key_id: Option<String>,
    /// The account that owns the bucket, twelve digits.
    pub s3_bucket_owner: Option<String>,
}

/// The example in AWS's guide has `itemsCount` where its prose has `totalItemCount`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    version: Option<String>,
    export_arn: Option<String>,
    requested_at: Option<Timestamp>,
    s3_bucket_name: Option<String>,
    s3_export_prefix: Option<String>,
    domain_name: Option<String>,
    items_count: Option<u64>,
    total_item_count: Option<u64>,
    export_data_cutoff_time: Option<Timestamp>,
    s3_sse_algorithm: Option<String>,
    s3_sse_kms_key_id: Option<String>,
    s3_bucket_owner: Option<String>,
}

impl From<SummaryJson> for ManifestSummary {
    fn from(json: SummaryJson) -> ManifestSummary {
        ManifestSummary {
            version: json.version,
            export_arn: json.export_arn,
            requested_at: json.requested_at.map(Into::into),
            s3_bucket_name: json.s3_bucket_name,
            s3_export_prefix: json.s3_export_prefix,
            domain_name: json.domain_name,
            items_count: json.items_count.or(json.total_item_count),
            export_data_cutoff_time: json.export_data_cutoff_time.map(Into::into),
            s3_sse_algorithm: json
                .s3_sse_algorithm
                .map(|name| S3SseAlgorithm::from(&*name)),
            s3_sse_kms_key_id: json.s3_sse_kms_key_id,
            s3_bucket_owner: json.s3_bucket_owner,
        }
    }
}

impl ManifestSummary {
    /// Reads the manifest from its first byte to its last.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not JSON, or is longer than 1 MiB.
    pub fn read(source: impl Read) -> Result<ManifestSummary, DataError> {
        let mut text = String::new();
        let limit = MAX_OBJECT_BYTES as u64 + 1;
        source
            .take(limit)
            .read_to_string(&mut text)
            .map_err(DataError::read)?;
        if text.len() > MAX_OBJECT_BYTES {
            let message = "longer than 1 MiB, which no manifest of an export is";
            return Err(DataError::new(DataErrorKind::InvalidShape, message));
        }
        let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let summary: Result<Object<ManifestSummary>, _> = serde_json::from_str(json);
        summary.map(|summary| summary.0).map_err(|error| {
            let kind = match error.classify() {
                serde_json::error::Category::Eof => DataErrorKind::Truncated,
                serde_json::error::Category::Data => DataErrorKind::InvalidShape,
                _ => DataErrorKind::InvalidJson,
            };
            let before = text.len() - json.len();
            DataError::new(kind, message_of(&error))
                .at_byte((before + place_of(&error, json)) as u64)
        })
    }
}

/// What `manifest-file.json` says about one data file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManifestEntry {
    /// The MD5 checksum of the file, if it is given.
    pub md5_checksum: Option<Md5Digest>,
    /// The file's key in its bucket; whether a custom prefix is part of it is not documented.
    pub data_file_s3_key: String,
    /// How many items the file has, if it is given.
    pub data_file_item_count: Option<u64>,
}

impl ManifestEntry {
    /// An entry for the file with this key, with no checksum and no count yet.
    pub fn new(data_file_s3_key: impl Into<String>) -> ManifestEntry {
        ManifestEntry {
            md5_checksum: None,
            data_file_s3_key: data_file_s3_key.into(),
            data_file_item_count: None,
        }
    }

    /// Adds the checksum that the file should have.
    #[must_use]
    pub fn md5_checksum(mut self, digest: Md5Digest) -> ManifestEntry {
        self.md5_checksum = Some(digest);
        self
    }

    /// Adds the number of items that the file should have.
    #[must_use]
    pub fn data_file_item_count(mut self, items: u64) -> ManifestEntry {
        self.data_file_item_count = Some(items);
        self
    }
}

/// What `manifest-file.json` says: the data files of an export, in order.
///
/// ```
/// use simpledb_export::data::ManifestFile;
///
/// let json = br#"[{"md5Checksum":"1B2M2Y8AsgTpgAmY7PhCfg==","dataFileItemCount":500,
///     "dataFileS3Key":"AWSSimpleDB/c0ffee/Books/data/dataFile_1_2.json"}]"#;
/// let manifest = ManifestFile::read(&json[..])?;
/// assert_eq!(manifest.entries[0].data_file_item_count, Some(500));
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestFile {
    /// One entry a data file.
    pub entries: Vec<ManifestEntry>,
}

impl ManifestFile {
    /// Reads the manifest from its first byte to its last.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not JSON, or an entry has no key.
    pub fn read(source: impl Read) -> Result<ManifestFile, DataError> {
        let mut elements = Elements::new(source, MAX_OBJECT_BYTES);
        let mut entries = Vec::new();
        while let Some(Object(entry)) = elements.next_with(|text| first(text))? {
            entries.push(entry);
        }
        Ok(ManifestFile { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(json: &str) -> ManifestSummary {
        ManifestSummary::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_whole_summary_is_read() {
        let read = summary(
            "{\"version\":\"v\",\"exportArn\":\"arn\",\"requestedAt\":\"2026-02-16T16:56:43.659Z\",\
             \"s3BucketName\":\"b\",\"s3ExportPrefix\":\"p\",\"domainName\":\"d\",\
             \"itemsCount\":7,\"exportDataCutoffTime\":1771261003.5,\"s3SseAlgorithm\":\"KMS\",\
             \"s3SseKmsKeyId\":\"k\",\"s3BucketOwner\":\"111122223333\"}",
        );
        let text = |text: &str| Some(text.to_owned());
        let at = |milliseconds: i128| {
            OffsetDateTime::from_unix_timestamp_nanos(milliseconds * 1_000_000).ok()
        };
        let expected = ManifestSummary {
            version: text("v"),
            export_arn: text("arn"),
            requested_at: at(1_771_261_003_659),
            s3_bucket_name: text("b"),
            s3_export_prefix: text("p"),
            domain_name: text("d"),
            items_count: Some(7),
            export_data_cutoff_time: at(1_771_261_003_500),
            s3_sse_algorithm: Some(S3SseAlgorithm::Kms),
            s3_sse_kms_key_id: text("k"),
            s3_bucket_owner: text("111122223333"),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn either_name_of_the_count_will_do() {
        assert_eq!(summary("{\"totalItemCount\":3}").items_count, Some(3));
        assert_eq!(
            summary("{\"totalItemCount\":3,\"itemsCount\":4}").items_count,
            Some(4)
        );
        let null = summary("\u{feff} {\"itemsCount\":null,\"totalItemCount\":5,\"new\":[{}]}");
        assert_eq!(null.items_count, Some(5));
        assert_eq!(summary("{}"), ManifestSummary::default());
    }

    #[test]
    fn a_wrong_summary_is_an_error_with_its_place() {
        let error = |json: &str| ManifestSummary::read(json.as_bytes()).unwrap_err();
        let torn = error("{\"version\":\"v");
        assert_eq!(torn.kind(), DataErrorKind::Truncated);
        assert_eq!(
            error("\u{feff}{\"version\":1}").to_string(),
            "byte 14: invalid type: integer `1`, expected a string"
        );
        assert_eq!(error("{} x").to_string(), "byte 3: trailing characters");
        assert_eq!(error("").to_string(), "byte 0: EOF while parsing a value");
        assert_eq!(
            error(&" ".repeat(MAX_OBJECT_BYTES + 1)).to_string(),
            "longer than 1 MiB, which no manifest of an export is"
        );
    }

    #[test]
    fn entries_keep_their_order_and_null_counts_as_not_given() {
        let json = b"[{\"dataFileS3Key\":\"b\",\"md5Checksum\":null,\"x\":0},\
            {\"dataFileS3Key\":\"a\",\"md5Checksum\":\"1B2M2Y8AsgTpgAmY7PhCfg==\",\
            \"dataFileItemCount\":0}]";
        let manifest = ManifestFile::read(&json[..]).unwrap();
        assert_eq!(
            manifest.entries,
            [
                ManifestEntry::new("b"),
                ManifestEntry::new("a")
                    .md5_checksum(Md5Digest::of(b""))
                    .data_file_item_count(0),
            ]
        );
        assert_eq!(
            ManifestFile::read(&b"[]"[..]).unwrap(),
            ManifestFile::default()
        );
    }

    #[test]
    fn a_wrong_entry_is_an_error_with_its_place() {
        let error = |json: &str| ManifestFile::read(json.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error("[{}]"),
            "byte 2, item 1: missing field `dataFileS3Key`"
        );
        assert_eq!(
            error("[{\"dataFileS3Key\":\"a\",\"md5Checksum\":\"b\"}]"),
            "byte 39, item 1: an MD5 checksum is the base64 of 16 bytes"
        );
    }
}

//! The two manifests, which the service writes last, and only if the export succeeds.

use std::collections::HashSet;
use std::io::Read;

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;

use super::checksum::Md5Digest;
use super::elements::{Elements, first, not_parsed, place_of};
use super::error::{Error, ErrorKind};
use super::keys;
use crate::wire::timestamp::Timestamp;

/// The manifest that lists the data files.
pub(super) const MANIFEST_FILE: &str = "manifest-file.json";

/// The manifest that describes the export.
pub(super) const MANIFEST_SUMMARY: &str = "manifest-summary.json";

/// The maximum size of the summary: a thousand times what the service writes.
pub(super) const MAX_SUMMARY_BYTES: u64 = 1 << 20;

/// The maximum size of the list of data files, which then has about six million entries.
pub(super) const MAX_LIST_BYTES: u64 = 1 << 30;

/// The maximum size of an entry in the list of data files.
const MAX_ENTRY_BYTES: usize = 1 << 20;

/// What is used of `manifest-summary.json`. Members that are null, missing or unknown are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) export_arn: Option<String>,
    /// The common prefix of the export's keys, `AWSSimpleDB/<id>/<domain>`.
    pub(super) s3_export_prefix: Option<String>,
    pub(super) domain_name: Option<String>,
    items_count: Option<u64>,
    total_item_count: Option<u64>,
    #[serde(default, deserialize_with = "time")]
    pub(super) export_data_cutoff_time: Option<OffsetDateTime>,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OffsetDateTime>, D::Error> {
    let time = Option::<Timestamp>::deserialize(deserializer)?;
    Ok(time.map(Into::into))
}

impl Summary {
    /// Returns the number of items: the example in AWS's guide has `itemsCount` where its prose has
    /// `totalItemCount`.
    pub(super) fn items_count(&self) -> Option<u64> {
        self.items_count.or(self.total_item_count)
    }

    /// Reads `manifest-summary.json`.
    pub(super) fn read(source: impl Read) -> Result<Summary, Error> {
        let mut text = String::new();
        source
            .take(MAX_SUMMARY_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(Error::read)?;
        if text.len() as u64 > MAX_SUMMARY_BYTES {
            return Err(too_large(MAX_SUMMARY_BYTES));
        }
        let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
        serde_json::from_str(json).map_err(|error| {
            let before = text.len() - json.len();
            not_parsed(&error).at_byte((before + place_of(&error, json)) as u64)
        })
    }
}

/// Returns the error for a manifest that is larger than its limit.
pub(super) fn too_large(max_bytes: u64) -> Error {
    let message = format!(
        "larger than {} MiB, the limit for this manifest",
        max_bytes >> 20
    );
    Error::new(ErrorKind::InvalidManifest, message)
}

/// What `manifest-file.json` says about one data file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    /// The file's path below the export's directory, with `/` between its parts; as it is read, the
    /// key.
    #[serde(rename = "dataFileS3Key")]
    pub(super) path: Box<str>,
    #[serde(rename = "md5Checksum")]
    pub(super) md5: Option<Md5Digest>,
    #[serde(rename = "dataFileItemCount")]
    pub(super) items: Option<u64>,
}

/// Reads `manifest-file.json`: the data files of an export, in order, each listed once.
pub(super) fn read_entries(
    source: impl Read,
    s3_export_prefix: Option<&str>,
) -> Result<Vec<Entry>, Error> {
    let mut elements = Elements::new(source, MAX_ENTRY_BYTES);
    let mut entries = Vec::new();
    while let Some(mut entry) = elements.next_with(first::<Entry>)? {
        entry.path = keys::data_file_path(&entry.path, s3_export_prefix)?;
        entries.push(entry);
    }
    let mut paths = HashSet::with_capacity(entries.len());
    match entries.iter().find(|entry| !paths.insert(&*entry.path)) {
        None => Ok(entries),
        Some(entry) => {
            let message = format!("lists {} more than once", entry.path);
            Err(Error::new(ErrorKind::InvalidManifest, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(json: &str) -> Summary {
        Summary::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn reads_what_is_used_of_a_summary() {
        let read = summary(
            "{\"version\":\"v\",\"exportArn\":\"arn\",\"s3ExportPrefix\":\"p\",\"domainName\":\"d\",\
             \"itemsCount\":7,\"exportDataCutoffTime\":1771261003.5,\"s3SseAlgorithm\":\"KMS\"}",
        );
        let cutoff = OffsetDateTime::from_unix_timestamp_nanos(1_771_261_003_500_000_000);
        let expected = Summary {
            export_arn: Some("arn".to_owned()),
            s3_export_prefix: Some("p".to_owned()),
            domain_name: Some("d".to_owned()),
            items_count: Some(7),
            total_item_count: None,
            export_data_cutoff_time: cutoff.ok(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn accepts_either_name_of_the_count() {
        assert_eq!(summary("{\"totalItemCount\":3}").items_count(), Some(3));
        assert_eq!(
            summary("{\"totalItemCount\":3,\"itemsCount\":4}").items_count(),
            Some(4)
        );
        let null = summary("\u{feff} {\"itemsCount\":null,\"totalItemCount\":5,\"new\":[{}]}");
        assert_eq!(null.items_count(), Some(5));
        assert_eq!(summary("{}"), Summary::default());
    }

    #[test]
    fn locates_the_fault_of_an_invalid_summary() {
        let error = |json: &str| Summary::read(json.as_bytes()).unwrap_err();
        let torn = error("{\"version\":\"v");
        assert_eq!(torn.kind(), ErrorKind::Truncated);
        assert_eq!(
            error("\u{feff}{\"domainName\":1}").to_string(),
            "byte 17: invalid type: integer `1`, expected a string"
        );
        assert_eq!(error("{} x").to_string(), "byte 3: trailing characters");
        assert_eq!(error("").to_string(), "byte 0: EOF while parsing a value");
        assert_eq!(
            error(&" ".repeat((1 << 20) + 1)).to_string(),
            "larger than 1 MiB, the limit for this manifest"
        );
    }

    fn entries(json: &str) -> Result<Vec<Entry>, Error> {
        read_entries(json.as_bytes(), None)
    }

    #[test]
    fn reads_entries_in_order_and_takes_null_for_absent() {
        let read = entries(
            "[{\"dataFileS3Key\":\"b\",\"md5Checksum\":null,\"x\":0},\
            {\"dataFileS3Key\":\"a\",\"md5Checksum\":\"1B2M2Y8AsgTpgAmY7PhCfg==\",\
            \"dataFileItemCount\":0}]",
        );
        let expected = [("b", None, None), ("a", Some(Md5Digest::of(b"")), Some(0))];
        let expected = expected.map(|(path, md5, items)| Entry {
            path: path.into(),
            md5,
            items,
        });
        assert_eq!(read.unwrap(), expected);
        assert_eq!(entries("[]").unwrap(), []);
    }

    #[test]
    fn locates_an_invalid_entry() {
        let error = |json| entries(json).unwrap_err().to_string();
        assert_eq!(
            error("[{}]"),
            "byte 2, item 1: missing field `dataFileS3Key`"
        );
        assert_eq!(
            error("[{\"dataFileS3Key\":\"a\",\"md5Checksum\":\"b\"}]"),
            "byte 39, item 1: invalid MD5 checksum: expected the base64 of 16 bytes"
        );
    }

    #[test]
    fn rejects_a_file_listed_twice() {
        let error = entries("[{\"dataFileS3Key\":\"data/a\"},{\"dataFileS3Key\":\"data/a\"}]");
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidManifest);
        assert_eq!(error.to_string(), "lists data/a more than once");
    }
}

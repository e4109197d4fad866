//! The types that several operations share.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use time::OffsetDateTime;

use crate::wire::object::read_members;
use crate::wire::timestamp::Timestamp;

/// How far an export has come.
///
/// ```
/// use simpledb_export::ExportStatus;
///
/// assert_eq!(ExportStatus::from("SUCCEEDED"), ExportStatus::Succeeded);
/// assert_eq!(ExportStatus::from("PAUSED").as_str(), "PAUSED");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportStatus {
    /// Accepted, not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done: the data and its manifests are in the bucket.
    Succeeded,
    /// Ended without a result; what was written until then stays in the bucket.
    Failed,
    /// A status that this version of the library does not know.
    Unknown(String),
}

impl ExportStatus {
    /// The status as the service writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            ExportStatus::Pending => "PENDING",
            ExportStatus::InProgress => "IN_PROGRESS",
            ExportStatus::Succeeded => "SUCCEEDED",
            ExportStatus::Failed => "FAILED",
            ExportStatus::Unknown(status) => status,
        }
    }
}

impl From<&str> for ExportStatus {
    fn from(status: &str) -> ExportStatus {
        match status {
            "PENDING" => ExportStatus::Pending,
            "IN_PROGRESS" => ExportStatus::InProgress,
            "SUCCEEDED" => ExportStatus::Succeeded,
            "FAILED" => ExportStatus::Failed,
            other => ExportStatus::Unknown(other.to_owned()),
        }
    }
}

/// How S3 encrypts what an export writes.
///
/// ```
/// use simpledb_export::S3SseAlgorithm;
///
/// assert_eq!(S3SseAlgorithm::from("KMS"), S3SseAlgorithm::Kms);
/// assert_eq!(S3SseAlgorithm::Aes256.as_str(), "AES256");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum S3SseAlgorithm {
    /// With keys that S3 manages.
    Aes256,
    /// With a key in AWS KMS.
    Kms,
    /// An algorithm that this version of the library does not know.
    Unknown(String),
}

impl S3SseAlgorithm {
    /// The algorithm as the service writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            S3SseAlgorithm::Aes256 => "AES256",
            S3SseAlgorithm::Kms => "KMS",
            S3SseAlgorithm::Unknown(algorithm) => algorithm,
        }
    }
}

impl From<&str> for S3SseAlgorithm {
    fn from(algorithm: &str) -> S3SseAlgorithm {
        match algorithm {
            "AES256" => S3SseAlgorithm::Aes256,
            "KMS" => S3SseAlgorithm::Kms,
            other => S3SseAlgorithm::Unknown(other.to_owned()),
        }
    }
}

/// One export in the answer of ListExports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportSummary {
    /// The export's ARN, to be taken as it is: its form is not fixed.
    pub export_arn: String,
    /// How far it has come.
    pub export_status: ExportStatus,
    /// When it was asked for, to the millisecond.
    pub requested_at: OffsetDateTime,
    /// The domain.
    pub domain_name: String,
}

read_members!(ExportSummary {
    required export_arn: "exportArn",
    required export_status: "exportStatus",
    required requested_at: "requestedAt" as Timestamp,
    required domain_name: "domainName",
});

/// Reads a string enum without a copy for the values that are known.
struct StringEnum<T>(PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for StringEnum<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::from(value))
    }
}

macro_rules! string_enum {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                deserializer.deserialize_str(StringEnum(PhantomData))
            }
        }
    };
}

string_enum!(ExportStatus);
string_enum!(S3SseAlgorithm);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_value_is_read_and_written_as_the_service_writes_it() {
        for text in ["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED"] {
            let status: ExportStatus = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert!(!matches!(status, ExportStatus::Unknown(_)), "{text}");
            assert_eq!(
                serde_json::to_string(&status).unwrap(),
                format!("\"{text}\"")
            );
            assert_eq!(status.to_string(), text);
        }
        for text in ["AES256", "KMS"] {
            let algorithm: S3SseAlgorithm = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert!(!matches!(algorithm, S3SseAlgorithm::Unknown(_)), "{text}");
            assert_eq!(algorithm.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_value_is_kept() {
        let status: ExportStatus = serde_json::from_str("\"NEW\\u0041\"").unwrap();
        assert_eq!(status, ExportStatus::Unknown("NEWA".to_owned()));
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"NEWA\"");
    }

    #[test]
    fn a_value_that_is_no_string_is_refused() {
        let error = serde_json::from_str::<ExportStatus>("7").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("invalid type: integer `7`, expected a string")
        );
    }
}

//! The types that several operations share.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use time::OffsetDateTime;

use crate::wire::object::{Text, members};
use crate::wire::timestamp::Timestamp;

/// Declares an enum whose values are strings on the wire, with a variant for unknown ones.
macro_rules! string_enum {
    (
        $(#[$attribute:meta])*
        pub enum $type:ident {
            $($(#[$doc:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])* $variant,)+
            /// A value that this version of the library does not know.
            Unknown(UnknownValue),
        }

        impl $type {
            /// Returns the value as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $($type::$variant => $text,)+
                    $type::Unknown(value) => &value.0,
                }
            }
        }

        impl From<&str> for $type {
            fn from(value: &str) -> $type {
                match value {
                    $($text => $type::$variant,)+
                    _ => $type::Unknown(UnknownValue(value.to_owned())),
                }
            }
        }

        impl From<String> for $type {
            fn from(value: String) -> $type {
                $type::from(value.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Infallible;

            fn from_str(value: &str) -> Result<$type, Infallible> {
                Ok($type::from(value))
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                Text::deserialize(deserializer).map(|Text(text)| $type::from(&*text))
            }
        }
    };
}

string_enum! {
    /// The status of an export.
    ///
    /// ```
    /// use simpledb_export::ExportStatus;
    ///
    /// assert_eq!(ExportStatus::from("SUCCEEDED"), ExportStatus::Succeeded);
    /// assert_eq!(ExportStatus::from("PAUSED").as_str(), "PAUSED");
    /// ```
    pub enum ExportStatus {
        /// Accepted, not started yet.
        Pending = "PENDING",
        /// Being written.
        InProgress = "IN_PROGRESS",
        /// Complete: the data files and manifests are in the bucket.
        Succeeded = "SUCCEEDED",
        /// Ended without a result; files written until then stay in the bucket.
        Failed = "FAILED",
    }
}

string_enum! {
    /// How S3 encrypts the files of an export.
    ///
    /// ```
    /// use simpledb_export::S3SseAlgorithm;
    ///
    /// assert_eq!(S3SseAlgorithm::from("KMS"), S3SseAlgorithm::Kms);
    /// assert_eq!(S3SseAlgorithm::Aes256.as_str(), "AES256");
    /// ```
    pub enum S3SseAlgorithm {
        /// With keys that S3 manages.
        Aes256 = "AES256",
        /// With a key in AWS KMS.
        Kms = "KMS",
    }
}

/// A value that this version of the library does not know; never one that it knows. The enum's
/// `as_str` returns it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(String);

/// One export in the response of ListExports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportSummary {
    /// The export's ARN. Treat it as opaque: its form is not fixed.
    pub export_arn: String,
    /// Current status.
    pub export_status: ExportStatus,
    /// When the export was requested, to the millisecond.
    pub requested_at: OffsetDateTime,
    /// The domain's name.
    pub domain_name: String,
}

members!(ExportSummary {
    required export_arn: "exportArn",
    required export_status: "exportStatus",
    required requested_at: "requestedAt" as Timestamp,
    required domain_name: "domainName",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_known_values_as_the_service_does() {
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
    fn keeps_an_unknown_value() {
        let status: ExportStatus = serde_json::from_str("\"NEW\\u0041\"").unwrap();
        assert_eq!(status, ExportStatus::from("NEWA"));
        assert!(matches!(status, ExportStatus::Unknown(_)));
        assert_eq!(format!("{status:>6}"), "  NEWA");
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"NEWA\"");
    }

    #[test]
    fn parses_without_errors_and_never_holds_a_known_value_as_unknown() {
        let Ok(status) = "FAILED".parse::<ExportStatus>();
        assert_eq!(status, ExportStatus::Failed);
        assert_eq!(ExportStatus::from("FAILED".to_owned()), status);
        assert_eq!(AsRef::<str>::as_ref(&S3SseAlgorithm::Aes256), "AES256");
    }

    #[test]
    fn reads_what_it_writes() {
        let summary = ExportSummary {
            export_arn: "arn:x".to_owned(),
            export_status: ExportStatus::InProgress,
            requested_at: OffsetDateTime::from_unix_timestamp_nanos(1_771_261_003_659_000_000)
                .unwrap(),
            domain_name: "Books".to_owned(),
        };
        let json = r#"{"exportArn":"arn:x","exportStatus":"IN_PROGRESS","requestedAt":1771261003.659,"domainName":"Books"}"#;
        assert_eq!(serde_json::to_string(&summary).unwrap(), json);
        assert_eq!(
            serde_json::from_str::<ExportSummary>(json).unwrap(),
            summary
        );
    }

    #[test]
    fn rejects_a_value_that_is_not_a_string() {
        let error = serde_json::from_str::<ExportStatus>("7").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("invalid type: integer `7`, expected a string")
        );
    }
}

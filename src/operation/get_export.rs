//! GetExport.

use time::OffsetDateTime;

use super::Operation;
use crate::operation::types::{ExportStatus, S3SseAlgorithm};
use crate::wire::object::{read_members, write_members};
use crate::wire::timestamp::Timestamp;

/// Which export to look at.
///
/// ```
/// use simpledb_export::GetExportInput;
///
/// let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";
/// assert_eq!(GetExportInput::new(arn).export_arn, arn);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GetExportInput {
    /// The export's ARN: 20 to 2048 characters.
    pub export_arn: String,
}

impl GetExportInput {
    /// A look at the export with this ARN.
    pub fn new(export_arn: impl Into<String>) -> GetExportInput {
        GetExportInput {
            export_arn: export_arn.into(),
        }
    }
}

/// An export, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetExportOutput {
    /// The export's ARN.
    pub export_arn: String,
    /// The token that the export was started with.
    pub client_token: String,
    /// How far it has come.
    pub export_status: ExportStatus,
    /// The domain.
    pub domain_name: String,
    /// When it was asked for, to the millisecond.
    pub requested_at: OffsetDateTime,
    /// The bucket that it writes to.
    pub s3_bucket: String,
    /// What the keys of the written objects begin with.
    pub s3_key_prefix: Option<String>,
    /// How S3 encrypts the written objects.
    pub s3_sse_algorithm: Option<S3SseAlgorithm>,
    /// The KMS key that they are encrypted with.
    pub s3_sse_kms_key_id: Option<String>,
    /// The account that must own the bucket.
    pub s3_bucket_owner: Option<String>,
    /// Why it failed, as a word; only of a failed export.
    pub failure_code: Option<String>,
    /// Why it failed, for a person; only of a failed export.
    pub failure_message: Option<String>,
    /// The manifest in the bucket; only of an export that succeeded.
    pub export_manifest: Option<String>,
    /// How many items it wrote; only of an export that succeeded.
    pub items_count: Option<u64>,
    /// Items inserted before this time are in the export; later changes may or may not be.
    pub export_data_cutoff_time: Option<OffsetDateTime>,
    request_id: Option<String>,
}

impl GetExportOutput {
    /// The id that the service gave the request, to be named when asking AWS about it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

write_members!(GetExportInput {
    required export_arn: "exportArn",
});

read_members!(GetExportOutput {
    required export_arn: "exportArn",
    required client_token: "clientToken",
    required export_status: "exportStatus",
    required domain_name: "domainName",
    required requested_at: "requestedAt" as Timestamp,
    required s3_bucket: "s3Bucket",
    optional s3_key_prefix: "s3KeyPrefix",
    optional s3_sse_algorithm: "s3SseAlgorithm",
    optional s3_sse_kms_key_id: "s3SseKmsKeyId",
    optional s3_bucket_owner: "s3BucketOwner",
    optional failure_code: "failureCode",
    optional failure_message: "failureMessage",
    optional export_manifest: "exportManifest",
    optional items_count: "itemsCount",
    optional export_data_cutoff_time: "exportDataCutoffTime" as Timestamp,
} and { request_id });

impl Operation for GetExportInput {
    const NAME: &'static str = "GetExport";

    type Output = GetExportOutput;

    fn missing_member(&self) -> Option<&'static str> {
        self.export_arn.is_empty().then_some("exportArn")
    }

    fn set_request_id(output: &mut GetExportOutput, request_id: Option<String>) {
        output.request_id = request_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_is_written() {
        let input = GetExportInput::new("arn:x");
        assert_eq!(
            serde_json::to_string(&input).unwrap(),
            r#"{"exportArn":"arn:x"}"#
        );
        assert_eq!(input.missing_member(), None);
        assert_eq!(GetExportInput::new("").missing_member(), Some("exportArn"));
    }

    const REQUIRED: &str = r#""exportArn":"arn:x","clientToken":"t","exportStatus":"FAILED",
        "domainName":"Books","requestedAt":1771261003,"s3Bucket":"bucket""#;

    #[test]
    fn all_fifteen_members_are_read() {
        let body = format!(
            r#"{{{REQUIRED},"s3KeyPrefix":"p","s3SseAlgorithm":"AES256","s3SseKmsKeyId":"k",
            "s3BucketOwner":"111122223333","failureCode":"AccessDenied","failureMessage":"no",
            "exportManifest":"m","itemsCount":4650,"exportDataCutoffTime":"2026-02-16T16:56:43Z"}}"#
        );
        let output: GetExportOutput = serde_json::from_str(&body).unwrap();
        assert_eq!(output.export_arn, "arn:x");
        assert_eq!(output.client_token, "t");
        assert_eq!(output.export_status, ExportStatus::Failed);
        assert_eq!(output.domain_name, "Books");
        assert_eq!(output.requested_at.unix_timestamp(), 1_771_261_003);
        assert_eq!(output.s3_bucket, "bucket");
        assert_eq!(output.s3_key_prefix.as_deref(), Some("p"));
        assert_eq!(output.s3_sse_algorithm, Some(S3SseAlgorithm::Aes256));
        assert_eq!(output.s3_sse_kms_key_id.as_deref(), Some("k"));
        assert_eq!(output.s3_bucket_owner.as_deref(), Some("111122223333"));
        assert_eq!(output.failure_code.as_deref(), Some("AccessDenied"));
        assert_eq!(output.failure_message.as_deref(), Some("no"));
        assert_eq!(output.export_manifest.as_deref(), Some("m"));
        assert_eq!(output.items_count, Some(4650));
        assert_eq!(
            output.export_data_cutoff_time.unwrap().unix_timestamp(),
            1_771_261_003
        );
    }

    #[test]
    fn optional_members_may_be_absent_or_null() {
        let absent: GetExportOutput = serde_json::from_str(&format!("{{{REQUIRED}}}")).unwrap();
        let body = format!(
            r#"{{{REQUIRED},"s3KeyPrefix":null,"s3SseAlgorithm":null,"s3SseKmsKeyId":null,
            "s3BucketOwner":null,"failureCode":null,"failureMessage":null,"exportManifest":null,
            "itemsCount":null,"exportDataCutoffTime":null,"another":null}}"#
        );
        let null: GetExportOutput = serde_json::from_str(&body).unwrap();
        assert_eq!(absent, null);
        assert_eq!(absent.items_count, None);
    }
}

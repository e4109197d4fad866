//! GetExport.

use time::OffsetDateTime;

use super::Operation;
use crate::operation::types::{ExportStatus, S3SseAlgorithm};
use crate::wire::object::members;
use crate::wire::timestamp::Timestamp;

/// Input of GetExport: which export to describe.
///
/// `Serialize` and `Deserialize` use the service's JSON form.
///
/// ```
/// use simpledb_export::GetExportInput;
///
/// let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";
/// assert_eq!(GetExportInput::new(arn).export_arn, arn);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetExportInput {
    /// The export's ARN: 20 to 2,048 characters.
    pub export_arn: String,
}

impl GetExportInput {
    /// Creates an input for the export with this ARN.
    pub fn new(export_arn: impl Into<String>) -> GetExportInput {
        GetExportInput {
            export_arn: export_arn.into(),
        }
    }
}

/// Output of GetExport: an export's parameters and current status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetExportOutput {
    /// The export's ARN.
    pub export_arn: String,
    /// The client token that the export was started with.
    pub client_token: String,
    /// Current status.
    pub export_status: ExportStatus,
    /// The domain's name.
    pub domain_name: String,
    /// When the export was requested, to the millisecond.
    pub requested_at: OffsetDateTime,
    /// The bucket that it is written to.
    pub s3_bucket: String,
    /// The prefix of the written objects' keys.
    pub s3_key_prefix: Option<String>,
    /// How S3 encrypts the written objects.
    pub s3_sse_algorithm: Option<S3SseAlgorithm>,
    /// The KMS key that they are encrypted with.
    pub s3_sse_kms_key_id: Option<String>,
    /// The account that must own the bucket.
    pub s3_bucket_owner: Option<String>,
    /// Why the export failed, as a code such as `S3AccessDenied`; only if it failed.
    pub failure_code: Option<String>,
    /// Why the export failed, in words; only if it failed.
    pub failure_message: Option<String>,
    /// The manifest's key in the bucket; only if the export succeeded.
    pub export_manifest: Option<String>,
    /// Number of exported items; only if the export succeeded.
    pub items_count: Option<u64>,
    /// When processing began. Items inserted before are in the export, items inserted later are
    /// not; later updates and deletions may or may not be.
    pub export_data_cutoff_time: Option<OffsetDateTime>,
    pub(crate) request_id: Option<String>,
}

impl GetExportOutput {
    /// Returns the AWS request id; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

members!(GetExportInput {
    required export_arn: "exportArn",
});

members!(GetExportOutput {
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

    fn mismatch(&self, output: &GetExportOutput) -> Option<&'static str> {
        (self.export_arn != output.export_arn).then_some("exportArn")
    }

    fn set_request_id(output: &mut GetExportOutput, request_id: Option<String>) {
        output.request_id = request_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_arn() {
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
    fn reads_and_writes_all_fifteen_members() {
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
        let written = serde_json::to_string(&output).unwrap();
        assert_eq!(written.matches("\":").count(), 15);
        assert_eq!(
            serde_json::from_str::<GetExportOutput>(&written).unwrap(),
            output
        );
    }

    #[test]
    fn recognizes_an_output_by_the_arn() {
        let output = serde_json::from_str(&format!("{{{REQUIRED}}}")).unwrap();
        assert_eq!(GetExportInput::new("arn:x").mismatch(&output), None);
        let other = GetExportInput::new("arn:y");
        assert_eq!(other.mismatch(&output), Some("exportArn"));
    }

    #[test]
    fn accepts_absent_and_null_optional_members() {
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

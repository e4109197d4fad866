//! StartDomainExport.

use serde::ser::{Serialize, SerializeStruct, Serializer};
use time::OffsetDateTime;

use super::Operation;
use crate::operation::types::S3SseAlgorithm;
use crate::wire::object::members;
use crate::wire::timestamp::Timestamp;

/// Input of StartDomainExport: what to export, and where to.
///
/// The limits are the service's; beyond them it responds with `InvalidParameterValueException`.
/// `Serialize` and `Deserialize` use the service's JSON form.
///
/// ```
/// use simpledb_export::{S3SseAlgorithm, StartDomainExportInput};
///
/// let input = StartDomainExportInput::new("Books", "my-export-bucket")
///     .s3_key_prefix("exports/2026")
///     .s3_sse_algorithm(S3SseAlgorithm::Aes256);
/// assert_eq!(input.s3_key_prefix.as_deref(), Some("exports/2026"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StartDomainExportInput {
    /// The domain to export: at least 1 character.
    pub domain_name: String,
    /// The bucket to write to: 3 to 255 characters.
    pub s3_bucket: String,
    /// Makes the call idempotent, for 8 hours after the first request that used it: the same token
    /// with the same parameters starts one export; with other parameters it is a
    /// `ConflictException`. Generated for each call if absent.
    pub client_token: Option<String>,
    /// The prefix of the written objects' keys: 1 to 850 characters.
    pub s3_key_prefix: Option<String>,
    /// How S3 encrypts the written objects.
    pub s3_sse_algorithm: Option<S3SseAlgorithm>,
    /// The KMS key to encrypt with: 1 to 2,048 characters; requires [`S3SseAlgorithm::Kms`].
    pub s3_sse_kms_key_id: Option<String>,
    /// The account that must own the bucket: 12 digits. Required for another account's bucket.
    pub s3_bucket_owner: Option<String>,
}

impl StartDomainExportInput {
    /// Creates an input that exports `domain_name` to `s3_bucket`, with the service's defaults.
    pub fn new(
        domain_name: impl Into<String>,
        s3_bucket: impl Into<String>,
    ) -> StartDomainExportInput {
        StartDomainExportInput {
            domain_name: domain_name.into(),
            s3_bucket: s3_bucket.into(),
            client_token: None,
            s3_key_prefix: None,
            s3_sse_algorithm: None,
            s3_sse_kms_key_id: None,
            s3_bucket_owner: None,
        }
    }

    /// Sets [`client_token`](StartDomainExportInput::client_token).
    #[must_use]
    pub fn client_token(mut self, client_token: impl Into<String>) -> StartDomainExportInput {
        self.client_token = Some(client_token.into());
        self
    }

    /// Sets [`s3_key_prefix`](StartDomainExportInput::s3_key_prefix).
    #[must_use]
    pub fn s3_key_prefix(mut self, s3_key_prefix: impl Into<String>) -> StartDomainExportInput {
        self.s3_key_prefix = Some(s3_key_prefix.into());
        self
    }

    /// Sets [`s3_sse_algorithm`](StartDomainExportInput::s3_sse_algorithm).
    #[must_use]
    pub fn s3_sse_algorithm(mut self, algorithm: S3SseAlgorithm) -> StartDomainExportInput {
        self.s3_sse_algorithm = Some(algorithm);
        self
    }

    /// Sets [`s3_sse_kms_key_id`](StartDomainExportInput::s3_sse_kms_key_id).
    #[must_use]
    pub fn s3_sse_kms_key_id(mut self, key_id: impl Into<String>) -> StartDomainExportInput {
        self.s3_sse_kms_key_id = Some(key_id.into());
        self
    }

    /// Sets [`s3_bucket_owner`](StartDomainExportInput::s3_bucket_owner).
    #[must_use]
    pub fn s3_bucket_owner(mut self, account_id: impl Into<String>) -> StartDomainExportInput {
        self.s3_bucket_owner = Some(account_id.into());
        self
    }
}

/// Output of StartDomainExport: the export that was started, or that the client token had started
/// before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StartDomainExportOutput {
    /// The request's client token.
    pub client_token: String,
    /// The export's ARN. Treat it as opaque: its form is not fixed.
    pub export_arn: String,
    /// When the export was requested, to the millisecond.
    pub requested_at: OffsetDateTime,
    pub(crate) request_id: Option<String>,
}

impl StartDomainExportOutput {
    /// Returns the AWS request id; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

members!(StartDomainExportInput {
    required domain_name: "domainName",
    required s3_bucket: "s3Bucket",
    optional client_token: "clientToken",
    optional s3_key_prefix: "s3KeyPrefix",
    optional s3_sse_algorithm: "s3SseAlgorithm",
    optional s3_sse_kms_key_id: "s3SseKmsKeyId",
    optional s3_bucket_owner: "s3BucketOwner",
});

members!(StartDomainExportOutput {
    required client_token: "clientToken",
    required export_arn: "exportArn",
    required requested_at: "requestedAt" as Timestamp,
} and { request_id });

/// An input, and the token that is sent with it if it has none.
pub(crate) struct StartDomainExport<'a> {
    input: &'a StartDomainExportInput,
    new_token: &'a str,
}

impl<'a> StartDomainExport<'a> {
    pub(crate) fn new(
        input: &'a StartDomainExportInput,
        new_token: &'a str,
    ) -> StartDomainExport<'a> {
        StartDomainExport { input, new_token }
    }

    fn token(&self) -> &str {
        self.input.client_token.as_deref().unwrap_or(self.new_token)
    }
}

impl Serialize for StartDomainExport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // JSON needs no number of members, except that it is not 0.
        let mut members = serializer.serialize_struct(Self::NAME, 1)?;
        self.input.write_members(&mut members)?;
        if self.input.client_token.is_none() {
            members.serialize_field("clientToken", self.new_token)?;
        }
        members.end()
    }
}

impl Operation for StartDomainExport<'_> {
    const NAME: &'static str = "StartDomainExport";

    type Output = StartDomainExportOutput;

    fn client_token(&self) -> Option<&str> {
        Some(self.token())
    }

    fn missing_member(&self) -> Option<&'static str> {
        [
            ("domainName", &self.input.domain_name),
            ("s3Bucket", &self.input.s3_bucket),
        ]
        .into_iter()
        .find_map(|(name, value)| value.is_empty().then_some(name))
    }

    fn mismatch(&self, output: &StartDomainExportOutput) -> Option<&'static str> {
        (output.client_token != self.token()).then_some("clientToken")
    }

    fn set_request_id(output: &mut StartDomainExportOutput, request_id: Option<String>) {
        output.request_id = request_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_only_what_is_set() {
        let input = StartDomainExportInput::new("Books", "bucket");
        assert_eq!(
            serde_json::to_string(&input).unwrap(),
            r#"{"domainName":"Books","s3Bucket":"bucket"}"#
        );
    }

    #[test]
    fn writes_and_reads_all_members() {
        let input = StartDomainExportInput::new("Books", "bucket")
            .client_token("token")
            .s3_key_prefix("prefix")
            .s3_sse_algorithm(S3SseAlgorithm::Kms)
            .s3_sse_kms_key_id("key")
            .s3_bucket_owner("111122223333");
        let json = r#"{"domainName":"Books","s3Bucket":"bucket","clientToken":"token","s3KeyPrefix":"prefix","s3SseAlgorithm":"KMS","s3SseKmsKeyId":"key","s3BucketOwner":"111122223333"}"#;
        assert_eq!(serde_json::to_string(&input).unwrap(), json);
        let read: StartDomainExportInput = serde_json::from_str(json).unwrap();
        assert_eq!(read, input);
    }

    #[test]
    fn finds_an_empty_required_member() {
        let missing = |domain, bucket| {
            let input = StartDomainExportInput::new(domain, bucket);
            StartDomainExport::new(&input, "").missing_member()
        };
        assert_eq!(missing("", "bucket"), Some("domainName"));
        assert_eq!(missing("Books", ""), Some("s3Bucket"));
        assert_eq!(missing("Books", "bucket"), None);
    }

    #[test]
    fn reads_and_writes_an_output() {
        let output: StartDomainExportOutput = serde_json::from_slice(
            br#"{"clientToken":"t","exportArn":"arn:x","requestedAt":1771261003.659,"new":[{}]}"#,
        )
        .unwrap();
        assert_eq!(output.client_token, "t");
        assert_eq!(output.export_arn, "arn:x");
        assert_eq!(
            output.requested_at.unix_timestamp_nanos(),
            1_771_261_003_659_000_000
        );
        assert_eq!(
            serde_json::to_string(&output).unwrap(),
            r#"{"clientToken":"t","exportArn":"arn:x","requestedAt":1771261003.659}"#
        );
    }

    #[test]
    fn recognizes_an_output_by_the_token() {
        let output = r#"{"clientToken":"t","exportArn":"arn:x","requestedAt":0}"#;
        let output = serde_json::from_str(output).unwrap();
        let mismatch =
            |input, new_token| StartDomainExport::new(input, new_token).mismatch(&output);
        let input = StartDomainExportInput::new("Books", "bucket");
        assert_eq!(mismatch(&input, "t"), None);
        assert_eq!(mismatch(&input, "T"), Some("clientToken"));
        let other = input.clone().client_token("t");
        assert_eq!(mismatch(&other, "T"), None);
    }

    #[test]
    fn sends_a_new_token_with_an_input_that_has_none() {
        let json = |input| serde_json::to_string(&StartDomainExport::new(input, "new")).unwrap();
        let input = StartDomainExportInput::new("Books", "bucket");
        assert_eq!(
            json(&input),
            r#"{"domainName":"Books","s3Bucket":"bucket","clientToken":"new"}"#
        );
        let other = input.clone().client_token("own");
        assert_eq!(
            json(&other),
            r#"{"domainName":"Books","s3Bucket":"bucket","clientToken":"own"}"#
        );
    }

    #[test]
    fn rejects_an_output_without_the_arn() {
        let error = serde_json::from_slice::<StartDomainExportOutput>(
            br#"{"clientToken":"t","requestedAt":0}"#,
        )
        .unwrap_err();
        assert!(error.to_string().starts_with("missing field `exportArn`"));
    }
}

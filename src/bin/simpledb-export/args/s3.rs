//! The options for the objects an export writes.

use clap::Args;
use simpledb_export::{S3SseAlgorithm, StartDomainExportInput};

#[derive(Debug, Args)]
pub(crate) struct S3Options {
    /// Prefix of the keys of the written objects
    #[arg(long = "s3-key-prefix", value_name = "PREFIX")]
    key_prefix: Option<String>,
    /// Encryption of the written objects: AES256 or KMS
    #[arg(long = "s3-sse-algorithm", value_name = "ALGORITHM")]
    sse_algorithm: Option<String>,
    /// KMS key to encrypt with
    #[arg(long = "s3-sse-kms-key-id", value_name = "KEY")]
    sse_kms_key_id: Option<String>,
    /// Account that must own the bucket, twelve digits
    #[arg(long = "s3-bucket-owner", value_name = "ACCOUNT")]
    bucket_owner: Option<String>,
}

impl S3Options {
    /// Returns the input of an export.
    pub(crate) fn input(&self, domain_name: &str, s3_bucket: &str) -> StartDomainExportInput {
        let mut input = StartDomainExportInput::new(domain_name, s3_bucket);
        input.s3_key_prefix.clone_from(&self.key_prefix);
        input.s3_sse_algorithm = self.sse_algorithm.as_deref().map(S3SseAlgorithm::from);
        input.s3_sse_kms_key_id.clone_from(&self.sse_kms_key_id);
        input.s3_bucket_owner.clone_from(&self.bucket_owner);
        input
    }
}

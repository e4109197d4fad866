//! The options for the objects an export writes.

use clap::Args;
use simpledb_export::export_all::ExportAll;
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
    fn algorithm(&self) -> Option<S3SseAlgorithm> {
        self.sse_algorithm.as_deref().map(S3SseAlgorithm::from)
    }

    /// Sets the given options for one export.
    pub(super) fn set(&self, input: &mut StartDomainExportInput) {
        input.s3_key_prefix.clone_from(&self.key_prefix);
        input.s3_sse_algorithm = self.algorithm();
        input.s3_sse_kms_key_id.clone_from(&self.sse_kms_key_id);
        input.s3_bucket_owner.clone_from(&self.bucket_owner);
    }

    /// Sets the given options for the exports of many domains.
    pub(crate) fn set_all<'a>(&self, mut export_all: ExportAll<'a>) -> ExportAll<'a> {
        if let Some(prefix) = &self.key_prefix {
            export_all = export_all.s3_key_prefix(prefix);
        }
        if let Some(algorithm) = self.algorithm() {
            export_all = export_all.s3_sse_algorithm(algorithm);
        }
        if let Some(key_id) = &self.sse_kms_key_id {
            export_all = export_all.s3_sse_kms_key_id(key_id);
        }
        if let Some(account) = &self.bucket_owner {
            export_all = export_all.s3_bucket_owner(account);
        }
        export_all
    }
}

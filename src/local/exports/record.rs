//! One export, and its status at a time.

use time::{Duration, OffsetDateTime};

use crate::local::clock::Pace;
use crate::operation::get_export::GetExportOutput;
use crate::operation::start_domain_export::{StartDomainExportInput, StartDomainExportOutput};
use crate::operation::types::{ExportStatus, ExportSummary};

#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The UUID at the end of the ARN.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) client_token: String,
    /// The input without its client token: what the token identifies.
    pub(crate) input: StartDomainExportInput,
    pub(crate) requested_at: OffsetDateTime,
    /// When reading the items began: the export contains every item inserted before.
    pub(crate) cutoff: Option<OffsetDateTime>,
    pub(crate) outcome: Option<Outcome>,
}

/// The outcome of an export.
pub(crate) type Outcome = Result<Success, Failure>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Success {
    /// The key of the manifest.
    pub(crate) manifest: String,
    pub(crate) items_count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Letters and digits only.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Record {
    /// The time since the export started. Comparing it cannot overflow, unlike adding to a time.
    pub(super) fn age(&self, now: OffsetDateTime) -> Duration {
        now - self.requested_at
    }

    /// Returns the prefix of the export's keys: `[<prefix>/]AWSSimpleDB/<id>/<domain>`.
    pub(crate) fn base(&self) -> String {
        let base = format!("AWSSimpleDB/{}/{}", self.id, self.input.domain_name);
        match &self.input.s3_key_prefix {
            Some(prefix) => format!("{prefix}/{base}"),
            None => base,
        }
    }

    /// Returns the status: never ahead of the pace, nor of the work itself.
    pub(super) fn status(&self, pace: Pace, now: OffsetDateTime) -> ExportStatus {
        let age = self.age(now);
        if self.cutoff.is_none() || age < pace.pending {
            return ExportStatus::Pending;
        }
        match &self.outcome {
            // The bucket is checked first: an export that cannot write to it is never in progress.
            Some(Err(failure)) if failure.code.starts_with("S3") => ExportStatus::Failed,
            Some(outcome) if age >= pace.pending.saturating_add(pace.in_progress) => {
                match outcome {
                    Ok(_) => ExportStatus::Succeeded,
                    Err(_) => ExportStatus::Failed,
                }
            }
            _ => ExportStatus::InProgress,
        }
    }

    pub(super) fn started(&self) -> StartDomainExportOutput {
        StartDomainExportOutput {
            client_token: self.client_token.clone(),
            export_arn: self.arn.clone(),
            requested_at: self.requested_at,
            request_id: None,
        }
    }

    pub(super) fn summary(&self, pace: Pace, now: OffsetDateTime) -> ExportSummary {
        ExportSummary {
            export_arn: self.arn.clone(),
            export_status: self.status(pace, now),
            requested_at: self.requested_at,
            domain_name: self.input.domain_name.clone(),
        }
    }

    pub(super) fn output(&self, pace: Pace, now: OffsetDateTime) -> GetExportOutput {
        let status = self.status(pace, now);
        let (success, failure) = match (&self.outcome, &status) {
            (Some(Ok(success)), ExportStatus::Succeeded) => (Some(success), None),
            (Some(Err(failure)), ExportStatus::Failed) => (None, Some(failure)),
            _ => (None, None),
        };
        let input = self.input.clone();
        GetExportOutput {
            export_arn: self.arn.clone(),
            client_token: self.client_token.clone(),
            domain_name: input.domain_name,
            requested_at: self.requested_at,
            s3_bucket: input.s3_bucket,
            s3_key_prefix: input.s3_key_prefix,
            s3_sse_algorithm: input.s3_sse_algorithm,
            s3_sse_kms_key_id: input.s3_sse_kms_key_id,
            s3_bucket_owner: input.s3_bucket_owner,
            failure_code: failure.map(|failure| failure.code.to_owned()),
            failure_message: failure.map(|failure| failure.message.clone()),
            export_manifest: success.map(|success| success.manifest.clone()),
            items_count: success.map(|success| success.items_count),
            export_data_cutoff_time: self.cutoff.filter(|_| status != ExportStatus::Pending),
            export_status: status,
            request_id: None,
        }
    }
}

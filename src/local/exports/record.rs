//! One export, and its status at a time.

use time::{Duration, OffsetDateTime};

use crate::local::clock::Pace;
use crate::local::validate::ExportParameters;

#[derive(Debug)]
pub(crate) struct Record {
    /// The UUID at the end of the ARN.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) client_token: String,
    pub(crate) parameters: ExportParameters,
    pub(crate) requested_at: OffsetDateTime,
    /// When reading the items began: the export contains every item inserted before.
    pub(crate) cutoff: Option<OffsetDateTime>,
    pub(crate) outcome: Option<Outcome>,
}

/// The outcome of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded { manifest: String, items_count: u64 },
    Failed(Failure),
}

/// Why an export failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Letters and digits only.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The status that GetExport returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    InProgress,
    Ended(Outcome),
}

impl Status {
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Status::Pending => "PENDING",
            Status::InProgress => "IN_PROGRESS",
            Status::Ended(Outcome::Succeeded { .. }) => "SUCCEEDED",
            Status::Ended(Outcome::Failed(_)) => "FAILED",
        }
    }
}

impl Record {
    /// The time since the export started. Comparing it cannot overflow, unlike adding to a time.
    pub(super) fn age(&self, now: OffsetDateTime) -> Duration {
        now - self.requested_at
    }

    /// Returns the status: never ahead of the pace, nor of the work itself.
    pub(super) fn status(&self, pace: Pace, now: OffsetDateTime) -> Status {
        let age = self.age(now);
        if self.cutoff.is_none() || age < pace.pending {
            return Status::Pending;
        }
        match &self.outcome {
            Some(outcome) if age >= pace.pending.saturating_add(pace.in_progress) => {
                Status::Ended(outcome.clone())
            }
            _ => Status::InProgress,
        }
    }
}

//! What a run comes to.

use time::OffsetDateTime;

use super::plan::Plan;
use super::state::{Entry, Stage};
use crate::error::Error;

/// How the domains stand after a run of [`ExportAll`](super::ExportAll).
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportAllReport {
    /// The domains, in the order of the list.
    pub domains: Vec<DomainReport>,
    /// When a later run can do more, where it is known; now at the earliest. `None` when nothing is
    /// left to do.
    pub next_run: Option<OffsetDateTime>,
    /// What ended the run before it had done all it could: an error that the next request would
    /// meet too, as no credentials, no connection, or settings that the service refuses.
    pub stopped_by: Option<Error>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainReport {
    /// Its name.
    pub domain_name: String,
    /// How it stands.
    pub status: DomainStatus,
    /// How many exports of it were tried.
    pub attempts: u32,
}

/// How a domain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DomainStatus {
    /// Its export is to be started, or it is not known whether it was: a later run finds out.
    Waiting,
    /// Its export is under way.
    #[non_exhaustive]
    UnderWay {
        /// The export's ARN.
        export_arn: String,
        /// When it was asked for.
        requested_at: OffsetDateTime,
    },
    /// It is exported.
    #[non_exhaustive]
    Done {
        /// The export's ARN.
        export_arn: String,
        /// How many items it has.
        items_count: Option<u64>,
        /// The manifest in the bucket.
        export_manifest: Option<String>,
    },
    /// Its last export failed, or could not be started.
    #[non_exhaustive]
    Failed {
        /// The code of the failure or of the refusal.
        code: String,
        /// Its message.
        message: Option<String>,
        /// The ARN of the export that failed, where there was one.
        export_arn: Option<String>,
        /// Whether no later run tries again.
        for_good: bool,
    },
}

impl ExportAllReport {
    pub(super) fn new(
        plan: &Plan,
        now: OffsetDateTime,
        stopped_by: Option<Error>,
    ) -> ExportAllReport {
        let domain = |entry: &Entry| DomainReport {
            domain_name: entry.domain_name.clone(),
            status: DomainStatus::new(entry, plan.is_failed_for_good(entry)),
            attempts: entry.attempts,
        };
        ExportAllReport {
            domains: plan.entries().iter().map(domain).collect(),
            next_run: plan.next_run(now),
            stopped_by,
        }
    }

    /// How many domains are exported.
    #[must_use]
    pub fn done(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::Done { .. }))
    }

    /// How many exports are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::UnderWay { .. }))
    }

    /// How many domains wait for their start.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::Waiting))
    }

    /// How many domains failed and are tried again by a later run.
    #[must_use]
    pub fn to_be_retried(&self) -> usize {
        self.count(|status| {
            matches!(
                status,
                DomainStatus::Failed {
                    for_good: false,
                    ..
                }
            )
        })
    }

    /// How many domains failed for good.
    #[must_use]
    pub fn failed_for_good(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::Failed { for_good: true, .. }))
    }

    fn count(&self, is_counted: impl Fn(&DomainStatus) -> bool) -> usize {
        let statuses = self.domains.iter().map(|domain| &domain.status);
        statuses.filter(|status| is_counted(status)).count()
    }
}

impl DomainStatus {
    fn new(entry: &Entry, failed_for_good: bool) -> DomainStatus {
        match entry.stage.clone() {
            Stage::Waiting | Stage::Starting { .. } => DomainStatus::Waiting,
            Stage::Started {
                export_arn,
                requested_at,
                ..
            } => DomainStatus::UnderWay {
                export_arn,
                requested_at,
            },
            Stage::Done {
                export_arn,
                items_count,
                export_manifest,
            } => DomainStatus::Done {
                export_arn,
                items_count,
                export_manifest,
            },
            Stage::Failed {
                code,
                message,
                export_arn,
                ..
            } => DomainStatus::Failed {
                code,
                message,
                export_arn,
                for_good: failed_for_good,
            },
        }
    }
}

//! The result of a run.

use time::OffsetDateTime;

use super::plan::Plan;
use super::state::{Entry, Stage};
use crate::error::Error;

/// The state of all domains after a run of [`ExportAll`](super::ExportAll).
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The domains, in the order of the inputs.
    pub domains: Vec<DomainReport>,
    /// The domains of the state file that are not among the inputs. They are neither started nor
    /// polled, nor counted.
    pub left_out: Vec<DomainReport>,
    /// When a later run can do more; now at the earliest. `None` if nothing is left to do.
    pub next_run: Option<OffsetDateTime>,
    /// The error that stopped the run early because every further request would fail too: no
    /// credentials, no connection, or settings that the service rejects.
    pub stopped_by: Option<Error>,
}

/// A domain in a [`Report`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DomainReport {
    /// The domain's name.
    pub domain_name: String,
    /// Its state.
    pub status: DomainStatus,
    /// How many exports of it were attempted.
    pub attempts: u32,
}

/// The state of a domain.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DomainStatus {
    /// Its export has not been started, or it is not known whether it was: a later run finds out.
    Waiting,
    /// Its export is in progress.
    #[non_exhaustive]
    InProgress {
        /// The export's ARN.
        export_arn: String,
        /// When it was requested.
        requested_at: OffsetDateTime,
    },
    /// It is exported.
    #[non_exhaustive]
    Done {
        /// The export's ARN.
        export_arn: String,
        /// Number of exported items.
        items_count: Option<u64>,
        /// Key of the manifest in the bucket.
        export_manifest: Option<String>,
    },
    /// Its last export failed, or could not be started.
    #[non_exhaustive]
    Failed {
        /// Code of the failure or of the service's error.
        code: String,
        /// Its message.
        message: Option<String>,
        /// ARN of the export that failed, if one was started.
        export_arn: Option<String>,
        /// True if later runs do not retry it.
        permanent: bool,
    },
}

impl Report {
    pub(super) fn new(plan: &Plan, now: OffsetDateTime, stopped_by: Option<Error>) -> Report {
        let reports = |entries: &[Entry]| {
            let reports = entries.iter().map(|entry| DomainReport::new(plan, entry));
            reports.collect()
        };
        Report {
            domains: reports(plan.entries()),
            left_out: reports(plan.left_out()),
            next_run: plan.next_run(now),
            stopped_by,
        }
    }

    /// Returns how many domains are exported.
    #[must_use]
    pub fn done(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::Done { .. }))
    }

    /// Returns how many exports are in progress.
    #[must_use]
    pub fn in_progress(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::InProgress { .. }))
    }

    /// Returns how many domains wait for their start.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.count(|status| matches!(status, DomainStatus::Waiting))
    }

    /// Returns how many domains failed and are retried by a later run.
    #[must_use]
    pub fn to_be_retried(&self) -> usize {
        self.count_failed(false)
    }

    /// Returns how many domains failed permanently.
    #[must_use]
    pub fn failed_permanently(&self) -> usize {
        self.count_failed(true)
    }

    fn count_failed(&self, is_permanent: bool) -> usize {
        self.count(
            |status| matches!(status, DomainStatus::Failed { permanent, .. } if *permanent == is_permanent),
        )
    }

    fn count(&self, is_counted: impl Fn(&DomainStatus) -> bool) -> usize {
        let statuses = self.domains.iter().map(|domain| &domain.status);
        statuses.filter(|status| is_counted(status)).count()
    }
}

impl DomainReport {
    pub(super) fn new(plan: &Plan, entry: &Entry) -> DomainReport {
        DomainReport {
            domain_name: entry.input.domain_name.clone(),
            status: DomainStatus::new(entry, plan.has_failed_permanently(entry)),
            attempts: entry.attempts,
        }
    }
}

impl DomainStatus {
    fn new(entry: &Entry, failed_permanently: bool) -> DomainStatus {
        match entry.stage.clone() {
            Stage::Waiting | Stage::Starting { .. } => DomainStatus::Waiting,
            Stage::Started {
                export_arn,
                requested_at,
                ..
            } => DomainStatus::InProgress {
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
                permanent: failed_permanently,
            },
        }
    }
}

//! What happens during a run.

use std::fmt;

use time::OffsetDateTime;

use super::report::{DomainReport, DomainStatus};
use crate::text::Escaped;
use crate::wire::timestamp::rfc3339;

/// Something that happened during a run of [`ExportAll`](super::ExportAll); `Display` is one line.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The state of a domain has changed.
    Domain(DomainReport),
    /// A start failed after an attempt whose outcome is unknown: a later run finds out whether it
    /// started an export.
    #[non_exhaustive]
    Postponed {
        /// The domain.
        domain_name: String,
        /// Why the start failed.
        reason: String,
    },
    /// The domain's quota is used up.
    #[non_exhaustive]
    DomainQuotaUsed {
        /// The domain.
        domain_name: String,
        /// When its next export can start.
        until: OffsetDateTime,
    },
    /// The account's quota is used up.
    #[non_exhaustive]
    AccountQuotaUsed {
        /// When the next export can start.
        until: OffsetDateTime,
    },
    /// The domain's export is still PENDING after ten minutes: the other domains are started although
    /// it is not known whether the bucket can be written to.
    #[non_exhaustive]
    BucketUnchecked {
        /// The domain.
        domain_name: String,
        /// The export's ARN.
        export_arn: String,
    },
    /// The run waits; repeated about once a second.
    #[non_exhaustive]
    Waiting {
        /// When the wait ends.
        until: OffsetDateTime,
        /// Number of exports in progress.
        in_progress: usize,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.text()).fmt(f)
    }
}

impl Event {
    /// The line, with names and messages as they came.
    fn text(&self) -> String {
        match self {
            Event::Domain(domain) => text_of(domain),
            Event::Postponed {
                domain_name,
                reason,
            } => {
                format!("{domain_name}: a later run checks whether an export was started: {reason}")
            }
            Event::DomainQuotaUsed { domain_name, until } => format!(
                "{domain_name}: the domain's quota is used up until {}",
                rfc3339(*until)
            ),
            Event::AccountQuotaUsed { until } => {
                format!("the account's quota is used up until {}", rfc3339(*until))
            }
            Event::BucketUnchecked {
                domain_name,
                export_arn,
            } => format!(
                "{domain_name}: {export_arn} is still PENDING after 10 minutes; starting other \
                 domains although it is not known whether the bucket can be written to"
            ),
            Event::Waiting { until, in_progress } => {
                format!(
                    "{in_progress} in progress; waiting until {}",
                    rfc3339(*until)
                )
            }
        }
    }
}

fn text_of(domain: &DomainReport) -> String {
    let name = &domain.domain_name;
    match &domain.status {
        DomainStatus::Waiting => format!("{name}: waiting"),
        DomainStatus::InProgress { export_arn, .. } => format!("{name}: started as {export_arn}"),
        DomainStatus::Done {
            items_count: Some(count),
            ..
        } => {
            let items = if *count == 1 { "item" } else { "items" };
            format!("{name}: done, {count} {items}")
        }
        DomainStatus::Done { .. } => format!("{name}: done"),
        DomainStatus::Failed {
            code,
            message,
            permanent,
            ..
        } => {
            let message = message.as_ref();
            let message = message.map_or_else(String::new, |text| format!(": {text}"));
            let end = if *permanent {
                "it is not retried"
            } else {
                "a later run retries it"
            };
            format!("{name}: failed: {code}{message}; {end}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_one_line() {
        let domain_name = || "Books".to_owned();
        let until = OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap();
        let domain = |status| {
            Event::Domain(DomainReport {
                domain_name: domain_name(),
                status,
                attempts: 1,
            })
        };
        let failed = |message: Option<&str>, permanent| {
            domain(DomainStatus::Failed {
                code: "S3NoSuchBucket".to_owned(),
                message: message.map(str::to_owned),
                export_arn: None,
                permanent,
            })
        };
        let done = |items_count| {
            domain(DomainStatus::Done {
                export_arn: "arn:x".to_owned(),
                items_count,
                export_manifest: None,
            })
        };
        let cases = [
            (
                domain(DomainStatus::InProgress {
                    export_arn: "arn:x".to_owned(),
                    requested_at: until,
                }),
                "Books: started as arn:x",
            ),
            (done(Some(1)), "Books: done, 1 item"),
            (done(Some(7)), "Books: done, 7 items"),
            (done(None), "Books: done"),
            (
                failed(None, true),
                "Books: failed: S3NoSuchBucket; it is not retried",
            ),
            (
                failed(Some("no"), false),
                "Books: failed: S3NoSuchBucket: no; a later run retries it",
            ),
            (
                Event::Postponed {
                    domain_name: domain_name(),
                    reason: "denied".to_owned(),
                },
                "Books: a later run checks whether an export was started: denied",
            ),
            (
                Event::DomainQuotaUsed {
                    domain_name: domain_name(),
                    until,
                },
                "Books: the domain's quota is used up until 2026-02-16T16:56:43.000Z",
            ),
            (
                Event::AccountQuotaUsed { until },
                "the account's quota is used up until 2026-02-16T16:56:43.000Z",
            ),
            (
                Event::BucketUnchecked {
                    domain_name: domain_name(),
                    export_arn: "arn:x".to_owned(),
                },
                "Books: arn:x is still PENDING after 10 minutes; starting other domains although it \
                 is not known whether the bucket can be written to",
            ),
            (
                Event::Waiting {
                    until,
                    in_progress: 3,
                },
                "3 in progress; waiting until 2026-02-16T16:56:43.000Z",
            ),
        ];
        for (event, line) in cases {
            assert_eq!(event.to_string(), line);
        }
        assert_eq!(
            failed(Some("no\r\nway\u{1b}"), true).to_string(),
            "Books: failed: S3NoSuchBucket: no\\r\\nway\\u{1b}; it is not retried"
        );
    }
}

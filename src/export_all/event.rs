//! What happens in a run.

use std::fmt;

use time::OffsetDateTime;

use crate::timestamp::rfc3339;

/// Something that happened in a run of [`ExportAll`](super::ExportAll); `Display` is a line for
/// people, which is written as it is: what came from the service may have control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportAllEvent {
    /// An export of the domain is under way.
    #[non_exhaustive]
    Started {
        /// The domain.
        domain_name: String,
        /// The export's ARN.
        export_arn: String,
    },
    /// The domain is exported.
    #[non_exhaustive]
    Done {
        /// The domain.
        domain_name: String,
        /// How many items the export has.
        items_count: Option<u64>,
    },
    /// An export of the domain failed, or could not be started.
    #[non_exhaustive]
    Failed {
        /// The domain.
        domain_name: String,
        /// The code of the failure or of the refusal.
        code: String,
        /// Its message.
        message: Option<String>,
        /// Whether no later run tries again.
        for_good: bool,
    },
    /// The domain's start was refused after an attempt without an answer: a later run finds out
    /// whether an export came of that.
    #[non_exhaustive]
    PutOff {
        /// The domain.
        domain_name: String,
        /// The refusal.
        reason: String,
    },
    /// The domain's quota is used up.
    #[non_exhaustive]
    DomainQuotaUsed {
        /// The domain.
        domain_name: String,
        /// When its next export may start.
        until: OffsetDateTime,
    },
    /// The account's quota is used up.
    #[non_exhaustive]
    AccountQuotaUsed {
        /// When the next export may start.
        until: OffsetDateTime,
    },
    /// The run waits.
    #[non_exhaustive]
    Waiting {
        /// Until when.
        until: OffsetDateTime,
        /// How many exports are under way.
        under_way: usize,
    },
}

impl fmt::Display for ExportAllEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportAllEvent::Started {
                domain_name,
                export_arn,
            } => write!(f, "{domain_name}: started as {export_arn}"),
            ExportAllEvent::Done {
                domain_name,
                items_count: Some(count),
            } => write!(f, "{domain_name}: done, {count} items"),
            ExportAllEvent::Done { domain_name, .. } => write!(f, "{domain_name}: done"),
            ExportAllEvent::Failed {
                domain_name,
                code,
                message,
                for_good,
            } => {
                write!(f, "{domain_name}: failed: {code}")?;
                if let Some(message) = message {
                    write!(f, ": {message}")?;
                }
                f.write_str(if *for_good {
                    "; it is not tried again"
                } else {
                    "; a later run tries again"
                })
            }
            ExportAllEvent::PutOff {
                domain_name,
                reason,
            } => write!(
                f,
                "{domain_name}: a later run finds out whether an export was started: {reason}"
            ),
            ExportAllEvent::DomainQuotaUsed { domain_name, until } => write!(
                f,
                "{domain_name}: the domain's quota is used up until {}",
                rfc3339(*until)
            ),
            ExportAllEvent::AccountQuotaUsed { until } => {
                write!(
                    f,
                    "the account's quota is used up until {}",
                    rfc3339(*until)
                )
            }
            ExportAllEvent::Waiting { until, under_way } => write!(
                f,
                "{under_way} under way; waiting until {}",
                rfc3339(*until)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_a_line() {
        let domain_name = || "Books".to_owned();
        let until = OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap();
        let failed = |message: Option<&str>, for_good| ExportAllEvent::Failed {
            domain_name: domain_name(),
            code: "NoSuchBucket".to_owned(),
            message: message.map(str::to_owned),
            for_good,
        };
        let done = |items_count| ExportAllEvent::Done {
            domain_name: domain_name(),
            items_count,
        };
        let cases = [
            (
                ExportAllEvent::Started {
                    domain_name: domain_name(),
                    export_arn: "arn:x".to_owned(),
                },
                "Books: started as arn:x",
            ),
            (done(Some(7)), "Books: done, 7 items"),
            (done(None), "Books: done"),
            (
                failed(None, true),
                "Books: failed: NoSuchBucket; it is not tried again",
            ),
            (
                failed(Some("no"), false),
                "Books: failed: NoSuchBucket: no; a later run tries again",
            ),
            (
                ExportAllEvent::PutOff {
                    domain_name: domain_name(),
                    reason: "denied".to_owned(),
                },
                "Books: a later run finds out whether an export was started: denied",
            ),
            (
                ExportAllEvent::DomainQuotaUsed {
                    domain_name: domain_name(),
                    until,
                },
                "Books: the domain's quota is used up until 2026-02-16T16:56:43.000Z",
            ),
            (
                ExportAllEvent::AccountQuotaUsed { until },
                "the account's quota is used up until 2026-02-16T16:56:43.000Z",
            ),
            (
                ExportAllEvent::Waiting {
                    until,
                    under_way: 3,
                },
                "3 under way; waiting until 2026-02-16T16:56:43.000Z",
            ),
        ];
        for (event, line) in cases {
            assert_eq!(event.to_string(), line);
        }
    }
}

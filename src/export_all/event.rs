//! What happens in a run.

use std::fmt;

use time::OffsetDateTime;

use crate::text::Escaped;
use crate::wire::timestamp::rfc3339;

/// Something that happened in a run of [`ExportAll`](super::ExportAll); `Display` is one line
/// for people.
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
        Escaped(&self.text()).fmt(f)
    }
}

impl ExportAllEvent {
    /// What to tell, in which names and messages are as they came.
    fn text(&self) -> String {
        match self {
            ExportAllEvent::Started {
                domain_name,
                export_arn,
            } => format!("{domain_name}: started as {export_arn}"),
            ExportAllEvent::Done {
                domain_name,
                items_count: Some(count),
            } => format!("{domain_name}: done, {count} items"),
            ExportAllEvent::Done { domain_name, .. } => format!("{domain_name}: done"),
            ExportAllEvent::Failed {
                domain_name,
                code,
                message,
                for_good,
            } => {
                let message = message.as_ref();
                let message = message.map_or_else(String::new, |text| format!(": {text}"));
                let end = if *for_good {
                    "it is not tried again"
                } else {
                    "a later run tries again"
                };
                format!("{domain_name}: failed: {code}{message}; {end}")
            }
            ExportAllEvent::PutOff {
                domain_name,
                reason,
            } => format!(
                "{domain_name}: a later run finds out whether an export was started: {reason}"
            ),
            ExportAllEvent::DomainQuotaUsed { domain_name, until } => format!(
                "{domain_name}: the domain's quota is used up until {}",
                rfc3339(*until)
            ),
            ExportAllEvent::AccountQuotaUsed { until } => {
                format!("the account's quota is used up until {}", rfc3339(*until))
            }
            ExportAllEvent::Waiting { until, under_way } => {
                format!("{under_way} under way; waiting until {}", rfc3339(*until))
            }
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
        assert_eq!(
            failed(Some("no\r\nway\u{1b}"), true).to_string(),
            "Books: failed: NoSuchBucket: no\\r\\nway\\u{1b}; it is not tried again"
        );
    }
}

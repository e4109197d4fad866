//! Whether exports get past the service's check of their bucket and key. Pure.
//!
//! Wrong settings fail every export, but only after its start, and an account has few starts a day.
//! So one domain is started first, and the others with the same settings once its export has passed.

use std::collections::{HashMap, HashSet};

use time::{Duration, OffsetDateTime};

use super::state::{Entry, Stage};

/// How long to wait for an export that stays PENDING before the other domains are started anyway.
const PATIENCE: Duration = Duration::minutes(10);

/// Which settings are known to work in this run. Domains are named by their index in the state.
#[derive(Debug)]
pub(super) struct BucketCheck {
    /// For each domain, a number that it shares with those that have the same settings.
    groups: Vec<usize>,
    passed: HashSet<usize>,
}

/// What keeps a domain from being started: the result of another domain's export is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocked {
    pub(super) by: usize,
    /// Whether that export is still PENDING after a long time.
    pub(super) is_too_long: bool,
}

impl BucketCheck {
    /// Earlier runs do not count: buckets, policies and keys change from day to day.
    pub(super) fn new(domains: &[Entry]) -> BucketCheck {
        let mut numbers = HashMap::new();
        let groups = domains.iter().map(|entry| {
            let next = numbers.len();
            *numbers.entry(entry.settings()).or_insert(next)
        });
        BucketCheck {
            groups: groups.collect(),
            passed: HashSet::new(),
        }
    }

    /// Notes that a domain's export has passed, or that its result is not awaited any longer.
    pub(super) fn pass(&mut self, index: usize) {
        self.passed.insert(self.groups[index]);
    }

    /// Returns what keeps a domain from being started, if anything, among these domains.
    pub(super) fn blocks(
        &self,
        index: usize,
        entries: &[Entry],
        now: OffsetDateTime,
    ) -> Option<Blocked> {
        let group = self.groups[index];
        if self.passed.contains(&group) {
            return None;
        }
        let in_progress = entries.iter().enumerate().filter_map(|(other, entry)| {
            let Stage::Started { requested_at, .. } = entry.stage else {
                return None;
            };
            (self.groups[other] == group).then_some((requested_at, other))
        });
        in_progress.min().map(|(requested_at, by)| Blocked {
            by,
            is_too_long: now >= requested_at.saturating_add(PATIENCE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::start_domain_export::StartDomainExportInput;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_771_243_200 + seconds).unwrap()
    }

    fn entry(bucket: &str, stage: Stage) -> Entry {
        Entry {
            input: StartDomainExportInput::new("Books", bucket).client_token("t"),
            attempts: 1,
            stage,
        }
    }

    fn started(requested_at: i64) -> Stage {
        Stage::Started {
            export_arn: "arn:x".to_owned(),
            requested_at: at(requested_at),
        }
    }

    #[test]
    fn waits_for_the_first_export_with_the_same_settings() {
        let entries = [
            entry("a", Stage::Waiting),
            entry("a", started(20)),
            entry("a", started(10)),
            entry("b", Stage::Waiting),
        ];
        let mut check = BucketCheck::new(&entries);
        for (now, is_too_long) in [(609, false), (610, true)] {
            let blocked = Some(Blocked { by: 2, is_too_long });
            assert_eq!(check.blocks(0, &entries, at(now)), blocked);
        }
        assert_eq!(check.blocks(3, &entries, at(30)), None);
        check.pass(1);
        assert_eq!(check.blocks(0, &entries, at(30)), None);
    }
}

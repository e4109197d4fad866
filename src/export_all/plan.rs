//! What to do next. Pure: the state, the time and the responses decide.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use time::OffsetDateTime;

use super::bucket_check::{Blocked, BucketCheck};
use super::quota::QuotaUsed;
use super::state::{Entry, Stage, State};
use super::verdict::is_settings_failure;
use crate::operation::get_export::GetExportOutput;
use crate::operation::types::ExportStatus;

/// How long a request may be resent with its client token. The service keeps tokens for eight hours;
/// the last half hour is not relied on, because clocks differ.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 1800);

/// How long after its start an export may still be unknown to GetExport.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(300);

/// When to run again for an export in progress.
const POLL_AGAIN: Duration = Duration::from_secs(600);

/// When to run again to retry what failed.
const RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What the delay between two rounds of polls grows to, unless it begins higher.
const LONGEST_DELAY: Duration = Duration::from_secs(120);

/// The next thing to do, with the index of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Request an export with a new client token.
    Start(usize),
    /// Find out whether an earlier request started an export; request it again if not.
    Resume(usize),
    /// Poll the export in progress.
    Poll(usize),
    /// Start other domains although this one's export has not passed the bucket check.
    SkipBucketCheck(usize),
    /// Wait until then, and continue.
    WaitUntil(OffsetDateTime),
    /// Nothing more can be done now.
    End,
}

/// The state, and what was learned in this run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) state: State,
    /// How many of the state's domains, from the first on, this run exports.
    listed: usize,
    max_attempts: u32,
    min_delay: Duration,
    /// Until when the account's quota is used up.
    account_full_until: Option<OffsetDateTime>,
    /// Until when the quota of a domain is used up.
    domain_full_until: HashMap<usize, OffsetDateTime>,
    bucket_check: BucketCheck,
    /// Domains that only a later run can continue with.
    postponed: HashSet<usize>,
    /// Domains whose exports were polled in this round.
    polled: HashSet<usize>,
    rounds: u32,
}

impl Plan {
    /// Plans a run for the first `listed` domains of a state. What failed is retried unless it has
    /// used up its attempts; with `retry_failed` it starts over.
    pub(super) fn new(
        mut state: State,
        listed: usize,
        max_attempts: u32,
        min_delay: Duration,
        retry_failed: bool,
    ) -> Plan {
        let bucket_check = BucketCheck::new(&state.domains);
        for entry in state.domains.iter_mut().take(listed) {
            if let Stage::Failed { .. } = entry.stage {
                if retry_failed {
                    entry.attempts = 0;
                }
                if retry_failed || !has_failed_permanently(entry, max_attempts) {
                    entry.stage = Stage::Waiting;
                }
            }
        }
        Plan {
            state,
            listed,
            max_attempts,
            min_delay,
            account_full_until: None,
            domain_full_until: HashMap::new(),
            bucket_check,
            postponed: HashSet::new(),
            polled: HashSet::new(),
            rounds: 0,
        }
    }

    /// Returns the domains of this run, in order.
    pub(super) fn entries(&self) -> &[Entry] {
        self.state
            .domains
            .get(..self.listed)
            .unwrap_or(&self.state.domains)
    }

    /// Returns the domains of the state that are not part of this run.
    pub(super) fn left_out(&self) -> &[Entry] {
        self.state.domains.get(self.listed..).unwrap_or_default()
    }

    /// Returns whether no run retries the domain.
    pub(super) fn has_failed_permanently(&self, entry: &Entry) -> bool {
        has_failed_permanently(entry, self.max_attempts)
    }

    /// Returns what to do now, with `left` of the time that may be waited.
    pub(super) fn next(&self, now: OffsetDateTime, left: Duration) -> Action {
        self.next_start(now)
            .or_else(|| self.next_poll())
            .or_else(|| self.next_skip(now))
            .unwrap_or_else(|| self.wait(now, left))
    }

    /// What earlier requests started comes first: it may be what the others wait for.
    fn next_start(&self, now: OffsetDateTime) -> Option<Action> {
        let is_starting =
            |index: &usize| matches!(self.entries()[*index].stage, Stage::Starting { .. });
        let resumed = self.startable(now).find(is_starting).map(Action::Resume);
        resumed.or_else(|| {
            self.startable(now)
                .find(|index| self.blocked(*index, now).is_none())
                .map(Action::Start)
        })
    }

    fn next_poll(&self) -> Option<Action> {
        self.in_progress()
            .find(|index| !self.polled.contains(index))
            .map(Action::Poll)
    }

    fn next_skip(&self, now: OffsetDateTime) -> Option<Action> {
        self.startable(now)
            .filter_map(|index| self.blocked(index, now))
            .find(|blocked| blocked.is_too_long)
            .map(|blocked| Action::SkipBucketCheck(blocked.by))
    }

    /// Returns whether other domains wait for the domain's export to pass the bucket check.
    pub(super) fn is_awaited(&self, index: usize, now: OffsetDateTime) -> bool {
        self.startable(now)
            .filter_map(|other| self.blocked(other, now))
            .any(|blocked| blocked.by == index)
    }

    /// Returns the domains that wait for nothing but the bucket check.
    fn startable(&self, now: OffsetDateTime) -> impl Iterator<Item = usize> {
        self.to_start()
            .filter(move |index| self.within_quotas(*index, now) == now)
    }

    /// Returns the domains that this run is to start.
    fn to_start(&self) -> impl Iterator<Item = usize> {
        self.at_stage(|stage| matches!(stage, Stage::Waiting | Stage::Starting { .. }))
            .filter(|index| !self.postponed.contains(index))
    }

    pub(super) fn in_progress(&self) -> impl Iterator<Item = usize> {
        self.at_stage(|stage| matches!(stage, Stage::Started { .. }))
    }

    fn at_stage(&self, is_at: fn(&Stage) -> bool) -> impl Iterator<Item = usize> {
        let entries = self.entries().iter().enumerate();
        entries
            .filter(move |(_, entry)| is_at(&entry.stage))
            .map(|(index, _)| index)
    }

    fn blocked(&self, index: usize, now: OffsetDateTime) -> Option<Blocked> {
        self.bucket_check.blocks(index, self.entries(), now)
    }

    /// Returns when the quotas allow another export of the domain: now at the earliest.
    fn within_quotas(&self, index: usize, now: OffsetDateTime) -> OffsetDateTime {
        let domain = self.domain_full_until.get(&index).copied();
        let until = self.account_full_until.max(domain);
        until.map_or(now, |until| until.max(now))
    }

    /// Waits for the next poll of what is in progress, or for a quota, whichever comes first; the last
    /// poll falls into the time that is left.
    fn wait(&self, now: OffsetDateTime, left: Duration) -> Action {
        if left.is_zero() {
            return Action::End;
        }
        let end = later(now, left);
        let poll = self.in_progress().next().map(|_| {
            let longest = LONGEST_DELAY.max(self.min_delay);
            let doublings = self.rounds.min(31);
            let delay = self.min_delay.saturating_mul(1 << doublings).min(longest);
            later(now, delay).min(end)
        });
        let quota = self.next_quota(now).filter(|until| *until <= end);
        match poll.into_iter().chain(quota).min() {
            Some(until) => Action::WaitUntil(until),
            None => Action::End,
        }
    }

    /// Returns when a domain that waits for a quota can be started.
    fn next_quota(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.to_start()
            .map(|index| self.within_quotas(index, now))
            .filter(|at| now < *at)
            .min()
    }

    /// Returns when a later run can do more; `None` if nothing is left to do.
    pub(super) fn next_run(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let entries = self.entries().iter().enumerate();
        entries
            .filter_map(|(index, entry)| match &entry.stage {
                Stage::Waiting | Stage::Starting { .. } => {
                    let wait = if self.postponed.contains(&index) {
                        RETRY_AFTER
                    } else if self.blocked(index, now).is_some() {
                        POLL_AGAIN
                    } else {
                        Duration::ZERO
                    };
                    Some(self.within_quotas(index, now).max(later(now, wait)))
                }
                Stage::Started { .. } => Some(later(now, POLL_AGAIN)),
                Stage::Failed { .. } if !self.has_failed_permanently(entry) => {
                    Some(self.within_quotas(index, now).max(later(now, RETRY_AFTER)))
                }
                Stage::Done { .. } | Stage::Failed { .. } => None,
            })
            .min()
    }

    fn entry(&mut self, index: usize) -> &mut Entry {
        &mut self.state.domains[index]
    }

    /// Notes that a request with a new token is about to be sent.
    pub(super) fn begin(&mut self, index: usize, client_token: String, since: OffsetDateTime) {
        let entry = self.entry(index);
        entry.attempts = entry.attempts.saturating_add(1);
        entry.input.client_token = Some(client_token);
        entry.stage = Stage::Starting { since };
    }

    /// Notes the export that a request started.
    pub(super) fn started(
        &mut self,
        index: usize,
        export_arn: String,
        requested_at: OffsetDateTime,
    ) {
        self.entry(index).stage = Stage::Started {
            export_arn,
            requested_at,
        };
    }

    /// Notes that a request started nothing: it does not count.
    pub(super) fn withdraw(&mut self, index: usize) {
        let entry = self.entry(index);
        entry.attempts = entry.attempts.saturating_sub(1);
        entry.input.client_token = None;
        entry.stage = Stage::Waiting;
    }

    /// Notes that a quota is used up.
    pub(super) fn quota_used(&mut self, index: usize, used: QuotaUsed) {
        match used {
            QuotaUsed::Domain(until) => {
                self.domain_full_until.insert(index, until);
            }
            QuotaUsed::Account(until) => self.account_full_until = Some(until),
        }
    }

    /// Leaves a domain to a later run.
    pub(super) fn postpone(&mut self, index: usize) {
        self.postponed.insert(index);
    }

    /// Notes that the attempt failed without an export.
    pub(super) fn refused(
        &mut self,
        index: usize,
        code: String,
        message: Option<String>,
        permanent: bool,
    ) {
        self.entry(index).stage = Stage::Failed {
            code,
            message,
            export_arn: None,
            permanent,
        };
    }

    /// Starts other domains without waiting for this one's export to pass the bucket check.
    pub(super) fn skip_bucket_check(&mut self, index: usize) {
        self.bucket_check.pass(index);
    }

    /// Notes the result of a poll.
    pub(super) fn polled(&mut self, index: usize, export: GetExportOutput) {
        self.polled.insert(index);
        let has_passed = match export.export_status {
            ExportStatus::InProgress | ExportStatus::Succeeded => true,
            ExportStatus::Failed => !export
                .failure_code
                .as_deref()
                .is_some_and(is_settings_failure),
            _ => false,
        };
        if has_passed {
            self.bucket_check.pass(index);
        }
        self.entry(index).stage = match export.export_status {
            ExportStatus::Succeeded => Stage::Done {
                export_arn: export.export_arn,
                items_count: export.items_count,
                export_manifest: export.export_manifest,
            },
            ExportStatus::Failed => Stage::Failed {
                code: export
                    .failure_code
                    .unwrap_or_else(|| ExportStatus::Failed.to_string()),
                message: export.failure_message,
                export_arn: Some(export.export_arn),
                permanent: false,
            },
            _ => return,
        };
    }

    /// Notes that the service does not know an export that it had started: not yet, or no longer.
    pub(super) fn unknown(&mut self, index: usize, code: String, now: OffsetDateTime) {
        self.polled.insert(index);
        let Stage::Started { requested_at, .. } = self.entry(index).stage else {
            return;
        };
        if now >= later(requested_at, UNKNOWN_AT_FIRST) {
            let message = Some("the export no longer exists".to_owned());
            self.refused(index, code, message, false);
        }
    }

    /// Notes that a wait is over: everything in progress is polled again.
    pub(super) fn begin_round(&mut self) {
        self.polled.clear();
        self.rounds = self.rounds.saturating_add(1);
    }
}

fn has_failed_permanently(entry: &Entry, max_attempts: u32) -> bool {
    match entry.stage {
        Stage::Failed { permanent, .. } => permanent || entry.attempts >= max_attempts,
        _ => false,
    }
}

/// Returns whether the service still knows a token that was saved then; not if the clock was set
/// back since.
pub(super) fn is_token_valid(since: OffsetDateTime, now: OffsetDateTime) -> bool {
    since <= now && now < later(since, TOKEN_LIFETIME)
}

fn later(time: OffsetDateTime, by: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(by).unwrap_or(time::Duration::MAX))
}

#[cfg(test)]
mod tests;

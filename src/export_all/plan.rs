//! What to do next. Pure: the state, the time and what was answered decide.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use time::OffsetDateTime;

use super::error::ExportAllError;
use super::quota::QuotaUsed;
use super::state::{Entry, Stage, State};
use crate::operation::get_export::GetExportOutput;
use crate::operation::types::ExportStatus;

/// For how long a request is sent again with its client token. The service keeps tokens for eight
/// hours; the last half hour is not relied on, because clocks differ.
const TOKEN_TRUST: Duration = Duration::from_secs(15 * 1800);

/// For how long after its start an export may be one that GetExport does not know yet.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(300);

/// When to come back for an export under way.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// When to come back to try again what failed.
const TRY_AGAIN: Duration = Duration::from_secs(3600);

/// What the delay between two rounds of looks grows to, unless it begins higher.
const LONGEST_DELAY: Duration = Duration::from_secs(120);

/// The next thing to do; a number is that of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Ask for an export, with a new client token.
    Start(usize),
    /// Ask again with the token that was written down, in case the service never heard of it.
    Resend(usize),
    /// Look through the exports of the domain for one with the token, which is too old to be sent.
    Find(usize),
    /// Look at the export under way.
    Check(usize),
    /// Wait until then, and go on.
    WaitUntil(OffsetDateTime),
    /// Nothing more can be done now.
    End,
}

/// The state, and what was learnt in this run.
#[derive(Debug)]
pub(super) struct Plan {
    state: State,
    /// How many of the state's domains are to be exported: the first ones.
    listed: usize,
    max_attempts: u32,
    min_delay: Duration,
    /// Until when the account's quota is used up.
    account_full_until: Option<OffsetDateTime>,
    /// Until when that of a domain is.
    domain_full_until: HashMap<usize, OffsetDateTime>,
    /// What only a later run can go on with.
    put_off: HashSet<usize>,
    /// The exports that were looked at in this round.
    checked: HashSet<usize>,
    rounds: u32,
}

impl Plan {
    /// A run for the first `listed` domains of a state; what failed is tried again, as long as it
    /// was not tried too often, or from the beginning with `retry_failed`.
    pub(super) fn new(
        mut state: State,
        listed: usize,
        max_attempts: u32,
        min_delay: Duration,
        retry_failed: bool,
    ) -> Plan {
        for entry in state.domains.iter_mut().take(listed) {
            if let Stage::Failed { .. } = entry.stage {
                if retry_failed {
                    entry.attempts = 0;
                }
                if retry_failed || !has_failed_for_good(entry, max_attempts) {
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
            put_off: HashSet::new(),
            checked: HashSet::new(),
            rounds: 0,
        }
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The domains are this account's; refused where they are another's.
    pub(super) fn belong_to(&mut self, account_id: &str) -> Result<(), ExportAllError> {
        self.state.belong_to(account_id)
    }

    /// An export was started in this account; refused where the domains are another's.
    pub(super) fn started_in(&mut self, account_id: &str) -> Result<(), ExportAllError> {
        self.state.started_in(account_id)
    }

    /// The domains to be exported, in their order.
    pub(super) fn entries(&self) -> &[Entry] {
        self.state
            .domains
            .get(..self.listed)
            .unwrap_or(&self.state.domains)
    }

    /// Whether the domain's last try was the last one.
    pub(super) fn is_failed_for_good(&self, entry: &Entry) -> bool {
        has_failed_for_good(entry, self.max_attempts)
    }

    /// What to do at this time, with `left` of the time that may be waited.
    pub(super) fn next(&self, now: OffsetDateTime, left: Duration) -> Action {
        self.next_start(now)
            .or_else(|| self.next_check())
            .unwrap_or_else(|| self.wait(now, left))
    }

    fn next_start(&self, now: OffsetDateTime) -> Option<Action> {
        if self.account_full_until.is_some_and(|until| now < until) {
            return None;
        }
        let mut entries = self.entries().iter().enumerate();
        entries.find_map(|(index, entry)| {
            let is_full = |until: &OffsetDateTime| now < *until;
            if self.domain_full_until.get(&index).is_some_and(is_full)
                || self.put_off.contains(&index)
            {
                return None;
            }
            match &entry.stage {
                Stage::Waiting => Some(Action::Start(index)),
                Stage::Starting { since, .. } if is_trusted(*since, now) => {
                    Some(Action::Resend(index))
                }
                Stage::Starting { .. } => Some(Action::Find(index)),
                _ => None,
            }
        })
    }

    fn next_check(&self) -> Option<Action> {
        self.under_way()
            .find(|index| !self.checked.contains(index))
            .map(Action::Check)
    }

    fn under_way(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries().iter().enumerate();
        entries
            .filter(|(_, entry)| matches!(entry.stage, Stage::Started { .. }))
            .map(|(index, _)| index)
    }

    /// Waits for the next look at what is under way, or for a quota, whichever comes first; the last
    /// look falls into the time that is left.
    fn wait(&self, now: OffsetDateTime, left: Duration) -> Action {
        if left.is_zero() {
            return Action::End;
        }
        let end = later(now, left);
        let look = self.under_way().next().map(|_| {
            let longest = LONGEST_DELAY.max(self.min_delay);
            let doublings = self.rounds.min(31);
            let delay = self.min_delay.saturating_mul(1 << doublings).min(longest);
            later(now, delay).min(end)
        });
        let quota = self.next_quota(now).filter(|until| *until <= end);
        match look.into_iter().chain(quota).min() {
            Some(until) => Action::WaitUntil(until),
            None => Action::End,
        }
    }

    /// When a domain that waits for a quota may be started.
    fn next_quota(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let entries = self.entries().iter().enumerate();
        entries
            .filter(|(index, entry)| {
                matches!(entry.stage, Stage::Waiting | Stage::Starting { .. })
                    && !self.put_off.contains(index)
            })
            .filter_map(|(index, _)| {
                let domain = self.domain_full_until.get(&index).copied();
                self.account_full_until.max(domain).filter(|at| now < *at)
            })
            .min()
    }

    /// When a later run can do more; `None` when nothing is left to do.
    pub(super) fn next_run(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let entries = self.entries().iter().enumerate();
        entries
            .filter_map(|(index, entry)| match &entry.stage {
                Stage::Waiting | Stage::Starting { .. } if self.put_off.contains(&index) => {
                    Some(later(now, TRY_AGAIN))
                }
                Stage::Waiting | Stage::Starting { .. } => {
                    let domain = self.domain_full_until.get(&index).copied();
                    Some(
                        self.account_full_until
                            .max(domain)
                            .map_or(now, |at| at.max(now)),
                    )
                }
                Stage::Started { .. } => Some(later(now, LOOK_AGAIN)),
                Stage::Failed { .. } if !self.is_failed_for_good(entry) => {
                    Some(later(now, TRY_AGAIN))
                }
                Stage::Done { .. } | Stage::Failed { .. } => None,
            })
            .min()
    }

    fn set(&mut self, index: usize, stage: Stage) {
        if let Some(entry) = self.state.domains.get_mut(index) {
            entry.stage = stage;
        }
    }

    /// A request with a new token is about to be sent.
    pub(super) fn begin(&mut self, index: usize, client_token: String, since: OffsetDateTime) {
        if let Some(entry) = self.state.domains.get_mut(index) {
            entry.attempts = entry.attempts.saturating_add(1);
            entry.stage = Stage::Starting {
                client_token,
                since,
            };
        }
    }

    /// The export of a request is under way.
    pub(super) fn started(
        &mut self,
        index: usize,
        client_token: String,
        export_arn: String,
        requested_at: OffsetDateTime,
    ) {
        let stage = Stage::Started {
            client_token,
            export_arn,
            requested_at,
        };
        self.set(index, stage);
    }

    /// Nothing came of a request: it does not count.
    pub(super) fn withdraw(&mut self, index: usize) {
        if let Some(entry) = self.state.domains.get_mut(index) {
            entry.attempts = entry.attempts.saturating_sub(1);
            entry.stage = Stage::Waiting;
        }
    }

    /// A quota is used up.
    pub(super) fn quota_used(&mut self, index: usize, used: QuotaUsed) {
        match used {
            QuotaUsed::Domain(until) => {
                self.domain_full_until.insert(index, until);
            }
            QuotaUsed::Account(until) => self.account_full_until = Some(until),
        }
    }

    /// A later run is to go on with it.
    pub(super) fn put_off(&mut self, index: usize) {
        self.put_off.insert(index);
    }

    /// The try failed without an export.
    pub(super) fn refused(
        &mut self,
        index: usize,
        code: String,
        message: Option<String>,
        for_good: bool,
    ) {
        let stage = Stage::Failed {
            code,
            message,
            export_arn: None,
            for_good,
        };
        self.set(index, stage);
    }

    /// An export was looked at.
    pub(super) fn checked(&mut self, index: usize, export: GetExportOutput) {
        self.checked.insert(index);
        match export.export_status {
            ExportStatus::Succeeded => self.set(
                index,
                Stage::Done {
                    export_arn: export.export_arn,
                    items_count: export.items_count,
                    export_manifest: export.export_manifest,
                },
            ),
            ExportStatus::Failed => self.set(
                index,
                Stage::Failed {
                    code: export
                        .failure_code
                        .unwrap_or_else(|| ExportStatus::Failed.as_str().to_owned()),
                    message: export.failure_message,
                    export_arn: Some(export.export_arn),
                    for_good: false,
                },
            ),
            _ => {}
        }
    }

    /// The service does not know an export that it had started: not yet, or no more.
    pub(super) fn unknown(&mut self, index: usize, code: String, now: OffsetDateTime) {
        self.checked.insert(index);
        if let Some(Entry {
            stage: stage @ Stage::Started { .. },
            ..
        }) = self.state.domains.get_mut(index)
        {
            if let Stage::Started { requested_at, .. } = stage {
                if now < later(*requested_at, UNKNOWN_AT_FIRST) {
                    return;
                }
            }
            *stage = Stage::Failed {
                code,
                message: Some("the service knows the export no more".to_owned()),
                export_arn: None,
                for_good: false,
            };
        }
    }

    /// A wait is over: everything under way is to be looked at again.
    pub(super) fn begin_round(&mut self) {
        self.checked.clear();
        self.rounds = self.rounds.saturating_add(1);
    }
}

fn has_failed_for_good(entry: &Entry, max_attempts: u32) -> bool {
    match entry.stage {
        Stage::Failed { for_good, .. } => for_good || entry.attempts >= max_attempts,
        _ => false,
    }
}

/// Whether a token that was written down then still stands for its export; not where the clock was
/// set back since.
fn is_trusted(since: OffsetDateTime, now: OffsetDateTime) -> bool {
    since <= now && now < later(since, TOKEN_TRUST)
}

fn later(time: OffsetDateTime, by: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(by).unwrap_or(time::Duration::MAX))
}

#[cfg(test)]
mod tests;

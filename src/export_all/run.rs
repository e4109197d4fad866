//! Does what the plan says, and tells the plan what came of it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use log::debug;
use time::OffsetDateTime;

use super::error::{ExportAllError, ExportAllErrorKind};
use super::event::ExportAllEvent;
use super::plan::{Action, Plan};
use super::quota::{self, QuotaUsed};
use super::report::ExportAllReport;
use super::state::{Entry, Stage, State};
use super::state_file::StateFile;
use super::verdict::{self, Verdict};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::operation::get_export::GetExportInput;
use crate::operation::list_exports::ListExportsInput;
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::wire::arn::Arn;

/// How much earlier than the request an export may seem to have been asked for: clocks differ.
const CLOCKS_DIFFER: time::Duration = time::Duration::DAY;

/// How long a wait goes on after it was cancelled, at the most.
const SLICE: Duration = Duration::from_secs(1);

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: Plan,
    pub(super) state_file: StateFile,
    /// What is on the disk.
    pub(super) saved: Option<State>,
    pub(super) max_wait: Duration,
    pub(super) on_event: &'a mut dyn FnMut(&ExportAllEvent),
    pub(super) is_cancelled: &'a mut dyn FnMut() -> bool,
}

/// What ends a run before it has done all it could.
enum Stop {
    /// The state cannot be kept: nothing more may be sent.
    State(ExportAllError),
    /// The next request would fare no better.
    Service(Error),
}

impl From<ExportAllError> for Stop {
    fn from(error: ExportAllError) -> Stop {
        Stop::State(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Service(error)
    }
}

impl Run<'_> {
    pub(super) fn run(mut self) -> Result<ExportAllReport, ExportAllError> {
        let stopped_by = match self.work() {
            Ok(()) => None,
            Err(Stop::Service(error)) => Some(error),
            Err(Stop::State(error)) => return Err(error),
        };
        self.save()?;
        Ok(ExportAllReport::new(&self.plan, self.now(), stopped_by))
    }

    fn work(&mut self) -> Result<(), Stop> {
        let began = self.client.system().instant();
        if (self.is_cancelled)() {
            return Ok(());
        }
        self.identify()?;
        loop {
            self.save()?;
            if (self.is_cancelled)() {
                return Ok(());
            }
            match self.plan.next(self.now(), self.left(began)) {
                Action::Start(index) => self.start(index)?,
                Action::Resend(index) => self.send(index, false)?,
                Action::Find(index) => self.find(index)?,
                Action::Check(index) => self.check(index)?,
                Action::WaitUntil(until) => {
                    if self.wait(until, began).is_break() {
                        return Ok(());
                    }
                    self.plan.begin_round();
                }
                Action::End => return Ok(()),
            }
        }
    }

    /// Sees to it that nothing is asked of another account than that of the state.
    fn identify(&mut self) -> Result<(), Stop> {
        let credentials = self.client.credentials()?;
        if let Some(account_id) = credentials.account_id() {
            self.plan.belong_to(account_id)?;
        } else if let Some(expected) = self.plan.state().account_to_keep_to() {
            let account_id = self.account_of_newest_export(expected)?;
            self.plan.belong_to(&account_id)?;
        }
        Ok(())
    }

    /// The account that the newest export shows, which had one of `expected` before.
    fn account_of_newest_export(&self, expected: &str) -> Result<String, Stop> {
        let newest = ListExportsInput::new().max_results(1);
        let reason = match self.client.list_exports_pages(newest).items().next() {
            Some(Ok(summary)) => match Arn(&summary.export_arn).account_id() {
                Some(account_id) => return Ok(account_id.to_owned()),
                None => format!("its ARN {} does not tell it", summary.export_arn),
            },
            None => "it has no exports".to_owned(),
            // Refused, perhaps because it may not be listed.
            Some(Err(error)) if error.kind() == ErrorKind::Service => error.to_string(),
            Some(Err(error)) => return Err(Stop::Service(error)),
        };
        Err(Stop::State(ExportAllError::new(
            ExportAllErrorKind::OtherAccount,
            format!(
                "the state file is of the account {expected}, and that of the credentials is not \
                 known ({reason}): set AWS_ACCOUNT_ID, or name another state file"
            ),
        )))
    }

    fn now(&self) -> OffsetDateTime {
        self.client.system().now()
    }

    /// What is left of the time that may be waited.
    fn left(&self, began: Instant) -> Duration {
        let passed = self
            .client
            .system()
            .instant()
            .saturating_duration_since(began);
        self.max_wait.saturating_sub(passed)
    }

    /// Brings the state to the disk where it is not what is there.
    fn save(&mut self) -> Result<(), ExportAllError> {
        if self.saved.as_ref() != Some(self.plan.state()) {
            self.state_file.save(self.plan.state())?;
            self.saved = Some(self.plan.state().clone());
        }
        Ok(())
    }

    fn tell(&mut self, event: &ExportAllEvent) {
        (self.on_event)(event);
    }

    fn domain_name(&self, index: usize) -> String {
        let entry = self.plan.entries().get(index);
        entry
            .map(|entry| entry.domain_name.clone())
            .unwrap_or_default()
    }

    /// Writes a new token down, then asks for an export with it.
    fn start(&mut self, index: usize) -> Result<(), Stop> {
        let [client_token] = self.client.new_ids(StartDomainExportInput::NAME)?;
        self.plan.begin(index, client_token, self.now());
        self.save()?;
        self.send(index, true)
    }

    /// Asks for an export with the token that is written down; `fresh` says that it was not sent
    /// before.
    fn send(&mut self, index: usize, fresh: bool) -> Result<(), Stop> {
        let Some((domain_name, client_token)) = self.starting(index) else {
            return Ok(());
        };
        let input = self
            .plan
            .state()
            .settings
            .input(&domain_name, &client_token);
        match self.client.start_domain_export(&input) {
            Ok(started) => {
                let (arn, at) = (started.export_arn, started.requested_at);
                self.started(index, domain_name, client_token, arn, at)
            }
            Err(error) => self.not_started(index, domain_name, error, fresh),
        }
    }

    /// A domain whose start is not known to have succeeded, with its token.
    fn starting(&self, index: usize) -> Option<(String, String)> {
        let entry = self.plan.entries().get(index)?;
        match &entry.stage {
            Stage::Starting { client_token, .. } => {
                Some((entry.domain_name.clone(), client_token.clone()))
            }
            _ => None,
        }
    }

    fn started(
        &mut self,
        index: usize,
        domain_name: String,
        client_token: String,
        export_arn: String,
        requested_at: OffsetDateTime,
    ) -> Result<(), Stop> {
        if let Some(account_id) = Arn(&export_arn).account_id() {
            // What is on the disk stays: the token was not used up in the account of the state.
            self.plan.started_in(account_id).map_err(|error| {
                error.adding(&format!(
                    "; {domain_name} was started there as {export_arn}"
                ))
            })?;
        }
        self.plan
            .started(index, client_token, export_arn.clone(), requested_at);
        self.tell(&ExportAllEvent::Started {
            domain_name,
            export_arn,
        });
        Ok(())
    }

    fn not_started(
        &mut self,
        index: usize,
        domain_name: String,
        error: Error,
        fresh: bool,
    ) -> Result<(), Stop> {
        // Of a token that was used before, an earlier run's request may have started the export.
        let is_certain = fresh && !error.is_outcome_unknown();
        let proven = self.plan.state().domains.iter().any(Entry::had_export);
        match verdict::judge(error.kind(), error.code(), proven) {
            Verdict::Quota => {
                if is_certain {
                    self.plan.withdraw(index);
                }
                self.quota_used(index, domain_name);
            }
            Verdict::NoSuchDomain => self.refused(index, &error, true),
            Verdict::Domain if is_certain => self.refused(index, &error, false),
            Verdict::Domain => {
                self.plan.put_off(index);
                self.tell(&ExportAllEvent::PutOff {
                    domain_name,
                    reason: error.to_string(),
                });
            }
            Verdict::Run => {
                if is_certain {
                    self.plan.withdraw(index);
                }
                return Err(Stop::Service(error));
            }
        }
        Ok(())
    }

    fn refused(&mut self, index: usize, error: &Error, for_good: bool) {
        let code = error
            .code()
            .map_or_else(|| format!("{:?}", error.kind()), str::to_owned);
        let message = error.message().map(str::to_owned);
        self.plan.refused(index, code, message, for_good);
        self.tell_end(index);
    }

    /// Finds out which quota it is, and until when.
    fn quota_used(&mut self, index: usize, domain_name: String) {
        let listed: Result<Vec<_>, Error> = self
            .client
            .list_exports_pages(ListExportsInput::new())
            .items()
            .collect();
        let exports = listed.unwrap_or_else(|error| {
            debug!("the quotas cannot be told from the exports: {error}");
            Vec::new()
        });
        let used = quota::explain(&exports, &domain_name, self.now());
        self.plan.quota_used(index, used);
        self.tell(&match used {
            QuotaUsed::Domain(until) => ExportAllEvent::DomainQuotaUsed { domain_name, until },
            QuotaUsed::Account(until) => ExportAllEvent::AccountQuotaUsed { until },
        });
    }

    /// Looks for the export of a request of long ago, by its token.
    fn find(&mut self, index: usize) -> Result<(), Stop> {
        let Some(Stage::Starting {
            client_token,
            since,
        }) = self
            .plan
            .entries()
            .get(index)
            .map(|entry| entry.stage.clone())
        else {
            return Ok(());
        };
        let domain_name = self.domain_name(index);
        let input = ListExportsInput::new().domain_name(&domain_name);
        let earliest = since.saturating_sub(CLOCKS_DIFFER);
        for summary in self.client.list_exports_pages(input).items() {
            let summary = match summary {
                Ok(summary) => summary,
                Err(error) if error.kind() == ErrorKind::NoSuchDomainException => {
                    self.refused(index, &error, true);
                    return Ok(());
                }
                Err(error) => return Err(Stop::Service(error)),
            };
            if summary.requested_at < earliest {
                continue;
            }
            let export = self
                .client
                .get_export(&GetExportInput::new(summary.export_arn))?;
            if export.client_token == client_token {
                let (arn, at) = (export.export_arn, export.requested_at);
                return self.started(index, domain_name, client_token, arn, at);
            }
        }
        self.plan.withdraw(index);
        Ok(())
    }

    fn check(&mut self, index: usize) -> Result<(), Stop> {
        let Some(Stage::Started { export_arn, .. }) =
            self.plan.entries().get(index).map(|entry| &entry.stage)
        else {
            return Ok(());
        };
        match self.client.get_export(&GetExportInput::new(export_arn)) {
            Ok(export) => self.plan.checked(index, export),
            Err(error) if error.kind() == ErrorKind::NoSuchExportException => {
                let code = error.code().unwrap_or_default().to_owned();
                self.plan.unknown(index, code, self.now());
            }
            Err(error) => return Err(Stop::Service(error)),
        }
        self.tell_end(index);
        Ok(())
    }

    /// Tells how a domain ended, if it has.
    fn tell_end(&mut self, index: usize) {
        let Some(entry) = self.plan.entries().get(index) else {
            return;
        };
        let domain_name = entry.domain_name.clone();
        let event = match &entry.stage {
            Stage::Done { items_count, .. } => ExportAllEvent::Done {
                domain_name,
                items_count: *items_count,
            },
            Stage::Failed { code, message, .. } => ExportAllEvent::Failed {
                domain_name,
                code: code.clone(),
                message: message.clone(),
                for_good: self.plan.is_failed_for_good(entry),
            },
            _ => return,
        };
        self.tell(&event);
    }

    /// Waits until then, or until no time is left, whatever the clock does meanwhile; gives `Break`
    /// where it was cancelled.
    fn wait(&mut self, until: OffsetDateTime, began: Instant) -> ControlFlow<()> {
        let started = |entry: &&Entry| matches!(entry.stage, Stage::Started { .. });
        let under_way = self.plan.entries().iter().filter(started).count();
        self.tell(&ExportAllEvent::Waiting { until, under_way });
        loop {
            let rest = Duration::try_from(until - self.now()).unwrap_or_default();
            let rest = rest.min(self.left(began));
            if rest.is_zero() {
                return ControlFlow::Continue(());
            }
            self.client.system().sleep(rest.min(SLICE));
            if (self.is_cancelled)() {
                return ControlFlow::Break(());
            }
        }
    }
}

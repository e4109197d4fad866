//! Carries out what the plan says, and reports the results to the plan.

use std::ops::ControlFlow;
use std::time::Duration;

use log::debug;
use time::OffsetDateTime;

use super::error::{Error as RunError, ErrorKind as RunErrorKind};
use super::event::Event;
use super::plan::{self, Action, Plan};
use super::quota::{self, QuotaUsed};
use super::report::{DomainReport, Report};
use super::search::{self, Outcome};
use super::state::{Entry, Stage, State};
use super::state_file::StateFile;
use super::verdict::{self, Verdict, is_settings_failure};
use super::{HasStarted, OnEvent};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::operation::get_export::GetExportInput;
use crate::operation::start_domain_export::StartDomainExport;
use crate::operation::types::ExportStatus;
use crate::system::Deadline;
use crate::wire::arn::Arn;

/// How often a wait is reported, and can be cancelled.
const SLICE: Duration = Duration::from_secs(1);

/// A run.
pub(super) struct Run<'a> {
    pub(super) client: Client,
    pub(super) plan: Plan,
    pub(super) state_file: StateFile,
    /// What is on disk.
    pub(super) saved: Option<State>,
    pub(super) max_wait: Duration,
    pub(super) has_started: HasStarted<'a>,
    pub(super) on_event: OnEvent<'a>,
}

/// What is known of a client token that is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    /// It was never sent before.
    New,
    /// It was sent before, and no export has it.
    Searched,
    /// It was sent before, and whether an export has it is not known.
    Unsearched,
}

/// What ends a run early.
enum Stop {
    /// The caller said so.
    Cancelled,
    /// The state cannot be kept: nothing more may be sent.
    State(RunError),
    /// The next request would fail too.
    Service(Error),
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Stop {
        Stop::State(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Service(error)
    }
}

impl Run<'_> {
    pub(super) fn run(mut self) -> Result<Report, RunError> {
        let stopped_by = match self.work() {
            Ok(()) | Err(Stop::Cancelled) => None,
            Err(Stop::Service(error)) => Some(error),
            Err(Stop::State(error)) => return Err(error),
        };
        self.save()?;
        Ok(self.report(stopped_by))
    }

    /// Returns the state of all domains.
    pub(super) fn report(&self, stopped_by: Option<Error>) -> Report {
        Report::new(&self.plan, self.now(), stopped_by)
    }

    fn work(&mut self) -> Result<(), Stop> {
        let client = self.client.clone();
        let deadline = Deadline::new(client.system(), self.max_wait);
        self.identify()?;
        loop {
            self.save()?;
            match self.plan.next(self.now(), deadline.left()) {
                Action::Start(index) => self.start(index)?,
                Action::Resume(index) => self.resume(index)?,
                Action::Poll(index) => self.poll(index)?,
                Action::SkipBucketCheck(index) => self.skip_bucket_check(index)?,
                Action::WaitUntil(until) => self.wait(until, &deadline)?,
                Action::End => return Ok(()),
            }
        }
    }

    /// Makes sure that nothing is requested of another account than the state's.
    fn identify(&mut self) -> Result<(), Stop> {
        let credentials = self.client.credentials()?;
        if let Some(account_id) = credentials.account_id() {
            self.plan.state.bind_to_account(account_id)?;
        } else if let Some(expected) = self.plan.state.bound_account() {
            let account_id = self.account_of_exports(expected)?;
            self.plan.state.bind_to_account(&account_id)?;
        }
        Ok(())
    }

    /// Returns the account that an export shows; `expected` is for the error if there is none.
    fn account_of_exports(&self, expected: &str) -> Result<String, Stop> {
        let domains = &self.plan.state.domains;
        let reason = match search::account_exports(&self.client, domains, 1) {
            Ok(exports) => match exports.first() {
                Some(export) => match Arn(&export.export_arn).account_id() {
                    Some(account_id) => return Ok(account_id.to_owned()),
                    None => format!("the ARN {} has none", export.export_arn),
                },
                None => "it has no exports".to_owned(),
            },
            Err(error) if error.kind() == ErrorKind::Service => error.to_string(),
            Err(error) => return Err(Stop::Service(error)),
        };
        Err(Stop::State(RunError::new(
            RunErrorKind::OtherAccount,
            format!(
                "the state file belongs to account {expected}, but the account of the credentials \
                 is not known ({reason}): set AWS_ACCOUNT_ID, or name another state file"
            ),
        )))
    }

    /// Returns the service's time, as far as it is known.
    fn now(&self) -> OffsetDateTime {
        self.client.system().now() + self.client.clock_skew().get()
    }

    /// Writes the state to disk if it has changed.
    fn save(&mut self) -> Result<(), RunError> {
        if self.saved.as_ref() != Some(&self.plan.state) {
            self.state_file.save(&self.plan.state)?;
            self.saved = Some(self.plan.state.clone());
        }
        Ok(())
    }

    fn notify(&mut self, event: &Event) -> Result<(), Stop> {
        match (self.on_event)(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }

    fn entry(&self, index: usize) -> &Entry {
        &self.plan.entries()[index]
    }

    fn domain_name(&self, index: usize) -> String {
        self.entry(index).input.domain_name.clone()
    }

    /// Saves a new token, then requests an export with it.
    fn start(&mut self, index: usize) -> Result<(), Stop> {
        let [client_token] = self.client.new_ids(StartDomainExport::NAME)?;
        self.plan.begin(index, client_token.to_string(), self.now());
        self.save()?;
        self.send(index, Token::New)
    }

    /// Requests an export with the saved token.
    fn send(&mut self, index: usize, token: Token) -> Result<(), Stop> {
        let input = self.entry(index).input.clone();
        match self.client.start_domain_export(&input) {
            Ok(started) => self.started(index, started.export_arn, started.requested_at),
            Err(error) => self.not_started(index, error, token),
        }
    }

    /// Finds out whether an earlier request started an export; requests it again if not.
    fn resume(&mut self, index: usize) -> Result<(), Stop> {
        let entry = self.entry(index);
        let Stage::Starting { since } = entry.stage else {
            return Ok(());
        };
        let outcome = search::outcome(&self.client, &entry.input)?;
        // Only now: the responses show the service's time.
        let is_valid = plan::is_token_valid(since, self.now());
        match outcome {
            Outcome::Started(export) => self.started(index, export.export_arn, export.requested_at),
            Outcome::NoSuchDomain(error) => self.refused(index, &error, true),
            Outcome::Nothing if is_valid => self.send(index, Token::Searched),
            Outcome::Nothing => {
                self.plan.withdraw(index);
                Ok(())
            }
            Outcome::Denied(_) if is_valid => self.send(index, Token::Unsearched),
            Outcome::Denied(error) => self.postpone(index, &error),
        }
    }

    fn started(
        &mut self,
        index: usize,
        export_arn: String,
        requested_at: OffsetDateTime,
    ) -> Result<(), Stop> {
        let domain_name = self.domain_name(index);
        if let Some(account_id) = Arn(&export_arn).account_id() {
            // What is on disk stays: the token was not used up in the state's account.
            self.plan.state.started_in(account_id).map_err(|error| {
                error.adding(&format!(
                    "; {domain_name} was started there as {export_arn}"
                ))
            })?;
        }
        self.plan.started(index, export_arn, requested_at);
        self.notify_domain(index)
    }

    fn not_started(&mut self, index: usize, error: Error, token: Token) -> Result<(), Stop> {
        let is_unknown = error.is_outcome_unknown();
        // With a token that was sent before, an earlier request may have started the export.
        let is_certain = token == Token::New && !is_unknown;
        let proven = self.plan.state.domains.iter().any(Entry::had_export);
        match verdict::judge(error.kind(), error.code(), proven) {
            Verdict::Quota => {
                if is_certain {
                    self.plan.withdraw(index);
                }
                self.quota_used(index, &error)
            }
            Verdict::NoSuchDomain => match token {
                Token::New | Token::Searched if !is_unknown => self.refused(index, &error, true),
                Token::New => self.resume(index),
                Token::Searched | Token::Unsearched => self.postpone(index, &error),
            },
            Verdict::Domain if is_certain => self.refused(index, &error, false),
            Verdict::Domain => self.postpone(index, &error),
            Verdict::Run => {
                if is_certain {
                    self.plan.withdraw(index);
                }
                Err(Stop::Service(error))
            }
        }
    }

    /// Leaves it to a later run to find out whether an export was started.
    fn postpone(&mut self, index: usize, error: &Error) -> Result<(), Stop> {
        self.plan.postpone(index);
        self.notify(&Event::Postponed {
            domain_name: self.domain_name(index),
            reason: error.to_string(),
        })
    }

    fn refused(&mut self, index: usize, error: &Error, permanent: bool) -> Result<(), Stop> {
        let code = error
            .code()
            .map_or_else(|| error.kind().to_string(), str::to_owned);
        let message = error.message().map(str::to_owned);
        self.plan.refused(index, code, message, permanent);
        self.notify_domain(index)
    }

    /// Finds out which quota is used up, and until when.
    fn quota_used(&mut self, index: usize, error: &Error) -> Result<(), Stop> {
        let domain_name = self.domain_name(index);
        let domains = &self.plan.state.domains;
        let exports = search::account_exports(&self.client, domains, usize::MAX);
        let exports = exports.unwrap_or_else(|error| {
            debug!("the quotas cannot be derived from the exports: {error}");
            Vec::new()
        });
        let is_domains = error.code() == Some("NumberDomainExportsExceeded");
        let used = quota::explain(&exports, &domain_name, is_domains, self.now());
        self.plan.quota_used(index, used);
        self.notify(&match used {
            QuotaUsed::Domain(until) => Event::DomainQuotaUsed { domain_name, until },
            QuotaUsed::Account(until) => Event::AccountQuotaUsed { until },
        })
    }

    fn poll(&mut self, index: usize) -> Result<(), Stop> {
        let Stage::Started { export_arn, .. } = &self.entry(index).stage else {
            return Ok(());
        };
        match self.client.get_export(&GetExportInput::new(export_arn)) {
            Ok(export) => {
                if export.export_status == ExportStatus::Pending
                    && self.plan.is_awaited(index, self.now())
                    && (self.has_started)(&export)
                {
                    self.plan.skip_bucket_check(index);
                }
                self.plan.polled(index, export);
            }
            Err(error) if error.kind() == ErrorKind::NoSuchExportException => {
                let code = error.code().unwrap_or_default().to_owned();
                self.plan.unknown(index, code, self.now());
            }
            Err(error) => return Err(Stop::Service(error)),
        }
        if let Stage::Started { .. } = self.entry(index).stage {
            return Ok(());
        }
        self.notify_domain(index)?;
        self.stop_on_wrong_settings(index)
    }

    /// Stops if an export failed because of its bucket or key: every other one would fail too.
    fn stop_on_wrong_settings(&self, index: usize) -> Result<(), Stop> {
        let entry = self.entry(index);
        match &entry.stage {
            Stage::Failed {
                code,
                message,
                export_arn: Some(export_arn),
                ..
            } if is_settings_failure(code) => Err(Stop::Service(Error::export_failed(
                export_arn,
                Some(code.clone()),
                Some(format!(
                    "{}{}no further exports are started: correct the bucket ({}), its policy or the \
                     key, and run again",
                    message.as_deref().unwrap_or_default(),
                    if message.is_some() { "; " } else { "" },
                    entry.input.s3_bucket
                )),
            ))),
            _ => Ok(()),
        }
    }

    fn skip_bucket_check(&mut self, index: usize) -> Result<(), Stop> {
        self.plan.skip_bucket_check(index);
        let entry = self.entry(index);
        let Stage::Started { export_arn, .. } = &entry.stage else {
            return Ok(());
        };
        let event = Event::BucketUnchecked {
            domain_name: entry.input.domain_name.clone(),
            export_arn: export_arn.clone(),
        };
        self.notify(&event)
    }

    fn notify_domain(&mut self, index: usize) -> Result<(), Stop> {
        let report = DomainReport::new(&self.plan, self.entry(index));
        self.notify(&Event::Domain(report))
    }

    /// Waits until then, or until no time is left, even if the clock is set in the meantime.
    fn wait(&mut self, until: OffsetDateTime, deadline: &Deadline<'_>) -> Result<(), Stop> {
        let in_progress = self.plan.in_progress().count();
        loop {
            let rest = Duration::try_from(until - self.now()).unwrap_or_default();
            let rest = rest.min(deadline.left());
            if rest.is_zero() {
                self.plan.begin_round();
                return Ok(());
            }
            self.notify(&Event::Waiting { until, in_progress })?;
            self.client.system().sleep(rest.min(SLICE));
        }
    }
}

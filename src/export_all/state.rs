//! What is remembered from run to run.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ureq::http::Uri;

use super::error::{Error, ErrorKind};
use crate::config::Config;
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::wire::timestamp;

/// The version of the file's format.
const VERSION: u32 = 2;

/// Everything that a state file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    version: u32,
    /// The account of the domains, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    service: Service,
    pub(super) domains: Vec<Entry>,
}

/// The service that has the domains: another region or endpoint has others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// The host of an endpoint that was set. Without its port, because a local service has another
    /// one each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) endpoint_host: Option<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// The input of its exports, with the client token of the last attempt.
    pub(super) input: StartDomainExportInput,
    /// How many exports of it were attempted.
    pub(super) attempts: u32,
    #[serde(flatten)]
    pub(super) stage: Stage,
}

/// The state of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(super) enum Stage {
    /// No export of it is in progress.
    Waiting,
    /// A request was sent, or was about to be; whether it started an export is not known.
    Starting {
        #[serde(with = "timestamp::text")]
        since: OffsetDateTime,
    },
    /// An export is in progress.
    Started {
        export_arn: String,
        #[serde(with = "timestamp::text")]
        requested_at: OffsetDateTime,
    },
    /// It is exported.
    Done {
        export_arn: String,
        items_count: Option<u64>,
        export_manifest: Option<String>,
    },
    /// The last attempt failed.
    Failed {
        code: String,
        message: Option<String>,
        export_arn: Option<String>,
        /// Whether another attempt cannot help.
        permanent: bool,
    },
}

impl Default for State {
    fn default() -> State {
        State {
            version: VERSION,
            account_id: None,
            service: Service::default(),
            domains: Vec::new(),
        }
    }
}

impl State {
    /// Parses a state file; the error says what is wrong with it.
    pub(super) fn parse(json: &[u8]) -> Result<State, String> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let damaged = |error| format!("damaged ({error}): restore a copy, or name another file");
        let head: Head = serde_json::from_slice(json).map_err(damaged)?;
        if head.version != VERSION {
            return Err(format!(
                "has version {}, but this program supports version {VERSION}: use the program that \
                 wrote it, or name another file",
                head.version
            ));
        }
        serde_json::from_slice(json).map_err(damaged)
    }

    /// Makes the state one of this service's domains; refused once another one was sent a request.
    pub(super) fn use_service(&mut self, service: Service) -> Result<(), Error> {
        if self.service != service && self.is_begun() {
            return Err(Error::new(
                ErrorKind::OtherSettings,
                format!(
                    "the state file belongs to {}, not to {}: name another state file for that",
                    self.service.describe(),
                    service.describe()
                ),
            ));
        }
        self.service = service;
        Ok(())
    }

    /// Returns whether any request was sent.
    fn is_begun(&self) -> bool {
        !self.domains.iter().all(Entry::is_untouched)
    }

    /// Returns the account that the state is bound to, if any.
    pub(super) fn bound_account(&self) -> Option<&str> {
        self.account_id.as_deref().filter(|_| self.is_begun())
    }

    /// Binds the state to an account; refused once another one was sent a request.
    pub(super) fn bind_to_account(&mut self, account_id: &str) -> Result<(), Error> {
        match self.bound_account() {
            Some(own) if own != account_id => Err(Error::new(
                ErrorKind::OtherAccount,
                format!(
                    "the state file belongs to account {own}, but the credentials belong to \
                     account {account_id}: use credentials of account {own}, or name another state \
                     file"
                ),
            )),
            Some(_) => Ok(()),
            None => {
                self.account_id = Some(account_id.to_owned());
                Ok(())
            }
        }
    }

    /// Binds the state to the account of an export that was started; the first one overrides what
    /// the credentials said.
    pub(super) fn started_in(&mut self, account_id: &str) -> Result<(), Error> {
        if !self.domains.iter().any(Entry::had_export) {
            self.account_id = None;
        }
        self.bind_to_account(account_id)
    }

    /// Orders the domains as `inputs`, adding new ones; domains that are not among the inputs come
    /// last. Returns how many are.
    ///
    /// # Errors
    ///
    /// The input of a domain differs from the one that it is being exported, or was exported, with.
    pub(super) fn arrange(&mut self, inputs: Vec<StartDomainExportInput>) -> Result<usize, Error> {
        let mut listed: Vec<Entry> = Vec::with_capacity(inputs.len());
        let mut positions = HashMap::new();
        for input in inputs {
            if let Some(&position) = positions.get(&input.domain_name) {
                let first: &Entry = &listed[position];
                if !first.has_input(&input) {
                    return Err(Error::new(
                        ErrorKind::InvalidInput,
                        format!(
                            "{} is given twice, with {} and with {}: give it once",
                            input.domain_name,
                            describe(&first.input),
                            describe(&input)
                        ),
                    ));
                }
                continue;
            }
            positions.insert(input.domain_name.clone(), listed.len());
            listed.push(Entry::new(input));
        }
        let mut others = Vec::new();
        for mut known in self.domains.drain(..) {
            match positions.get(&known.input.domain_name) {
                Some(&position) => {
                    known.use_input(&listed[position].input)?;
                    listed[position] = known;
                }
                None => others.push(known),
            }
        }
        let count = listed.len();
        listed.append(&mut others);
        self.domains = listed;
        Ok(count)
    }
}

impl Service {
    pub(super) fn of(config: &Config) -> Service {
        let endpoint_url = config.endpoint_url();
        Service {
            region: config.region().map(str::to_owned),
            endpoint_host: endpoint_url
                .and_then(|url| Some(url.parse::<Uri>().ok()?.host()?.to_owned())),
        }
    }

    fn describe(&self) -> String {
        let region = self.region.as_deref().unwrap_or("unknown");
        match &self.endpoint_host {
            Some(host) => format!("region {region} at endpoint {host}"),
            None => format!("region {region}"),
        }
    }
}

impl Entry {
    pub(super) fn new(input: StartDomainExportInput) -> Entry {
        Entry {
            input,
            attempts: 0,
            stage: Stage::Waiting,
        }
    }

    /// Returns whether no request was ever sent.
    fn is_untouched(&self) -> bool {
        self.attempts == 0 && self.stage == Stage::Waiting
    }

    /// Returns whether there is, or was, an export of it that is known by its ARN.
    pub(super) fn had_export(&self) -> bool {
        match &self.stage {
            Stage::Started { .. } | Stage::Done { .. } => true,
            Stage::Failed { export_arn, .. } => export_arn.is_some(),
            Stage::Waiting | Stage::Starting { .. } => false,
        }
    }

    /// Takes an input for the next export; refused if the domain is exported, or perhaps is, with
    /// another one.
    fn use_input(&mut self, input: &StartDomainExportInput) -> Result<(), Error> {
        match self.stage {
            _ if self.has_input(input) => Ok(()),
            Stage::Waiting | Stage::Failed { .. } => {
                // Attempts with other settings say nothing about these.
                *self = Entry::new(input.clone());
                Ok(())
            }
            Stage::Starting { .. } | Stage::Started { .. } | Stage::Done { .. } => Err(Error::new(
                ErrorKind::OtherSettings,
                format!(
                    "{} is in the state file with {}, not with {}: name another state file for \
                         that",
                    input.domain_name,
                    describe(&self.input),
                    describe(input)
                ),
            )),
        }
    }

    fn has_input(&self, input: &StartDomainExportInput) -> bool {
        let mut own = self.input.clone();
        own.client_token.clone_from(&input.client_token);
        own == *input
    }

    /// Returns what the input has in common with those of other domains.
    pub(super) fn settings(&self) -> StartDomainExportInput {
        let mut settings = self.input.clone();
        settings.domain_name.clear();
        settings.client_token = None;
        settings
    }
}

/// Returns what an input says about the bucket, sorted by name.
fn describe(input: &StartDomainExportInput) -> String {
    let members = serde_json::to_value(input).and_then(serde_json::from_value);
    let members: BTreeMap<String, String> = members.unwrap_or_default();
    let members = members.iter().filter_map(|(name, value)| {
        let is_shown = name != "domainName" && name != "clientToken";
        is_shown.then(|| format!("{name} {value}"))
    });
    members.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;

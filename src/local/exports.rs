//! The exports that were started, and the rules that they follow; pure, with the time passed in.

mod record;

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

pub(super) use self::record::{Failure, Outcome, Record, Success};
use super::clock::Pace;
use super::error::ServiceError;
use crate::operation::get_export::GetExportOutput;
use crate::operation::list_exports::{ListExportsInput, ListExportsOutput};
use crate::operation::start_domain_export::{StartDomainExportInput, StartDomainExportOutput};

/// How long a client token identifies the export that it started.
const TOKEN_VALIDITY: Duration = Duration::from_secs(8 * 3600);

/// The window in which exports count toward the quotas.
const QUOTA_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// How long ListExports returns an export: three months, taken as 90 days.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 3600);

/// How many exports may start within 24 hours.
///
/// ```
/// use simpledb_export::local::Quotas;
///
/// assert_eq!(Quotas::default(), Quotas { per_domain: 5, per_account: 25 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Exports of one domain. Defaults to 5.
    pub per_domain: usize,
    /// Exports of all domains together. Defaults to 25.
    pub per_account: usize,
}

impl Quotas {
    /// Returns quotas that allow any number of exports.
    #[must_use]
    pub const fn unlimited() -> Quotas {
        Quotas {
            per_domain: usize::MAX,
            per_account: usize::MAX,
        }
    }
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            per_domain: 5,
            per_account: 25,
        }
    }
}

#[derive(Debug)]
pub(super) struct Exports {
    quotas: Quotas,
    pace: Pace,
    page_size: usize,
    /// In the order of their start; none is ever removed.
    records: Vec<Record>,
    by_arn: HashMap<String, usize>,
    by_token: HashMap<String, usize>,
}

impl Exports {
    pub(super) fn new(quotas: Quotas, pace: Pace, page_size: usize) -> Exports {
        Exports {
            quotas,
            pace,
            page_size,
            records: Vec::new(),
            by_arn: HashMap::new(),
            by_token: HashMap::new(),
        }
    }

    /// Returns the export that a token identifies at this time. The input is without its token.
    pub(super) fn known(
        &self,
        client_token: &str,
        input: &StartDomainExportInput,
        now: OffsetDateTime,
    ) -> Result<Option<usize>, ServiceError> {
        let index = self.by_token.get(client_token).copied();
        let is_valid = |index: &usize| self.records[*index].age(now) < TOKEN_VALIDITY;
        match index.filter(is_valid) {
            Some(index) if self.records[index].input != *input => Err(conflict()),
            known => Ok(known),
        }
    }

    /// Accepts an export whose token is not [known](Exports::known). The caller creates what
    /// identifies it, so that the rules stay pure.
    pub(super) fn accept(
        &mut self,
        id: String,
        arn: String,
        client_token: String,
        input: StartDomainExportInput,
        now: OffsetDateTime,
    ) -> Result<usize, ServiceError> {
        self.check_quotas(&input.domain_name, now)?;
        let index = self.records.len();
        self.by_arn.insert(arn.clone(), index);
        self.by_token.insert(client_token.clone(), index);
        self.records.push(Record {
            id,
            arn,
            client_token,
            input,
            requested_at: now,
            cutoff: None,
            outcome: None,
        });
        Ok(index)
    }

    fn check_quotas(&self, domain_name: &str, now: OffsetDateTime) -> Result<(), ServiceError> {
        let quotas = self.quotas;
        if quotas == Quotas::unlimited() {
            return Ok(());
        }
        let recent = || {
            self.records
                .iter()
                .rev()
                .take_while(|record| record.age(now) < QUOTA_WINDOW)
        };
        let of_domain = recent()
            .filter(|record| record.input.domain_name == domain_name)
            .count();
        if of_domain >= quotas.per_domain {
            return Err(limit_exceeded(quotas.per_domain, "a domain"));
        }
        if recent().count() >= quotas.per_account {
            return Err(limit_exceeded(quotas.per_account, "an account"));
        }
        Ok(())
    }

    /// Records that the files are written from now on. Returns a copy of the record, so that writing
    /// them locks nothing.
    pub(super) fn begin(&mut self, index: usize, now: OffsetDateTime) -> Record {
        let record = &mut self.records[index];
        record.cutoff = Some(now);
        record.clone()
    }

    /// Records the outcome.
    pub(super) fn finish(&mut self, index: usize, outcome: Outcome) {
        self.records[index].outcome = Some(outcome);
    }

    pub(super) fn started(&self, index: usize) -> StartDomainExportOutput {
        self.records[index].started()
    }

    pub(super) fn get(
        &self,
        arn: &str,
        now: OffsetDateTime,
    ) -> Result<GetExportOutput, ServiceError> {
        match self.by_arn.get(arn) {
            Some(index) => Ok(self.records[*index].output(self.pace, now)),
            None => Err(ServiceError::bad_request(
                "NoSuchExportException",
                format!("no export with ARN {arn:?}"),
            )),
        }
    }

    /// Returns one page, newest first.
    pub(super) fn list(
        &self,
        input: &ListExportsInput,
        now: OffsetDateTime,
    ) -> Result<ListExportsOutput, ServiceError> {
        let domain_name = input.domain_name.as_deref();
        let end = match &input.next_token {
            Some(token) => self
                .position(token, domain_name)
                .ok_or_else(invalid_next_token)?,
            None => self.records.len(),
        };
        let max_results = input.max_results.and_then(|count| count.try_into().ok());
        let size = self.page_size.min(max_results.unwrap_or(usize::MAX));
        let mut listed = self
            .records
            .iter()
            .take(end)
            .rev()
            .filter(|record| record.age(now) < RETENTION)
            .filter(|record| domain_name.is_none_or(|name| record.input.domain_name == name));
        let page: Vec<&Record> = listed.by_ref().take(size).collect();
        let last = listed.next().and(page.last());
        Ok(ListExportsOutput {
            next_token: last.map(|last| page_token(last, domain_name)),
            export_summaries: page
                .iter()
                .map(|record| record.summary(self.pace, now))
                .collect(),
            request_id: None,
        })
    }

    /// Returns the index of the export after which a page of the same list starts.
    fn position(&self, token: &str, domain_name: Option<&str>) -> Option<usize> {
        let (_, id) = token.split_once('-')?;
        let index = self.records.iter().position(|record| record.id == id)?;
        let record = self.records.get(index)?;
        let is_listed = domain_name.is_none_or(|name| record.input.domain_name == name);
        (is_listed && page_token(record, domain_name) == token).then_some(index)
    }
}

fn conflict() -> ServiceError {
    ServiceError::bad_request(
        "ConflictException",
        "this clientToken was used with other parameters within the last 8 hours; use a new one for \
         a new export",
    )
}

fn limit_exceeded(limit: usize, of: &str) -> ServiceError {
    let message = format!("{of} may start {limit} exports within 24 hours; try again later");
    ServiceError::new(409, "NumberExportsLimitExceeded", message)
}

fn invalid_next_token() -> ServiceError {
    ServiceError::bad_request(
        "InvalidNextTokenException",
        "nextToken was not returned by this service for the same domainName; start again from the \
         first page",
    )
}

/// Returns the token of the page after an export. An export's ID cannot be guessed; what precedes it
/// keeps the list of a domain and the list of all apart.
fn page_token(last: &Record, domain_name: Option<&str>) -> String {
    let list = if domain_name.is_some() {
        "domain"
    } else {
        "all"
    };
    format!("{list}-{}", last.id)
}

#[cfg(test)]
mod tests;

//! The exports that were started and the rules they follow; pure, with the time passed in.

mod record;

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

pub(super) use self::record::{Failure, Outcome, Record, Status};
use super::clock::Pace;
use super::page_token::PageTokens;
use super::simpledb_error::SimpleDbError;
use super::validate::{ExportParameters, ListRequest};

/// For how long a client token stands for the export that it started.
const TOKEN_VALIDITY: Duration = Duration::from_secs(8 * 3600);

/// The window in which exports count towards the quotas.
const QUOTA_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// For how long ListExports shows an export: three months, taken as 90 days.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 3600);

/// How many exports may start within 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quotas {
    pub(super) per_domain: usize,
    pub(super) per_account: usize,
}

impl Quotas {
    /// AWS's: 5 a domain, 25 an account.
    pub(super) const DEFAULT: Quotas = Quotas {
        per_domain: 5,
        per_account: 25,
    };
}

/// What identifies a new export, made by the caller so that the rules stay pure.
#[derive(Debug)]
pub(super) struct NewExport {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) client_token: String,
}

/// What StartDomainExport led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    /// A new export, by its index.
    New(usize),
    /// The export that the same token had started before.
    Known(usize),
}

#[derive(Debug)]
pub(super) struct Exports {
    quotas: Option<Quotas>,
    pace: Pace,
    page_size: usize,
    page_tokens: PageTokens,
    /// In the order in which they were started; none is ever removed.
    records: Vec<Record>,
    by_arn: HashMap<String, usize>,
    by_token: HashMap<String, usize>,
}

impl Exports {
    pub(super) fn new(
        quotas: Option<Quotas>,
        pace: Pace,
        page_size: usize,
        page_tokens: PageTokens,
    ) -> Exports {
        Exports {
            quotas,
            pace,
            page_size: page_size.max(1),
            page_tokens,
            records: Vec::new(),
            by_arn: HashMap::new(),
            by_token: HashMap::new(),
        }
    }

    /// The export that a token stands for at this time.
    pub(super) fn known(
        &self,
        client_token: &str,
        parameters: &ExportParameters,
        now: OffsetDateTime,
    ) -> Result<Option<usize>, SimpleDbError> {
        let Some(index) = self.by_token.get(client_token).copied() else {
            return Ok(None);
        };
        match self.records.get(index) {
            Some(record) if record.age(now) < TOKEN_VALIDITY => {
                if record.parameters == *parameters {
                    Ok(Some(index))
                } else {
                    Err(SimpleDbError::conflict())
                }
            }
            _ => Ok(None),
        }
    }

    /// Takes an export in, or finds the one that its token stands for.
    pub(super) fn accept(
        &mut self,
        new: NewExport,
        parameters: ExportParameters,
        now: OffsetDateTime,
    ) -> Result<Accepted, SimpleDbError> {
        if let Some(index) = self.known(&new.client_token, &parameters, now)? {
            return Ok(Accepted::Known(index));
        }
        self.check_quotas(&parameters.domain_name, now)?;
        let index = self.records.len();
        self.by_arn.insert(new.arn.clone(), index);
        self.by_token.insert(new.client_token.clone(), index);
        self.records.push(Record {
            id: new.id,
            arn: new.arn,
            client_token: new.client_token,
            parameters,
            requested_at: now,
            cutoff: None,
            outcome: None,
        });
        Ok(Accepted::New(index))
    }

    fn check_quotas(&self, domain_name: &str, now: OffsetDateTime) -> Result<(), SimpleDbError> {
        let Some(quotas) = self.quotas else {
            return Ok(());
        };
        let recent = || {
            self.records
                .iter()
                .rev()
                .take_while(|record| record.age(now) < QUOTA_WINDOW)
        };
        let of_domain = recent()
            .filter(|record| record.parameters.domain_name == domain_name)
            .count();
        if of_domain >= quotas.per_domain {
            return Err(SimpleDbError::limit_exceeded(quotas.per_domain, "a domain"));
        }
        if recent().count() >= quotas.per_account {
            return Err(SimpleDbError::limit_exceeded(
                quotas.per_account,
                "an account",
            ));
        }
        Ok(())
    }

    /// Notes that the files are being written from now on.
    pub(super) fn begin(&mut self, index: usize, now: OffsetDateTime) {
        if let Some(record) = self.records.get_mut(index) {
            record.cutoff = Some(now);
        }
    }

    /// Notes how it ended.
    pub(super) fn finish(&mut self, index: usize, outcome: Outcome) {
        if let Some(record) = self.records.get_mut(index) {
            record.outcome = Some(outcome);
        }
    }

    pub(super) fn record(&self, index: usize) -> Option<&Record> {
        self.records.get(index)
    }

    pub(super) fn by_arn(&self, arn: &str) -> Result<&Record, SimpleDbError> {
        self.by_arn
            .get(arn)
            .and_then(|index| self.records.get(*index))
            .ok_or_else(|| SimpleDbError::no_such_export(arn))
    }

    pub(super) fn status(&self, record: &Record, now: OffsetDateTime) -> Status {
        record.status(self.pace, now)
    }

    /// One page, the newest first, and the token of the next one.
    pub(super) fn list(
        &self,
        request: &ListRequest,
        now: OffsetDateTime,
    ) -> Result<(Vec<&Record>, Option<String>), SimpleDbError> {
        let domain_name = request.domain_name.as_deref();
        let end = match &request.next_token {
            Some(token) => self
                .page_tokens
                .position(token, domain_name)
                .filter(|position| *position <= self.records.len())
                .ok_or_else(SimpleDbError::invalid_next_token)?,
            None => self.records.len(),
        };
        let size = request
            .max_results
            .unwrap_or(usize::MAX)
            .min(self.page_size);
        let mut shown = self
            .records
            .iter()
            .enumerate()
            .take(end)
            .rev()
            .filter(|(_, record)| record.age(now) < RETENTION)
            .filter(|(_, record)| {
                domain_name.is_none_or(|name| record.parameters.domain_name == name)
            });
        let page: Vec<(usize, &Record)> = shown.by_ref().take(size).collect();
        let is_last = shown.next().is_none();
        let next_token = match page.last() {
            Some((index, _)) if !is_last => Some(self.page_tokens.make(*index, domain_name)),
            _ => None,
        };
        let page = page.into_iter().map(|(_, record)| record).collect();
        Ok((page, next_token))
    }
}

#[cfg(test)]
mod tests;

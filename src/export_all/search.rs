//! Searching the service's exports.

use super::state::Entry;
use super::verdict::is_access_denied;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::get_export::{GetExportInput, GetExportOutput};
use crate::operation::list_exports::ListExportsInput;
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::operation::types::ExportSummary;

/// What became of a request whose response is missing.
pub(super) enum Outcome {
    /// It started this export.
    Started(Box<GetExportOutput>),
    /// No export has its token.
    Nothing,
    /// No export has its token, and the domain does not exist.
    NoSuchDomain(Error),
    /// The credentials do not allow the search.
    Denied(Error),
}

/// Searches the exports of an input's domain for its client token, the newest first. The times of
/// the exports are not compared with the time of the request, which a wrong clock may have given.
pub(super) fn outcome(client: &Client, input: &StartDomainExportInput) -> Result<Outcome, Error> {
    let of_domain = ListExportsInput::new().domain_name(&input.domain_name);
    let (listed, missing) = match list(client, of_domain, usize::MAX) {
        // A deleted domain's exports are still among the account's.
        Err(error) if error.kind() == ErrorKind::NoSuchDomainException => (
            list(client, ListExportsInput::new(), usize::MAX),
            Some(error),
        ),
        listed => (listed, None),
    };
    let mut exports = match listed {
        Err(error) if is_access_denied(error.code()) => return Ok(Outcome::Denied(error)),
        listed => listed?,
    };
    exports.retain(|export| export.domain_name == input.domain_name);
    exports.sort_by_key(|export| std::cmp::Reverse(export.requested_at));
    for export in exports {
        match client.get_export(&GetExportInput::new(export.export_arn)) {
            Ok(export) if Some(&export.client_token) == input.client_token.as_ref() => {
                return Ok(Outcome::Started(Box::new(export)));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NoSuchExportException => {}
            Err(error) if is_access_denied(error.code()) => return Ok(Outcome::Denied(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(missing.map_or(Outcome::Nothing, Outcome::NoSuchDomain))
}

/// Lists at most about `limit` exports of the account; domain by domain if a policy allows only
/// that.
pub(super) fn account_exports(
    client: &Client,
    domains: &[Entry],
    limit: usize,
) -> Result<Vec<ExportSummary>, Error> {
    let denied = match list(client, ListExportsInput::new(), limit) {
        Err(error) if is_access_denied(error.code()) => error,
        listed => return listed,
    };
    let mut exports = None;
    for entry in domains {
        let of_domain = ListExportsInput::new().domain_name(&entry.input.domain_name);
        match list(client, of_domain, limit) {
            Ok(more) => exports.get_or_insert_with(Vec::new).extend(more),
            Err(error) if error.kind() == ErrorKind::NoSuchDomainException => {}
            Err(error) if is_access_denied(error.code()) => {}
            Err(error) => return Err(error),
        }
        if exports
            .as_ref()
            .is_some_and(|exports| exports.len() >= limit)
        {
            break;
        }
    }
    exports.ok_or(denied)
}

fn list(
    client: &Client,
    input: ListExportsInput,
    limit: usize,
) -> Result<Vec<ExportSummary>, Error> {
    client
        .list_exports_pages(input)
        .items()
        .take(limit)
        .collect()
}

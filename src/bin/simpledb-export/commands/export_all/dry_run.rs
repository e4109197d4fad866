//! `export-all --dry-run`: what would be exported, and how long that takes.

use std::collections::BTreeMap;

use serde::Serialize;
use simpledb_export::domains::DomainMetadataOutput;
use simpledb_export::export_all::{DomainReport, DomainStatus};
use simpledb_export::{Client, ListExportsInput};
use time::{Duration, OffsetDateTime};

use super::domains::Chosen;
use super::report::state;
use super::status;
use crate::args::Global;
use crate::args::export_all::ExportAllArgs;
use crate::commands::files::Targets;
use crate::commands::space::{data_bytes, free_bytes, sizes};
use crate::output::rfc3339;
use crate::{Result, output, stderr};

/// The service starts at most this many exports of a domain, and of an account, in 24 hours.
const PER_DOMAIN: usize = 5;
const PER_ACCOUNT: usize = 25;

/// The result of a dry run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DryRun<'a> {
    domains_to_start: usize,
    /// `None` if the credentials may not list the account's exports.
    exports_in_last_24_hours: Option<usize>,
    days_needed: usize,
    /// Item names and attribute values; files are larger.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_bytes: Option<u64>,
    /// Why not all sizes are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    sizes_error: Option<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    vanished_domains: &'a [String],
    domains: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    domain_name: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_bytes: Option<u64>,
    /// When the service counted these.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    converted_file: Option<String>,
}

pub(super) fn run(
    global: &Global,
    args: &ExportAllArgs,
    client: &Client,
    chosen: &Chosen,
) -> Result<()> {
    client.credentials()?;
    let status = status(args, client, &chosen.names)?;
    let files = Targets::names(&args.files, &chosen.names);
    let to_start: Vec<&str> = status
        .domains
        .iter()
        .filter(|domain| is_to_start(domain))
        .map(|domain| domain.domain_name.as_str())
        .collect();
    let (sizes, sizes_error) = sizes(client, to_start.iter().copied());
    let recent = recent_exports(client)?;
    let days_needed = days_needed(&to_start, recent.as_deref().unwrap_or_default());
    let entry = |domain| Entry::new(domain, &sizes, files.as_ref());
    let result = DryRun {
        domains_to_start: to_start.len(),
        exports_in_last_24_hours: recent.map(|recent| recent.len()),
        days_needed,
        data_bytes: sizes_error
            .is_none()
            .then(|| sizes.values().map(data_bytes).sum()),
        free_bytes: args.files.directory().and_then(free_bytes),
        sizes_error: sizes_error.map(|error| error.to_string()),
        vanished_domains: &chosen.vanished,
        domains: status.domains.iter().map(entry).collect(),
    };
    output::print(global.output, &result)?;
    stderr::note(&format!(
        "{} of {} domains are to be exported, which takes {} by the quotas; nothing was started",
        to_start.len(),
        status.domains.len(),
        days(days_needed)
    ));
    Ok(())
}

impl<'a> Entry<'a> {
    fn new(
        domain: &'a DomainReport,
        sizes: &BTreeMap<String, DomainMetadataOutput>,
        files: Option<&BTreeMap<String, String>>,
    ) -> Entry<'a> {
        let domain_name = domain.domain_name.as_str();
        let metadata = sizes.get(domain_name);
        Entry {
            domain_name,
            state: state(&domain.status),
            item_count: metadata.map(|metadata| metadata.item_count),
            data_bytes: metadata.map(data_bytes),
            counted_at: metadata.map(|metadata| rfc3339(metadata.timestamp)),
            converted_file: files.and_then(|files| files.get(domain_name)).cloned(),
        }
    }
}

fn is_to_start(domain: &DomainReport) -> bool {
    match domain.status {
        DomainStatus::Waiting => true,
        DomainStatus::Failed { permanent, .. } => !permanent,
        _ => false,
    }
}

/// Returns the domain of each export that the account started in the last 24 hours; `None` if the
/// credentials may not list them.
fn recent_exports(client: &Client) -> Result<Option<Vec<String>>> {
    let since = OffsetDateTime::now_utc() - Duration::DAY;
    let mut recent = Vec::new();
    for export in client.list_exports_pages(ListExportsInput::new()).items() {
        match export {
            Ok(export) if export.requested_at > since => recent.push(export.domain_name),
            Ok(_) => {}
            Err(error) if error.status() == Some(403) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(recent))
}

/// Returns how many days it takes to start all exports, given the domain of each export of the last
/// 24 hours.
fn days_needed(to_start: &[&str], recent: &[String]) -> usize {
    if to_start.is_empty() {
        return 0;
    }
    let is_full = |name: &&&str| recent.iter().filter(|of| of == *name).count() >= PER_DOMAIN;
    let startable = to_start.len() - to_start.iter().filter(is_full).count();
    let today = PER_ACCOUNT.saturating_sub(recent.len()).min(startable);
    1 + (to_start.len() - today).div_ceil(PER_ACCOUNT)
}

fn days(count: usize) -> String {
    match count {
        1 => "1 day".to_owned(),
        count => format!("{count} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_days_that_the_quotas_need() {
        let names: Vec<String> = (0..60).map(|number| format!("domain{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let days = |count: usize, recent: &[(&str, usize)]| {
            let recent = recent
                .iter()
                .flat_map(|(name, times)| vec![(*name).to_owned(); *times]);
            days_needed(&names[..count], &recent.collect::<Vec<_>>())
        };
        assert_eq!(days(0, &[]), 0);
        assert_eq!(
            (days(1, &[]), days(25, &[]), days(26, &[]), days(60, &[])),
            (1, 1, 2, 3)
        );
        assert_eq!(
            (days(10, &[("other", 15)]), days(11, &[("other", 15)])),
            (1, 2)
        );
        assert_eq!(days(60, &[("other", 25)]), 4);
        assert_eq!(
            (days(1, &[("domain0", 4)]), days(1, &[("domain0", 5)])),
            (1, 2)
        );
    }
}

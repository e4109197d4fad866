//! The results of commands, in the form of the AWS CLI.

use serde::Serialize;
use simpledb_export::data::{DownloadReport, Export, LossKind, VerifyReport, WriteReport};
use simpledb_export::{Credentials, ExportSummary, GetExportOutput};

use super::conversion::{self, DataFormat};
use super::output::rfc3339;

/// The result of `list-exports` over all pages.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    #[serde(rename = "exportSummaries")]
    pub(crate) export_summaries: Vec<ExportSummary>,
    /// Named by the AWS CLI, not by the service: hence the capital.
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    pub(crate) next_token: Option<String>,
}

/// The result of `verify`.
#[derive(Debug, Serialize)]
pub(crate) struct Artifacts {
    directory: String,
    files: u64,
    items: u64,
    bytes: u64,
    /// Whether every MD5 checksum and every count is right.
    verified: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    /// The comparison with the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<Comparison>,
}

/// An export's counts beside those of its domain.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    /// All of it in one line.
    #[serde(skip)]
    pub(crate) line: String,
    pub(crate) result: Outcome,
    /// Why the counts can differ, or are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// When the service counted the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) export_data_cutoff_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) counts: Vec<Count>,
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Outcome {
    Equal,
    Differs,
    Unknown,
}

/// A number of an export, and of its domain.
#[derive(Debug, Serialize)]
pub(crate) struct Count {
    pub(crate) name: &'static str,
    pub(crate) export: u64,
    pub(crate) domain: u64,
}

impl Artifacts {
    /// Returns the result for a verified export.
    pub(crate) fn of_verified(export: &Export, report: &VerifyReport) -> Artifacts {
        Artifacts {
            directory: export.dir().display().to_string(),
            files: report.files,
            items: report.items,
            bytes: report.bytes,
            verified: report.is_ok(),
            problems: lines(&report.problems),
            domain: None,
        }
    }

    /// Returns the result for an export that was read, and thereby verified, by a conversion.
    pub(crate) fn of_converted(export: &Export, report: &WriteReport) -> Artifacts {
        Artifacts {
            directory: export.dir().display().to_string(),
            files: export.data_files().len() as u64,
            items: report.counts.items,
            bytes: report.read_bytes,
            verified: report.unreadable.is_empty(),
            problems: lines(&report.unreadable),
            domain: None,
        }
    }
}

/// The result of `download`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Downloaded {
    directory: String,
    files: u64,
    items: u64,
    bytes: u64,
    fetched_files: u64,
    kept_files: u64,
}

impl From<&DownloadReport> for Downloaded {
    fn from(report: &DownloadReport) -> Downloaded {
        Downloaded {
            directory: report.export.dir().display().to_string(),
            files: report.files,
            items: report.items,
            bytes: report.bytes,
            fetched_files: report.fetched_files,
            kept_files: report.kept_files,
        }
    }
}

/// The result of `convert`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Converted {
    /// A pattern if there are several.
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<usize>,
    format: &'static str,
    items: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    losses: Vec<LossCount>,
    /// Columns whose attribute no item has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused_columns: Vec<String>,
    /// Columns that are text because the format has no exact type for their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    text_columns: Vec<String>,
    /// Names that had to change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    renamed: Vec<String>,
    /// Items that were skipped or repaired.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable_items: Vec<String>,
    /// The comparison with the domain, if `convert` was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<Comparison>,
}

/// How often the format could not represent something.
#[derive(Debug, Serialize)]
struct LossCount {
    reason: String,
    count: u64,
}

impl Converted {
    /// Returns the result for what was written to a file or an object.
    pub(crate) fn new(file: &str, format: DataFormat, converted: conversion::Written) -> Converted {
        let (report, files) = converted;
        let loss = |(kind, count): (LossKind, u64)| LossCount {
            reason: kind.to_string(),
            count,
        };
        Converted {
            file: file.to_owned(),
            files,
            format: format.name(),
            items: report.items,
            bytes: report.bytes,
            losses: report.losses.counts().map(loss).collect(),
            unused_columns: report.unused_columns,
            text_columns: lines(&report.text_columns),
            renamed: lines(&report.renamed),
            unreadable_items: lines(&report.unreadable),
            domain: None,
        }
    }
}

fn lines(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The result of `export`: the export, and its files if they are here.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) export: GetExportOutput,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifacts: Option<Artifacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) converted: Option<Converted>,
}

/// The result of `export` for all domains in a directory.
#[derive(Debug, Serialize)]
pub(crate) struct Exports {
    pub(crate) exports: Vec<Report>,
}

/// The result of `whoami`: each setting, and the option, variable, or line of a file it comes from;
/// null if it is unknown.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    pub(crate) region: Option<String>,
    pub(crate) region_source: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) endpoint_source: Option<String>,
    /// That of the older API, which lists domains and counts what they hold.
    pub(crate) domains_endpoint: Option<String>,
    pub(crate) domains_endpoint_source: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) profile_source: Option<String>,
    pub(crate) credential_source: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) expiration: Option<String>,
}

impl Identity {
    /// Sets the identity of the credentials, without secrets.
    pub(crate) fn set_credentials(&mut self, credentials: &Credentials) {
        self.credential_source = Some(credentials.source().to_owned());
        self.access_key_id = Some(masked(credentials.access_key_id()));
        self.account_id = credentials.account_id().map(str::to_owned);
        self.expiration = credentials.expiration().map(rfc3339);
    }
}

/// Masks a key ID but for its end, as the AWS CLI does; a short one entirely.
fn masked(key: &str) -> String {
    let count = key.chars().count();
    let shown = if count >= 8 { count - 4 } else { count };
    let end: String = key.chars().skip(shown).collect();
    format!("****************{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_only_the_end_of_a_key_id() {
        assert_eq!(masked("AKIDEXAMPLE"), "****************MPLE");
        assert_eq!(masked("local"), "****************");
    }

    #[test]
    fn never_shows_secrets() {
        let credentials = Credentials::builder("AKIDEXAMPLE", "hidden-key")
            .session_token("hidden-token")
            .account_id("111122223333")
            .source("a test")
            .build();
        let mut identity = Identity {
            region: Some("eu-west-1".to_owned()),
            ..Identity::default()
        };
        identity.set_credentials(&credentials);
        assert_eq!(
            serde_json::to_string(&identity).unwrap(),
            r#"{"region":"eu-west-1","regionSource":null,"endpoint":null,"endpointSource":null,"domainsEndpoint":null,"domainsEndpointSource":null,"profile":null,"profileSource":null,"credentialSource":"a test","accessKeyId":"****************MPLE","accountId":"111122223333","expiration":null}"#
        );
    }
}

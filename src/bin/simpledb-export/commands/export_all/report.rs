//! The report of `export-all`.

use std::fmt::Write;

use serde::Serialize;
use simpledb_export::export_all::{self, DomainReport, DomainStatus};

use super::files::DomainFiles;
use crate::Result;
use crate::output::rfc3339;
use crate::results::Artifacts;

/// The result of `export-all`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report<'a> {
    done: usize,
    in_progress: usize,
    waiting: usize,
    to_be_retried: usize,
    failed_permanently: usize,
    next_run: Option<String>,
    /// With --all-domains: what the account had in an earlier run, and has no longer.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    vanished_domains: &'a [String],
    domains: Vec<Entry<'a>>,
}

/// A domain; members are named as those of `get-export`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    domain_name: &'a str,
    state: &'static str,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_manifest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<&'a Artifacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    converted_file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files_error: Option<&'a str>,
}

impl<'a> Report<'a> {
    /// Returns the result for a report and the files of its domains.
    pub(super) fn new(
        report: &'a export_all::Report,
        files: &'a [Option<Result<DomainFiles>>],
        vanished_domains: &'a [String],
    ) -> Report<'a> {
        let domains = report.domains.iter().zip(files);
        let domains = domains.map(|(domain, files)| Entry::new(domain).with_files(files.as_ref()));
        Report {
            done: report.done(),
            in_progress: report.in_progress(),
            waiting: report.waiting(),
            to_be_retried: report.to_be_retried(),
            failed_permanently: report.failed_permanently(),
            next_run: report.next_run.map(rfc3339),
            vanished_domains,
            domains: domains.collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn new(domain: &'a DomainReport) -> Entry<'a> {
        let mut result = Entry {
            domain_name: &domain.domain_name,
            attempts: domain.attempts,
            state: state(&domain.status),
            ..Entry::default()
        };
        match &domain.status {
            DomainStatus::InProgress {
                export_arn,
                requested_at,
                ..
            } => {
                result.export_arn = Some(export_arn);
                result.requested_at = Some(rfc3339(*requested_at));
            }
            DomainStatus::Done {
                export_arn,
                items_count,
                export_manifest,
                ..
            } => {
                result.export_arn = Some(export_arn);
                result.items_count = *items_count;
                result.export_manifest = export_manifest.as_deref();
            }
            DomainStatus::Failed {
                code,
                message,
                export_arn,
                ..
            } => {
                result.export_arn = export_arn.as_deref();
                result.failure_code = Some(code);
                result.failure_message = message.as_deref();
            }
            _ => {}
        }
        result
    }

    fn with_files(mut self, files: Option<&'a Result<DomainFiles>>) -> Entry<'a> {
        match files {
            Some(Ok(files)) => {
                self.artifacts = files.artifacts.as_ref();
                self.converted_file = files.converted_file.as_deref();
            }
            Some(Err(failure)) => self.files_error = Some(failure.line()),
            None => {}
        }
        self
    }
}

/// Returns the name of a state.
pub(super) fn state(status: &DomainStatus) -> &'static str {
    match status {
        DomainStatus::InProgress { .. } => "IN_PROGRESS",
        DomainStatus::Done { .. } => "DONE",
        DomainStatus::Failed {
            permanent: true, ..
        } => "FAILED_PERMANENTLY",
        DomainStatus::Failed { .. } => "TO_BE_RETRIED",
        _ => "WAITING",
    }
}

/// Summarizes a report in one line.
pub(super) fn summary(report: &export_all::Report, without_files: usize) -> String {
    let mut line = format!(
        "{} of {} domains are done",
        report.done(),
        report.domains.len()
    );
    let counts = [
        (report.in_progress(), "in progress"),
        (report.waiting(), "waiting"),
        (report.to_be_retried(), "to be retried"),
        (report.failed_permanently(), "failed permanently"),
        (without_files, "without all of their files"),
    ];
    for (count, what) in counts {
        if count > 0 {
            let _ = write!(line, ", {count} {what}");
        }
    }
    if let Some(next_run) = report.next_run {
        let at = rfc3339(next_run);
        let _ = write!(line, "; run the same command again at {at} or later");
    } else if without_files > 0 {
        line.push_str("; run the same command again");
    }
    line
}

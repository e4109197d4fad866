//! The report of `export-all`.

use std::fmt::Write;

use serde::Serialize;
use simpledb_export::export_all::{DomainReport, DomainStatus, ExportAllReport};

use super::files::DomainFiles;
use crate::app::Result;
use crate::app::answers::{Artifacts, iso8601};

/// The answer of `export-all`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportAllAnswer<'a> {
    done: usize,
    under_way: usize,
    waiting: usize,
    to_be_retried: usize,
    failed_for_good: usize,
    next_run: Option<String>,
    domains: Vec<DomainAnswer<'a>>,
}

/// A domain; what names it has are those of `get-export`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct DomainAnswer<'a> {
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

impl<'a> ExportAllAnswer<'a> {
    /// The answer for a report and the files of its domains.
    pub(super) fn new(
        report: &'a ExportAllReport,
        files: &'a [Option<Result<DomainFiles>>],
    ) -> ExportAllAnswer<'a> {
        let domains = report.domains.iter().zip(files);
        let domains =
            domains.map(|(domain, files)| DomainAnswer::new(domain).with_files(files.as_ref()));
        ExportAllAnswer {
            done: report.done(),
            under_way: report.under_way(),
            waiting: report.waiting(),
            to_be_retried: report.to_be_retried(),
            failed_for_good: report.failed_for_good(),
            next_run: report.next_run.map(iso8601),
            domains: domains.collect(),
        }
    }
}

impl<'a> DomainAnswer<'a> {
    fn new(domain: &'a DomainReport) -> DomainAnswer<'a> {
        let mut answer = DomainAnswer {
            domain_name: &domain.domain_name,
            attempts: domain.attempts,
            state: "WAITING",
            ..DomainAnswer::default()
        };
        match &domain.status {
            DomainStatus::UnderWay {
                export_arn,
                requested_at,
                ..
            } => {
                answer.state = "UNDER_WAY";
                answer.export_arn = Some(export_arn);
                answer.requested_at = Some(iso8601(*requested_at));
            }
            DomainStatus::Done {
                export_arn,
                items_count,
                export_manifest,
                ..
            } => {
                answer.state = "DONE";
                answer.export_arn = Some(export_arn);
                answer.items_count = *items_count;
                answer.export_manifest = export_manifest.as_deref();
            }
            DomainStatus::Failed {
                code,
                message,
                export_arn,
                for_good,
                ..
            } => {
                answer.state = if *for_good {
                    "FAILED_FOR_GOOD"
                } else {
                    "TO_BE_RETRIED"
                };
                answer.export_arn = export_arn.as_deref();
                answer.failure_code = Some(code);
                answer.failure_message = message.as_deref();
            }
            _ => {}
        }
        answer
    }

    fn with_files(mut self, files: Option<&'a Result<DomainFiles>>) -> DomainAnswer<'a> {
        match files {
            Some(Ok(files)) => {
                self.artifacts = Some(&files.artifacts);
                self.converted_file = files.converted_file.as_deref();
            }
            Some(Err(failure)) => self.files_error = Some(failure.line()),
            None => {}
        }
        self
    }
}

/// How it stands, in a line.
pub(super) fn summary(report: &ExportAllReport) -> String {
    let mut line = format!(
        "{} of {} domains are done",
        report.done(),
        report.domains.len()
    );
    let counts = [
        (report.under_way(), "under way"),
        (report.waiting(), "waiting"),
        (report.to_be_retried(), "to be tried again"),
        (report.failed_for_good(), "failed for good"),
    ];
    for (count, what) in counts {
        if count > 0 {
            let _ = write!(line, ", {count} {what}");
        }
    }
    if let Some(next_run) = report.next_run {
        let at = iso8601(next_run);
        let _ = write!(line, "; run the same command again, at {at} or later");
    }
    line
}

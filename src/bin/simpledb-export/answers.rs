//! What commands answer, member by member as the AWS CLI writes it.

use std::path::Path;

use serde::Serialize;
use simpledb_export::data::{ConvertSummary, DownloadReport, LossKind, VerifyReport};
use simpledb_export::{
    Credentials, ExportSummary, GetExportOutput, S3SseAlgorithm, StartDomainExportOutput,
};
use time::OffsetDateTime;

use super::args::DataFormat;

/// The answer of `start-domain-export`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started<'a> {
    client_token: &'a str,
    export_arn: &'a str,
    requested_at: String,
}

impl<'a> From<&'a StartDomainExportOutput> for Started<'a> {
    fn from(started: &'a StartDomainExportOutput) -> Started<'a> {
        Started {
            client_token: &started.client_token,
            export_arn: &started.export_arn,
            requested_at: iso8601(started.requested_at),
        }
    }
}

/// The answer of `get-export`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExportAnswer<'a> {
    export_arn: &'a str,
    client_token: &'a str,
    export_status: &'a str,
    domain_name: &'a str,
    requested_at: String,
    s3_bucket: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_key_prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_sse_algorithm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_sse_kms_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_bucket_owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_manifest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_data_cutoff_time: Option<String>,
}

impl<'a> From<&'a GetExportOutput> for ExportAnswer<'a> {
    fn from(export: &'a GetExportOutput) -> ExportAnswer<'a> {
        ExportAnswer {
            export_arn: &export.export_arn,
            client_token: &export.client_token,
            export_status: export.export_status.as_str(),
            domain_name: &export.domain_name,
            requested_at: iso8601(export.requested_at),
            s3_bucket: &export.s3_bucket,
            s3_key_prefix: export.s3_key_prefix.as_deref(),
            s3_sse_algorithm: export.s3_sse_algorithm.as_ref().map(S3SseAlgorithm::as_str),
            s3_sse_kms_key_id: export.s3_sse_kms_key_id.as_deref(),
            s3_bucket_owner: export.s3_bucket_owner.as_deref(),
            failure_code: export.failure_code.as_deref(),
            failure_message: export.failure_message.as_deref(),
            export_manifest: export.export_manifest.as_deref(),
            items_count: export.items_count,
            export_data_cutoff_time: export.export_data_cutoff_time.map(iso8601),
        }
    }
}

/// The answer of `list-exports`.
#[derive(Debug, Serialize)]
pub(crate) struct Listing<'a> {
    #[serde(rename = "exportSummaries")]
    export_summaries: Vec<Summary<'a>>,
    /// The AWS CLI's own member, not the service's: hence the capital.
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    export_arn: &'a str,
    export_status: &'a str,
    requested_at: String,
    domain_name: &'a str,
}

impl<'a> Listing<'a> {
    pub(crate) fn new(summaries: &'a [ExportSummary], next_token: Option<&'a str>) -> Listing<'a> {
        let summary = |summary: &'a ExportSummary| Summary {
            export_arn: &summary.export_arn,
            export_status: summary.export_status.as_str(),
            requested_at: iso8601(summary.requested_at),
            domain_name: &summary.domain_name,
        };
        Listing {
            export_summaries: summaries.iter().map(summary).collect(),
            next_token,
        }
    }
}

/// The answer of `verify`.
#[derive(Debug, Serialize)]
pub(crate) struct Artifacts {
    folder: String,
    files: u64,
    items: u64,
    bytes: u64,
    /// Whether every MD5 and every count is right.
    verified: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

impl Artifacts {
    pub(crate) fn new(folder: &Path, report: &VerifyReport) -> Artifacts {
        Artifacts {
            folder: folder.display().to_string(),
            files: report.files,
            items: report.items,
            bytes: report.bytes,
            verified: report.is_ok(),
            problems: report.problems.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The answer of `download`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Downloaded {
    folder: String,
    files: u64,
    items: u64,
    bytes: u64,
    fetched_files: u64,
    kept_files: u64,
}

impl From<&DownloadReport> for Downloaded {
    fn from(report: &DownloadReport) -> Downloaded {
        Downloaded {
            folder: report.folder.display().to_string(),
            files: report.files,
            items: report.items,
            bytes: report.bytes,
            fetched_files: report.fetched_files,
            kept_files: report.kept_files,
        }
    }
}

/// The answer of `convert`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Converted {
    file: String,
    format: &'static str,
    items: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    losses: Vec<LossCount>,
    /// Columns whose attribute no item has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused_columns: Vec<String>,
}

/// How often a format could not hold something.
#[derive(Debug, Serialize)]
struct LossCount {
    reason: String,
    count: u64,
}

impl Converted {
    pub(crate) fn new(file: &Path, format: DataFormat, summary: &ConvertSummary) -> Converted {
        let loss = |(kind, count): (LossKind, u64)| LossCount {
            reason: kind.to_string(),
            count,
        };
        Converted {
            file: file.display().to_string(),
            format: format.name(),
            items: summary.items,
            bytes: summary.bytes,
            losses: summary.losses.counts().map(loss).collect(),
            unused_columns: summary.unused_columns.clone(),
        }
    }
}

/// The answer of `export` where the files are here: the export, and its files.
#[derive(Debug, Serialize)]
pub(crate) struct ExportWithFiles<'a> {
    #[serde(flatten)]
    pub(crate) export: ExportAnswer<'a>,
    pub(crate) artifacts: Artifacts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) converted: Option<Converted>,
}

/// The answer of `export --local` for all domains of a folder.
#[derive(Debug, Serialize)]
pub(crate) struct LocalExports<'a> {
    pub(crate) exports: Vec<ExportWithFiles<'a>>,
}

/// The answer of `whoami`: what is known, and which flag, variable, or line of a file says it; null
/// where it is not known.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    pub(crate) region: Option<String>,
    pub(crate) region_source: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) endpoint_source: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) profile_source: Option<String>,
    pub(crate) credential_source: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) expiration: Option<String>,
}

impl Identity {
    /// Adds whose credentials they are, and nothing that is secret.
    pub(crate) fn set_credentials(&mut self, credentials: &Credentials) {
        self.credential_source = Some(credentials.source().to_owned());
        self.access_key_id = Some(masked(credentials.access_key_id()));
        self.account_id = credentials.account_id().map(str::to_owned);
        self.expiration = credentials.expiration().map(iso8601);
    }
}

/// A key id of which only the end is told, as the AWS CLI does it; nothing of a short one.
fn masked(key: &str) -> String {
    let count = key.chars().count();
    let shown = if count >= 8 { count - 4 } else { count };
    let end: String = key.chars().skip(shown).collect();
    format!("****************{end}")
}

/// A time as the AWS CLI writes it, in UTC; a fraction only where there is one.
pub(crate) fn iso8601(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let fraction = match time.microsecond() {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_aws_cli_does() {
        let at = |nanos| iso8601(OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap());
        assert_eq!(at(0), "1970-01-01T00:00:00+00:00");
        assert_eq!(
            at(1_771_261_003_659_000_000),
            "2026-02-16T16:56:43.659000+00:00"
        );
    }

    #[test]
    fn of_a_key_only_the_end_is_shown() {
        assert_eq!(masked("AKIDEXAMPLE"), "****************MPLE");
        assert_eq!(masked("local"), "****************");
    }

    #[test]
    fn absent_members_are_left_out_and_the_order_is_the_services() {
        let export: GetExportOutput = serde_json::from_str(
            r#"{"s3Bucket":"b","exportArn":"arn:x","clientToken":"t","exportStatus":"FAILED",
            "domainName":"Books","requestedAt":0,"failureCode":"NoSuchBucket","itemsCount":0}"#,
        )
        .unwrap();
        assert_eq!(
            serde_json::to_string(&ExportAnswer::from(&export)).unwrap(),
            r#"{"exportArn":"arn:x","clientToken":"t","exportStatus":"FAILED","domainName":"Books","requestedAt":"1970-01-01T00:00:00+00:00","s3Bucket":"b","failureCode":"NoSuchBucket","itemsCount":0}"#
        );
    }

    #[test]
    fn the_secret_half_is_not_told() {
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
            r#"{"region":"eu-west-1","regionSource":null,"endpoint":null,"endpointSource":null,"profile":null,"profileSource":null,"credentialSource":"a test","accessKeyId":"****************MPLE","accountId":"111122223333","expiration":null}"#
        );
    }
}

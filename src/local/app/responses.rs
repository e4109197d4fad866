//! The outputs of the three operations in restJson1.

use serde::Serialize;
use time::OffsetDateTime;

use crate::local::exchange::Response;
use crate::local::exports::{Outcome, Record, Status};
use crate::local::simpledb_error::SimpleDbError;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartOutput<'a> {
    client_token: &'a str,
    export_arn: &'a str,
    requested_at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetOutput<'a> {
    export_arn: &'a str,
    client_token: &'a str,
    export_status: &'static str,
    domain_name: &'a str,
    requested_at: f64,
    s3_bucket: &'a str,
    #[serde(flatten)]
    optional: Optional<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Optional<'a> {
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
    export_data_cutoff_time: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListOutput<'a> {
    export_summaries: Vec<SummaryOutput<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryOutput<'a> {
    export_arn: &'a str,
    export_status: &'static str,
    requested_at: f64,
    domain_name: &'a str,
}

pub(super) fn started(record: &Record) -> Response {
    json(&StartOutput {
        client_token: &record.client_token,
        export_arn: &record.arn,
        requested_at: epoch_seconds(record.requested_at),
    })
}

pub(super) fn export(record: &Record, status: &Status) -> Response {
    let parameters = &record.parameters;
    let (succeeded, failure) = match status {
        Status::Ended(Outcome::Succeeded {
            manifest,
            items_count,
        }) => (Some((manifest, *items_count)), None),
        Status::Ended(Outcome::Failed(failure)) => (None, Some(failure)),
        Status::Pending | Status::InProgress => (None, None),
    };
    let cutoff: Option<OffsetDateTime> = match status {
        Status::Pending => None,
        Status::InProgress | Status::Ended(_) => record.cutoff,
    };
    json(&GetOutput {
        export_arn: &record.arn,
        client_token: &record.client_token,
        export_status: status.as_str(),
        domain_name: &parameters.domain_name,
        requested_at: epoch_seconds(record.requested_at),
        s3_bucket: &parameters.s3_bucket,
        optional: Optional {
            s3_key_prefix: parameters.s3_key_prefix.as_deref(),
            s3_sse_algorithm: parameters.s3_sse_algorithm.as_deref(),
            s3_sse_kms_key_id: parameters.s3_sse_kms_key_id.as_deref(),
            s3_bucket_owner: parameters.s3_bucket_owner.as_deref(),
            failure_code: failure.map(|failure| failure.code),
            failure_message: failure.map(|failure| failure.message.as_str()),
            export_manifest: succeeded.map(|(manifest, _)| manifest.as_str()),
            items_count: succeeded.map(|(_, items_count)| items_count),
            export_data_cutoff_time: cutoff.map(epoch_seconds),
        },
    })
}

pub(super) fn page(page: &[(&Record, Status)], next_token: Option<String>) -> Response {
    let export_summaries = page
        .iter()
        .map(|(record, status)| SummaryOutput {
            export_arn: &record.arn,
            export_status: status.as_str(),
            requested_at: epoch_seconds(record.requested_at),
            domain_name: &record.parameters.domain_name,
        })
        .collect();
    json(&ListOutput {
        export_summaries,
        next_token,
    })
}

fn json(output: &impl Serialize) -> Response {
    match serde_json::to_vec(output) {
        Ok(body) => Response::new(200, "application/json", body),
        Err(error) => SimpleDbError::internal(error.to_string()).into_response(),
    }
}

fn epoch_seconds(time: OffsetDateTime) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of any year that has four digits fit 53 bits"
    )]
    let millis = (time.unix_timestamp_nanos() / 1_000_000) as f64;
    millis / 1000.0
}

//! The inputs of the three operations and the constraints on their members.
//!
//! The constraints are those of the service model of 2025-09-26. Lengths count characters.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::simpledb_error::SimpleDbError;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StartInput {
    client_token: Option<String>,
    domain_name: Option<String>,
    s3_bucket: Option<String>,
    s3_key_prefix: Option<String>,
    s3_sse_algorithm: Option<String>,
    s3_sse_kms_key_id: Option<String>,
    s3_bucket_owner: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GetInput {
    export_arn: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListInput {
    domain_name: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// What to export, and where to: the parameters that a client token identifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExportParameters {
    pub(super) domain_name: String,
    pub(super) s3_bucket: String,
    pub(super) s3_key_prefix: Option<String>,
    pub(super) s3_sse_algorithm: Option<String>,
    pub(super) s3_sse_kms_key_id: Option<String>,
    pub(super) s3_bucket_owner: Option<String>,
}

/// A valid input of StartDomainExport.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StartRequest {
    pub(super) client_token: Option<String>,
    pub(super) parameters: ExportParameters,
}

/// A valid input of ListExports.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ListRequest {
    pub(super) domain_name: Option<String>,
    pub(super) max_results: Option<usize>,
    pub(super) next_token: Option<String>,
}

pub(super) fn start_request(body: &[u8]) -> Result<StartRequest, SimpleDbError> {
    let input: StartInput = parse(body)?;
    let domain_name = required("domainName", input.domain_name)?;
    let s3_bucket = required("s3Bucket", input.s3_bucket)?;
    length("domainName", Some(&domain_name), 1, None)?;
    length("clientToken", input.client_token.as_ref(), 1, None)?;
    length("s3Bucket", Some(&s3_bucket), 3, Some(255))?;
    if !is_bucket_name(&s3_bucket) {
        return Err(SimpleDbError::invalid_value(
            "s3Bucket must consist of letters, digits, '.', '-' and '_', and start and end with \
             a letter or digit",
        ));
    }
    length("s3KeyPrefix", input.s3_key_prefix.as_ref(), 1, Some(850))?;
    let key_id = input.s3_sse_kms_key_id.as_ref();
    length("s3SseKmsKeyId", key_id, 1, Some(2048))?;
    if let Some(owner) = &input.s3_bucket_owner {
        if owner.len() != 12 || !owner.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SimpleDbError::invalid_value(
                "s3BucketOwner must be 12 digits",
            ));
        }
    }
    match (input.s3_sse_algorithm.as_deref(), key_id) {
        (None | Some("AES256"), None) | (Some("KMS"), _) => {}
        (None | Some("AES256"), Some(_)) => {
            return Err(SimpleDbError::invalid_combination(
                "s3SseKmsKeyId requires s3SseAlgorithm KMS",
            ));
        }
        (Some(other), _) => {
            return Err(SimpleDbError::invalid_value(format!(
                "s3SseAlgorithm must be AES256 or KMS, not {other:?}"
            )));
        }
    }
    Ok(StartRequest {
        client_token: input.client_token,
        parameters: ExportParameters {
            domain_name,
            s3_bucket,
            s3_key_prefix: input.s3_key_prefix,
            s3_sse_algorithm: input.s3_sse_algorithm,
            s3_sse_kms_key_id: input.s3_sse_kms_key_id,
            s3_bucket_owner: input.s3_bucket_owner,
        },
    })
}

/// Returns the ARN in a valid input of GetExport.
pub(super) fn get_request(body: &[u8]) -> Result<String, SimpleDbError> {
    let input: GetInput = parse(body)?;
    let arn = required("exportArn", input.export_arn)?;
    length("exportArn", Some(&arn), 20, Some(2048))?;
    Ok(arn)
}

pub(super) fn list_request(body: &[u8]) -> Result<ListRequest, SimpleDbError> {
    let input: ListInput = parse(body)?;
    length("domainName", input.domain_name.as_ref(), 1, None)?;
    length("nextToken", input.next_token.as_ref(), 1, Some(2048))?;
    let max_results = match input.max_results {
        Some(number) if number < 1 => {
            return Err(SimpleDbError::invalid_value(format!(
                "maxResults must be at least 1, not {number}"
            )));
        }
        Some(number) => Some(usize::try_from(number).unwrap_or(usize::MAX)),
        None => None,
    };
    Ok(ListRequest {
        domain_name: input.domain_name,
        max_results,
        next_token: input.next_token,
    })
}

/// Whether a name matches `[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+`.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_alphanumeric = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    name.len() >= 2
        && is_alphanumeric(name.bytes().next())
        && is_alphanumeric(name.bytes().next_back())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// An empty body means an empty object, a null an absent member.
fn parse<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, SimpleDbError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let members: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| SimpleDbError::serialization(&error.to_string()))?;
    serde_json::from_value(Value::Object(members))
        .map_err(|error| SimpleDbError::serialization(&error.to_string()))
}

fn required(name: &str, value: Option<String>) -> Result<String, SimpleDbError> {
    value.ok_or_else(|| SimpleDbError::invalid_value(format!("{name} is required")))
}

fn length(
    name: &str,
    value: Option<&String>,
    least: usize,
    most: Option<usize>,
) -> Result<(), SimpleDbError> {
    let Some(value) = value else { return Ok(()) };
    let length = value.chars().count();
    if length >= least && most.is_none_or(|most| length <= most) {
        return Ok(());
    }
    let expected = match most {
        Some(most) => format!("{least} to {most} characters"),
        None => format!("at least {least} character"),
    };
    Err(SimpleDbError::invalid_value(format!(
        "{name} must have {expected}; it has {length}"
    )))
}

#[cfg(test)]
mod tests;

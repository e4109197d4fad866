//! The inputs of the three operations and the constraints on their members.
//!
//! The constraints are those of the service model of 2025-09-26 and, if stricter, of the developer
//! guide's page "API error codes". Lengths count characters.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ServiceError;
use crate::operation::get_export::GetExportInput;
use crate::operation::list_exports::ListExportsInput;
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::operation::types::S3SseAlgorithm;

/// The maximum length of a bucket's name.
pub(super) const MAX_BUCKET_NAME: usize = 63;

pub(super) fn start_request(body: &[u8]) -> Result<StartDomainExportInput, ServiceError> {
    let input: StartDomainExportInput = read(members(body)?, &["domainName", "s3Bucket"])?;
    let client_token = input.client_token.as_ref();
    length("clientToken", client_token, 1, 128)?;
    if client_token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err(ServiceError::invalid_value(
            "clientToken must consist of printable ASCII characters without spaces",
        ));
    }
    length("s3Bucket", Some(&input.s3_bucket), 3, MAX_BUCKET_NAME)?;
    if !is_bucket_name(&input.s3_bucket) {
        return Err(ServiceError::invalid_value(
            "s3Bucket must consist of letters, digits, '.', '-' and '_', and start and end with \
             a letter or digit",
        ));
    }
    length("s3KeyPrefix", input.s3_key_prefix.as_ref(), 1, 850)?;
    let key_id = input.s3_sse_kms_key_id.as_ref();
    length("s3SseKmsKeyId", key_id, 1, 2048)?;
    if let Some(owner) = &input.s3_bucket_owner {
        if !is_account_id(owner) {
            return Err(ServiceError::invalid_value(
                "s3BucketOwner must be 12 digits",
            ));
        }
    }
    match &input.s3_sse_algorithm {
        Some(other @ S3SseAlgorithm::Unknown(_)) => Err(ServiceError::invalid_value(format!(
            "s3SseAlgorithm must be AES256 or KMS, not {:?}",
            other.as_str()
        ))),
        None | Some(S3SseAlgorithm::Aes256) if key_id.is_some() => Err(ServiceError::bad_request(
            "InvalidParameterCombinationException",
            "s3SseKmsKeyId requires s3SseAlgorithm KMS",
        )),
        _ => Ok(input),
    }
}

pub(super) fn get_request(body: &[u8]) -> Result<GetExportInput, ServiceError> {
    let input: GetExportInput = read(members(body)?, &["exportArn"])?;
    length("exportArn", Some(&input.export_arn), 20, 2048)?;
    if !is_export_arn(&input.export_arn) {
        return Err(ServiceError::invalid_value(format!(
            "exportArn must be an export's ARN, not {:?}",
            input.export_arn
        )));
    }
    Ok(input)
}

pub(super) fn list_request(body: &[u8]) -> Result<ListExportsInput, ServiceError> {
    let members = members(body)?;
    let max_results = members.get("maxResults").and_then(Value::as_i64);
    if let Some(number) = max_results.filter(|number| !(1..=100).contains(number)) {
        return Err(ServiceError::invalid_value(format!(
            "maxResults must be 1 to 100, not {number}"
        )));
    }
    let input: ListExportsInput = read(members, &[])?;
    length("nextToken", input.next_token.as_ref(), 1, 2048)?;
    Ok(input)
}

pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a name follows the rule of SimpleDB's CreateDomain.
pub(super) fn is_domain_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Returns whether an ARN ends with `:domain/<domain>/export/<id>` and names SimpleDB before: AWS
/// documents two forms of the rest.
fn is_export_arn(arn: &str) -> bool {
    let Some((prefix, resource)) = arn.rsplit_once(':') else {
        return false;
    };
    let prefix: Vec<&str> = prefix.split(':').collect();
    let resource: Vec<&str> = resource.split('/').collect();
    prefix.starts_with(&["arn"])
        && prefix.contains(&"sdb")
        && matches!(resource.as_slice(), ["domain", domain, "export", id]
            if !domain.is_empty() && !id.is_empty())
}

/// Returns whether a name matches `[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+`.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_alphanumeric();
    name.len() >= 2
        && name.starts_with(is_alphanumeric)
        && name.ends_with(is_alphanumeric)
        && name
            .chars()
            .all(|c| is_alphanumeric(c) || ".-_".contains(c))
}

/// An empty body means an empty object.
fn members(body: &[u8]) -> Result<Map<String, Value>, ServiceError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|error| ServiceError::serialization(&error))
}

/// A null means an absent member.
fn read<T: DeserializeOwned>(
    members: Map<String, Value>,
    required: &[&str],
) -> Result<T, ServiceError> {
    let is_missing = |name: &&&str| members.get(**name).is_none_or(Value::is_null);
    if let Some(name) = required.iter().find(is_missing) {
        return Err(ServiceError::invalid_value(format!("{name} is required")));
    }
    serde_json::from_value(Value::Object(members))
        .map_err(|error| ServiceError::serialization(&error))
}

fn length(
    name: &str,
    value: Option<&String>,
    least: usize,
    most: usize,
) -> Result<(), ServiceError> {
    let Some(value) = value else { return Ok(()) };
    let length = value.chars().count();
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(ServiceError::invalid_value(format!(
        "{name} must have {least} to {most} characters; it has {length}"
    )))
}

#[cfg(test)]
mod tests;

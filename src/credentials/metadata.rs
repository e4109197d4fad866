//! The JSON of the container's and the instance's endpoints: credentials, or why there are none.

use super::document::{Document, SessionNames};
use super::{CredentialsBuilder, CredentialsError};

/// The members that describe an error; their spelling differs between the endpoints.
pub(super) const ERROR: &[&str] = &["Code", "code", "Message", "message"];

/// Reads credentials from a response.
pub(super) fn parse_metadata(
    service: &str,
    json: &[u8],
) -> Result<CredentialsBuilder, CredentialsError> {
    const NAMES: SessionNames = ["AccessKeyId", "SecretAccessKey", "Token"];
    let what = format!("the response from {service}");
    let document = Document::read(&what, json)?;
    let either = |member, other| match document.text(member)? {
        Some(text) => Ok(Some(text)),
        None => document.text(other),
    };
    if either("Code", "code")?.is_some_and(|code| *code != "Success") {
        return Err(CredentialsError::failed(
            document.describe(what.clone(), ERROR),
        ));
    }
    Ok(document
        .session(NAMES)?
        .expiration(document.time("Expiration")?)
        .known_account_id(either("AccountId", "AccountID")?.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        parse_metadata("S", json.as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn names_each_missing_or_invalid_part_but_no_value() {
        let full = r#"{"AccessKeyId":"id","SecretAccessKey":"hidden","Token":"hidden","Expiration":"2030-01-31T12:00:00Z"}"#;
        assert!(parse_metadata("S", full.as_bytes()).is_ok());
        for (part, replacement, text) in [
            (
                r#""AccessKeyId":"id","#,
                "",
                "the response from S has no AccessKeyId",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"""#,
                "the response from S has no Token",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"hidden\n""#,
                "Token of the response from S contains characters not allowed in a key: \
                 expected printable ASCII",
            ),
            (
                "2030-01-31T12:00:00Z",
                "hidden",
                "Expiration of the response from S is not a time: expected RFC 3339, such as \
                 2030-01-31T12:00:00Z",
            ),
            (
                r#""SecretAccessKey":"hidden""#,
                r#""SecretAccessKey":["hidden"]"#,
                "SecretAccessKey of the response from S is not a string",
            ),
            (
                "}",
                "",
                "the response from S is not valid JSON (line 1, column 99)",
            ),
        ] {
            assert_eq!(error(&full.replace(part, replacement)), text);
        }
    }

    #[test]
    fn describes_an_error_in_one_line() {
        assert_eq!(
            error("{\"Code\":\"Failed\",\"Message\":\"a\\r\\n  b\"}"),
            "the response from S: Failed: a b"
        );
    }
}

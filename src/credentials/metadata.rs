//! Responses of the container's and the instance's endpoints: credentials, or why there are none.

use super::document::{Document, SessionNames, Text, one_line};
use super::{CredentialsBuilder, CredentialsError};

/// Returns a member whose spelling differs between the endpoints.
fn either(
    document: &Document<'_>,
    member: &str,
    other: &str,
) -> Result<Option<Text>, CredentialsError> {
    match document.text(member)? {
        Some(text) => Ok(Some(text)),
        None => document.text(other),
    }
}

/// Returns the code and the message of a response; `None` without a code.
fn code_and_message(
    document: &Document<'_>,
) -> Result<Option<(Text, Option<Text>)>, CredentialsError> {
    let message = either(document, "Message", "message")?;
    Ok(either(document, "Code", "code")?.map(|code| (code, message)))
}

/// Reads credentials from a response.
pub(super) fn parse_metadata(
    what: &str,
    json: &[u8],
) -> Result<CredentialsBuilder, CredentialsError> {
    const NAMES: SessionNames = SessionNames {
        id: "AccessKeyId",
        key: "SecretAccessKey",
        token: "Token",
    };
    let document = Document::read(what, json)?;
    if let Some((code, message)) =
        code_and_message(&document)?.filter(|(code, _)| **code != "Success")
    {
        let text = describe_error(what, &code, message.as_ref());
        return Err(CredentialsError::failed(text));
    }
    let credentials = document.session(NAMES)?;
    let expiration = document.time("Expiration")?;
    let credentials = credentials.expiration(expiration);
    Ok(match either(&document, "AccountId", "AccountID")? {
        Some(account_id) => credentials.account_id(account_id.as_str()),
        None => credentials,
    })
}

/// Describes a response that is not a success: its status, and the code and message in its body.
pub(super) fn describe_refusal(status: u16, body: &[u8]) -> String {
    let what = format!("HTTP {status}");
    let body = Document::read(&what, body).and_then(|document| code_and_message(&document));
    match body {
        Ok(Some((code, message))) => describe_error(&what, &code, message.as_ref()),
        Ok(None) | Err(_) => what,
    }
}

fn describe_error(what: &str, code: &str, message: Option<&Text>) -> String {
    match message {
        Some(message) => format!("{what}: {}: {}", one_line(code), one_line(message)),
        None => format!("{what}: {}", one_line(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        parse_metadata("the response", json.as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn names_each_missing_or_invalid_part_but_no_value() {
        let full = r#"{"AccessKeyId":"id","SecretAccessKey":"hidden","Token":"hidden","Expiration":"2030-01-31T12:00:00Z"}"#;
        assert!(parse_metadata("the response", full.as_bytes()).is_ok());
        for (part, replacement, text) in [
            (
                r#""AccessKeyId":"id","#,
                "",
                "the response has no AccessKeyId",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"""#,
                "the response has no Token",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"hidden\n""#,
                "Token of the response contains characters not allowed in a key: \
                 expected printable ASCII",
            ),
            (
                "2030-01-31T12:00:00Z",
                "hidden",
                "Expiration of the response is not a time: expected RFC 3339, such as \
                 2030-01-31T12:00:00Z",
            ),
            (
                r#""SecretAccessKey":"hidden""#,
                r#""SecretAccessKey":["hidden"]"#,
                "SecretAccessKey of the response is not a string",
            ),
            (
                "}",
                "",
                "the response is not valid JSON (line 1, column 99)",
            ),
        ] {
            assert_eq!(error(&full.replace(part, replacement)), text);
        }
    }

    #[test]
    fn describes_an_error_in_one_line() {
        assert_eq!(
            error("{\"Code\":\"Failed\",\"Message\":\"a\\r\\n  b\"}"),
            "the response: Failed: a b"
        );
        assert_eq!(
            describe_refusal(403, br#"{"code":"Denied","message":"no"}"#),
            "HTTP 403: Denied: no"
        );
        assert_eq!(describe_refusal(502, b"<html>"), "HTTP 502");
    }
}

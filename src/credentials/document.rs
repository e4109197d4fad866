//! The JSON documents that credentials come in, and what may be said about them in an error.
//!
//! An error never repeats a value of a document, except the service's own code and message.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{Credentials, CredentialsError};
use crate::timestamp::parse_rfc3339;

/// What a service says about itself is cut off here.
const LONGEST_MESSAGE: usize = 400;

/// A text that is wiped from memory and cannot be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(|text| Secret(Zeroizing::new(text)))
    }
}

/// For the cache that tokens are shared in, and for the request that refreshes one.
#[cfg(feature = "sso")]
impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

/// Reads JSON. The parser's own error may hold a piece of what it read; only where it stopped is
/// told.
pub(super) fn parse<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, CredentialsError> {
    serde_json::from_slice(json).map_err(|error| {
        let problem = if error.is_data() {
            "is not made as expected"
        } else {
            "is not valid JSON"
        };
        CredentialsError::failed(format!(
            "{what} {problem} (line {}, column {})",
            error.line(),
            error.column()
        ))
    })
}

/// What a member that is needed and not there, or empty, is told as.
pub(super) fn missing(what: &str, member: &str) -> CredentialsError {
    CredentialsError::failed(format!("{what} has no {member}"))
}

/// A time in a document.
pub(super) fn time(
    what: &str,
    member: &str,
    value: Option<&str>,
) -> Result<OffsetDateTime, CredentialsError> {
    let value = value.ok_or_else(|| missing(what, member))?;
    parse_rfc3339(value).ok_or_else(|| {
        CredentialsError::failed(format!(
            "{member} of {what} is not a time: expected one like 2030-01-31T12:00:00Z"
        ))
    })
}

/// Keys go into headers, and nothing but printable ASCII can.
pub(super) fn checked<'a>(
    what: &str,
    member: &str,
    value: Option<&'a str>,
) -> Result<&'a str, CredentialsError> {
    let value = value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| missing(what, member))?;
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(CredentialsError::failed(format!(
            "{member} of {what} has characters that no key has: expected printable ASCII"
        )))
    }
}

/// Text of another program, on one line and not too long.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((at, _)) = line.char_indices().nth(LONGEST_MESSAGE) {
        line.truncate(at);
        line.push('…');
    }
    line
}

/// What the container's and the instance's endpoints answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetadataDocument {
    #[serde(alias = "code")]
    code: Option<String>,
    #[serde(alias = "message")]
    message: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<Secret>,
    token: Option<Secret>,
    #[serde(alias = "AccountID")]
    account_id: Option<String>,
    expiration: Option<String>,
}

/// Reads the credentials that the container's or the instance's endpoint gave.
pub(super) fn parse_metadata(what: &str, json: &[u8]) -> Result<Credentials, CredentialsError> {
    let document: MetadataDocument = parse(what, json)?;
    if let Some(code) = document.code.as_deref().filter(|code| *code != "Success") {
        return Err(CredentialsError::failed(describe_error(
            what,
            code,
            document.message.as_deref(),
        )));
    }
    let key = document.secret_access_key.unwrap_or_default();
    let token = document.token.unwrap_or_default();
    let id = checked(what, "AccessKeyId", document.access_key_id.as_deref())?;
    let key = checked(what, "SecretAccessKey", Some(key.expose()))?;
    let token = checked(what, "Token", Some(token.expose()))?;
    let expiration = time(what, "Expiration", document.expiration.as_deref())?;
    let mut credentials = Credentials::new(id, key)
        .with_session_token(token)
        .with_expiration(expiration);
    if let Some(account_id) = document.account_id {
        credentials = credentials.with_account_id(account_id);
    }
    Ok(credentials)
}

/// What an answer that is no success says: `HTTP 403`, or the code and the message in its body.
pub(super) fn describe_refusal(status: u16, body: &[u8]) -> String {
    let document: Option<MetadataDocument> = serde_json::from_slice(body).ok();
    let told = document.and_then(|document| {
        let code = document.code?;
        Some(describe_error(
            &format!("HTTP {status}"),
            &code,
            document.message.as_deref(),
        ))
    });
    told.unwrap_or_else(|| format!("HTTP {status}"))
}

fn describe_error(what: &str, code: &str, message: Option<&str>) -> String {
    match message {
        Some(message) => format!("{what}: {}: {}", one_line(code), one_line(message)),
        None => format!("{what}: {}", one_line(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        parse_metadata("the answer", json.as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn each_part_that_is_missing_or_wrong_is_named_and_no_value_is() {
        let full = r#"{"AccessKeyId":"id","SecretAccessKey":"hidden","Token":"hidden","Expiration":"2030-01-31T12:00:00Z"}"#;
        assert!(parse_metadata("the answer", full.as_bytes()).is_ok());
        for (part, replacement, text) in [
            (
                r#""AccessKeyId":"id","#,
                "",
                "the answer has no AccessKeyId",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"""#,
                "the answer has no Token",
            ),
            (
                r#""Token":"hidden""#,
                r#""Token":"hidden\n""#,
                "Token of the answer has characters that no key has: expected printable ASCII",
            ),
            (
                "2030-01-31T12:00:00Z",
                "hidden",
                "Expiration of the answer is not a time: expected one like 2030-01-31T12:00:00Z",
            ),
            (
                r#""SecretAccessKey":"hidden""#,
                r#""SecretAccessKey":["hidden"]"#,
                "the answer is not made as expected (line 1, column 38)",
            ),
            ("}", "", "the answer is not valid JSON (line 1, column 99)"),
        ] {
            assert_eq!(error(&full.replace(part, replacement)), text);
        }
    }

    #[test]
    fn the_service_may_say_why_in_one_line() {
        assert_eq!(
            error("{\"Code\":\"Failed\",\"Message\":\"a\\r\\n  b\"}"),
            "the answer: Failed: a b"
        );
        assert_eq!(
            describe_refusal(403, br#"{"code":"Denied","message":"no"}"#),
            "HTTP 403: Denied: no"
        );
        assert_eq!(describe_refusal(502, b"<html>"), "HTTP 502");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let line = one_line(&"ä".repeat(500));
        assert_eq!(line.chars().count(), LONGEST_MESSAGE + 1);
        assert!(line.ends_with('…'));
    }
}

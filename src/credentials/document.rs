//! JSON documents with credentials.
//!
//! An error never repeats a value of a document, except the service's own code and message.

use serde_json::value::RawValue;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{Credentials, CredentialsBuilder, CredentialsError};
use crate::text::Spaced;
use crate::wire::json::{self, Members, Value};
use crate::wire::timestamp::parse_rfc3339;

/// Maximum number of characters of a service's message in an error.
const MAX_MESSAGE_CHARS: usize = 400;

/// Text that is wiped from memory: any member of a document may be a secret.
pub(super) type Text = Zeroizing<String>;

/// A JSON object whose members are parsed on access. It holds no copy of a value.
pub(super) struct Document<'a> {
    /// The document's name in errors.
    what: &'a str,
    members: Members<'a>,
}

impl<'a> Document<'a> {
    /// Parses JSON. The parser's own error may quote its input, so only the position is reported.
    pub(super) fn read(what: &'a str, json: &'a [u8]) -> Result<Document<'a>, CredentialsError> {
        let members = Members::read(json).map_err(|error| {
            CredentialsError::failed(if error.is_data() {
                format!("{what} is not a JSON object")
            } else {
                let (line, column) = (error.line(), error.column());
                format!("{what} is not valid JSON (line {line}, column {column})")
            })
        })?;
        Ok(Document { what, members })
    }

    /// Returns a string member; `None` if it is absent, null or empty: some programs write an empty
    /// session token with long-term keys.
    pub(super) fn text(&self, member: &str) -> Result<Option<Text>, CredentialsError> {
        let text = self.value(member, "a string", json::text)?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// Returns a required string member.
    pub(super) fn required(&self, member: &str) -> Result<Text, CredentialsError> {
        let text = self.text(member)?;
        text.ok_or_else(|| missing(self.what, member))
    }

    /// Returns an integer member; `None` if it is absent or null.
    pub(super) fn integer(&self, member: &str) -> Result<Option<i64>, CredentialsError> {
        self.value(member, "an integer", |value| value.get().parse().ok())
    }

    /// Returns a required object member.
    pub(super) fn object(&self, member: &str) -> Result<Document<'a>, CredentialsError> {
        let members = self.value(member, "an object", |value| {
            Members::read(value.get().as_bytes()).ok()
        })?;
        let members = members.ok_or_else(|| missing(self.what, member))?;
        let what = self.what;
        Ok(Document { what, members })
    }

    fn value<T>(
        &self,
        member: &str,
        expected: &str,
        read: impl FnOnce(&'a RawValue) -> Option<T>,
    ) -> Result<Option<T>, CredentialsError> {
        let Some(value) = self.single(member)? else {
            return Ok(None);
        };
        let value = read(value);
        value.map(Some).ok_or_else(|| {
            CredentialsError::failed(format!("{member} of {} is not {expected}", self.what))
        })
    }

    /// Returns the value of a member, which must not be ambiguous.
    fn single(&self, member: &str) -> Result<Option<&'a RawValue>, CredentialsError> {
        let mut values = self.members.named(member);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(CredentialsError::failed(format!(
                "{} contains {member} more than once",
                self.what
            ))),
            (value, None) => Ok(value.filter(|value| value.get() != "null")),
        }
    }

    /// Returns temporary credentials under the names that this document gives them.
    pub(super) fn session(
        &self,
        names: SessionNames,
    ) -> Result<CredentialsBuilder, CredentialsError> {
        let [id, key, token] = names;
        let values = [self.text(id)?, self.text(key)?, self.text(token)?];
        session(self.what, names, values)
    }

    /// Returns a required key or token.
    pub(super) fn key(&self, member: &str) -> Result<Text, CredentialsError> {
        let key = self.text(member)?.unwrap_or_default();
        checked(self.what, member, &key)?;
        Ok(key)
    }

    /// Returns a required time member.
    pub(super) fn time(&self, member: &str) -> Result<OffsetDateTime, CredentialsError> {
        time(self.what, member, self.text(member)?.as_ref())
    }

    /// Returns when what the document has expires, `expiresIn` seconds from now.
    pub(super) fn expires_at(
        &self,
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime, CredentialsError> {
        let seconds = self.integer("expiresIn")?.filter(|&seconds| seconds > 0);
        let seconds = seconds.ok_or_else(|| missing(self.what, "expiresIn in seconds"))?;
        Ok(now.saturating_add(time::Duration::seconds(seconds)))
    }

    /// Appends what the document says in these members, if it has them.
    pub(super) fn describe(&self, text: String, members: &[&str]) -> String {
        let parts = members.iter();
        let parts = parts.filter_map(|member| self.text(member).ok().flatten());
        describe(text, &parts.collect::<Vec<_>>())
    }

    /// Returns every member to write it again: with another text if one is given, else as it is.
    pub(super) fn with<'s>(
        &'s self,
        texts: &[(&str, Option<&'s str>)],
    ) -> Vec<(&'s str, Value<'s>)> {
        let members = self.members.iter().map(|(name, value)| {
            let text = texts.iter().find(|(member, _)| *member == name);
            let text = text.and_then(|(_, text)| *text);
            (name, text.map_or(Value::AsItIs(value), Value::Text))
        });
        members.collect()
    }
}

/// The names that a document gives to the access key ID, the secret key and the session token.
pub(super) type SessionNames = [&'static str; 3];

/// Creates temporary credentials from a key pair and a session token, all of them required.
pub(super) fn session(
    what: &str,
    names: SessionNames,
    values: [Option<Text>; 3],
) -> Result<CredentialsBuilder, CredentialsError> {
    let [id, key, token] = values.map(Option::unwrap_or_default);
    for (name, value) in names.into_iter().zip([&id, &key, &token]) {
        checked(what, name, value)?;
    }
    Ok(Credentials::builder(id.as_str(), key.as_str()).session_token(token.as_str()))
}

/// Returns the error for a required member that is absent or empty.
pub(super) fn missing(what: &str, member: &str) -> CredentialsError {
    CredentialsError::failed(format!("{what} has no {member}"))
}

/// Returns a required time.
pub(super) fn time(
    what: &str,
    member: &str,
    value: Option<&Text>,
) -> Result<OffsetDateTime, CredentialsError> {
    let value = value.ok_or_else(|| missing(what, member))?;
    parse_time(value).ok_or_else(|| {
        CredentialsError::failed(format!(
            "{member} of {what} is not a time: expected RFC 3339, such as 2030-01-31T12:00:00Z"
        ))
    })
}

/// Parses RFC 3339 and what other tools have written in its place: `UTC` for `Z` (AWS CLI before
/// 2.1.15), and offsets without a colon (`date +%z`).
pub(super) fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if let Some(local) = text.strip_suffix("UTC") {
        return parse_rfc3339(&[local.trim_end(), "Z"].concat());
    }
    let offset = text.len().checked_sub("+0000".len());
    let offset = offset.and_then(|at| text.split_at_checked(at));
    match offset {
        Some((local, offset)) if offset.starts_with(['+', '-']) => {
            let (hours, minutes) = offset.split_at_checked("+00".len())?;
            parse_rfc3339(&format!("{local}{hours}:{minutes}"))
        }
        _ => parse_rfc3339(text),
    }
}

/// Checks a required key or token, which goes into a header and so must be printable ASCII.
pub(super) fn checked<'a>(
    what: &str,
    member: &str,
    value: &'a str,
) -> Result<&'a str, CredentialsError> {
    if value.is_empty() {
        Err(missing(what, member))
    } else if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(CredentialsError::failed(format!(
            "{member} of {what} contains characters not allowed in a key: expected printable ASCII"
        )))
    }
}

/// Appends the parts of a service's own description of an error.
pub(super) fn describe<'a>(mut text: String, parts: impl IntoIterator<Item = &'a Text>) -> String {
    for part in parts {
        text.push_str(": ");
        text.push_str(&one_line(part));
    }
    text
}

/// Returns foreign text on one line, cut to a reasonable length.
pub(super) fn one_line(text: &str) -> String {
    let mut line = Spaced(text.trim()).to_string();
    if let Some((at, _)) = line.char_indices().nth(MAX_MESSAGE_CHARS) {
        line.truncate(at);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_member_of_the_wrong_type() {
        let json = br#"{"a":"x","a":null,"n":null,"e":"","s":"7","f":1.0,"i":-7,
            "big":9223372036854775808,"o":{"a":"x","b":["hidden"]}}"#;
        let document = Document::read("D", json).unwrap();
        let text = |member| {
            document
                .text(member)
                .map(|text| text.map(|text| text.to_string()))
        };
        assert_eq!(text("s").unwrap().as_deref(), Some("7"));
        assert_eq!(text("n").unwrap(), None);
        assert_eq!(text("e").unwrap(), None);
        assert_eq!(text("absent").unwrap(), None);
        assert_eq!(document.integer("i").unwrap(), Some(-7));
        assert_eq!(document.integer("n").unwrap(), None);
        let object = document.object("o").unwrap();
        for (error, expected) in [
            (text("a").unwrap_err(), "D contains a more than once"),
            (text("i").unwrap_err(), "i of D is not a string"),
            (
                document.integer("s").unwrap_err(),
                "s of D is not an integer",
            ),
            (
                document.integer("f").unwrap_err(),
                "f of D is not an integer",
            ),
            (
                document.integer("big").unwrap_err(),
                "big of D is not an integer",
            ),
            (
                document.object("s").err().unwrap(),
                "s of D is not an object",
            ),
            (document.object("n").err().unwrap(), "D has no n"),
            (object.text("b").unwrap_err(), "b of D is not a string"),
            (
                Document::read("D", b"[\"hidden\"]").err().unwrap(),
                "D is not a JSON object",
            ),
        ] {
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn cuts_long_text_between_characters() {
        let line = one_line(&"ä".repeat(500));
        assert_eq!(line.chars().count(), MAX_MESSAGE_CHARS + 1);
        assert!(line.ends_with('…'));
    }

    #[test]
    fn reads_the_forms_of_times_that_other_tools_write() {
        let expected = parse_rfc3339("2030-01-31T12:00:00Z");
        assert!(expected.is_some());
        for text in [
            "2030-01-31T12:00:00Z",
            "2030-01-31T12:00:00UTC",
            "2030-01-31T12:00:00 UTC",
            "2030-01-31T12:00:00+0000",
            "2030-01-31T13:30:00+0130",
            "2030-01-31T04:00:00.0-0800",
            " 2030-01-31T12:00:00+00:00\n",
        ] {
            assert_eq!(parse_time(text), expected, "{text}");
        }
        for text in [
            "",
            "UTC",
            "+0000",
            "2030-01-31",
            "2030-01-31T12:00:00+000é",
            "é+000",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}

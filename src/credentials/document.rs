//! The JSON documents that credentials come in, and what may be said about them in an error.
//!
//! An error never repeats a value of a document, except the service's own code and message.

use serde_json::value::RawValue;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{Credentials, CredentialsBuilder, CredentialsError};
use crate::text::Spaced;
use crate::wire::json::{self, Members};
use crate::wire::timestamp::parse_rfc3339;

/// What a service says about itself is cut off here.
const LONGEST_MESSAGE: usize = 400;

/// A text that is wiped from memory: any member of a document may be a secret.
pub(super) type Text = Zeroizing<String>;

/// A JSON object, whose members are read when they are asked for. It holds no copy of a value.
pub(super) struct Document<'a> {
    /// What the document is called in errors.
    what: &'a str,
    members: Members<'a>,
}

impl<'a> Document<'a> {
    /// Reads JSON. The parser's own error may hold a piece of what it read; only where it stopped
    /// is told.
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

    /// A member that is a string; `None` where it is absent or null.
    pub(super) fn text(&self, member: &str) -> Result<Option<Text>, CredentialsError> {
        self.value(member, "a string", json::text)
    }

    /// A member that is a whole number; `None` where it is absent or null.
    pub(super) fn integer(&self, member: &str) -> Result<Option<i64>, CredentialsError> {
        self.value(member, "a whole number", |value| value.get().parse().ok())
    }

    /// A member that is an object; `None` where it is absent or null.
    pub(super) fn object(&self, member: &str) -> Result<Option<Document<'a>>, CredentialsError> {
        let members = self.value(member, "an object", |value| {
            Members::read(value.get().as_bytes()).ok()
        })?;
        Ok(members.map(|members| Document {
            what: self.what,
            members,
        }))
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

    /// Of two values nobody can tell which one is meant.
    fn single(&self, member: &str) -> Result<Option<&'a RawValue>, CredentialsError> {
        let mut values = self.members.named(member);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(CredentialsError::failed(format!(
                "{} has {member} more than once",
                self.what
            ))),
            (value, None) => Ok(value.filter(|value| value.get() != "null")),
        }
    }

    /// The keys of a session under the names that this document gives them.
    pub(super) fn session(
        &self,
        names: SessionNames,
    ) -> Result<CredentialsBuilder, CredentialsError> {
        let keys = [
            self.text(names.id)?,
            self.text(names.key)?,
            self.text(names.token)?,
        ];
        session(self.what, names, keys)
    }

    /// A member that is a time, and has to be there.
    pub(super) fn time(&self, member: &str) -> Result<OffsetDateTime, CredentialsError> {
        time(self.what, member, self.text(member)?.as_ref())
    }

    /// Every member as it is written.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.members.iter()
    }
}

/// What a document calls the keys of a session.
#[derive(Clone, Copy)]
pub(super) struct SessionNames {
    pub(super) id: &'static str,
    pub(super) key: &'static str,
    pub(super) token: &'static str,
}

/// Makes credentials of an id, a secret key and a session token, all of which have to be there.
pub(super) fn session(
    what: &str,
    names: SessionNames,
    [id, key, token]: [Option<Text>; 3],
) -> Result<CredentialsBuilder, CredentialsError> {
    let id = checked(what, names.id, id.as_deref().map(String::as_str))?;
    let key = checked(what, names.key, key.as_deref().map(String::as_str))?;
    let token = checked(what, names.token, token.as_deref().map(String::as_str))?;
    Ok(Credentials::builder(id, key).session_token(token))
}

/// What a member that is needed and not there, or empty, is told as.
pub(super) fn missing(what: &str, member: &str) -> CredentialsError {
    CredentialsError::failed(format!("{what} has no {member}"))
}

/// A time in a document.
pub(super) fn time(
    what: &str,
    member: &str,
    value: Option<&Text>,
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
    let mut line = Spaced(text.trim()).to_string();
    if let Some((at, _)) = line.char_indices().nth(LONGEST_MESSAGE) {
        line.truncate(at);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_told_by_its_name_when_it_is_not_what_it_should_be() {
        let json = br#"{"a":"x","a":null,"n":null,"s":"7","f":1.0,"i":-7,"big":9223372036854775808,
            "o":{"a":"x","b":["hidden"]}}"#;
        let document = Document::read("D", json).unwrap();
        let text = |member| {
            document
                .text(member)
                .map(|text| text.map(|text| text.to_string()))
        };
        assert_eq!(text("s").unwrap().as_deref(), Some("7"));
        assert_eq!(text("n").unwrap(), None);
        assert_eq!(text("absent").unwrap(), None);
        assert_eq!(document.integer("i").unwrap(), Some(-7));
        assert_eq!(document.integer("n").unwrap(), None);
        let object = document.object("o").unwrap().unwrap();
        assert!(document.object("n").unwrap().is_none());
        for (error, told) in [
            (text("a").unwrap_err(), "D has a more than once"),
            (text("i").unwrap_err(), "i of D is not a string"),
            (
                document.integer("s").unwrap_err(),
                "s of D is not a whole number",
            ),
            (
                document.integer("f").unwrap_err(),
                "f of D is not a whole number",
            ),
            (
                document.integer("big").unwrap_err(),
                "big of D is not a whole number",
            ),
            (
                document.object("s").err().unwrap(),
                "s of D is not an object",
            ),
            (object.text("b").unwrap_err(), "b of D is not a string"),
            (
                Document::read("D", b"[\"hidden\"]").err().unwrap(),
                "D is not a JSON object",
            ),
        ] {
            assert_eq!(error.to_string(), told);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let line = one_line(&"ä".repeat(500));
        assert_eq!(line.chars().count(), LONGEST_MESSAGE + 1);
        assert!(line.ends_with('…'));
    }
}

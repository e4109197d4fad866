//! The AWS CLI's cache of assumed roles: a session that began with an MFA code serves every command
//! until it expires.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use log::{debug, warn};
use sha1::{Digest, Sha1};

use super::context::{Context, read_error, read_secret};
use super::document::{Document, SessionNames, missing};
use super::plan::Role;
use super::{Credentials, CredentialsError};
use crate::fs::atomic::{AtomicFile, directory_of};
use crate::system::Deadline;
use crate::wire::arn::Arn;
use crate::wire::json::{self, Value};
use crate::wire::timestamp::rfc3339_seconds;

/// How long before its expiration a session is replaced, if a code can be had.
const LEAD: Duration = Duration::from_secs(5 * 60);

const CREDENTIALS: &str = "Credentials";
const EXPIRATION: &str = "Expiration";
const ACCOUNT_ID: &str = "AccountId";

const NAMES: SessionNames = SessionNames {
    id: "AccessKeyId",
    key: "SecretAccessKey",
    token: "SessionToken",
};

/// Returns the cached session of a role that requires an MFA code; other roles are not cached.
pub(super) fn find(context: &Context, deadline: Deadline<'_>, role: &Role) -> Option<Credentials> {
    let path = path(context, role)?.ok()?;
    let what = path.display().to_string();
    let read = match read_secret(&path, &deadline) {
        Ok(json) => read(&json, &what, role),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Err(read_error(&what, &error)),
    };
    let credentials = match read {
        Ok(credentials) => credentials,
        Err(error) => {
            warn!("ignoring the cached session of role {}: {error}", role.arn);
            return None;
        }
    };
    let lead = context.mfa_code().map_or(Duration::ZERO, |_| LEAD);
    let is_valid = context.are_valid(&credentials, lead);
    debug!(
        "{what}: cached session of role {}, valid: {is_valid}",
        role.arn
    );
    is_valid.then_some(credentials)
}

/// Caches the session of a role that requires an MFA code.
pub(super) fn keep(context: &Context, role: &Role, credentials: &Credentials) {
    let written = path(context, role).map(|path| {
        let path = path.map_err(io::Error::other)?;
        write(&path, credentials)
    });
    if let Some(Err(error)) = written {
        warn!("cannot cache the session of role {}: {error}", role.arn);
    }
}

/// Returns the path of a role's session, if it is cached at all.
fn path(context: &Context, role: &Role) -> Option<Result<PathBuf, CredentialsError>> {
    let name = file_name(role, &role.mfa.as_ref()?.serial);
    let directory = context.aws_directory("cli/cache");
    Some(directory.map(|directory| directory.join(name)))
}

/// Returns the name that the AWS CLI gives to a session: the hash of AssumeRole's arguments, as
/// Python writes them in JSON, without the code and a generated session name.
fn file_name(role: &Role, serial: &str) -> String {
    let duration = role.duration_seconds.map(|seconds| seconds.to_string());
    let texts = [
        ("ExternalId", role.external_id.as_deref()),
        ("RoleArn", Some(role.arn.as_str())),
        ("RoleSessionName", role.session_name.as_deref()),
        ("SerialNumber", Some(serial)),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, python_string(text?))));
    let members = duration.map(|seconds| ("DurationSeconds", seconds));
    let members = members.into_iter().chain(texts);
    let members: Vec<String> = members
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    let arguments = format!("{{{}}}", members.join(", "));
    format!("{}.json", hex::encode(Sha1::digest(arguments)))
}

/// Returns a JSON string as Python writes it: in ASCII.
fn python_string(text: &str) -> String {
    let mut string = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => string.extend(['\\', character]),
            ' '..='~' => string.push(character),
            '\t' => string.push_str("\\t"),
            '\n' => string.push_str("\\n"),
            '\r' => string.push_str("\\r"),
            '\u{8}' => string.push_str("\\b"),
            '\u{c}' => string.push_str("\\f"),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    string.extend(["\\u", &hex::encode(unit.to_be_bytes())]);
                }
            }
        }
    }
    string.push('"');
    string
}

fn read(json: &[u8], what: &str, role: &Role) -> Result<Credentials, CredentialsError> {
    let session = Document::read(what, json)?.object(CREDENTIALS)?;
    let session = session.ok_or_else(|| missing(what, CREDENTIALS))?;
    let expiration = session.time(EXPIRATION)?;
    let account_id = session.text(ACCOUNT_ID)?;
    let account_id = account_id.as_ref().map(|id| id.as_str());
    let mut credentials = session.session(NAMES)?.expiration(expiration);
    if let Some(account_id) = account_id.or_else(|| Arn(&role.arn).account_id()) {
        credentials = credentials.account_id(account_id);
    }
    Ok(credentials.source(role.source()).build())
}

fn write(path: &Path, credentials: &Credentials) -> io::Result<()> {
    let expiration = credentials.expiration().map(rfc3339_seconds);
    let texts = [
        (NAMES.id, Some(credentials.access_key_id())),
        (NAMES.key, Some(credentials.secret_access_key())),
        (NAMES.token, credentials.session_token()),
        (EXPIRATION, expiration.as_deref()),
        (ACCOUNT_ID, credentials.account_id()),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, Value::Text(text?))));
    let json = json::object(&[(CREDENTIALS, Value::Object(texts.collect()))])?;
    let mut directory = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
    directory.recursive(true).create(directory_of(path))?;
    let mut file = AtomicFile::create_private(path)?;
    file.write_all(&json)?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIAL: &str = "arn:aws:iam::111122223333:mfa/ana";

    fn role() -> Role {
        Role {
            arn: "arn:aws:iam::111122223333:role/Export".to_owned(),
            session_name: None,
            external_id: None,
            duration_seconds: None,
            mfa: None,
            profile: "dev".to_owned(),
            place: "P".to_owned(),
        }
    }

    /// The names are botocore's.
    #[test]
    fn names_a_session_as_the_aws_cli_does() {
        assert_eq!(
            file_name(&role(), SERIAL),
            "0aa7586e016bc0a23e42f584132aafd315e2b872.json"
        );
        let full = Role {
            session_name: Some("ana".to_owned()),
            external_id: Some("a \"b\"\\ ä🔑\u{7f}".to_owned()),
            duration_seconds: Some(43_200),
            ..role()
        };
        assert_eq!(
            file_name(&full, SERIAL),
            "6aeb778576a7925d308095465b24b8de5de88e40.json"
        );
    }

    #[test]
    fn escapes_text_as_python_does() {
        assert_eq!(
            python_string("a/\"\\\t\n\r\u{8}\u{c}\u{1}\u{7f}é\u{2028}🔑"),
            r#""a/\"\\\t\n\r\b\f\u0001\u007f\u00e9\u2028\ud83d\udd11""#
        );
    }

    #[test]
    fn reads_what_the_aws_cli_writes() {
        let full = r#"{"Credentials": {"AccessKeyId": "id", "SecretAccessKey": "hidden",
            "SessionToken": "token", "Expiration": "2030-01-31T12:00:00UTC",
            "AccountId": "444455556666"}, "AssumedRoleUser": {"AssumedRoleId": "x:s", "Arn": "a"},
            "ResponseMetadata": {"RetryAttempts": 0}}"#;
        let credentials = read(full.as_bytes(), "F", &role()).unwrap();
        assert_eq!(credentials.access_key_id(), "id");
        assert_eq!(credentials.session_token(), Some("token"));
        assert_eq!(credentials.account_id(), Some("444455556666"));
        let older = full.replace("AccountId", "Other");
        let credentials = read(older.as_bytes(), "F", &role()).unwrap();
        assert_eq!(credentials.account_id(), Some("111122223333"));
        let error = read(b"{}", "F", &role()).unwrap_err();
        assert_eq!(error.to_string(), "F has no Credentials");
    }
}

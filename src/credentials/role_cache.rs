//! The AWS CLI's cache of assumed roles: a session that began with an MFA code serves every command
//! until it expires.

use std::fs::DirBuilder;
use std::io;
use std::time::Duration;

use log::{debug, warn};
use sha1::{Digest, Sha1};

use super::cache_file::CacheFile;
use super::context::Context;
use super::document::{Document, SessionNames};
use super::plan::Role;
use super::{Credentials, CredentialsError};
use crate::fs::atomic::directory_of;
use crate::wire::arn::Arn;
use crate::wire::json::{self, Value};
use crate::wire::timestamp::rfc3339_seconds;

/// How long before its expiration a session is replaced, if a code can be had.
const LEAD: Duration = Duration::from_secs(5 * 60);

const CREDENTIALS: &str = "Credentials";
const EXPIRATION: &str = "Expiration";
const ACCOUNT_ID: &str = "AccountId";

const NAMES: SessionNames = ["AccessKeyId", "SecretAccessKey", "SessionToken"];

/// Returns the cached session of a role that requires an MFA code; other roles are not cached.
pub(super) fn find(context: Context<'_>, role: &Role) -> Option<Credentials> {
    let file = file(context, role)?.ok()?;
    let json = file.read(context).transpose()?;
    let credentials = json.and_then(|json| read(&json, &file.name, role));
    let credentials = credentials
        .inspect_err(|error| warn!("ignoring the cached session of role {}: {error}", role.arn))
        .ok()?;
    let mfa_code = context.shared.mfa_code.as_ref();
    let lead = mfa_code.map_or(Duration::ZERO, |_| LEAD);
    let is_valid = context.are_valid(&credentials, lead);
    debug!(
        "{}: cached session of role {}, valid: {is_valid}",
        file.name, role.arn
    );
    is_valid.then_some(credentials)
}

/// Caches the session of a role that requires an MFA code.
pub(super) fn keep(context: Context<'_>, role: &Role, credentials: &Credentials) {
    let written = file(context, role).map(|file| {
        let file = file.map_err(io::Error::other)?;
        write(&file, credentials)
    });
    if let Some(Err(error)) = written {
        warn!("cannot cache the session of role {}: {error}", role.arn);
    }
}

/// Returns the file of a role's session, if it is cached at all.
fn file(context: Context<'_>, role: &Role) -> Option<Result<CacheFile, CredentialsError>> {
    let hash = hash(role, &role.mfa.as_ref()?.serial);
    let directory = context.aws_directory("cli/cache");
    Some(directory.map(|directory| CacheFile::new(&directory, hash)))
}

/// Returns what the AWS CLI names a session after: the hash of AssumeRole's arguments, as Python
/// writes them in JSON, without the code and a generated session name.
fn hash(role: &Role, serial: &str) -> impl AsRef<[u8]> + use<> {
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
    Sha1::digest(format!("{{{}}}", members.join(", ")))
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
    let account_id = session.text(ACCOUNT_ID)?;
    let account_id = account_id.as_deref().map(String::as_str);
    let credentials = session
        .session(NAMES)?
        .expiration(session.time(EXPIRATION)?)
        .known_account_id(account_id.or_else(|| Arn(&role.arn).account_id()));
    Ok(credentials.source(role.source()).build())
}

fn write(file: &CacheFile, credentials: &Credentials) -> io::Result<()> {
    let [id, key, token] = NAMES;
    let expiration = credentials.expiration().map(rfc3339_seconds);
    let texts = [
        (id, Some(credentials.access_key_id())),
        (key, Some(credentials.secret_access_key())),
        (token, credentials.session_token()),
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
    directory.recursive(true).create(directory_of(&file.path))?;
    file.replace(&json)
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
            hex::encode(hash(&role(), SERIAL)),
            "0aa7586e016bc0a23e42f584132aafd315e2b872"
        );
        let full = Role {
            session_name: Some("ana".to_owned()),
            external_id: Some("a \"b\"\\ ä🔑\u{7f}".to_owned()),
            duration_seconds: Some(43_200),
            ..role()
        };
        assert_eq!(
            hex::encode(hash(&full, SERIAL)),
            "6aeb778576a7925d308095465b24b8de5de88e40"
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

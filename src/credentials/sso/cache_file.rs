//! The file in which AWS tools share the token of a single sign-on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::credentials::CredentialsError;
use crate::credentials::document::{Document, Text, missing};
use crate::fs::destination::file_to_replace;
use crate::wire::json::{self, Value};
use crate::wire::timestamp::parse_rfc3339;

/// The name of the file of an `sso-session`, or of a start URL.
pub(crate) fn file_name(session_or_url: &str) -> String {
    format!(
        "{}.json",
        hex::encode(Sha1::digest(session_or_url.as_bytes()))
    )
}

/// What stands in the file.
pub(crate) struct TokenFile<'a> {
    pub(crate) access_token: Text,
    pub(crate) expires_at: OffsetDateTime,
    pub(super) refresh_token: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) client_secret: Option<Text>,
    /// When the client's registration ends; `None` where the file does not say.
    pub(crate) registration_expires_at: Option<OffsetDateTime>,
    /// The whole, with what other tools keep there.
    document: Document<'a>,
}

impl<'a> TokenFile<'a> {
    pub(crate) fn parse(json: &'a [u8], what: &'a str) -> Result<TokenFile<'a>, CredentialsError> {
        let document = Document::read(what, json)?;
        let access_token = document.text("accessToken")?;
        let registration_ends = document.text("registrationExpiresAt")?;
        Ok(TokenFile {
            access_token: access_token
                .filter(|token| !token.is_empty())
                .ok_or_else(|| missing(what, "accessToken"))?,
            expires_at: document.time("expiresAt")?,
            refresh_token: document.text("refreshToken")?,
            client_id: document.text("clientId")?,
            client_secret: document.text("clientSecret")?,
            registration_expires_at: registration_ends.and_then(|time| parse_rfc3339(&time)),
            document,
        })
    }

    /// Replaces the file in one step, so that no other program sees half of it; a link to it
    /// stays. Only its owner can read it.
    pub(super) fn write(&self, path: &Path, suffix: &str) -> io::Result<()> {
        let json = self.to_json()?;
        let path = &file_to_replace(path)?.ok_or(io::ErrorKind::InvalidInput)?;
        let new = path.with_extension(format!("{suffix}.tmp"));
        let written = create(&new)
            .and_then(|mut file| file.write_all(&json))
            .and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            // It may not have been made at all.
            let _ = fs::remove_file(&new);
        }
        written
    }

    /// The tokens as they are now, and all else as it was.
    fn to_json(&self) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let expires_at = format_rfc3339(self.expires_at);
        let members = self.document.members().map(|(name, value)| {
            let text = match name {
                "accessToken" => Some(&self.access_token),
                "refreshToken" => self.refresh_token.as_ref(),
                _ => None,
            };
            let value = match text {
                Some(text) => Value::Text(text),
                None if name == "expiresAt" => Value::Text(&expires_at),
                None => Value::AsItIs(value),
            };
            (name, value)
        });
        json::object(&members.collect::<Vec<_>>())
    }
}

/// A time as the other tools write it: in UTC, to the second.
fn format_rfc3339(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"startUrl":"https://example.com/start", "accessToken":"old",
        "expiresAt":"2030-01-31T12:00:00Z","scopes":["a", {"b":1.50}],"refreshToken":"again",
        "clientId":"id","clientSecret":"hidden","registrationExpiresAt":"2030-03-01T00:00:00Z"}"#;

    #[test]
    fn a_file_that_is_written_keeps_what_others_put_there() {
        let folder =
            std::env::temp_dir().join(format!("simpledb-export-sso-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("token.json");
        let mut file = TokenFile::parse(FULL.as_bytes(), "F").unwrap();
        file.access_token = Zeroizing::new("new\"".to_owned());
        file.expires_at += time::Duration::HOUR;
        file.write(&path, "x").unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            r#"{"startUrl":"https://example.com/start","accessToken":"new\"","expiresAt":"2030-01-31T13:00:00Z","scopes":["a", {"b":1.50}],"refreshToken":"again","clientId":"id","clientSecret":"hidden","registrationExpiresAt":"2030-03-01T00:00:00Z"}"#
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        fs::remove_dir_all(&folder).unwrap();
        assert!(file.write(&path, "x").is_err());
    }

    #[test]
    fn a_file_without_a_token_is_told_by_what_it_lacks() {
        let error = |json: &str| {
            TokenFile::parse(json.as_bytes(), "F")
                .err()
                .unwrap()
                .to_string()
        };
        assert_eq!(
            error(&FULL.replace("\"old\"", "\"\"")),
            "F has no accessToken"
        );
        assert_eq!(error(r#"{"accessToken":"hidden"}"#), "F has no expiresAt");
        assert_eq!(
            error(&FULL.replace("\"hidden\"", "[\"hidden\"]")),
            "clientSecret of F is not a string"
        );
    }

    #[test]
    fn a_time_is_written_so_that_it_is_read_again() {
        let time = parse_rfc3339("2030-01-02T13:04:05.9+02:00").unwrap();
        assert_eq!(format_rfc3339(time), "2030-01-02T11:04:05Z");
    }
}

//! The file in which AWS tools share the token of a single sign-on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::credentials::CredentialsError;
use crate::credentials::document::{Secret, missing, parse, time};

/// The name of the file of an `sso-session`, or of a start URL.
pub(in crate::credentials) fn file_name(session_or_url: &str) -> String {
    format!(
        "{}.json",
        hex::encode(Sha1::digest(session_or_url.as_bytes()))
    )
}

/// What stands in the file.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::credentials) struct TokenFile {
    pub(in crate::credentials) access_token: Option<Secret>,
    pub(super) expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) registration_expires_at: Option<String>,
    /// What other tools keep there.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl TokenFile {
    pub(in crate::credentials) fn parse(
        json: &[u8],
        what: &str,
    ) -> Result<TokenFile, CredentialsError> {
        let file: TokenFile = parse(what, json)?;
        match &file.access_token {
            Some(token) if !token.expose().is_empty() => {}
            _ => return Err(missing(what, "accessToken")),
        }
        file.expires_at(what)?;
        Ok(file)
    }

    pub(in crate::credentials) fn expires_at(
        &self,
        what: &str,
    ) -> Result<OffsetDateTime, CredentialsError> {
        time(what, "expiresAt", self.expires_at.as_deref())
    }

    /// When the client's registration ends; `None` where the file does not say.
    pub(in crate::credentials) fn registration_expires_at(&self) -> Option<OffsetDateTime> {
        crate::timestamp::parse_rfc3339(self.registration_expires_at.as_deref()?)
    }

    /// Replaces the file in one step, so that no other program sees half of it. Only its owner can
    /// read it.
    pub(super) fn write(&self, path: &Path, suffix: &str) -> io::Result<()> {
        let json = Zeroizing::new(serde_json::to_vec(self)?);
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

    const FULL: &str = r#"{"startUrl":"https://example.com/start","accessToken":"old",
        "expiresAt":"2030-01-31T12:00:00Z","refreshToken":"again","clientId":"id",
        "clientSecret":"hidden","registrationExpiresAt":"2030-03-01T00:00:00Z"}"#;

    #[test]
    fn a_file_that_is_written_keeps_what_others_put_there() {
        let folder =
            std::env::temp_dir().join(format!("simpledb-export-sso-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("token.json");
        let file = TokenFile::parse(FULL.as_bytes(), "F").unwrap();
        file.write(&path, "x").unwrap();
        let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let expected: Value = serde_json::from_str(FULL).unwrap();
        assert_eq!(written, expected);
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
    }
}

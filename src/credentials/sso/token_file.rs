//! The cache file of a single sign-on, which all AWS tools share.

use std::io;
use std::path::Path;

use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::credentials::CredentialsError;
use crate::credentials::cache_file::CacheFile;
use crate::credentials::document::{Document, Text, parse_time};
use crate::wire::json;
use crate::wire::timestamp::rfc3339_seconds;

/// Returns the file of an `sso-session` or of a start URL.
pub(crate) fn token_file(directory: &Path, session_or_url: &str) -> CacheFile {
    CacheFile::new(directory, Sha1::digest(session_or_url))
}

/// The content of the file.
pub(crate) struct TokenFile<'a> {
    pub(crate) access_token: Text,
    pub(crate) expires_at: OffsetDateTime,
    pub(super) refresh_token: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) client_secret: Option<Text>,
    /// When the client's registration expires, if the file says so.
    pub(crate) registration_expires_at: Option<OffsetDateTime>,
    /// All members, including those of other tools.
    document: Document<'a>,
}

impl<'a> TokenFile<'a> {
    pub(crate) fn parse(json: &'a [u8], what: &'a str) -> Result<TokenFile<'a>, CredentialsError> {
        let document = Document::read(what, json)?;
        let registration_ends = document.text("registrationExpiresAt")?;
        Ok(TokenFile {
            access_token: document.required("accessToken")?,
            expires_at: document.time("expiresAt")?,
            refresh_token: document.text("refreshToken")?,
            client_id: document.text("clientId")?,
            client_secret: document.text("clientSecret")?,
            registration_expires_at: registration_ends.and_then(|time| parse_time(&time)),
            document,
        })
    }

    /// Returns the content with the current tokens and everything else unchanged.
    pub(super) fn to_json(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let expires_at = rfc3339_seconds(self.expires_at);
        let refresh_token = self.refresh_token.as_deref().map(String::as_str);
        Ok(json::object(&self.document.with(&[
            ("accessToken", Some(&self.access_token)),
            ("refreshToken", refresh_token),
            ("expiresAt", Some(&expires_at)),
        ]))?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tests::temp_dir::TempDir;

    const FULL: &str = r#"{"startUrl":"https://example.com/start", "accessToken":"old",
        "expiresAt":"2030-01-31T12:00:00Z","scopes":["a", {"b":1.50}],"refreshToken":"again",
        "clientId":"id","clientSecret":"hidden","registrationExpiresAt":"2030-03-01T00:00:00Z"}"#;

    #[test]
    fn keeps_what_other_tools_wrote() {
        let dir = TempDir::new();
        let cached = token_file(dir.path(), "s");
        fs::write(&cached.path, FULL).unwrap();
        let mut file = TokenFile::parse(FULL.as_bytes(), "F").unwrap();
        file.access_token = Zeroizing::new("new\"".to_owned());
        file.expires_at += time::Duration::HOUR;
        cached.replace(&file.to_json().unwrap()).unwrap();
        assert_eq!(
            fs::read_to_string(&cached.path).unwrap(),
            r#"{"startUrl":"https://example.com/start","accessToken":"new\"","expiresAt":"2030-01-31T13:00:00Z","scopes":["a", {"b":1.50}],"refreshToken":"again","clientId":"id","clientSecret":"hidden","registrationExpiresAt":"2030-03-01T00:00:00Z"}"#
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let permissions = fs::metadata(&cached.path).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, 0o600);
        }
        let nowhere = token_file(&dir.path().join("none"), "s");
        assert!(nowhere.replace(b"{}").is_err());
    }

    #[test]
    fn names_what_a_file_lacks() {
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
}

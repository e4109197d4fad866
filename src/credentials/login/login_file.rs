//! The cache file of a login, which all AWS tools share.

use std::io::{self, Write};

use time::OffsetDateTime;

use crate::credentials::document::{Document, SessionNames, Text};
use crate::credentials::{Credentials, CredentialsBuilder, CredentialsError};
use crate::fs::atomic::AtomicFile;
use crate::wire::json::{self, Value};
use crate::wire::timestamp::rfc3339_seconds;

pub(super) const ACCESS_TOKEN: &str = "accessToken";
pub(super) const REFRESH_TOKEN: &str = "refreshToken";
const EXPIRES_AT: &str = "expiresAt";

/// The names of the parts of an access token.
pub(super) const NAMES: SessionNames = ["accessKeyId", "secretAccessKey", "sessionToken"];

/// The content of the file.
pub(super) struct LoginFile<'a> {
    pub(super) credentials: Credentials,
    /// All members, including those of other tools.
    pub(super) document: Document<'a>,
    access_token: Document<'a>,
    refresh_token: Option<Text>,
}

impl<'a> LoginFile<'a> {
    pub(super) fn parse(json: &'a [u8], what: &'a str) -> Result<LoginFile<'a>, CredentialsError> {
        let document = Document::read(what, json)?;
        let access_token = document.object(ACCESS_TOKEN)?;
        let account_id = access_token.text("accountId")?;
        let credentials = access_token
            .session(NAMES)?
            .expiration(access_token.time(EXPIRES_AT)?)
            .known_account_id(account_id.as_deref());
        Ok(LoginFile {
            credentials: credentials.build(),
            refresh_token: document.text(REFRESH_TOKEN)?,
            document,
            access_token,
        })
    }

    /// Replaces the session. The account stays the same.
    pub(super) fn replace(
        &mut self,
        session: CredentialsBuilder,
        expires_at: OffsetDateTime,
        refresh_token: Option<Text>,
    ) {
        let session = session.known_account_id(self.credentials.account_id());
        self.credentials = session.expiration(expires_at).build();
        if refresh_token.is_some() {
            self.refresh_token = refresh_token;
        }
    }

    /// Writes the current session, and everything else unchanged.
    pub(super) fn write(&self, mut file: AtomicFile) -> io::Result<()> {
        let [id, key, token] = NAMES;
        let expires_at = self.credentials.expiration().map(rfc3339_seconds);
        let access_token = self.access_token.with(&[
            (id, Some(self.credentials.access_key_id())),
            (key, Some(self.credentials.secret_access_key())),
            (token, self.credentials.session_token()),
            (EXPIRES_AT, expires_at.as_deref()),
        ]);
        let refresh_token = self.refresh_token.as_deref().map(String::as_str);
        let mut members = self.document.with(&[(REFRESH_TOKEN, refresh_token)]);
        if let Some((_, value)) = members.iter_mut().find(|(name, _)| *name == ACCESS_TOKEN) {
            *value = Value::Object(access_token);
        }
        file.write_all(&json::object(&members)?)?;
        file.commit()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use zeroize::Zeroizing;

    use super::*;
    use crate::credentials::document::parse_time;
    use crate::tests::temp_dir::TempDir;

    const FULL: &str = r#"{"accessToken":{"accessKeyId":"old","x":1.50,"secretAccessKey":"hidden",
        "sessionToken":"token","accountId":"111122223333","expiresAt":"2030-01-31T12:00:00Z"},
        "tokenType":"aws_sigv4", "refreshToken":"old","other":[ 1, {"accessToken":2}]}"#;

    #[test]
    fn keeps_what_other_tools_wrote() {
        let dir = TempDir::new();
        let path = dir.path().join("login.json");
        let mut file = LoginFile::parse(FULL.as_bytes(), "F").unwrap();
        let expires_at = parse_time("2030-01-31T12:15:00.9Z").unwrap();
        let session = Credentials::builder("new", "key\"").session_token("new-token");
        file.replace(session, expires_at, Some(Zeroizing::new("next".to_owned())));
        assert_eq!(file.credentials.account_id(), Some("111122223333"));
        assert_eq!(file.credentials.expiration(), Some(expires_at));
        file.write(AtomicFile::create_private(&path).unwrap())
            .unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            r#"{"accessToken":{"accessKeyId":"new","x":1.50,"secretAccessKey":"key\"","sessionToken":"new-token","accountId":"111122223333","expiresAt":"2030-01-31T12:15:00Z"},"tokenType":"aws_sigv4","refreshToken":"next","other":[ 1, {"accessToken":2}]}"#
        );
    }

    #[test]
    fn names_what_a_file_lacks() {
        let error = |json: &str| {
            let parsed = LoginFile::parse(json.as_bytes(), "F");
            parsed.err().unwrap().to_string()
        };
        assert_eq!(error("{}"), "F has no accessToken");
        assert_eq!(
            error(&FULL.replace("\"accessKeyId\":\"old\"", "\"accessKeyId\":null")),
            "F has no accessKeyId"
        );
        assert_eq!(
            error(&FULL.replace("\"expiresAt\"", "\"expires\"")),
            "F has no expiresAt"
        );
        let file = LoginFile::parse(FULL.as_bytes(), "F").unwrap();
        let error = file.document.required("clientId").unwrap_err();
        assert_eq!(error.to_string(), "F has no clientId");
    }
}

//! The session of a person who ran `aws login`: its credentials are in a cache file, and used
//! while they are valid.

use std::io;

use sha2::{Digest, Sha256};

use super::context::{Context, read_error, read_secret};
use super::document::{Document, SessionNames, missing};
use super::{Credentials, CredentialsBuilder, CredentialsError};
use crate::system::Deadline;

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
    session: &str,
    profile: &str,
) -> Result<Credentials, CredentialsError> {
    let directory = context.aws_directory("login/cache")?;
    let path = directory.join(file_name(session));
    let what = path.display().to_string();
    let log_in = format!("run \"aws login --profile {profile}\"");
    let json = read_secret(&path, &deadline).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return CredentialsError::failed(format!(
                "no login of profile {profile:?} ({what} does not exist): {log_in}"
            ));
        }
        read_error(&what, &error)
    })?;
    let credentials = read(&json, &what)?
        .source(format!("profile {profile:?} (aws login)"))
        .build();
    match credentials.expiration() {
        Some(expiration) if expiration <= context.system().now() => Err(CredentialsError::failed(
            format!("the login of profile {profile:?} has expired: {log_in}"),
        )),
        _ => Ok(credentials),
    }
}

fn file_name(session: &str) -> String {
    let hash = Sha256::digest(session.trim().as_bytes());
    format!("{}.json", hex::encode(hash))
}

fn read(json: &[u8], what: &str) -> Result<CredentialsBuilder, CredentialsError> {
    const NAMES: SessionNames = SessionNames {
        id: "accessKeyId",
        key: "secretAccessKey",
        token: "sessionToken",
    };
    let token = Document::read(what, json)?.object("accessToken")?;
    let token = token.ok_or_else(|| missing(what, "accessToken"))?;
    let credentials = token.session(NAMES)?;
    let credentials = credentials.expiration(token.time("expiresAt")?);
    Ok(match token.text("accountId")? {
        Some(account_id) => credentials.account_id(account_id.as_str()),
        None => credentials,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file_by_the_hash_of_the_trimmed_session() {
        assert_eq!(
            file_name(" abc\n"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json"
        );
    }

    #[test]
    fn names_what_a_file_lacks() {
        let full = r#"{"accessToken":{"accessKeyId":"id","secretAccessKey":"hidden",
            "sessionToken":"token","accountId":"111122223333","expiresAt":"2030-01-31T12:00:00Z"},
            "refreshToken":"other"}"#;
        let credentials = read(full.as_bytes(), "F").unwrap().build();
        assert_eq!(credentials.account_id(), Some("111122223333"));
        assert_eq!(credentials.session_token(), Some("token"));
        let error = read(full.replace("\"id\"", "null").as_bytes(), "F").unwrap_err();
        assert_eq!(error.to_string(), "F has no accessKeyId");
        let error = read(b"{}", "F").unwrap_err();
        assert_eq!(error.to_string(), "F has no accessToken");
    }
}

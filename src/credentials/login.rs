//! The session of a person who ran `aws login`: its credentials are in a cache file, live for
//! 15 minutes, and are refreshed in time.

mod cache_file;
mod dpop;
mod endpoint;
mod refresh;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use log::debug;
use sha2::{Digest, Sha256};

use self::cache_file::LoginFile;
use super::context::{Context, read_error, read_secret};
use super::{Credentials, CredentialsError};
use crate::system::Deadline;

/// How long before their expiration credentials are refreshed.
const LEAD: Duration = Duration::from_secs(5 * 60);

/// A login, and the file that it is cached in.
struct Login<'a> {
    profile: &'a str,
    path: PathBuf,
    /// The path, for errors.
    what: String,
}

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
    session: &str,
    profile: &str,
) -> Result<Credentials, CredentialsError> {
    let path = directory(context)?.join(file_name(session));
    let what = path.display().to_string();
    let login = Login {
        profile,
        path,
        what,
    };
    let json = read_secret(&login.path, &deadline).map_err(|error| login.unreadable(&error))?;
    let file = LoginFile::parse(&json, &login.what)?;
    let credentials = if context.are_valid(&file.credentials, LEAD) {
        file.credentials
    } else {
        refreshed(context, deadline, &login, file)?
    };
    let source = format!("profile {profile:?} (aws login)");
    Ok(credentials.into_builder().source(source).build())
}

/// Refreshes credentials that expire soon. If that fails, they are used until they expire.
fn refreshed(
    context: &Context,
    deadline: Deadline<'_>,
    login: &Login<'_>,
    mut file: LoginFile<'_>,
) -> Result<Credentials, CredentialsError> {
    let Err(error) = refresh::refresh(context, deadline, login, &mut file) else {
        return Ok(file.credentials);
    };
    if context.are_valid(&file.credentials, Duration::ZERO) {
        debug!("using the current credentials of the login: {error}");
        return Ok(file.credentials);
    }
    // The refresh token works only once: another process may have been faster.
    let credentials = login.valid_credentials(context, deadline);
    credentials.ok_or(error)
}

impl Login<'_> {
    /// Returns what the file contains now, if it is valid.
    fn valid_credentials(&self, context: &Context, deadline: Deadline<'_>) -> Option<Credentials> {
        let json = read_secret(&self.path, &deadline).ok()?;
        let file = LoginFile::parse(&json, &self.what).ok()?;
        let is_valid = context.are_valid(&file.credentials, Duration::ZERO);
        is_valid.then_some(file.credentials)
    }

    fn unreadable(&self, error: &io::Error) -> CredentialsError {
        let Login { profile, what, .. } = self;
        if error.kind() == io::ErrorKind::NotFound {
            let log_in = self.log_in();
            return CredentialsError::failed(format!(
                "no login of profile {profile:?} ({what} does not exist): {log_in}"
            ));
        }
        read_error(what, error)
    }

    /// Returns the error for expired credentials that cannot even be requested anew.
    fn expired(&self, reason: &str) -> CredentialsError {
        let (profile, log_in) = (self.profile, self.log_in());
        CredentialsError::failed(format!(
            "the login of profile {profile:?} has expired and cannot be refreshed ({reason}): \
             {log_in}"
        ))
    }

    /// Advises how to get a new session.
    fn log_in(&self) -> String {
        format!("run \"aws login --profile {}\"", self.profile)
    }
}

fn directory(context: &Context) -> Result<PathBuf, CredentialsError> {
    match context.variable("AWS_LOGIN_CACHE_DIRECTORY")? {
        Some(directory) => Ok(context.path(directory)),
        None => context.aws_directory("login/cache"),
    }
}

fn file_name(session: &str) -> String {
    let hash = Sha256::digest(session.trim().as_bytes());
    format!("{}.json", hex::encode(hash))
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
}

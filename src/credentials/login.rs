//! The session of a person who ran `aws login`: its credentials are in a cache file, live for
//! 15 minutes, and are refreshed in time.

mod dpop;
mod endpoint;
mod login_file;
mod refresh;

use std::path::{Path, PathBuf};
use std::time::Duration;

use log::debug;
use sha2::{Digest, Sha256};

use self::login_file::LoginFile;
use super::cache_file::CacheFile;
use super::context::Context;
use super::{Credentials, CredentialsError};

/// How long before their expiration credentials are refreshed.
const LEAD: Duration = Duration::from_secs(5 * 60);

/// A login, and the file that it is cached in.
struct Login<'a> {
    profile: &'a str,
    cached: CacheFile,
}

pub(super) fn provide(
    context: Context<'_>,
    session: &str,
    profile: &str,
) -> Result<Credentials, CredentialsError> {
    let cached = cache_file(&directory(context)?, session);
    let login = Login { profile, cached };
    let json = login.cached.read(context)?.ok_or_else(|| {
        let (file, log_in) = (&login.cached.name, login.log_in());
        CredentialsError::failed(format!(
            "no login of profile {profile:?} ({file} does not exist): {log_in}"
        ))
    })?;
    let mut file = LoginFile::parse(&json, &login.cached.name)?;
    if !context.are_valid(&file.credentials, LEAD) {
        if let Err(error) = refresh::refresh(context, &login, &mut file) {
            file.credentials = login.after_failure(context, file.credentials, error)?;
        }
    }
    let source = format!("profile {profile:?} (aws login)");
    Ok(file.credentials.into_builder().source(source).build())
}

impl Login<'_> {
    /// Returns what to use if credentials cannot be refreshed: the same until they expire, or what
    /// another process got, since the refresh token works only once.
    fn after_failure(
        &self,
        context: Context<'_>,
        credentials: Credentials,
        error: CredentialsError,
    ) -> Result<Credentials, CredentialsError> {
        if context.are_valid(&credentials, Duration::ZERO) {
            debug!("using the current credentials of the login: {error}");
            return Ok(credentials);
        }
        let json = self.cached.read(context).ok().flatten();
        let renewed = json.and_then(|json| {
            let credentials = LoginFile::parse(&json, &self.cached.name).ok()?.credentials;
            let is_valid = context.are_valid(&credentials, Duration::ZERO);
            is_valid.then_some(credentials)
        });
        renewed.ok_or(error)
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

fn directory(context: Context<'_>) -> Result<PathBuf, CredentialsError> {
    match context.variable("AWS_LOGIN_CACHE_DIRECTORY")? {
        Some(directory) => Ok(context.path(directory)),
        None => context.aws_directory("login/cache"),
    }
}

fn cache_file(directory: &Path, session: &str) -> CacheFile {
    CacheFile::new(directory, Sha256::digest(session.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file_by_the_hash_of_the_trimmed_session() {
        assert_eq!(
            cache_file(Path::new(""), " abc\n").name,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json"
        );
    }
}

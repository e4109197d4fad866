//! What the sources of one chain share.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Credentials, CredentialsError, MfaCode};
use crate::fs::read::read_file;
use crate::settings::Settings;
use crate::settings::env::Env;
use crate::settings::profile::expand_home;
use crate::system::{Deadline, System, lock};

/// No token and no cache file comes near this.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

pub(super) struct Context {
    env: Env,
    settings: Settings,
    system: Arc<dyn System>,
    mfa_code: Option<MfaCode>,
    /// What a service refused as expired, so that it is not read from a file again.
    rejected: Mutex<Option<Credentials>>,
    /// The last credentials from the instance metadata. While that service is out of order they are
    /// used beyond their expiration, as AWS recommends: services accept them then.
    pub(super) last_of_instance: Mutex<Option<Credentials>>,
}

impl Context {
    pub(super) fn new(
        env: Env,
        settings: Settings,
        system: Arc<dyn System>,
        mfa_code: Option<MfaCode>,
    ) -> Context {
        Context {
            env,
            settings,
            system,
            mfa_code,
            rejected: Mutex::default(),
            last_of_instance: Mutex::default(),
        }
    }

    pub(super) fn env(&self) -> &Env {
        &self.env
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn system(&self) -> &dyn System {
        &*self.system
    }

    /// Returns what gets the codes of MFA devices; `None` if nobody can enter them.
    pub(super) fn mfa_code(&self) -> Option<&MfaCode> {
        self.mfa_code.as_ref()
    }

    pub(super) fn reject(&self, credentials: &Credentials) {
        *lock(&self.rejected) = Some(credentials.clone());
    }

    /// Returns whether credentials are valid for longer than `lead`, as far as is known.
    pub(super) fn are_valid(&self, credentials: &Credentials, lead: Duration) -> bool {
        let is_rejected = (lock(&self.rejected).as_ref())
            .is_some_and(|rejected| rejected.access_key_id() == credentials.access_key_id());
        !is_rejected
            && (credentials.expiration())
                .is_some_and(|expiration| expiration - self.system.now() > lead)
    }

    /// Returns the trimmed value of a variable; `None` if it is unset or blank.
    pub(super) fn variable(&self, name: &str) -> Result<Option<&str>, CredentialsError> {
        match self.env.get(name) {
            Ok(value) => Ok(value.map(str::trim)),
            Err(error) => Err(CredentialsError::failed(error.to_string())),
        }
    }

    /// Returns a path with `~/` replaced by the home directory.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        expand_home(Path::new(path), &self.env)
    }

    /// Returns a directory below `~/.aws`.
    pub(super) fn aws_directory(&self, name: &str) -> Result<PathBuf, CredentialsError> {
        let path = expand_home(&Path::new("~/.aws").join(name), &self.env);
        if path.starts_with("~") {
            return Err(CredentialsError::failed(format!(
                "cannot find {}: HOME is not set",
                path.display()
            )));
        }
        Ok(path)
    }
}

/// Returns the text of a file.
pub(super) fn to_text(content: &[u8]) -> io::Result<Zeroizing<String>> {
    match std::str::from_utf8(content) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "expected UTF-8 text",
        )),
    }
}

/// Returns the error for a file, described by `what`, that cannot be read.
pub(super) fn read_error(what: &str, error: &io::Error) -> CredentialsError {
    let text = format!("cannot read {what}: {error}");
    match error.kind() {
        io::ErrorKind::TimedOut => CredentialsError::timed_out(text),
        _ => CredentialsError::failed(text),
    }
}

/// Reads a file with secrets. A pipe is read too, until the deadline.
pub(super) fn read_secret(path: &Path, deadline: &Deadline<'_>) -> io::Result<Zeroizing<Vec<u8>>> {
    read_file(path, MAX_FILE_BYTES, deadline.left())
}

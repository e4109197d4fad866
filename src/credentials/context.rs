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
use crate::settings::profile::{Profile, expand_home, lacks_home};
use crate::system::{Deadline, System, lock};

/// No token and no cache file comes near this.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What a source does.
pub(super) type Provide = fn(Context<'_>) -> Result<Credentials, CredentialsError>;

/// What all searches of a chain share.
pub(super) struct Shared {
    pub(super) env: Env,
    pub(super) settings: Settings,
    pub(super) profile: Profile,
    pub(super) system: Arc<dyn System>,
    /// Gets the codes of MFA devices; `None` if no one can enter them.
    pub(super) mfa_code: Option<MfaCode>,
    /// Credentials that a service refused as expired, so that they are not read from a file again.
    pub(super) rejected: Mutex<Option<Credentials>>,
    /// The last credentials from the instance metadata. While that service is out of order they are
    /// used beyond their expiration, as AWS recommends: services accept them then.
    pub(super) last_of_instance: Mutex<Option<Credentials>>,
}

/// One search for credentials.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) shared: &'a Shared,
    pub(super) deadline: Deadline<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn new(shared: &'a Shared, timeout: Duration) -> Context<'a> {
        let deadline = Deadline::new(&*shared.system, timeout);
        Context { shared, deadline }
    }

    pub(super) fn system(self) -> &'a dyn System {
        self.deadline.system()
    }

    /// Returns whether credentials are valid for longer than `lead`, as far as is known.
    pub(super) fn are_valid(self, credentials: &Credentials, lead: Duration) -> bool {
        let is_rejected = (lock(&self.shared.rejected).as_ref())
            .is_some_and(|rejected| rejected.access_key_id() == credentials.access_key_id());
        !is_rejected
            && (credentials.expiration())
                .is_some_and(|expiration| expiration - self.system().now() > lead)
    }

    /// Returns the trimmed value of a variable; `None` if it is unset or blank.
    pub(super) fn variable(self, name: &str) -> Result<Option<&'a str>, CredentialsError> {
        Ok(self.shared.env.get(name)?.map(str::trim))
    }

    /// Returns a path with `~/` replaced by the home directory.
    pub(super) fn path(self, path: impl AsRef<Path>) -> PathBuf {
        expand_home(path.as_ref(), &self.shared.env)
    }

    /// Returns a directory below `~/.aws`.
    pub(super) fn aws_directory(self, name: &str) -> Result<PathBuf, CredentialsError> {
        let path = self.path(Path::new("~/.aws").join(name));
        if lacks_home(&path) {
            return Err(CredentialsError::failed(format!(
                "cannot find {}: HOME is not set",
                path.display()
            )));
        }
        Ok(path)
    }

    /// Reads a file with secrets. A pipe is read too, until the deadline.
    pub(super) fn read_secret(self, path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
        read_file(path, MAX_FILE_BYTES, self.deadline.left())
    }

    /// Reads a file with a token, which errors call `what`.
    pub(super) fn read_token(
        self,
        path: &Path,
        what: &str,
    ) -> Result<Zeroizing<String>, CredentialsError> {
        let token = self.read_secret(path).and_then(|content| {
            let text = std::str::from_utf8(&content)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "expected UTF-8 text"))?;
            Ok(Zeroizing::new(text.to_owned()))
        });
        token.map_err(|error| read_error(what, &error))
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

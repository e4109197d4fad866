//! Every source of credentials, end to end: profile files in a temporary home directory, and
//! services on the loopback interface.

mod container;
#[cfg(unix)]
mod files;
mod instance;
mod login;
mod logs;
mod mfa;
#[cfg(unix)]
mod process;
mod profiles;
mod renewal;
mod sso;
mod sts;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use simpledb_export::config::ConfigLoader;
use simpledb_export::credentials::DefaultChain;
use simpledb_export::credentials::{CredentialsError, ProvideCredentials};
use simpledb_export::{Config, Credentials};
use time::OffsetDateTime;

use crate::support::temp_dir::TempDir;
use crate::support::{FakeSystem, with_slashes};

/// Every secret in these tests contains this word.
const HIDDEN: &str = "hidden";

/// An expiration after the time of these tests, and one before it.
const LATER: &str = "2026-02-16T18:00:00Z";
const EARLIER: &str = "2026-02-16T11:00:00Z";

/// Only a test that hangs takes so long.
const PATIENT: Duration = Duration::from_secs(60);

/// A user's home directory and environment, and a system.
struct Home {
    dir: TempDir,
    variables: Vec<(String, String)>,
    system: FakeSystem,
}

impl Home {
    fn new() -> Home {
        let dir = TempDir::new();
        let home = dir.path().display().to_string();
        Home {
            dir,
            variables: Vec::new(),
            system: FakeSystem::new(),
        }
        .with("HOME", &home)
        .with("AWS_REGION", "us-east-1")
        .with("AWS_EC2_METADATA_DISABLED", "true")
    }

    fn with(mut self, name: &str, value: &str) -> Home {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn with_file(self, path: &str, content: &str) -> Home {
        self.write(path, content);
        self
    }

    fn with_config(self, content: &str) -> Home {
        self.with_file(".aws/config", content)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file")
    }

    fn loader(&self) -> ConfigLoader {
        Config::loader()
            .environment(self.variables.iter().cloned())
            .system(self.system.clone())
    }

    fn chain(&self) -> DefaultChain {
        self.loader().load_credentials().expect("valid settings")
    }

    fn provide(&self) -> Result<Credentials, CredentialsError> {
        self.chain().provide_credentials(PATIENT)
    }

    #[track_caller]
    fn credentials(&self) -> Credentials {
        self.provide().expect("credentials")
    }

    /// Returns the first line of the error: the source that failed, and why. The home directory is
    /// `~`.
    #[track_caller]
    fn broken(&self) -> String {
        let error = self.provide().expect_err("a source that fails");
        assert!(!error.is_not_configured(), "{error}");
        let text = self.text(&error);
        text.lines()
            .next()
            .unwrap_or_default()
            .trim_end_matches(';')
            .to_owned()
    }

    fn text(&self, error: &CredentialsError) -> String {
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(HIDDEN), "{text}");
        }
        let home = with_slashes(&self.dir.path().display().to_string());
        with_slashes(&error.to_string()).replace(&home, "~")
    }
}

/// The document of a container or an instance.
fn document(id: &str, expiration: &str) -> String {
    format!(
        r#"{{"AccessKeyId":"{id}","SecretAccessKey":"{HIDDEN}-key","Token":"{HIDDEN}-token",
        "Expiration":"{expiration}","AccountId":"111122223333"}}"#
    )
}

#[track_caller]
fn assert_is(credentials: &Credentials, id: &str, source: &str) {
    assert_eq!(credentials.access_key_id(), id);
    assert_eq!(credentials.secret_access_key(), "hidden-key");
    assert_eq!(credentials.session_token(), Some("hidden-token"));
    assert_eq!(credentials.source(), source);
    assert!(!format!("{credentials:?}").contains(HIDDEN));
}

fn unix(time: Option<OffsetDateTime>) -> i64 {
    time.expect("a time").unix_timestamp()
}

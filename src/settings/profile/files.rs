//! Finds and reads the profile files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::fs::native;
use crate::fs::read::read_file;
use crate::settings::env::Env;
use crate::settings::error::ConfigError;
use crate::system::Deadline;

/// Far more than the profiles of a large organization take.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The paths of the two profile files. Without a home directory they may begin with `~`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfilePaths {
    /// `AWS_CONFIG_FILE`, by default `~/.aws/config`.
    pub(crate) config: PathBuf,
    /// `AWS_SHARED_CREDENTIALS_FILE`, by default `~/.aws/credentials`.
    pub(crate) credentials: PathBuf,
}

impl ProfilePaths {
    pub(crate) fn from_env(env: &Env) -> ProfilePaths {
        let path = |variable, default| {
            let path = env.get_os(variable).map_or(Path::new(default), Path::new);
            expand_home(path, env)
        };
        ProfilePaths {
            config: path("AWS_CONFIG_FILE", "~/.aws/config"),
            credentials: path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        }
    }

    /// Returns a note if a file was not read because there is no home directory.
    pub(crate) fn missing_home(&self) -> Option<String> {
        let paths = [&self.config, &self.credentials].into_iter();
        let unread = paths.filter(|path| lacks_home(path));
        let unread: Vec<String> = unread.map(|path| path.display().to_string()).collect();
        let were = match unread.len() {
            0 => return None,
            1 => "was",
            _ => "were",
        };
        let unread = unread.join(" and ");
        Some(format!("HOME is not set, so {unread} {were} not read"))
    }
}

/// Returns the user's home directory: `HOME`, then what Windows has in its place.
fn home(env: &Env) -> Option<PathBuf> {
    if let Some(home) = env.get_os("HOME").or_else(|| env.get_os("USERPROFILE")) {
        return Some(home.into());
    }
    let mut home = env.get_os("HOMEDRIVE")?.to_owned();
    home.push(env.get_os("HOMEPATH")?);
    Some(home.into())
}

/// Replaces a `~` at the beginning by the home directory.
pub(crate) fn expand_home(path: &Path, env: &Env) -> PathBuf {
    match (path.strip_prefix("~"), home(env)) {
        (Ok(rest), Some(home)) => native(&home.join(rest)),
        _ => path.to_owned(),
    }
}

/// Returns whether a path begins with `~` even after [`expand_home`].
pub(crate) fn lacks_home(path: &Path) -> bool {
    path.starts_with("~")
}

/// Reads a file; a missing one is empty.
pub(super) fn read(path: &Path, deadline: Deadline<'_>) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    if lacks_home(path) {
        return Ok(Zeroizing::default());
    }
    match read_file(path, MAX_BYTES, deadline.left()) {
        Ok(content) => Ok(content),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Zeroizing::default())
        }
        // A service may run with another user's home directory, which it cannot search. Whether
        // there is a file is unknown then, and every AWS tool continues without.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && path.metadata().is_err() => {
            log::warn!("{}: no permission to search its directory", path.display());
            Ok(Zeroizing::default())
        }
        Err(error) => {
            let message = format!("cannot read {}", path.display());
            Err(ConfigError::with_source(&message, error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::system::RealSystem;

    #[test]
    fn prefers_home_to_what_windows_has() {
        let both = Env::from_pairs([("HOME", "/h"), ("USERPROFILE", "/u")]);
        let second = Env::from_pairs([("HOME", ""), ("USERPROFILE", "/u")]);
        let third = Env::from_pairs([("HOMEDRIVE", "C:"), ("HOMEPATH", "/u")]);
        assert_eq!(home(&both), Some("/h".into()));
        assert_eq!(home(&second), Some("/u".into()));
        assert_eq!(home(&third), Some("C:/u".into()));
        let paths = ProfilePaths::from_env(&Env::default());
        assert_eq!(paths.config, Path::new("~/.aws/config"));
        assert_eq!(paths.credentials, Path::new("~/.aws/credentials"));
    }

    #[test]
    fn expands_only_a_tilde_that_is_the_first_component() {
        let env = Env::from_pairs([("HOME", "/h")]);
        for (path, expanded) in [
            ("~/a", "/h/a"),
            ("~", "/h"),
            ("~other/a", "~other/a"),
            ("/x/~/a", "/x/~/a"),
        ] {
            assert_eq!(expand_home(Path::new(path), &env), Path::new(expanded));
        }
        assert_eq!(
            expand_home(Path::new("~/a"), &Env::default()),
            Path::new("~/a")
        );
    }

    fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
        let deadline = Deadline::new(&RealSystem, Duration::from_secs(60));
        super::read(path, deadline).map_err(|error| error.to_string())
    }

    #[test]
    fn takes_a_missing_file_as_empty_and_rejects_an_unreadable_one() {
        let missing = std::env::temp_dir().join("simpledb-export-has-no-such-file/config");
        assert_eq!(read(&missing).unwrap().len(), 0);
        let below_a_file = std::env::current_exe().unwrap().join("config");
        assert_eq!(read(&below_a_file).unwrap().len(), 0);
        assert_eq!(read(Path::new("~/.aws/config")).unwrap().len(), 0);
        let directory = std::env::temp_dir();
        let error = read(&directory).unwrap_err();
        let expected = format!("cannot read {}: ", directory.display());
        assert!(error.starts_with(&expected), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn rejects_a_file_without_an_end() {
        assert_eq!(
            read(Path::new("/dev/zero")).unwrap_err(),
            "cannot read /dev/zero: larger than the limit of 16777216 bytes"
        );
    }

    #[test]
    fn reports_the_files_that_need_a_home_directory() {
        let paths = |pairs| ProfilePaths::from_env(&Env::from_pairs::<2>(pairs)).missing_home();
        let (config, credentials) = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE");
        let note = |unread: &str| Some(format!("HOME is not set, so {unread} not read"));
        assert_eq!(paths([(config, "/a"), (credentials, "/b")]), None);
        assert_eq!(paths([("HOME", "/h"), ("A", "")]), None);
        assert_eq!(
            paths([(config, "/a"), ("A", "")]),
            note("~/.aws/credentials was")
        );
        assert_eq!(
            paths([(credentials, "/b"), ("A", "")]),
            note("~/.aws/config was")
        );
        assert_eq!(
            paths([("A", ""), ("B", "")]),
            note("~/.aws/config and ~/.aws/credentials were")
        );
    }
}

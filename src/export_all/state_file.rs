//! The state file: locked during a run, and replaced in one step.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{Error, ErrorKind};
use super::state::State;
use crate::fs::atomic::AtomicFile;
use crate::fs::lock::LockFile;
use crate::fs::read::read_file;

/// More than the state of an account's 250 domains takes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// How long reading may take if the file has become a pipe since it was locked.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A state file that only this run uses.
///
/// The lock is on a file beside it, because each write replaces the state file itself. A symbolic
/// link is refused: the file and the link would be locked apart, and two runs could start the same
/// exports.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    _lock: LockFile,
}

impl StateFile {
    /// Locks the state file for this run.
    pub(super) fn lock(path: &Path) -> Result<StateFile, Error> {
        let invalid = |reason: &str| {
            let message = format!("{}: {reason}", path.display());
            Err(Error::new(ErrorKind::InvalidInput, message))
        };
        let Some(name) = path.file_name() else {
            return invalid("is not a file name; expected the name of a state file");
        };
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                return invalid("is a symbolic link; name the file itself");
            }
            Ok(metadata) if metadata.is_dir() => {
                return invalid("is a directory; expected a file name");
            }
            Ok(metadata) if !metadata.is_file() => {
                return invalid("is not a regular file; name another file");
            }
            _ => {}
        }
        let mut lock_name = name.to_owned();
        lock_name.push(".lock");
        match LockFile::take(&path.with_file_name(lock_name)) {
            Ok(Some(lock)) => Ok(StateFile {
                path: path.to_owned(),
                _lock: lock,
            }),
            Ok(None) => Err(Error::new(
                ErrorKind::InUse,
                format!(
                    "{}: another run uses this state file: wait until it ends, or name another file",
                    path.display()
                ),
            )),
            Err(error) => Err(Error::io("locked", path, error)),
        }
    }

    /// Returns the state, unless this is the first run.
    pub(super) fn load(&self) -> Result<Option<State>, Error> {
        let json = match read_file(&self.path, MAX_SIZE, READ_TIMEOUT) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &self.path, error)),
        };
        State::parse(&json).map(Some).map_err(|reason| {
            let message = format!("{}: {reason}", self.path.display());
            Error::new(ErrorKind::BadState, message)
        })
    }

    /// Replaces the state: it is on disk when this returns.
    pub(super) fn save(&self, state: &State) -> Result<(), Error> {
        let replace = || {
            let mut json = serde_json::to_vec_pretty(state)?;
            json.push(b'\n');
            let mut file = AtomicFile::create(&self.path)?;
            file.write_all(&json)?;
            file.commit()
        };
        replace().map_err(|error| Error::io("written", &self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tests::temp_dir::TempDir;

    #[test]
    fn a_state_is_found_again() {
        let dir = TempDir::new();
        let path = dir.path().join("state.json");
        let state_file = StateFile::lock(&path).unwrap();
        assert_eq!(state_file.load().unwrap(), None);
        state_file.save(&State::default()).unwrap();
        state_file.save(&State::default()).unwrap();
        assert_eq!(state_file.load().unwrap(), Some(State::default()));
        drop(state_file);
        let files = fs::read_dir(dir.path()).unwrap();
        assert_eq!(files.count(), 1);
    }

    #[test]
    fn refuses_a_second_run_while_the_first_lasts() {
        let dir = TempDir::new();
        let path = dir.path().join("state.json");
        let first = StateFile::lock(&path).unwrap();
        let error = StateFile::lock(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InUse);
        assert_eq!(
            error.to_string(),
            format!(
                "{}: another run uses this state file: wait until it ends, or name another file",
                path.display()
            )
        );
        drop(first);
        StateFile::lock(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_link_and_leaves_alone_what_it_leads_to() {
        use std::os::unix::fs::symlink;

        let dir = TempDir::new();
        dir.write("state.json", "{}");
        let [link, dangling, none] = ["link", "dangling", "none"].map(|name| dir.path().join(name));
        symlink("state.json", &link).unwrap();
        symlink(&none, &dangling).unwrap();
        for path in [link, dangling] {
            let error = StateFile::lock(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let text = format!(
                "{}: is a symbolic link; name the file itself",
                path.display()
            );
            assert_eq!(error.to_string(), text);
        }
        // A link in place of the lock file is not followed either.
        symlink(&none, dir.path().join("state.json.lock")).unwrap();
        let error = StateFile::lock(&dir.path().join("state.json")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(!none.exists());
    }

    #[cfg(unix)]
    #[test]
    fn keeps_the_permissions_of_the_file() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = TempDir::new();
        let path = dir.path().join("state.json");
        let state_file = StateFile::lock(&path).unwrap();
        state_file.save(&State::default()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        state_file.save(&State::default()).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn refuses_what_cannot_be_a_state_file() {
        let dir = TempDir::new();
        let path = dir.path().join("state.json");
        fs::write(&path, "[").unwrap();
        let error = StateFile::lock(&path).unwrap().load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadState);
        let begin = format!("{}: damaged (", path.display());
        assert!(error.to_string().starts_with(&begin), "{error}");

        let path = dir.path().join("none/state.json");
        let error = StateFile::lock(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let begin = format!("{}: cannot be locked: ", path.display());
        assert!(error.to_string().starts_with(&begin), "{error}");

        let path = dir.path();
        let text = format!("{}: is a directory; expected a file name", path.display());
        assert_eq!(StateFile::lock(path).unwrap_err().to_string(), text);
        let error = StateFile::lock(Path::new("..")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "..: is not a file name; expected the name of a state file"
        );
        if cfg!(unix) {
            let error = StateFile::lock(Path::new("/dev/null")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(
                error.to_string(),
                "/dev/null: is not a regular file; name another file"
            );
        }
    }
}

//! The state file: locked for one run, and never half written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{ExportAllError, ExportAllErrorKind};
use super::state::State;
use crate::fs::destination::file_to_replace;
use crate::fs::lock::LockFile;

/// A state file that this run alone uses.
///
/// The lock is on a file beside it, because the state file itself is replaced by each write.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    temporary: PathBuf,
    _lock: LockFile,
}

impl StateFile {
    /// Takes the state file for this run.
    pub(super) fn lock(path: &Path) -> Result<StateFile, ExportAllError> {
        // Through whatever link it is reached, there is one lock, and the link stays.
        let end = file_to_replace(path).map_err(|error| ExportAllError::io("used", path, error))?;
        let Some(end) = end else {
            return Err(ExportAllError::new(
                ExportAllErrorKind::InvalidInput,
                format!("{}: is no file; name a file", path.display()),
            ));
        };
        let path = &end;
        match LockFile::take(&beside(path, ".lock")?) {
            Ok(Some(lock)) => Ok(StateFile {
                path: path.clone(),
                temporary: beside(path, ".tmp")?,
                _lock: lock,
            }),
            Ok(None) => Err(ExportAllError::new(
                ExportAllErrorKind::InUse,
                format!(
                    "{}: another run uses this state file: let it end, or name another file",
                    path.display()
                ),
            )),
            Err(error) => Err(ExportAllError::io("locked", path, error)),
        }
    }

    /// The state, unless this is the first run.
    pub(super) fn load(&self) -> Result<Option<State>, ExportAllError> {
        let json = match fs::read(&self.path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ExportAllError::io("read", &self.path, error)),
        };
        State::parse(&json).map(Some).map_err(|reason| {
            let message = format!("{}: {reason}", self.path.display());
            ExportAllError::new(ExportAllErrorKind::BadState, message)
        })
    }

    /// Brings the state to the disk, then in the place of the one before.
    pub(super) fn save(&self, state: &State) -> Result<(), ExportAllError> {
        self.replace(state)
            .map_err(|error| ExportAllError::io("written", &self.path, error))
    }

    fn replace(&self, state: &State) -> io::Result<()> {
        let mut json = serde_json::to_vec_pretty(state)?;
        json.push(b'\n');
        // What a killed run left; never written through, should it be a link.
        match fs::remove_file(&self.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(&self.temporary)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        // The name must be on disk too before a request tells of what is in the file. Where a
        // folder cannot be opened, the rename itself sees to it.
        let folder = self.path.parent().filter(|path| *path != Path::new(""));
        if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
            folder.sync_all()?;
        }
        Ok(())
    }
}

/// The path with something after its file name.
fn beside(path: &Path, suffix: &str) -> Result<PathBuf, ExportAllError> {
    let Some(name) = path.file_name() else {
        return Err(ExportAllError::new(
            ExportAllErrorKind::InvalidInput,
            format!(
                "{:?} is not the name of a state file",
                path.display().to_string()
            ),
        ));
    };
    let mut name = name.to_owned();
    name.push(suffix);
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::super::state::Settings;
    use super::*;
    use crate::tests::temp_dir::TestFolder;

    #[test]
    fn a_state_is_found_again_whatever_a_killed_run_left() {
        let folder = TestFolder::new();
        let path = folder.path().join("state.json");
        fs::write(folder.path().join("state.json.tmp"), "half a st").unwrap();
        let state = State::new(Settings::default());
        let state_file = StateFile::lock(&path).unwrap();
        assert_eq!(state_file.load().unwrap(), None);
        state_file.save(&state).unwrap();
        state_file.save(&state).unwrap();
        assert_eq!(state_file.load().unwrap(), Some(state));
        assert!(!folder.path().join("state.json.tmp").exists());
    }

    #[test]
    fn two_runs_at_once_are_refused_and_one_after_the_other_is_not() {
        let folder = TestFolder::new();
        let path = folder.path().join("state.json");
        let first = StateFile::lock(&path).unwrap();
        let error = StateFile::lock(&path).unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::InUse);
        assert_eq!(
            error.to_string(),
            format!(
                "{}: another run uses this state file: let it end, or name another file",
                path.display()
            )
        );
        drop(first);
        StateFile::lock(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_the_same_state_and_stays_a_link() {
        let folder = TestFolder::new();
        let [path, link] = ["state.json", "link.json"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("state.json", &link).unwrap();
        let state = State::new(Settings::default());
        let state_file = StateFile::lock(&link).unwrap();
        state_file.save(&state).unwrap();
        let error = StateFile::lock(&path).unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::InUse);
        drop(state_file);
        assert_eq!(StateFile::lock(&path).unwrap().load().unwrap(), Some(state));
        assert!(link.is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        let error = StateFile::lock(Path::new("/dev/null")).unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::InvalidInput);
        assert_eq!(error.to_string(), "/dev/null: is no file; name a file");
    }

    #[test]
    fn a_damaged_file_and_a_missing_folder_are_told() {
        let folder = TestFolder::new();
        let path = folder.path().join("state.json");
        fs::write(&path, "[").unwrap();
        let error = StateFile::lock(&path).unwrap().load().unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::BadState);
        let begin = format!("{}: it is damaged (", path.display());
        assert!(error.to_string().starts_with(&begin), "{error}");

        let path = folder.path().join("none/state.json");
        let error = StateFile::lock(&path).unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::Io);
        let begin = format!("{}: cannot be locked: ", path.display());
        assert!(error.to_string().starts_with(&begin), "{error}");

        let error = StateFile::lock(Path::new("/")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/: cannot be used: is a folder; name a file"
        );
    }
}

//! Finds exports below the directory that they were downloaded to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::data::error::{Error, ErrorKind};
use crate::data::keys::ROOT;
use crate::data::manifest::{MANIFEST_FILE, MANIFEST_SUMMARY};

/// How many exports a message lists.
const MAX_LISTED: usize = 5;

/// Returns the directory of the only export that was downloaded to `dir`; or `dir` itself, if it is
/// an export, or if there is none.
pub(super) fn find(dir: PathBuf) -> Result<PathBuf, Error> {
    let mut exports = all(dir.clone());
    if exports.len() > 1 {
        let names = exports.iter().take(MAX_LISTED);
        let mut names: Vec<_> = names.map(|path| path.display().to_string()).collect();
        if exports.len() > MAX_LISTED {
            names.push("...".to_owned());
        }
        let count = exports.len();
        let message = format!(
            "contains {count} exports; expected one of {}",
            names.join(", ")
        );
        return Err(Error::new(ErrorKind::Read, message).in_file(&dir));
    }
    Ok(exports.pop().unwrap_or(dir))
}

/// Returns the directories of all exports that were downloaded to `dir`, in order; or only `dir`, if
/// it is an export, or if there is none.
pub(super) fn all(dir: PathBuf) -> Vec<PathBuf> {
    let mut exports = if has_manifest(&dir) {
        Vec::new()
    } else {
        below(&dir)
    };
    exports.sort();
    if exports.is_empty() {
        exports.push(dir);
    }
    exports
}

fn has_manifest(dir: &Path) -> bool {
    [MANIFEST_FILE, MANIFEST_SUMMARY]
        .iter()
        .any(|name| dir.join(name).is_file())
}

/// Returns the exports in `AWSSimpleDB/<id>/<domain>` below `dir`, which may also be one of these
/// directories.
fn below(dir: &Path) -> Vec<PathBuf> {
    let is_root = |dir: &Path| dir.file_name().is_some_and(|name| name == ROOT);
    let parents = if is_root(dir) {
        directories(dir)
    } else if dir.parent().is_some_and(is_root) {
        vec![dir.to_owned()]
    } else {
        directories(&dir.join(ROOT))
    };
    let mut exports: Vec<_> = parents.iter().flat_map(|dir| directories(dir)).collect();
    exports.retain(|dir| has_manifest(dir));
    exports
}

/// Returns the directories in `dir`; none if it cannot be read.
fn directories(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::temp_dir::TempDir;
    use crate::tests::with_slashes;

    #[test]
    fn finds_the_only_export_in_a_directory() {
        let dir = TempDir::new();
        dir.write("out/AWSSimpleDB/1/Books/manifest-file.json", "[]");
        dir.write("out/AWSSimpleDB/2/Films/data/dataFile_1_1.json", "[]");
        let export = dir.path().join("out/AWSSimpleDB/1/Books");
        for start in [
            "out",
            "out/AWSSimpleDB",
            "out/AWSSimpleDB/1",
            "out/AWSSimpleDB/1/Books",
        ] {
            assert_eq!(find(dir.path().join(start)).unwrap(), export, "{start}");
        }
        let other = dir.path().join("out/AWSSimpleDB/2");
        assert_eq!(find(other.clone()).unwrap(), other);
    }

    #[test]
    fn rejects_a_directory_with_several_exports() {
        let dir = TempDir::new();
        dir.write("AWSSimpleDB/1/Books/manifest-file.json", "[]");
        dir.write("AWSSimpleDB/2/Books/manifest-file.json", "[]");
        let error = find(dir.path().to_owned()).unwrap_err();
        let path = with_slashes(&dir.path().display().to_string());
        assert_eq!(
            with_slashes(&error.to_string()),
            format!(
                "{path}: contains 2 exports; expected one of {path}/AWSSimpleDB/1/Books, \
                 {path}/AWSSimpleDB/2/Books"
            )
        );
    }
}

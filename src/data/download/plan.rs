//! From a manifest to what is to be fetched, and to where.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::partial_file::names_of;
use crate::data::checksum::Md5Digest;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::layout::data_file_path;
use crate::data::manifest::{MANIFEST_FILE, MANIFEST_SUMMARY, ManifestFile};

/// A data file to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) key: String,
    pub(super) path: PathBuf,
    pub(super) md5: Option<Md5Digest>,
    pub(super) items: u64,
}

/// The data files that a manifest names, each once. `folder_key` is where the export lies in its
/// bucket, `folder` where it is to lie on this machine.
pub(super) fn targets(
    manifest: &ManifestFile,
    s3_export_prefix: Option<&str>,
    folder_key: &str,
    folder: &Path,
) -> Result<Vec<Target>, DataError> {
    let mut taken: HashSet<PathBuf> = [MANIFEST_FILE, MANIFEST_SUMMARY]
        .iter()
        .flat_map(|name| names_of(&folder.join(name)))
        .collect();
    let mut targets: Vec<Target> = Vec::new();
    let mut seen = HashSet::new();
    for entry in &manifest.entries {
        let key = &entry.data_file_s3_key;
        let relative = data_file_path(key, s3_export_prefix)?;
        let path = folder.join(&relative);
        if !seen.insert(path.clone()) {
            continue;
        }
        if !names_of(&path).into_iter().all(|name| taken.insert(name)) {
            let message = format!("the key {key} is also the name of another file on its way");
            return Err(DataError::new(DataErrorKind::UnsafeKey, message));
        }
        // The parts of the path are those of the key, whatever separates them here.
        let parts: Vec<_> = relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        targets.push(Target {
            key: format!("{folder_key}/{}", parts.join("/")),
            path,
            md5: entry.md5_checksum,
            items: entry.data_file_item_count.unwrap_or_default(),
        });
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::manifest::ManifestEntry;

    const FOLDER_KEY: &str = "my/exports/AWSSimpleDB/c0ffee/Books";

    fn plan(keys: &[&str]) -> Result<Vec<Target>, DataError> {
        let entries = keys.iter().map(|key| ManifestEntry::new(*key)).collect();
        let manifest = ManifestFile { entries };
        let prefix = Some("AWSSimpleDB/c0ffee/Books");
        targets(&manifest, prefix, FOLDER_KEY, Path::new("out"))
    }

    #[test]
    fn a_file_is_fetched_from_where_the_export_lies_whatever_the_manifest_calls_it() {
        for key in [
            "AWSSimpleDB/c0ffee/Books/data/a b+é.json",
            "my/exports/AWSSimpleDB/c0ffee/Books/data/a b+é.json",
            "data/a b+é.json",
        ] {
            let targets = plan(&[key, key]).unwrap();
            assert_eq!(targets.len(), 1);
            assert_eq!(targets[0].key, format!("{FOLDER_KEY}/data/a b+é.json"));
            assert_eq!(targets[0].path, Path::new("out/data/a b+é.json"));
        }
    }

    #[test]
    fn no_file_takes_the_name_of_another() {
        for keys in [
            &["data/a", "data/a.part"][..],
            &["data/a.part.etag", "data/a"],
            &["manifest-file.json"],
            &["manifest-summary.json.part"],
            &["data/../../a"],
        ] {
            let error = plan(keys).unwrap_err();
            assert_eq!(error.kind(), DataErrorKind::UnsafeKey, "{keys:?}");
        }
    }
}

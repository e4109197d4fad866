//! The domains that the local service finds in a folder.

use std::io;
use std::path::Path;

/// Their names, sorted: `Books.json` is the domain `Books`, and so is a folder `Books` with such
/// files in it.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let name = if path.is_dir() {
            has_json(&path)?.then(|| path.file_name()).flatten()
        } else {
            is_json(&path).then(|| path.file_stem()).flatten()
        };
        names.extend(name.map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn has_json(folder: &Path) -> io::Result<bool> {
    for entry in folder.read_dir()? {
        if is_json(&entry?.path()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
        && path.is_file()
}

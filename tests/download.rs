//! Downloads of an export: from the local service, and from a bucket that misbehaves.

mod bucket;
mod faults;
mod hostile;
mod in_place;
mod local;
mod resumed;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::with_slashes;

/// All files below a directory, by their relative paths, sorted.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut dirs = vec![PathBuf::new()];
    while let Some(inner) = dirs.pop() {
        for entry in fs::read_dir(dir.join(&inner)).into_iter().flatten() {
            let entry = entry.unwrap();
            let path = inner.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                dirs.push(path);
            } else {
                found.push(with_slashes(path.to_str().unwrap()));
            }
        }
    }
    found.sort();
    found
}

//! Test suites of AWS's SDKs and others, read in place.
//!
//! They are not part of this project: they are expected in `../shared/suites`, or in the directory
//! that `SIMPLEDB_EXPORT_SUITES` names.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Returns a JSON file of the suites; `None`, with a loud note, if the suites are absent.
pub(crate) fn json(name: &str) -> Option<Value> {
    let path = find(name)?;
    let json = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value = serde_json::from_slice(&json);
    Some(value.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Returns the path of a file or directory of the suites, likewise.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let suites = std::env::var_os("SIMPLEDB_EXPORT_SUITES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites"),
        PathBuf::from,
    );
    if !suites.is_dir() {
        eprintln!(
            "NOT RUN: {name}: there are no conformance suites in {} (set SIMPLEDB_EXPORT_SUITES)",
            suites.display()
        );
        return None;
    }
    let path = suites.join(name);
    assert!(path.exists(), "{} is missing", path.display());
    Some(path)
}

/// Reports how many cases ran, and fails unless all did.
#[track_caller]
pub(crate) fn ran(suite: &str, cases: usize, expected: usize) {
    eprintln!("{suite}: {cases} of {expected} cases ran");
    assert_eq!(cases, expected, "{suite}: another number of cases ran");
}

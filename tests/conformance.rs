//! Test suites of AWS's SDKs and others, read in place.
//!
//! They are not part of this project: they are expected in `../shared/suites`, or in the directory
//! that `SIMPLEDB_EXPORT_SUITES` names. Without them these tests say so and pass.

#[cfg(feature = "data")]
mod exported_data;
mod hostile_json;
mod restjson1;
mod retry;
mod timestamps;
mod wire;

use std::path::{Path, PathBuf};

/// Returns the path of a file or directory of the suites; `None`, with a loud note, if they are
/// absent.
fn find(name: &str) -> Option<PathBuf> {
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

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns a JSON file of the suites, likewise.
pub(crate) fn json(name: &str) -> Option<serde_json::Value> {
    let path = find(name)?;
    let value = serde_json::from_str(&read(&path));
    Some(value.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Reports how many cases ran, and fails unless all did.
#[track_caller]
pub(crate) fn ran(suite: &str, cases: usize, expected: usize) {
    eprintln!("{suite}: {cases} of {expected} cases ran");
    assert_eq!(cases, expected, "{suite}: another number of cases ran");
}

//! How files are named, read and written: within limits, in one step, under a lock.

pub(crate) mod atomic;
#[cfg(any(feature = "data", feature = "export-all"))]
pub(crate) mod lock;
#[cfg(any(feature = "data", feature = "local"))]
pub mod names;
#[cfg(feature = "data")]
pub(crate) mod part_names;
pub(crate) mod read;

use std::path::{Path, PathBuf};

/// Returns a path with the system's separators throughout, as messages show it: on Windows, what a
/// user enters may have others.
pub(crate) fn native(path: &Path) -> PathBuf {
    path.components().collect()
}

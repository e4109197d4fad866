//! The name of the file or directory that stands for one part of a key.

use crate::fs::names;

pub(super) fn file_name(part: &str) -> String {
    names::encode(part, "")
}

/// A name for a file that is not complete yet. No key has it, as no percent sign stands before a
/// `t` in any [`file_name`].
pub(super) fn temporary_name(name: &str) -> String {
    format!("%tmp-{name}")
}

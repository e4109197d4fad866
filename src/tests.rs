//! What the unit tests share, and the tests that span modules.

#[cfg(feature = "data")]
pub(crate) mod export;
#[cfg(feature = "data")]
pub(crate) mod items;
mod properties;
pub(crate) mod suites;
pub(crate) mod temp_dir;

/// Returns a message with `/` as the separator of its paths on every system.
pub(crate) fn with_slashes(message: &str) -> String {
    message.replace(std::path::MAIN_SEPARATOR, "/")
}

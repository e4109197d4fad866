//! What the unit tests share, and the tests that span modules.

#[cfg(feature = "data")]
pub(crate) mod export;
#[cfg(any(feature = "data", feature = "local"))]
pub(crate) mod items;
mod properties;
pub(crate) mod suites;
pub(crate) mod temp_dir;

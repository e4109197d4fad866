//! How files are named, read and written: within limits, in one step, under a lock.

pub(crate) mod atomic;
#[cfg(any(feature = "data", feature = "export-all"))]
pub(crate) mod lock;
#[cfg(any(feature = "data", feature = "local"))]
pub mod names;
pub(crate) mod read;

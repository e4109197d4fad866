//! How files are read and written: within limits, in one step, under a lock.

pub(crate) mod atomic;
pub(crate) mod destination;
#[cfg(any(feature = "data", feature = "export-all"))]
pub(crate) mod lock;
pub(crate) mod read;

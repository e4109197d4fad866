//! How files are written: in one step, under a lock.

pub(crate) mod atomic;
pub(crate) mod destination;
#[cfg(any(feature = "data", feature = "export-all"))]
pub(crate) mod lock;

//! How files are written: in one step, under a lock.

pub(crate) mod atomic;
#[cfg(any(feature = "export-all", feature = "sso"))]
pub(crate) mod destination;
#[cfg(any(feature = "data", feature = "export-all"))]
pub(crate) mod lock;

//! The local export service, driven over HTTP as any client would.

mod hostile;
mod killed;
mod objects;
mod operations;
pub(crate) mod support;

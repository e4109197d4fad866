//! The local export service, driven over HTTP as any client would.

mod hostile;
mod objects;
mod operations;
mod support;

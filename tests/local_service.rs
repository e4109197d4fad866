//! The local export service, called over HTTP as by any client.

mod domains;
mod hostile;
mod killed;
mod objects;
mod operations;
pub(crate) mod support;
mod uploads;

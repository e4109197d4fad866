//! Everything that is tested from outside of the crate, as one binary.

mod configuration;
mod conformance;
mod faults;
#[cfg(feature = "local")]
mod local_service;
mod support;

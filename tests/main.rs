//! Everything that is tested from outside of the crate, as one binary.
//!
//! Some tests have a long form, which takes minutes and prints its figures:
//! `cargo test --release --features local -- --ignored --nocapture --test-threads=1`.

#[cfg(feature = "cli")]
mod cli;
mod client;
mod configuration;
mod conformance;
mod credentials;
#[cfg(all(feature = "data", feature = "local"))]
mod data;
#[cfg(feature = "domains")]
mod domains;
#[cfg(all(feature = "data", feature = "local"))]
mod download;
#[cfg(feature = "local")]
mod exactly_once;
#[cfg(all(feature = "export-all", feature = "local"))]
mod export_all;
mod faults;
#[cfg(feature = "local")]
mod load;
#[cfg(feature = "local")]
mod local_service;
mod secrets;
mod support;
#[cfg(all(feature = "data", feature = "local"))]
mod upload;

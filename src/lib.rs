//! A blocking Rust client for Amazon SimpleDB's domain export API.
//!
//! The API exports a SimpleDB domain to an S3 bucket. This crate starts exports, waits for them, and
//! downloads, verifies and converts the exported data. There is no async runtime, and settings and
//! credentials come from the usual AWS sources.
//!
//! ```no_run
//! use std::time::Duration;
//! use simpledb_export::{Client, StartDomainExportInput};
//!
//! let client = Client::from_env()?;
//! let input = StartDomainExportInput::new("Books", "my-export-bucket").s3_key_prefix("exports");
//! let started = client.start_domain_export(&input)?;
//! let done = client.wait_for_export(&started.export_arn).timeout(Duration::from_secs(3600)).wait()?;
//! println!("{} items", done.items_count.unwrap_or_default());
//! # Ok::<(), simpledb_export::Error>(())
//! ```
//!
//! # Overview
//!
//! - [`Client`] has the three operations ([`start_domain_export`](Client::start_domain_export),
//!   [`get_export`](Client::get_export), [`list_exports`](Client::list_exports)), an iterator over
//!   pages ([`list_exports_pages`](Client::list_exports_pages)) and a waiter
//!   ([`wait_for_export`](Client::wait_for_export)).
//! - [`Config`] has every setting. [`Config::loader`] reads settings and credentials where every AWS
//!   tool does: see [`config`] and [`DefaultChain`](credentials::DefaultChain).
//! - [`Error`] is the error of every call; match on its [`kind`](Error::kind).
//! - [`credentials`] has the credential sources, and the trait for your own.
//! - [`sigv4`] signs requests to other AWS services too.
//! - The [guide] has a page per subject: errors and what to do, permissions, many domains,
//!   testing, build scripts, small machines, security.
//!
//! # What a call does
//!
//! Each attempt loads credentials, signs, sends, and reads the response. Failures that may pass are
//! retried as in the AWS SDKs' standard retry mode (see [`RetryConfig`]). All attempts of a start
//! carry the same client token, so a call starts at most one export; if its outcome remains unknown,
//! [`Error::is_outcome_unknown`] is true and [`Error::client_token`] is the token to retry with.
//!
//! Every wait has a timeout: see
//! [`connect_timeout`](config::ConfigBuilder::connect_timeout),
//! [`attempt_timeout`](config::ConfigBuilder::attempt_timeout) and
//! [`operation_timeout`](config::ConfigBuilder::operation_timeout).
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `rustls` (default) | TLS by rustls, trusting Mozilla's root certificates |
//! | `native-tls` | TLS by the operating system's library, trusting what the system trusts |
//! | `platform-verifier` | TLS by rustls, trusting what the system trusts |
//! | `data` | Reading, verifying, downloading and converting exported data |
//! | `parquet` | Converting to Parquet |
//! | `domains` | The older API's list of domains and their counts |
//! | `export-all` | Exporting many domains within the quotas |
//! | `local` | The local export service |
//! | `cli` | The command line |
//!
//! # Not supported
//!
//! Async, reading and writing items with SimpleDB's older API, presigned URLs. The service itself
//! cannot import an export, cancel one, or delete one.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli_support;
mod client;
mod clock_skew;
pub mod config;
pub mod credentials;
#[cfg(feature = "data")]
pub mod data;
#[cfg(feature = "domains")]
pub mod domains;
mod error;
#[cfg(feature = "export-all")]
pub mod export_all;
#[cfg_attr(
    not(feature = "cli"),
    allow(unreachable_pub, reason = "for the command line")
)]
mod fs;
#[cfg(any(doc, doctest))]
pub mod guide;
mod http;
#[cfg(feature = "local")]
pub mod local;
mod operation;
mod retry;
mod settings;
#[cfg(feature = "domains")]
mod sigv2;
pub mod sigv4;
mod system;
#[cfg(test)]
mod tests;
#[cfg_attr(
    not(feature = "cli"),
    allow(unreachable_pub, reason = "for the command line")
)]
mod text;
mod wire;

pub use client::{Client, ExportWaiter, ListExportsPages, start_domain_export};
pub use config::Config;
pub use credentials::Credentials;
pub use error::{Error, ErrorKind};
pub use operation::get_export::{GetExportInput, GetExportOutput};
pub use operation::list_exports::{ListExportsInput, ListExportsOutput};
pub use operation::start_domain_export::{StartDomainExportInput, StartDomainExportOutput};
pub use operation::types::{ExportStatus, ExportSummary, S3SseAlgorithm, UnknownValue};
pub use retry::RetryConfig;
/// The crate that times are given in.
pub use time;
#[cfg(any(feature = "data", feature = "local"))]
pub use wire::item::{Attribute, Item};

/// The examples of the README, as tests.
#[cfg(all(doctest, feature = "local"))]
#[doc = include_str!("../README.md")]
struct Readme;

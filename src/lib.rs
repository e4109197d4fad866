//! Gets a domain's data out of Amazon SimpleDB, from ordinary, synchronous Rust.
//!
//! SimpleDB can export a domain to an S3 bucket. This starts such an export and waits for it:
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
//! - [`Client`] is where to begin: it has the three operations of the service
//!   ([`start_domain_export`](Client::start_domain_export), [`get_export`](Client::get_export),
//!   [`list_exports`](Client::list_exports)), an iterator over pages, and a waiter. Its calls block.
//! - [`Config`] has every setting, with its default. [`Config::loader`] finds settings and
//!   credentials as every AWS tool does; [`config`] lists what it reads.
//! - [`Error`] is the one error of all calls; [`ErrorKind`] tells programs what it is.
//! - [`credentials`] has the sources of credentials, and the trait for one of your own.
//! - [`sigv4`] is the signer, which signs requests to other services too.
#![cfg_attr(
    feature = "data",
    doc = "- [`data`] downloads, reads, verifies and converts what an export wrote."
)]
#![cfg_attr(
    feature = "export-all",
    doc = "- [`export_all`] exports many domains within the quotas, over several runs."
)]
#![cfg_attr(
    feature = "local",
    doc = "- [`local`] is an export service inside the process, to test against without an account."
)]
//!
//! # The way of an export
//!
//! ```text
//! StartDomainExportInput
//!     │  Client::start_domain_export
//! the export's ARN
//!     │  Client::wait_for_export
//! GetExportOutput                        the files are in the bucket
//!     │  Client::download_export         feature data
//! a folder with manifests and data files
//!     │  data::verify_export, ExportFolder::items
//! Item after Item, JSON Lines, CSV, or what DynamoDB imports
//! ```
//!
//! With an ARN, another process can go on at any point. `export_all` goes the first two steps for
//! many domains, and `local` can stand for the service and its bucket.
//!
//! # What happens in a call
//!
//! A client token is made, unless the input has one. The input becomes JSON. Then each attempt asks
//! for credentials, signs, sends, and reads the answer; after a failure that may pass, the next
//! attempt follows with the same token, so that one call starts one export at the most. Nothing
//! waits for ever: see [`ConfigBuilder::connect_timeout`](config::ConfigBuilder::connect_timeout),
//! [`attempt_timeout`](config::ConfigBuilder::attempt_timeout) and
//! [`operation_timeout`](config::ConfigBuilder::operation_timeout).
//!
//! # Features
//!
//! `rustls` (default), `native-tls` and `platform-verifier` choose how TLS is done and what is
//! trusted; `data`, `export-all`, `local` and `cli` add the exported data, many domains, the local export service and the command line.
//!
//! # Not supported
//!
//! Async, SimpleDB's older API for reading and writing domains, presigned URLs. The service itself
//! has no way to import an export again, to cancel one, or to delete one.

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
mod error;
#[cfg(feature = "export-all")]
pub mod export_all;
#[cfg_attr(
    not(feature = "cli"),
    allow(unreachable_pub, reason = "for the command line")
)]
mod fs;
mod http;
#[cfg(any(feature = "data", feature = "local"))]
mod item;
#[cfg(feature = "local")]
pub mod local;
mod operation;
mod retry;
mod settings;
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

pub use client::{Client, ExportWaiter, ListExportsItems, ListExportsPages, start_domain_export};
pub use config::Config;
pub use credentials::{Credentials, CredentialsError, ProvideCredentials};
pub use error::{Error, ErrorKind};
#[cfg(any(feature = "data", feature = "local"))]
pub use item::{Attribute, Item};
pub use operation::get_export::{GetExportInput, GetExportOutput};
pub use operation::list_exports::{ListExportsInput, ListExportsOutput};
pub use operation::start_domain_export::{StartDomainExportInput, StartDomainExportOutput};
pub use operation::types::{ExportStatus, ExportSummary, S3SseAlgorithm, UnknownValue};
pub use retry::RetryConfig;
/// The crate that times are given in.
pub use time;

/// The examples of the README, as tests.
#[cfg(all(doctest, feature = "local"))]
#[doc = include_str!("../README.md")]
struct Readme;

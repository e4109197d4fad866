//! Gets a domain's data out of Amazon SimpleDB.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
mod clock;
pub mod config;
pub mod credentials;
mod error;
#[cfg(feature = "data")]
pub mod export_data;
mod http;
#[cfg(any(feature = "data", feature = "local"))]
mod item;
#[cfg(feature = "local")]
pub mod local;
mod operation;
mod pagination;
#[cfg(test)]
mod properties;
mod retry;
pub mod sigv4;
mod system;
mod timestamp;
mod types;
mod user_agent;
mod waiter;

pub use client::{Client, start_domain_export};
pub use config::Config;
pub use credentials::{Credentials, CredentialsError, ProvideCredentials};
pub use error::{Error, ErrorKind};
#[cfg(any(feature = "data", feature = "local"))]
pub use item::{Attribute, Item};
pub use operation::get_export::{GetExportInput, GetExportOutput};
pub use operation::list_exports::{ListExportsInput, ListExportsOutput};
pub use operation::start_domain_export::{StartDomainExportInput, StartDomainExportOutput};
pub use pagination::{ListExportsItems, ListExportsPages};
pub use retry::RetryConfig;
pub use system::System;
pub use types::{ExportStatus, ExportSummary, S3SseAlgorithm};
pub use waiter::ExportWaiter;

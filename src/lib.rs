//! Gets a domain's data out of Amazon SimpleDB.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod config;
pub mod credentials;
pub mod sigv4;

pub use credentials::{Credentials, CredentialsError, ProvideCredentials};

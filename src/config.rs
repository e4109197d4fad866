//! Configuration: where the settings of a client come from.

pub mod endpoint;
pub mod env;
mod error;
pub mod profile;

pub use self::error::ConfigError;

//! Configuration: where the settings of a client come from.

pub mod endpoint;
pub mod env;
mod error;

pub use self::error::ConfigError;

//! Configuration: where the settings of a client come from.

pub mod endpoint;
pub mod env;
mod error;
pub mod profile;
pub mod proxy;
pub mod settings;

pub use self::error::ConfigError;

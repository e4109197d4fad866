//! What can be wrong with a configuration.

use std::fmt;
use std::io;

/// A setting that cannot be used, or a profile file that cannot be read.
///
/// Its text is one line that names the environment variable, or the profile, its file and the key;
/// the value; and what is expected. A value that may be secret is not repeated.
#[derive(Debug)]
pub(crate) struct ConfigError {
    pub(crate) message: String,
    pub(crate) source: Option<io::Error>,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> ConfigError {
        ConfigError {
            message: message.into(),
            source: None,
        }
    }

    /// Appends the system's error to the message.
    pub(crate) fn with_source(message: &str, source: io::Error) -> ConfigError {
        ConfigError {
            message: format!("{message}: {source}"),
            source: Some(source),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

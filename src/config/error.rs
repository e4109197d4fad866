//! What can be wrong with a configuration.

use std::fmt;

/// A setting that cannot be used, or a profile file that cannot be read.
///
/// Its text is one line that names the environment variable, or the profile, its file and the key;
/// the value; and what is expected in its place. A value that may be secret is not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Box<str>);

impl ConfigError {
    #[cold]
    #[inline(never)]
    pub(crate) fn new(message: String) -> ConfigError {
        ConfigError(message.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

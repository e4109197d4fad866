//! Why the service did not start.

use std::fmt;

/// Why the local service did not start; `Display` says it in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartError(Box<str>);

impl StartError {
    pub(super) fn new(message: impl Into<Box<str>>) -> StartError {
        StartError(message.into())
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

//! What can be wrong with a configuration.

use std::fmt;

/// A setting that cannot be used, or a profile file that cannot be read.
///
/// Its text is one line that names the environment variable, or the profile, its file and the key;
/// the value; and what is expected in its place. A value that may be secret is not repeated.
#[derive(Clone, PartialEq, Eq)]
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

/// What `main` prints where it returns the error: the line of `Display`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.debug_tuple("ConfigError").field(&self.0).finish()
        } else {
            write!(f, "{self}")
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_the_line_unless_all_is_asked_for() {
        let error = ConfigError::new("AWS_REGION is \"?\"".to_owned());
        assert_eq!(format!("{error:?}"), "AWS_REGION is \"?\"");
        let full = format!("{error:#?}");
        assert!(full.starts_with("ConfigError(\n"), "{full}");
    }
}

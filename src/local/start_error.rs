//! Why the service did not start.

use std::fmt;

/// Why the local service did not start; `Display` says it in one line.
#[derive(Clone, PartialEq, Eq)]
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

/// What `main` prints where it returns the error: the line of `Display`.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.debug_tuple("StartError").field(&self.0).finish()
        } else {
            write!(f, "{self}")
        }
    }
}

impl std::error::Error for StartError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_the_line_unless_all_is_asked_for() {
        let error = StartError::new("the port is taken");
        assert_eq!(format!("{error:?}"), "the port is taken");
        let full = format!("{error:#?}");
        assert!(full.starts_with("StartError(\n"), "{full}");
    }
}

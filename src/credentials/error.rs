//! Why a source returned no credentials.

use std::fmt;

use crate::settings::error::ConfigError;

/// The reason a source returned no credentials.
///
/// ```
/// use simpledb_export::credentials::CredentialsError;
///
/// let error = CredentialsError::failed("the vault is sealed");
/// assert_eq!(error.to_string(), "the vault is sealed");
/// assert!(!error.is_not_configured());
/// ```
#[derive(Clone)]
pub struct CredentialsError(Box<Fields>);

#[derive(Clone)]
struct Fields {
    not_configured: bool,
    timed_out: bool,
    message: String,
}

impl CredentialsError {
    #[cold]
    fn new(message: String, not_configured: bool, timed_out: bool) -> CredentialsError {
        CredentialsError(Box::new(Fields {
            not_configured,
            timed_out,
            message,
        }))
    }

    /// Creates the error of a source that is not set up; a chain tries the next source.
    pub fn not_configured(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), true, false)
    }

    /// Creates the error of a source that is set up but failed; a chain stops.
    pub fn failed(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), false, false)
    }

    /// Creates the error of a source that is set up but ran out of time; a chain stops.
    pub fn timed_out(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), false, true)
    }

    /// Returns the same error with a message made from the current one.
    pub(crate) fn map_message(mut self, message: impl FnOnce(&str) -> String) -> CredentialsError {
        self.0.message = message(&self.0.message);
        self
    }

    /// Returns the same error as that of a source that must be set up.
    pub(crate) fn required(mut self) -> CredentialsError {
        self.0.not_configured = false;
        self
    }

    /// Returns whether the source is not set up, so that a chain may try the next one.
    #[must_use]
    pub fn is_not_configured(&self) -> bool {
        self.0.not_configured
    }

    /// Returns whether the source ran out of time.
    #[must_use]
    pub fn is_timed_out(&self) -> bool {
        self.0.timed_out
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Writes the message, since this is what a `main` that returns the error prints; `{:#?}` has every
/// field.
impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fields {
            not_configured,
            timed_out,
            message,
        } = &*self.0;
        if !f.alternate() {
            f.write_str(message)?;
            return f.write_str(match (not_configured, timed_out) {
                (true, _) => " (not configured)",
                (false, true) => " (timed out)",
                (false, false) => "",
            });
        }
        f.debug_struct("CredentialsError")
            .field("not_configured", not_configured)
            .field("timed_out", timed_out)
            .field("message", message)
            .finish()
    }
}

impl std::error::Error for CredentialsError {}

impl From<ConfigError> for CredentialsError {
    fn from(error: ConfigError) -> CredentialsError {
        CredentialsError::failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_every_field_only_in_its_alternate_form() {
        let errors = [
            CredentialsError::failed("no"),
            CredentialsError::timed_out("no"),
            CredentialsError::not_configured("no"),
        ];
        let texts = errors.each_ref().map(|error| format!("{error:?}"));
        assert_eq!(texts, ["no", "no (timed out)", "no (not configured)"]);
        let full = format!("{:#?}", errors[1]);
        assert!(full.contains("\n    timed_out: true,\n"), "{full}");
    }
}

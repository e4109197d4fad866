//! Credentials, where they come from, and how they are kept.
//!
//! [`Credentials`] are what a request is signed with. A [`ProvideCredentials`] finds them; the
//! modules below are the sources that every AWS tool knows, put in order by a chain.
//!
//! # What is logged
//!
//! This crate logs, at the levels debug and warn, which source was asked and why it was passed
//! over, never a secret. The HTTP library underneath dumps every byte of the wire at the level
//! trace under the target `ureq_proto::util`, secrets included, and cannot be told not to: keep
//! that target at debug or above.

mod assume_role;
mod cache;
mod chain;
#[cfg(test)]
mod conformance;
mod container;
mod context;
mod document;
mod environment;
mod fetch;
mod imds;
mod last_good;
mod login;
mod metadata;
mod plan;
mod process;
mod profile;
mod service;
mod sso;
mod sts;
mod web_identity;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use zeroize::Zeroizing;

pub use self::cache::CredentialsCache;
pub use self::chain::DefaultChain;
pub use self::environment::EnvironmentCredentials;

/// The keys that a request is signed with.
///
/// Cloning is cheap. [`Debug`] shows the access key id and where the credentials come from, never
/// the secret key or the session token; both are wiped from memory when the last clone is dropped.
///
/// ```
/// use simpledb_export::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    account_id: Option<String>,
    expiration: Option<OffsetDateTime>,
    source: Cow<'static, str>,
}

impl Credentials {
    /// Long-lived keys, given in code.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> Credentials {
        Credentials(Arc::new(Inner {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: None,
            account_id: None,
            expiration: None,
            source: Cow::Borrowed("code"),
        }))
    }

    /// Never inlined: the copy that it makes where there are other clones would stand in every
    /// source of credentials several times.
    #[inline(never)]
    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Adds the session token that temporary keys come with.
    #[must_use]
    pub fn with_session_token(mut self, session_token: impl Into<String>) -> Credentials {
        self.inner().session_token = Some(Zeroizing::new(session_token.into()));
        self
    }

    /// Adds the twelve-digit id of the account that the keys belong to.
    #[must_use]
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Credentials {
        self.inner().account_id = Some(account_id.into());
        self
    }

    /// Adds the time at which the keys stop working.
    #[must_use]
    pub fn with_expiration(mut self, expiration: OffsetDateTime) -> Credentials {
        self.inner().expiration = Some(expiration);
        self
    }

    /// Names the source, as [`source`](Credentials::source) and `Debug` show it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Cow<'static, str>>) -> Credentials {
        self.inner().source = source.into();
        self
    }

    /// The public half of the key pair. AWS does not treat it as a secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret half of the key pair.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.0.secret_access_key
    }

    /// The token that goes with temporary keys.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_deref().map(String::as_str)
    }

    /// The account that the keys belong to, where the source knows it.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// When the keys stop working; `None` for keys that last.
    #[must_use]
    pub fn expiration(&self) -> Option<OffsetDateTime> {
        self.0.expiration
    }

    /// Where the keys come from, in words for a person: `code`, `environment variables` …
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.0.access_key_id)
            .field("secret_access_key", &"**redacted**")
            .field(
                "session_token",
                &self.0.session_token.as_ref().map(|_| "**redacted**"),
            )
            .field("account_id", &self.0.account_id)
            .field("expiration", &self.0.expiration)
            .field("source", &self.0.source)
            .finish()
    }
}

/// A source of credentials.
///
/// It is asked before every attempt of every call, retries included, and from any thread: wrap a
/// source that does work, such as asking a server, in a [`CredentialsCache`]. [`Credentials`] themselves are a source: the one that always gives themselves.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// Finds credentials within `timeout`.
    ///
    /// # Errors
    ///
    /// [`CredentialsError::not_configured`] when this source has nothing to say here, so that a
    /// chain may ask the next; any other error stops the chain, because falling through to another
    /// identity than the one that was configured is never right.
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError>;
}

impl ProvideCredentials for Credentials {
    fn provide_credentials(&self, _timeout: Duration) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

impl<T: ProvideCredentials + ?Sized> ProvideCredentials for Arc<T> {
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        (**self).provide_credentials(timeout)
    }
}

/// Why a source gave no credentials.
///
/// ```
/// use simpledb_export::CredentialsError;
///
/// let error = CredentialsError::failed("the vault is sealed");
/// assert_eq!(error.to_string(), "the vault is sealed");
/// assert!(!error.is_not_configured());
/// ```
#[derive(Clone)]
pub struct CredentialsError(Box<ErrorInner>);

#[derive(Clone)]
struct ErrorInner {
    not_configured: bool,
    timed_out: bool,
    message: String,
}

impl CredentialsError {
    #[cold]
    #[inline(never)]
    fn new(message: String, not_configured: bool, timed_out: bool) -> CredentialsError {
        CredentialsError(Box::new(ErrorInner {
            not_configured,
            timed_out,
            message,
        }))
    }

    /// The source has nothing to say on this machine; a chain asks the next one.
    pub fn not_configured(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), true, false)
    }

    /// The source is configured, and broken; a chain stops here.
    pub fn failed(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), false, false)
    }

    /// The source is configured and did not answer in the time it was given; a chain stops here.
    pub fn timed_out(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(message.into(), false, true)
    }

    /// The same error, told in another way.
    pub(crate) fn retold(mut self, message: impl FnOnce(&str) -> String) -> CredentialsError {
        self.0.message = message(&self.0.message);
        self
    }

    /// Whether a chain may ask its next source.
    #[must_use]
    pub fn is_not_configured(&self) -> bool {
        self.0.not_configured
    }

    /// Whether the source ran out of the time it was given.
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

/// What `main` prints where it returns the error: the text of `Display`, and what is special about
/// it; `{:#?}` has every field.
impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ErrorInner {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_who_but_never_the_secrets() {
        let credentials = Credentials::new("AKIDEXAMPLE", "hidden-key")
            .with_session_token("hidden-token")
            .with_account_id("111122223333")
            .with_source("a test");
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { access_key_id: \"AKIDEXAMPLE\", secret_access_key: \"**redacted**\", \
             session_token: Some(\"**redacted**\"), account_id: Some(\"111122223333\"), \
             expiration: None, source: \"a test\" }"
        );
    }

    #[test]
    fn debug_of_an_error_is_its_text_unless_all_is_asked_for() {
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

    #[test]
    fn a_setter_changes_only_its_own_clone() {
        let first = Credentials::new("AKIDEXAMPLE", "key");
        let second = first.clone().with_session_token("token");
        assert_eq!(first.session_token(), None);
        assert_eq!(second.session_token(), Some("token"));
    }
}

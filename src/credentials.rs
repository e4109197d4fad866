//! Credentials, their sources, and the cache in front of them.
//!
//! A request is signed with [`Credentials`]. A [`ProvideCredentials`] is a source of them, such as
//! the [`DefaultChain`], which tries the sources that every AWS tool has. This is another one:
//!
//! ```
//! use std::time::Duration;
//! use simpledb_export::credentials::{CredentialsError, ProvideCredentials};
//! use simpledb_export::{Config, Credentials};
//!
//! #[derive(Debug)]
//! struct Vault;
//!
//! impl ProvideCredentials for Vault {
//!     fn provide_credentials(&self, _timeout: Duration) -> Result<Credentials, CredentialsError> {
//!         Ok(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
//!     }
//! }
//!
//! let config = Config::builder().region("eu-west-1").credentials(Vault).build()?;
//! # Ok::<(), simpledb_export::Error>(())
//! ```
//!
//! # Logging
//!
//! This crate logs, at levels debug and warn, which source was tried and why it was skipped, never
//! a secret. The HTTP library logs every byte it sends and receives, secrets included, at level
//! trace under the target `ureq_proto::util`, and has no switch for it: keep that target at debug
//! or above.
//!
//! # Memory
//!
//! Secrets, and the requests and responses that carry them, are wiped from memory once they are no
//! longer needed. Copies in the TLS library and in the operating system are out of reach.

mod assume_role;
mod cache;
mod cache_file;
mod chain;
#[cfg(test)]
mod conformance;
mod connection;
mod container;
mod context;
mod document;
mod environment;
mod error;
mod imds;
mod login;
mod metadata;
mod mfa;
mod plan;
mod process;
mod profile;
mod role_cache;
mod service;
mod sso;
mod static_keys;
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
pub use self::error::CredentialsError;
pub(crate) use self::mfa::MfaCode;

/// The keys that a request is signed with.
///
/// Clones are cheap. [`Debug`] shows the access key ID and the source, never the secret key or the
/// session token; both are wiped from memory when the last clone is dropped.
///
/// ```
/// use simpledb_export::Credentials;
///
/// let keys = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// assert_eq!(keys.access_key_id(), "AKIDEXAMPLE");
/// assert!(!format!("{keys:?}").contains("wJalr"));
///
/// let temporary = Credentials::builder("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
///     .session_token("AQoDYXdzEPT")
///     .build();
/// assert_eq!(temporary.session_token(), Some("AQoDYXdzEPT"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<Fields>);

#[derive(Clone, PartialEq, Eq)]
struct Fields {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    account_id: Option<String>,
    expiration: Option<OffsetDateTime>,
    source: Cow<'static, str>,
}

impl Credentials {
    /// Creates long-term credentials, which have no session token and do not expire.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> Credentials {
        Credentials::builder(access_key_id, secret_access_key).build()
    }

    /// Starts credentials that have more than a key pair, such as a session token.
    pub fn builder(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> CredentialsBuilder {
        CredentialsBuilder(Arc::new(Fields {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: None,
            account_id: None,
            expiration: None,
            source: Cow::Borrowed("code"),
        }))
    }

    /// Starts credentials that differ from these in some field.
    pub(crate) fn into_builder(self) -> CredentialsBuilder {
        CredentialsBuilder(self.0)
    }

    /// Returns the public half of the key pair. AWS does not treat it as a secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// Returns the secret half of the key pair.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.0.secret_access_key
    }

    /// Returns the session token, which only temporary credentials have.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_deref().map(String::as_str)
    }

    /// Returns the ID of the account that the credentials belong to, if the source knows it.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// Returns when the credentials expire; `None` if they do not.
    #[must_use]
    pub fn expiration(&self) -> Option<OffsetDateTime> {
        self.0.expiration
    }

    /// Returns a description of where the credentials come from, such as `environment variables`.
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

/// Builds [`Credentials`]; see [`Credentials::builder`].
#[must_use]
pub struct CredentialsBuilder(Arc<Fields>);

impl CredentialsBuilder {
    fn fields(&mut self) -> &mut Fields {
        Arc::make_mut(&mut self.0)
    }

    /// Sets the session token that temporary credentials come with.
    pub fn session_token(mut self, session_token: impl Into<String>) -> CredentialsBuilder {
        self.fields().session_token = Some(Zeroizing::new(session_token.into()));
        self
    }

    /// Sets the twelve-digit ID of the account that the credentials belong to.
    pub fn account_id(mut self, account_id: impl Into<String>) -> CredentialsBuilder {
        self.fields().account_id = Some(account_id.into());
        self
    }

    fn known_account_id(self, account_id: Option<impl Into<String>>) -> CredentialsBuilder {
        match account_id {
            Some(account_id) => self.account_id(account_id),
            None => self,
        }
    }

    /// Sets the time at which the credentials expire. By default they do not.
    pub fn expiration(mut self, expiration: OffsetDateTime) -> CredentialsBuilder {
        self.fields().expiration = Some(expiration);
        self
    }

    /// Sets the description that [`Credentials::source`] and `Debug` show. Defaults to `code`.
    pub fn source(mut self, source: impl Into<Cow<'static, str>>) -> CredentialsBuilder {
        self.fields().source = source.into();
        self
    }

    /// Returns the credentials.
    #[must_use]
    pub fn build(self) -> Credentials {
        Credentials(self.0)
    }
}

impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Credentials(Arc::clone(&self.0)).fmt(f)
    }
}

/// A source of credentials.
///
/// It is called before every attempt of every operation, retries included, and from any thread. If
/// it does work, such as calling a server, wrap it in a [`CredentialsCache`]. [`Credentials`]
/// implement it by returning themselves.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// Returns credentials, in at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`CredentialsError::not_configured`] if this source is not set up, so that a chain tries the
    /// next one. Every other error stops the chain: falling back to an identity other than the
    /// configured one is never right.
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError>;

    /// Rejects credentials that a service refused as expired: a cache must not provide them again.
    /// Returns whether others may be available, in which case the client tries once more.
    ///
    /// By default does nothing and returns false.
    fn reject(&self, credentials: &Credentials) -> bool {
        let _ = credentials;
        false
    }
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

    fn reject(&self, credentials: &Credentials) -> bool {
        (**self).reject(credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_access_key_id_but_no_secret() {
        let builder = Credentials::builder("AKIDEXAMPLE", "hidden-key")
            .session_token("hidden-token")
            .account_id("111122223333")
            .source("a test");
        let expected = "Credentials { access_key_id: \"AKIDEXAMPLE\", secret_access_key: \
             \"**redacted**\", session_token: Some(\"**redacted**\"), account_id: \
             Some(\"111122223333\"), expiration: None, source: \"a test\" }";
        assert_eq!(format!("{builder:?}"), expected);
        assert_eq!(format!("{:?}", builder.build()), expected);
    }

    #[test]
    fn a_builder_leaves_other_clones_alone() {
        let first = Credentials::new("AKIDEXAMPLE", "key");
        let second = first.clone().into_builder().session_token("token").build();
        assert_eq!(first.session_token(), None);
        assert_eq!(second.session_token(), Some("token"));
    }
}

//! Every setting of a client, in code, from the environment and from the shared AWS files.
//!
//! [`Config::builder`] takes explicit values and does no I/O. [`Config::loader`] finds settings and
//! credentials as every AWS tool does.
//!
//! ```no_run
//! use simpledb_export::{Client, Config};
//!
//! let config = Config::loader().profile("backup").region("eu-west-1").load()?;
//! let client = Client::new(config)?;
//! # Ok::<(), simpledb_export::Error>(())
//! ```
//!
//! # Where settings are found
//!
//! A value set in code takes precedence over an environment variable, that over the profile, and
//! that over the default. Blank means unset. An invalid value is an error that names the variable or
//! the key, its file and line, the value, and what is expected: nothing is ignored silently.
//!
//! | Setting | Environment | Profile |
//! |---|---|---|
//! | profile | `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` | |
//! | config file | `AWS_CONFIG_FILE`, or `~/.aws/config` | |
//! | credentials file | `AWS_SHARED_CREDENTIALS_FILE`, or `~/.aws/credentials` | |
//! | region | `AWS_REGION`, `AWS_DEFAULT_REGION` | `region`; then the EC2 instance's |
//! | endpoint URL | `AWS_ENDPOINT_URL_SIMPLEDBV2`, `AWS_ENDPOINT_URL` | `services`: `simpledbv2`: `endpoint_url`; `endpoint_url` |
//! | endpoint URL of the older API (feature `domains`) | `AWS_ENDPOINT_URL_SIMPLEDB`, `AWS_ENDPOINT_URL` | `services`: `simpledb`: `endpoint_url`; `endpoint_url` |
//! | endpoint URL of S3 | `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` | `services`: `s3`: `endpoint_url`; `endpoint_url` |
//! | endpoint URLs of STS, SSO and its token service, and the sign-in service | `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL_SSO`, `AWS_ENDPOINT_URL_SSO_OIDC`, `AWS_ENDPOINT_URL_SIGNIN`; `AWS_ENDPOINT_URL` | `services`: `sts`, `sso`, `sso_oidc`, `signin`: `endpoint_url`; `endpoint_url` |
//! | directory of `aws login`'s cache | `AWS_LOGIN_CACHE_DIRECTORY`, or `~/.aws/login/cache` | |
//! | ignore endpoint URLs | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `ignore_configured_endpoint_urls` |
//! | FIPS endpoints | `AWS_USE_FIPS_ENDPOINT` | `use_fips_endpoint` |
//! | dual-stack endpoints | `AWS_USE_DUALSTACK_ENDPOINT` | `use_dualstack_endpoint` |
//! | maximum attempts | `AWS_MAX_ATTEMPTS` | `max_attempts` |
//! | retry mode | `AWS_RETRY_MODE` | `retry_mode` |
//! | disable instance metadata | `AWS_EC2_METADATA_DISABLED` | |
//! | instance metadata endpoint | `AWS_EC2_METADATA_SERVICE_ENDPOINT` | `ec2_metadata_service_endpoint` |
//! | its address family | `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` | `ec2_metadata_service_endpoint_mode` |
//! | CA bundle | `AWS_CA_BUNDLE` | `ca_bundle` |
//! | application id | `AWS_SDK_UA_APP_ID` | `sdk_ua_app_id` |
//! | disable clock skew correction | `AWS_DISABLE_CLOCK_SKEW_CORRECTION` | `disable_clock_skew_correction` |
//! | proxy | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` (lower case first) | |
//!
//! The retry modes `legacy` and `adaptive`, which other AWS tools know, are accepted and mean
//! `standard` here.
//!
//! # Where credentials are found
//!
//! [`DefaultChain`](crate::credentials::DefaultChain) lists the sources, in their order.
//! Credentials are found when they are first needed, and cached.
//!
//! # Profile files
//!
//! The two files are merged; values of the credentials file take precedence. A missing file counts
//! as empty; each may be a pipe, such as `<(command)` of a shell.
//!
//! - White space is space or tab. A line that begins with `#` or `;` is a comment; so is the rest
//!   of a line after white space and one of them.
//! - Config file: `[default]`, `[profile NAME]`, `[sso-session NAME]`, `[services NAME]`; other
//!   sections are ignored. `[profile default]` takes precedence over `[default]`.
//!   Credentials file: `[NAME]`.
//! - Names consist of letters, digits and `_ - . / % @ : +`; the config file allows any name in
//!   quotes.
//! - `key = value`; the case of the key does not matter. A line that is indented deeper than the
//!   key continues the value or, if the value is empty, is a sub-property `name = value`.
//! - Sections of the same name are merged; the last value counts.

mod builder;
mod loader;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::ConfigBuilder;
pub use self::loader::ConfigLoader;
use crate::credentials::ProvideCredentials;
use crate::error::Error;
use crate::retry::RetryConfig;
use crate::settings::endpoint::Variant;
use crate::settings::proxy::ProxySettings;
use crate::settings::{Setting, Settings};
pub use crate::system::System;

/// The settings of a [`Client`](crate::Client).
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::{Config, Credentials};
///
/// let config = Config::builder()
///     .region("eu-west-1")
///     .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .operation_timeout(Duration::from_secs(60))
///     .build()?;
/// assert_eq!(config.region(), Some("eu-west-1"));
/// # Ok::<(), simpledb_export::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// What the loader found, or what the builder set in its place.
    settings: Settings,
    /// `None` if the config was built in code.
    profile: Option<Setting<String>>,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    retry: RetryConfig,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    operation_timeout: Duration,
    system: Arc<dyn System>,
}

impl Config {
    /// Returns a builder with the defaults: set at least a region and credentials.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::new()
    }

    /// Returns a loader that reads the process's environment and the shared AWS files.
    pub fn loader() -> ConfigLoader {
        ConfigLoader::new()
    }

    /// Loads the settings that every AWS tool finds: shorthand for `Config::loader().load()`.
    ///
    /// # Errors
    ///
    /// Those of [`ConfigLoader::load`].
    pub fn from_env() -> Result<Config, Error> {
        Config::loader().load()
    }

    /// Returns a builder with these settings, to change some of them. A loaded source of credentials
    /// keeps the settings that it was loaded with, its region included.
    pub fn to_builder(&self) -> ConfigBuilder {
        ConfigBuilder(self.clone())
    }

    /// Returns the region.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        Some(&self.settings.region.as_ref()?.value)
    }

    /// Returns the endpoint URL that was set, not the one that follows from the region.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        Some(&self.settings.endpoint_url.as_ref()?.value)
    }

    /// Returns the endpoint URL of SimpleDB's older API that was set: see
    /// [`ConfigBuilder::endpoint_url`].
    #[must_use]
    pub fn domains_endpoint_url(&self) -> Option<&str> {
        Some(&self.settings.domains_endpoint_url.as_ref()?.value)
    }

    /// Returns the endpoint URL of S3 that was set.
    #[must_use]
    pub fn s3_endpoint_url(&self) -> Option<&str> {
        Some(&self.settings.s3_endpoint_url.as_ref()?.value)
    }

    /// Returns whether FIPS endpoints are used.
    #[must_use]
    pub fn use_fips(&self) -> bool {
        self.settings.variant.fips
    }

    /// Returns whether dual-stack endpoints are used.
    #[must_use]
    pub fn use_dual_stack(&self) -> bool {
        self.settings.variant.dual_stack
    }

    /// Returns the credentials, or their source.
    #[must_use]
    pub fn credentials(&self) -> Option<&dyn ProvideCredentials> {
        self.credentials.as_deref()
    }

    /// Returns the retry settings.
    #[must_use]
    pub fn retry_config(&self) -> &RetryConfig {
        &self.retry
    }

    /// Returns the time limit for establishing a connection.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Returns the time limit for one attempt.
    #[must_use]
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// Returns the time limit for a call.
    #[must_use]
    pub fn operation_timeout(&self) -> Duration {
        self.operation_timeout
    }

    /// Returns the program's name in the user agent.
    #[must_use]
    pub fn app_name(&self) -> Option<&str> {
        self.settings.app_name.as_deref()
    }

    /// Returns whether clock skew is measured and corrected.
    #[must_use]
    pub fn clock_skew_correction(&self) -> bool {
        !self.settings.disable_clock_skew_correction
    }

    /// Returns the file with the trusted certificates.
    #[must_use]
    pub fn ca_bundle(&self) -> Option<&Path> {
        Some(&self.settings.ca_bundle.as_ref()?.value)
    }

    pub(crate) fn ca_bundle_setting(&self) -> Option<&Setting<PathBuf>> {
        self.settings.ca_bundle.as_ref()
    }

    /// Returns the name of the profile that was loaded; `None` if the config was built in code.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        Some(&self.profile.as_ref()?.value)
    }

    /// Returns where the loader found the name of the profile, such as `AWS_PROFILE`; `None` if
    /// it was set in code.
    #[must_use]
    pub fn profile_origin(&self) -> Option<String> {
        self.profile.as_ref()?.origin.found()
    }

    /// Returns where the loader found the region: an environment variable, a profile's key with
    /// file and line, or `instance metadata`; `None` if it was set in code.
    #[must_use]
    pub fn region_origin(&self) -> Option<String> {
        self.settings.region.as_ref()?.origin.found()
    }

    /// Returns where the loader found the endpoint URL; `None` if it was set in code, or if the
    /// region's own endpoint is used.
    #[must_use]
    pub fn endpoint_url_origin(&self) -> Option<String> {
        self.settings.endpoint_url.as_ref()?.origin.found()
    }

    /// Returns where the loader found the endpoint URL of SimpleDB's older API; `None` if it was set
    /// in code, or if the region's own endpoint is used.
    #[must_use]
    pub fn domains_endpoint_url_origin(&self) -> Option<String> {
        self.settings.domains_endpoint_url.as_ref()?.origin.found()
    }

    pub(crate) fn shared_credentials(&self) -> Option<Arc<dyn ProvideCredentials>> {
        self.credentials.clone()
    }

    pub(crate) fn execution_env(&self) -> Option<&str> {
        self.settings.execution_env.as_deref()
    }

    pub(crate) fn variant(&self) -> Variant {
        self.settings.variant
    }

    pub(crate) fn proxy(&self) -> &ProxySettings {
        &self.settings.proxy
    }

    pub(crate) fn system(&self) -> &dyn System {
        &*self.system
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.region())
            .field("endpoint_url", &self.endpoint_url())
            .field("domains_endpoint_url", &self.domains_endpoint_url())
            .field("s3_endpoint_url", &self.s3_endpoint_url())
            .field("use_fips", &self.use_fips())
            .field("use_dual_stack", &self.use_dual_stack())
            .field("credentials", &self.credentials)
            .field("retry", &self.retry)
            .field("connect_timeout", &self.connect_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("app_name", &self.app_name())
            .field("clock_skew_correction", &self.clock_skew_correction())
            .field("ca_bundle", &self.ca_bundle())
            .field("proxy", self.proxy())
            .field("profile", &self.profile())
            .finish_non_exhaustive()
    }
}

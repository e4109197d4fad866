//! Every setting of a client, with its default, in one place.

mod check;
mod load;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::{DefaultChain, ProvideCredentials};
use crate::retry::RetryConfig;
pub use crate::settings::error::ConfigError;
use crate::settings::proxy::ProxySettings;
use crate::system::Machine;
pub use crate::system::System;

/// The settings of a [`Client`](crate::Client).
///
/// It is its own builder: [`Config::new`] or [`Config::from_env`] makes one, and each method named
/// like a setting gives it back changed, so that what was loaded can be overridden in code.
///
/// ```
/// use std::time::Duration;
/// use simpledb_export::{Config, Credentials};
///
/// let config = Config::new()
///     .region("eu-west-1")
///     .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .operation_timeout(Duration::from_secs(60));
/// assert_eq!(config.get_region(), Some("eu-west-1"));
/// ```
#[derive(Clone)]
pub struct Config {
    region: Option<String>,
    endpoint_url: Option<String>,
    s3_endpoint_url: Option<String>,
    use_fips: bool,
    use_dual_stack: bool,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    retry: RetryConfig,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    operation_timeout: Duration,
    app_name: Option<String>,
    execution_env: Option<String>,
    clock_skew_correction: bool,
    ca_bundle: Option<PathBuf>,
    proxy: ProxySettings,
    system: Arc<dyn System>,
    /// Knows where to ask for a region that nothing else says.
    chain: Option<Arc<DefaultChain>>,
}

impl Config {
    /// All defaults, and nothing from the environment: a region and credentials have to be set.
    #[must_use]
    pub fn new() -> Config {
        Config {
            region: None,
            endpoint_url: None,
            s3_endpoint_url: None,
            use_fips: false,
            use_dual_stack: false,
            credentials: None,
            retry: RetryConfig::standard(),
            connect_timeout: Duration::from_millis(3_100),
            attempt_timeout: Duration::from_secs(30),
            operation_timeout: Duration::from_secs(120),
            app_name: None,
            execution_env: None,
            clock_skew_correction: true,
            ca_bundle: None,
            proxy: ProxySettings::none(),
            system: Arc::new(Machine),
            chain: None,
        }
    }

    /// Sets the region to talk to and to sign for, as `us-east-1`: letters, digits and hyphens,
    /// with an endpoint of one's own too. No default.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Config {
        self.region = Some(region.into());
        self
    }

    /// Sets where to send requests to instead of the service's own endpoint: an `http` or `https`
    /// URL, whose path is put before the operation's. Plain `http` sends nothing that is secret,
    /// but the answers can be read and changed on the way. Not together with FIPS or dual stack.
    #[must_use]
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> Config {
        self.endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets where an export is downloaded from instead of S3's own endpoints: an `http` or `https`
    /// URL. It is of use with the feature `data` only.
    #[must_use]
    pub fn s3_endpoint_url(mut self, endpoint_url: impl Into<String>) -> Config {
        self.s3_endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets whether to use the endpoints that are validated for FIPS 140. Default: no.
    #[must_use]
    pub fn use_fips(mut self, use_fips: bool) -> Config {
        self.use_fips = use_fips;
        self
    }

    /// Sets whether to use the endpoints that answer over IPv6 too. Default: no.
    #[must_use]
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Config {
        self.use_dual_stack = use_dual_stack;
        self
    }

    /// Sets the credentials, or the source that is asked for them before every attempt.
    #[must_use]
    pub fn credentials(mut self, credentials: impl ProvideCredentials + 'static) -> Config {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets how often, and how patiently, a call is tried. Default: [`RetryConfig::standard`].
    #[must_use]
    pub fn retry_config(mut self, retry: RetryConfig) -> Config {
        self.retry = retry;
        self
    }

    /// Sets how long resolving the service's name may take, and then again how long connecting to
    /// it may, TLS included. More than zero; what is longer than a day, as `Duration::MAX` is, is
    /// taken as a day. Default: 3.1 s.
    #[must_use]
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> Config {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Sets how long one attempt may take, from resolving the name to the end of the answer.
    /// More than zero; what is longer than a day is taken as a day. Default: 30 s.
    #[must_use]
    pub fn attempt_timeout(mut self, attempt_timeout: Duration) -> Config {
        self.attempt_timeout = attempt_timeout;
        self
    }

    /// Sets how long a call may take, with all its attempts, the waits between them, and finding
    /// credentials. More than zero; `Duration::MAX` is no limit. Default: 120 s.
    #[must_use]
    pub fn operation_timeout(mut self, operation_timeout: Duration) -> Config {
        self.operation_timeout = operation_timeout;
        self
    }

    /// Sets a name for the program, which goes into the user agent: at most 50 letters, digits and
    /// characters of ``!#$%&'*+-.^_`|~``.
    #[must_use]
    pub fn app_name(mut self, app_name: impl Into<String>) -> Config {
        self.app_name = Some(app_name.into());
        self
    }

    /// Sets whether to learn from the service's answers by how much the machine's clock is wrong,
    /// and to sign accordingly. Default: yes.
    #[must_use]
    pub fn clock_skew_correction(mut self, clock_skew_correction: bool) -> Config {
        self.clock_skew_correction = clock_skew_correction;
        self
    }

    /// Sets a file with certificates in PEM, which are trusted instead of those that are built in.
    /// It is read when a client is made whose endpoint is `https`. Default: none.
    #[must_use]
    pub fn ca_bundle(mut self, ca_bundle: impl Into<PathBuf>) -> Config {
        self.ca_bundle = Some(ca_bundle.into());
        self
    }

    /// Sets the proxies. Default: none; [`Config::from_env`] takes them from the environment.
    #[must_use]
    pub fn proxy(mut self, proxy: ProxySettings) -> Config {
        self.proxy = proxy;
        self
    }

    /// Sets where time, sleep and randomness come from; for tests. Default: the machine.
    #[must_use]
    pub fn system(mut self, system: impl System + 'static) -> Config {
        self.system = Arc::new(system);
        self
    }

    /// The region.
    #[must_use]
    pub fn get_region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The endpoint that was set, not the one that follows from the region.
    #[must_use]
    pub fn get_endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_deref()
    }

    /// The endpoint of S3 that was set.
    #[must_use]
    pub fn get_s3_endpoint_url(&self) -> Option<&str> {
        self.s3_endpoint_url.as_deref()
    }

    /// Whether FIPS endpoints are used.
    #[must_use]
    pub fn get_use_fips(&self) -> bool {
        self.use_fips
    }

    /// Whether dual-stack endpoints are used.
    #[must_use]
    pub fn get_use_dual_stack(&self) -> bool {
        self.use_dual_stack
    }

    /// The source of credentials.
    #[must_use]
    pub fn get_credentials(&self) -> Option<&dyn ProvideCredentials> {
        self.credentials.as_deref()
    }

    /// How often a call is tried.
    #[must_use]
    pub fn get_retry_config(&self) -> &RetryConfig {
        &self.retry
    }

    /// How long resolving, and then connecting, may take.
    #[must_use]
    pub fn get_connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long one attempt may take.
    #[must_use]
    pub fn get_attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// How long a call may take.
    #[must_use]
    pub fn get_operation_timeout(&self) -> Duration {
        self.operation_timeout
    }

    /// The program's name in the user agent.
    #[must_use]
    pub fn get_app_name(&self) -> Option<&str> {
        self.app_name.as_deref()
    }

    /// Whether the clock's error is learnt and corrected.
    #[must_use]
    pub fn get_clock_skew_correction(&self) -> bool {
        self.clock_skew_correction
    }

    /// The file with the certificates to trust.
    #[must_use]
    pub fn get_ca_bundle(&self) -> Option<&Path> {
        self.ca_bundle.as_deref()
    }

    /// The proxies.
    #[must_use]
    pub fn get_proxy(&self) -> &ProxySettings {
        &self.proxy
    }

    /// The same with the region of the EC2 instance, where nothing else says one: it takes about a
    /// second to find out that this is none, so that it is the last resort.
    pub(crate) fn or_region_of_instance(mut self) -> Config {
        if let (None, Some(chain)) = (&self.region, &self.chain) {
            self.region = chain.instance_region(self.operation_timeout);
        }
        self
    }

    pub(crate) fn shared_credentials(&self) -> Option<Arc<dyn ProvideCredentials>> {
        self.credentials.clone()
    }

    pub(crate) fn get_execution_env(&self) -> Option<&str> {
        self.execution_env.as_deref()
    }

    pub(crate) fn get_system(&self) -> &dyn System {
        &*self.system
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .field("s3_endpoint_url", &self.s3_endpoint_url)
            .field("use_fips", &self.use_fips)
            .field("use_dual_stack", &self.use_dual_stack)
            .field("credentials", &self.credentials)
            .field("retry", &self.retry)
            .field("connect_timeout", &self.connect_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("app_name", &self.app_name)
            .field("clock_skew_correction", &self.clock_skew_correction)
            .field("ca_bundle", &self.ca_bundle)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

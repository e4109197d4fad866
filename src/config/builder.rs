//! A [`Config`] from explicit values.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Config;
use crate::credentials::ProvideCredentials;
use crate::error::Error;
use crate::retry::RetryConfig;
use crate::settings::error::ConfigError;
use crate::settings::proxy::ProxySettings;
use crate::settings::{Setting, Settings, values};
use crate::system::{RealSystem, System};

/// Builds a [`Config`] from explicit values, without I/O.
///
/// [`Config::builder`] starts with the defaults, [`Config::to_builder`] with the values of another
/// config.
#[derive(Debug)]
#[must_use]
pub struct ConfigBuilder(pub(super) Config);

impl ConfigBuilder {
    pub(super) fn new() -> ConfigBuilder {
        ConfigBuilder(Config {
            settings: Settings::default(),
            profile: None,
            credentials: None,
            retry: RetryConfig::standard(),
            connect_timeout: Duration::from_millis(3_100),
            attempt_timeout: Duration::from_secs(30),
            operation_timeout: Duration::from_secs(120),
            system: Arc::new(RealSystem),
        })
    }

    /// Sets the region to send requests to and to sign for, such as `us-east-1`: letters, digits
    /// and hyphens. Required, even if an endpoint URL is set. No default.
    pub fn region(mut self, region: impl Into<String>) -> ConfigBuilder {
        self.0.settings.region = Some(Setting::in_code(region.into()));
        self
    }

    /// Sets the URL to send requests to: an `http` or `https` URL, whose path is put before the
    /// operation's. It is also that of the older API (feature `domains`). Defaults to the region's
    /// endpoint. Cannot be combined with FIPS or dual stack.
    ///
    /// Over plain `http`, anyone on the network path can read and change requests and responses, the
    /// session token of temporary credentials included; the secret key is never sent.
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> ConfigBuilder {
        let endpoint_url = Setting::in_code(endpoint_url.into());
        self.0.settings.domains_endpoint_url = Some(endpoint_url.clone());
        self.0.settings.endpoint_url = Some(endpoint_url);
        self
    }

    /// Sets the `http` or `https` URL that exports are downloaded from. Used by the feature `data`
    /// only. Defaults to S3's endpoint of the bucket's region.
    pub fn s3_endpoint_url(mut self, endpoint_url: impl Into<String>) -> ConfigBuilder {
        self.0.settings.s3_endpoint_url = Some(Setting::in_code(endpoint_url.into()));
        self
    }

    /// Sets whether to use endpoints with FIPS 140-validated cryptography. Defaults to `false`.
    pub fn use_fips(mut self, use_fips: bool) -> ConfigBuilder {
        self.0.settings.variant.fips = use_fips;
        self
    }

    /// Sets whether to use endpoints that are reachable over IPv6, too. Defaults to `false`.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> ConfigBuilder {
        self.0.settings.variant.dual_stack = use_dual_stack;
        self
    }

    /// Sets the credentials, or a source that is asked for them before every attempt. No default.
    pub fn credentials(mut self, credentials: impl ProvideCredentials + 'static) -> ConfigBuilder {
        self.0.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets how often, and with which delays, a call is retried. Defaults to
    /// [`RetryConfig::standard`].
    pub fn retry_config(mut self, retry: RetryConfig) -> ConfigBuilder {
        self.0.retry = retry;
        self
    }

    /// Sets the time limit for establishing a connection: DNS lookup, proxy and TLS included. Must
    /// be greater than zero; more than a day counts as a day. Defaults to 3.1 s.
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> ConfigBuilder {
        self.0.connect_timeout = connect_timeout;
        self
    }

    /// Sets the time limit for one attempt, from DNS lookup to the last byte of the response. Must
    /// be greater than zero; more than a day counts as a day. Defaults to 30 s.
    pub fn attempt_timeout(mut self, attempt_timeout: Duration) -> ConfigBuilder {
        self.0.attempt_timeout = attempt_timeout;
        self
    }

    /// Sets the time limit for a call: all attempts, the delays between them, and finding
    /// credentials. Must be greater than zero; [`Duration::MAX`] means no limit. Defaults to 120 s.
    pub fn operation_timeout(mut self, operation_timeout: Duration) -> ConfigBuilder {
        self.0.operation_timeout = operation_timeout;
        self
    }

    /// Sets the program's name in the user agent: at most 50 letters, digits and characters of
    /// ``!#$%&'*+-.^_`|~``.
    pub fn app_name(mut self, app_name: impl Into<String>) -> ConfigBuilder {
        self.0.settings.app_name = Some(app_name.into());
        self
    }

    /// Sets whether to measure the skew between the local clock and the service's from responses,
    /// and to sign with the service's time. Defaults to `true`.
    pub fn clock_skew_correction(mut self, clock_skew_correction: bool) -> ConfigBuilder {
        self.0.settings.disable_clock_skew_correction = !clock_skew_correction;
        self
    }

    /// Sets a PEM file with the certificates to trust instead of the built-in ones, for the
    /// endpoint and for an `https` proxy. It is read, within the attempt timeout, when a client that
    /// needs TLS is created; at most 16 MiB.
    ///
    /// The variable `SSL_CERT_FILE` is not read, as the AWS CLI does not read it either; only the
    /// features `native-tls` and `platform-verifier`, which trust what the system trusts, may
    /// consider it.
    pub fn ca_bundle(mut self, ca_bundle: impl Into<PathBuf>) -> ConfigBuilder {
        self.0.settings.ca_bundle = Some(Setting::in_code(ca_bundle.into()));
        self
    }

    /// Sets the proxy for all requests to the service and to S3:
    /// `http://[user:password@]host[:port]`, or the same with `https://`. Defaults to none;
    /// [`Config::loader`] takes proxies from the environment.
    pub fn proxy(mut self, url: impl Into<String>) -> ConfigBuilder {
        self.0.settings.proxy = ProxySettings::for_all(url.into());
        self
    }

    /// Sets the source of time, sleep and randomness, for tests. A source of credentials has its
    /// own.
    pub fn system(mut self, system: impl System + 'static) -> ConfigBuilder {
        self.0.system = Arc::new(system);
        self
    }

    /// Checks the values and returns the config.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the region or the program's name has a
    /// character that is not allowed, or if a timeout is zero.
    pub fn build(self) -> Result<Config, Error> {
        let config = self.0;
        check("region", config.region(), values::region)?;
        check("app_name", config.app_name(), values::app_id)?;
        for (name, timeout) in [
            ("connect_timeout", config.connect_timeout),
            ("attempt_timeout", config.attempt_timeout),
            ("operation_timeout", config.operation_timeout),
        ] {
            if timeout.is_zero() {
                let problem = "must be greater than zero (Duration::MAX means no limit)";
                return Err(ConfigError::new(format!("{name} {problem}")).into());
            }
        }
        Ok(config)
    }
}

/// Applies the rules of the environment to text that was set in code.
fn check(
    name: &str,
    value: Option<&str>,
    parse: fn(&str) -> Result<String, &'static str>,
) -> Result<(), ConfigError> {
    match value.map(|value| (value, parse(value))) {
        Some((value, Err(expected))) => Err(ConfigError::new(format!(
            "invalid {name} {value:?}: expected {expected}"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn error(builder: ConfigBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    }

    #[test]
    fn rejects_a_timeout_of_zero_and_accepts_the_longest() {
        type Set = fn(ConfigBuilder, Duration) -> ConfigBuilder;
        let setters: [(&str, Set); 3] = [
            ("connect_timeout", ConfigBuilder::connect_timeout),
            ("attempt_timeout", ConfigBuilder::attempt_timeout),
            ("operation_timeout", ConfigBuilder::operation_timeout),
        ];
        for (name, set) in setters {
            assert_eq!(
                error(set(Config::builder(), Duration::ZERO)),
                format!("{name} must be greater than zero (Duration::MAX means no limit)")
            );
            for allowed in [Duration::from_nanos(1), Duration::MAX] {
                assert!(set(Config::builder(), allowed).build().is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn rejects_a_region_that_is_not_a_host_label() {
        for region in ["", "us east", "us-east-1.evil.example", "evil.example/#"] {
            assert_eq!(
                error(Config::builder().region(region)),
                format!(
                    "invalid region {region:?}: expected a region such as \"us-east-1\": letters, \
                     digits and hyphens"
                )
            );
        }
    }

    #[test]
    fn rejects_an_app_name_that_does_not_fit_into_a_header() {
        assert_eq!(
            error(Config::builder().app_name("my app")),
            "invalid app_name \"my app\": expected at most 50 letters, digits and characters of \
             !#$%&'*+-.^_`|~"
        );
        error(Config::builder().app_name("x".repeat(51)));
        let good = Config::builder().region("eu-west-1").app_name("my-app");
        assert_eq!(good.build().unwrap().app_name(), Some("my-app"));
    }

    #[test]
    fn changes_a_config_through_its_builder() {
        let config = Config::builder().region("eu-west-1").app_name("my-app");
        let config = config.build().unwrap();
        let changed = config.to_builder().region("us-west-2").build().unwrap();
        assert_eq!(config.region(), Some("eu-west-1"));
        assert_eq!(changed.region(), Some("us-west-2"));
        assert_eq!(changed.app_name(), Some("my-app"));
    }
}

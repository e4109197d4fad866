//! A [`Config`] from the environment and the profile files.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Config, ConfigBuilder};
use crate::credentials::{CredentialsCache, DefaultChain, MfaCode};
use crate::error::Error;
use crate::settings::env::Env;
use crate::settings::{LoadOptions, Origin, Setting, Settings};
use crate::system::System;

/// Loads a [`Config`] from environment variables and the shared AWS files, as every AWS tool does.
/// The [module](super) lists the settings, and [`DefaultChain`] the sources of credentials.
///
/// Values set here take precedence, for the client and for the services that give credentials.
///
/// ```
/// use simpledb_export::Config;
///
/// let environment = [("AWS_REGION", "eu-west-1"), ("AWS_MAX_ATTEMPTS", "5")];
/// let config = Config::loader().environment(environment).load()?;
/// assert_eq!(config.region(), Some("eu-west-1"));
/// assert_eq!(config.region_origin().as_deref(), Some("AWS_REGION"));
/// assert_eq!(config.retry_config().max_attempts, 5);
/// # Ok::<(), simpledb_export::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ConfigLoader {
    environment: Option<Env>,
    options: LoadOptions,
    /// What neither the environment nor the profile can set.
    config: ConfigBuilder,
    mfa_code: Option<MfaCode>,
}

impl ConfigLoader {
    pub(super) fn new() -> ConfigLoader {
        ConfigLoader {
            environment: None,
            options: LoadOptions::default(),
            config: ConfigBuilder::new(),
            mfa_code: None,
        }
    }

    /// Sets the environment variables to read. Defaults to those of the process.
    pub fn environment<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> ConfigLoader
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        self.environment = Some(variables.into_iter().collect());
        self
    }

    /// Sets the profile, which must exist. Its credentials take precedence over keys in the
    /// environment. Defaults to `AWS_PROFILE`, then `default`.
    pub fn profile(mut self, name: impl Into<String>) -> ConfigLoader {
        self.options.profile = Some(name.into());
        self
    }

    /// Sets the region, also that of the services that give credentials.
    pub fn region(mut self, region: impl Into<String>) -> ConfigLoader {
        self.options.region = Some(region.into());
        self
    }

    /// Sets the URL to send requests to: see [`ConfigBuilder::endpoint_url`].
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> ConfigLoader {
        self.options.endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets the URL that exports are downloaded from: see [`ConfigBuilder::s3_endpoint_url`].
    pub fn s3_endpoint_url(mut self, endpoint_url: impl Into<String>) -> ConfigLoader {
        self.options.s3_endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets whether to ignore endpoint URLs in the environment and the profile. Defaults to
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, then the profile's key, then `false`.
    pub fn ignore_configured_endpoint_urls(mut self, ignore: bool) -> ConfigLoader {
        self.options.ignore_configured_endpoint_urls = Some(ignore);
        self
    }

    /// Sets a PEM file with the certificates to trust: see [`ConfigBuilder::ca_bundle`].
    pub fn ca_bundle(mut self, ca_bundle: impl Into<PathBuf>) -> ConfigLoader {
        self.options.ca_bundle = Some(ca_bundle.into());
        self
    }

    /// Sets the time limit for connecting: see [`ConfigBuilder::connect_timeout`].
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> ConfigLoader {
        self.config = self.config.connect_timeout(connect_timeout);
        self
    }

    /// Sets the time limit for one attempt: see [`ConfigBuilder::attempt_timeout`].
    pub fn attempt_timeout(mut self, attempt_timeout: Duration) -> ConfigLoader {
        self.config = self.config.attempt_timeout(attempt_timeout);
        self
    }

    /// Sets the time limit for a call: see [`ConfigBuilder::operation_timeout`].
    pub fn operation_timeout(mut self, operation_timeout: Duration) -> ConfigLoader {
        self.config = self.config.operation_timeout(operation_timeout);
        self
    }

    /// Sets how to get a code of an MFA device, given its serial number or ARN, for profiles with
    /// `mfa_serial`. By default such a profile is an error, unless the AWS CLI has cached a session.
    ///
    /// The code must have six digits. The session that it begins is written to the AWS CLI's cache,
    /// so that it is asked for once in the lifetime of a session. The callback may block; the time
    /// that it takes counts toward the [operation timeout](ConfigBuilder::operation_timeout).
    ///
    /// ```no_run
    /// use std::io;
    ///
    /// let config = simpledb_export::Config::loader()
    ///     .mfa_code(|serial| {
    ///         eprint!("Enter MFA code for {serial}: ");
    ///         let mut code = String::new();
    ///         io::stdin().read_line(&mut code)?;
    ///         Ok(code)
    ///     })
    ///     .load()?;
    /// # Ok::<(), simpledb_export::Error>(())
    /// ```
    pub fn mfa_code(
        mut self,
        mfa_code: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    ) -> ConfigLoader {
        self.mfa_code = Some(MfaCode::new(mfa_code));
        self
    }

    /// Sets the source of time, sleep and randomness, for tests; also that of the credentials.
    pub fn system(mut self, system: impl System + 'static) -> ConfigLoader {
        self.config = self.config.system(system);
        self
    }

    /// Reads the settings.
    ///
    /// This reads files, and may block: up to 10 s, or the operation timeout if it is set here and
    /// shorter, for profile files that are pipes; and about a second to request the region from the
    /// EC2 instance's metadata, if nothing else sets one and `AWS_EC2_METADATA_DISABLED` is not
    /// `true`. If no region is found at all, loading succeeds, and creating a client fails.
    ///
    /// Credentials are found by the [`DefaultChain`] when they are first needed, and cached.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for an invalid setting or file: the error
    /// names it.
    pub fn load(self) -> Result<Config, Error> {
        let (mut config, chain) = self.load_parts()?;
        if config.settings.region.is_none() {
            let region = chain.instance_region(config.operation_timeout);
            config.settings.region =
                region.map(|region| Setting::new(region, Origin::InstanceMetadata));
        }
        let cache = CredentialsCache::with_system(chain, Arc::clone(&config.system));
        config.credentials = Some(Arc::new(cache));
        Ok(config)
    }

    /// Reads the settings, and returns only the source of credentials, without a cache.
    ///
    /// # Errors
    ///
    /// Those of [`load`](ConfigLoader::load).
    pub fn load_credentials(self) -> Result<DefaultChain, Error> {
        Ok(self.load_parts()?.1)
    }

    fn load_parts(self) -> Result<(Config, DefaultChain), Error> {
        let env = self.environment.unwrap_or_else(Env::from_process);
        let mut config = self.config.0;
        let (settings, profile) = Settings::load(&env, self.options, config.operation_timeout)?;
        if let Some(attempts) = settings.max_attempts {
            config.retry = config.retry.max_attempts(attempts);
        }
        config.settings = settings.clone();
        config.profile = Some(profile.name.clone());
        let config = ConfigBuilder(config).build()?;
        let system = Arc::clone(&config.system);
        let chain = DefaultChain::new(env, settings, profile, system, self.mfa_code);
        Ok((config, chain))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::ErrorKind;
    use crate::tests::with_slashes;

    /// Asks nobody for a region.
    const NO_METADATA: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

    fn loader<const N: usize>(pairs: [(&str, &str); N]) -> ConfigLoader {
        Config::loader().environment(pairs.into_iter().chain([NO_METADATA]))
    }

    #[test]
    fn keeps_the_defaults_in_an_empty_environment() {
        let loaded = loader([]).load().unwrap();
        let built = Config::builder().build().unwrap();
        assert_eq!(loaded.region(), None);
        assert_eq!(loaded.endpoint_url(), None);
        assert_eq!(loaded.use_fips(), built.use_fips());
        assert_eq!(loaded.use_dual_stack(), built.use_dual_stack());
        assert_eq!(loaded.retry_config(), built.retry_config());
        assert_eq!(loaded.app_name(), None);
        assert_eq!(loaded.ca_bundle(), None);
        assert_eq!(loaded.proxy(), built.proxy());
        assert!(loaded.clock_skew_correction());
        assert_eq!(loaded.profile(), Some("default"));
        assert_eq!(loaded.profile_origin().as_deref(), Some("default"));
        assert_eq!(loaded.region_origin(), None);
        assert_eq!(loaded.endpoint_url_origin(), None);
    }

    #[test]
    fn takes_every_setting_over() {
        let config = loader([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://localhost:8000/"),
            ("AWS_ENDPOINT_URL_S3", "http://localhost:9000/"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
            ("AWS_MAX_ATTEMPTS", "9"),
            ("AWS_SDK_UA_APP_ID", "app"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_rust"),
            ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true"),
            ("AWS_CA_BUNDLE", "/etc/ca.pem"),
            ("HTTP_PROXY", "http://proxy"),
        ]);
        let config = config.load().unwrap();
        assert_eq!(config.region(), Some("eu-west-1"));
        assert_eq!(config.region_origin().as_deref(), Some("AWS_REGION"));
        assert_eq!(config.endpoint_url(), Some("http://localhost:8000"));
        assert_eq!(
            config.endpoint_url_origin().as_deref(),
            Some("AWS_ENDPOINT_URL")
        );
        assert_eq!(config.s3_endpoint_url(), Some("http://localhost:9000"));
        assert!(config.use_fips());
        assert!(config.use_dual_stack());
        assert_eq!(config.retry_config().max_attempts, 9);
        assert_eq!(config.app_name(), Some("app"));
        assert_eq!(config.execution_env(), Some("AWS_Lambda_rust"));
        assert!(!config.clock_skew_correction());
        assert_eq!(config.ca_bundle(), Some(Path::new("/etc/ca.pem")));
        let proxy = config.proxy().for_url("http://h");
        assert_eq!(proxy.unwrap(), Some("http://proxy"));
    }

    #[test]
    fn prefers_values_set_in_code() {
        let config = loader([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "not a URL"),
            ("AWS_ENDPOINT_URL_S3", "not a URL"),
            ("AWS_CA_BUNDLE", "/etc/ca.pem"),
        ]);
        let config = config
            .region("us-west-2")
            .endpoint_url("http://b")
            .s3_endpoint_url("http://c")
            .ca_bundle("ca.pem")
            .attempt_timeout(Duration::from_secs(7));
        let config = config.load().unwrap();
        assert_eq!(config.region(), Some("us-west-2"));
        assert_eq!(config.region_origin(), None);
        assert_eq!(config.endpoint_url(), Some("http://b"));
        assert_eq!(config.endpoint_url_origin(), None);
        assert_eq!(config.s3_endpoint_url(), Some("http://c"));
        assert_eq!(config.ca_bundle(), Some(Path::new("ca.pem")));
        assert_eq!(config.attempt_timeout(), Duration::from_secs(7));
    }

    #[test]
    fn rejects_an_invalid_value_set_in_code() {
        let error = loader([]).region("evil.example/#").load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "invalid region \"evil.example/#\": expected a region such as \"us-east-1\": letters, \
             digits and hyphens"
        );
        let error = loader([]).connect_timeout(Duration::ZERO).load();
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Config);
    }

    #[cfg(unix)]
    #[test]
    fn reads_a_profile_file_from_a_pipe_within_the_timeout() {
        use std::process::Command;
        use std::{fs, thread};

        use crate::tests::temp_dir::TempDir;

        let dir = TempDir::new();
        let pipes = ["silent", "written"].map(|name| dir.path().join(name));
        let made = Command::new("mkfifo").args(&pipes).status().unwrap();
        assert!(made.success());
        let [silent, written] = &pipes;
        let load = |pipe: &Path, timeout| {
            let loader = loader([("AWS_CONFIG_FILE", pipe.to_str().unwrap())]);
            loader.operation_timeout(timeout).load()
        };
        let error = load(silent, Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let expected = format!("cannot read {}: no end of file after ", silent.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
        thread::scope(|scope| {
            scope.spawn(|| fs::write(written, "[default]\nregion = eu-west-1\n").unwrap());
            let config = load(written, Duration::from_secs(60)).unwrap();
            assert_eq!(config.region(), Some("eu-west-1"));
        });
    }

    #[test]
    fn reports_an_invalid_setting_as_a_config_error() {
        let profile = [("AWS_PROFILE", "dev"), ("HOME", "/nonexistent")];
        let error = loader(profile).load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            with_slashes(&error.to_string()),
            "profile \"dev\" (AWS_PROFILE) does not exist: expected [profile dev] in \
             /nonexistent/.aws/config or [dev] in /nonexistent/.aws/credentials"
        );
    }
}

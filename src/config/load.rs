//! A [`Config`] from the environment and the profile files.

use std::sync::Arc;

use super::Config;
use crate::credentials::{CredentialsCache, DefaultChain};
use crate::error::{Error, ErrorKind};
use crate::settings::env::Env;
use crate::settings::{LoadOptions, Setting, Settings};

impl Config {
    /// The settings that every AWS tool finds: environment variables, then the profile of the
    /// shared files, then defaults. The [`settings`](super::settings) module has the list.
    /// Credentials come from the [`DefaultChain`] when they are first needed, and are kept by a
    /// [`CredentialsCache`]. A region that nothing says is asked from the metadata of the EC2
    /// instance when a client is made.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] for a setting or a file that is wrong: the error names it.
    pub fn from_env() -> Result<Config, Error> {
        Config::load(&Env::from_process(), &LoadOptions::default())
    }

    /// As [`Config::from_env`], with a profile that is named in code rather than by `AWS_PROFILE`.
    ///
    /// # Errors
    ///
    /// Those of [`Config::from_env`]; and the profile does not exist.
    pub fn from_profile(name: impl Into<String>) -> Result<Config, Error> {
        let options = LoadOptions {
            profile: Some(name.into()),
            ..LoadOptions::default()
        };
        Config::load(&Env::from_process(), &options)
    }

    /// As [`Config::from_env`], with an environment of one's own.
    ///
    /// ```
    /// use simpledb_export::Config;
    /// use simpledb_export::settings::env::Env;
    /// use simpledb_export::settings::LoadOptions;
    ///
    /// let env = Env::from_pairs([("AWS_REGION", "eu-west-1"), ("AWS_MAX_ATTEMPTS", "5")]);
    /// let config = Config::load(&env, &LoadOptions::default())?;
    /// assert_eq!(config.get_region(), Some("eu-west-1"));
    /// assert_eq!(config.get_retry_config().max_attempts, 5);
    ///
    /// let env = Env::from_pairs([("AWS_MAX_ATTEMPTS", "0")]);
    /// let error = Config::load(&env, &LoadOptions::default()).unwrap_err();
    /// assert_eq!(format!("{error}"), "AWS_MAX_ATTEMPTS is \"0\": expected a whole number from 1");
    /// # Ok::<(), simpledb_export::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Config::from_env`].
    pub fn load(env: &Env, options: &LoadOptions) -> Result<Config, Error> {
        let settings = Settings::load(env, options)
            .map_err(|error| Error::new(ErrorKind::Config, format!("{error}")))?;
        let config = Config::from_settings(&settings);
        let chain = Arc::new(DefaultChain::new(env.clone(), settings));
        let mut config = config.credentials(CredentialsCache::new(Arc::clone(&chain)));
        config.chain = Some(chain);
        Ok(config)
    }

    /// The defaults, and over them what these settings say. Credentials are not part of them.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Config {
        let mut config = Config::new();
        let is = |setting: &Option<Setting<bool>>| setting.as_ref().is_some_and(|is| is.value);
        let text = |setting: &Option<Setting<String>>| {
            let setting = setting.as_ref();
            setting.map(|setting| setting.value.clone())
        };
        config.region = text(&settings.region);
        config.endpoint_url = text(&settings.endpoint_url);
        config.s3_endpoint_url = text(&settings.s3_endpoint_url);
        config.use_fips = is(&settings.use_fips);
        config.use_dual_stack = is(&settings.use_dual_stack);
        if let Some(attempts) = &settings.max_attempts {
            config.retry = config.retry.max_attempts(attempts.value);
        }
        config.app_name = text(&settings.app_name);
        config.execution_env.clone_from(&settings.execution_env);
        config.clock_skew_correction = !is(&settings.disable_clock_skew_correction);
        config.ca_bundle = settings.ca_bundle.as_ref().map(|path| path.value.clone());
        config.proxy.clone_from(&settings.proxy);
        config
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn load<const N: usize>(pairs: [(&str, &str); N]) -> Config {
        Config::load(&Env::from_pairs(pairs), &LoadOptions::default()).unwrap()
    }

    #[test]
    fn an_empty_environment_leaves_the_defaults() {
        let (loaded, new) = (load([]), Config::new());
        assert_eq!(loaded.get_region(), None);
        assert_eq!(loaded.get_endpoint_url(), None);
        assert_eq!(loaded.get_use_fips(), new.get_use_fips());
        assert_eq!(loaded.get_use_dual_stack(), new.get_use_dual_stack());
        assert_eq!(loaded.get_retry_config(), new.get_retry_config());
        assert_eq!(loaded.get_app_name(), None);
        assert_eq!(loaded.get_ca_bundle(), None);
        assert_eq!(loaded.get_proxy(), new.get_proxy());
        assert!(loaded.get_clock_skew_correction());
    }

    #[test]
    fn every_setting_that_is_said_arrives() {
        let config = load([
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
        assert_eq!(config.get_region(), Some("eu-west-1"));
        assert_eq!(config.get_endpoint_url(), Some("http://localhost:8000"));
        assert_eq!(config.get_s3_endpoint_url(), Some("http://localhost:9000"));
        assert!(config.get_use_fips());
        assert!(config.get_use_dual_stack());
        assert_eq!(config.get_retry_config().max_attempts, 9);
        assert_eq!(config.get_app_name(), Some("app"));
        assert_eq!(config.get_execution_env(), Some("AWS_Lambda_rust"));
        assert!(!config.get_clock_skew_correction());
        assert_eq!(config.get_ca_bundle(), Some(Path::new("/etc/ca.pem")));
        assert_eq!(
            config.get_proxy().for_url("http://h"),
            Ok(Some("http://proxy"))
        );
    }

    #[test]
    fn code_overrides_what_was_loaded() {
        let config = load([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://a"),
        ])
        .region("us-west-2")
        .endpoint_url("http://b");
        assert_eq!(config.get_region(), Some("us-west-2"));
        assert_eq!(config.get_endpoint_url(), Some("http://b"));
    }

    #[test]
    fn a_wrong_setting_is_an_error_of_its_kind() {
        let env = Env::from_pairs([("AWS_PROFILE", "dev"), ("HOME", "/nonexistent")]);
        let error = Config::load(&env, &LoadOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "profile \"dev\" (AWS_PROFILE) does not exist: expected [profile dev] in \
             /nonexistent/.aws/config or [dev] in /nonexistent/.aws/credentials"
        );
    }
}

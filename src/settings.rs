//! Every setting that the environment and the profile files have, read in one place.
//!
//! [`Settings::load`] finds them, and each value knows where it comes from. The documentation of
//! [`config`](crate::config) lists them.

pub(crate) mod endpoint;
pub(crate) mod endpoint_url;
pub(crate) mod env;
pub(crate) mod error;
mod origin;
pub(crate) mod profile;
pub(crate) mod proxy;
mod reader;
pub(crate) mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::endpoint::Variant;
use self::endpoint_url::Service;
use self::env::Env;
use self::error::ConfigError;
pub(crate) use self::origin::{Origin, Place, Setting};
use self::profile::{Profile, ProfilePaths, Profiles, expand_home};
use self::proxy::ProxySettings;
use self::reader::{Found, Reader};

/// The time limit for reading the profile files, which may be pipes.
const MAX_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// What code decides before the environment and the profile files are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoadOptions {
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) s3_endpoint_url: Option<String>,
    pub(crate) ignore_configured_endpoint_urls: Option<bool>,
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// What code, the environment and the profile files say; `None` if nothing does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) region: Option<Setting<String>>,
    /// Without a slash at its end, unless set in code; the other two URLs as well.
    pub(crate) endpoint_url: Option<Setting<String>>,
    pub(crate) domains_endpoint_url: Option<Setting<String>>,
    pub(crate) s3_endpoint_url: Option<Setting<String>>,
    /// Whether code ignores endpoint URLs in the environment and the profile.
    ignore_configured_endpoint_urls: Option<bool>,
    pub(crate) variant: Variant,
    /// At least 1.
    pub(crate) max_attempts: Option<u32>,
    pub(crate) ec2_metadata_disabled: bool,
    /// Without a slash at its end.
    pub(crate) ec2_metadata_endpoint: String,
    pub(crate) ca_bundle: Option<Setting<PathBuf>>,
    pub(crate) app_name: Option<String>,
    pub(crate) disable_clock_skew_correction: bool,
    /// What runs this program, for the user agent: `AWS_EXECUTION_ENV`.
    pub(crate) execution_env: Option<String>,
    pub(crate) proxy: ProxySettings,
}

impl Settings {
    /// Reads the profile files that the environment names, then every setting.
    pub(crate) fn load(
        env: &Env,
        options: LoadOptions,
        timeout: Duration,
    ) -> Result<(Settings, Profile), ConfigError> {
        let paths = ProfilePaths::from_env(env);
        let files = Profiles::read(paths, timeout.min(MAX_READ_TIMEOUT))?;
        Settings::from_profiles(env, options, files)
    }

    /// Reads every setting, given the content of the profile files.
    pub(crate) fn from_profiles(
        env: &Env,
        mut options: LoadOptions,
        files: Profiles,
    ) -> Result<(Settings, Profile), ConfigError> {
        let profile = Profile::select(env, options.profile.take(), files)?;
        let settings = Settings::read(&Reader::new(env, &profile), options)?;
        Ok((settings, profile))
    }

    fn read(reader: &Reader<'_>, options: LoadOptions) -> Result<Settings, ConfigError> {
        // There is only one mode, but a mistake is not ignored.
        reader.read("AWS_RETRY_MODE", "retry_mode", values::retry_mode)?;
        let is_ignored = options.ignore_configured_endpoint_urls;
        let endpoint_url = |in_code: Option<String>, service| {
            or_found(in_code, || {
                endpoint_url::configured(service, reader, is_ignored)
            })
        };
        Ok(Settings {
            region: or_found(options.region, || reader.region())?,
            // One that is set in code is that of both APIs.
            domains_endpoint_url: endpoint_url(
                options.endpoint_url.clone(),
                endpoint_url::SIMPLEDB_DOMAINS,
            )?,
            endpoint_url: endpoint_url(options.endpoint_url, endpoint_url::SIMPLEDB)?,
            s3_endpoint_url: endpoint_url(options.s3_endpoint_url, endpoint_url::S3)?,
            ignore_configured_endpoint_urls: is_ignored,
            variant: Variant {
                fips: reader.is_set("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
                dual_stack: reader
                    .is_set("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            },
            max_attempts: reader.value("AWS_MAX_ATTEMPTS", "max_attempts", values::max_attempts)?,
            ec2_metadata_disabled: match reader.variable("AWS_EC2_METADATA_DISABLED")? {
                Some(found) => found.parse(values::boolean)?.value,
                None => false,
            },
            ec2_metadata_endpoint: ec2_metadata_endpoint(reader)?,
            ca_bundle: or_found(options.ca_bundle, || {
                reader.read("AWS_CA_BUNDLE", "ca_bundle", |path| {
                    Ok(expand_home(Path::new(path), reader.env))
                })
            })?,
            app_name: reader.value("AWS_SDK_UA_APP_ID", "sdk_ua_app_id", values::app_id)?,
            disable_clock_skew_correction: reader.is_set(
                "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
                "disable_clock_skew_correction",
            )?,
            execution_env: reader.env.get("AWS_EXECUTION_ENV")?.map(str::to_owned),
            proxy: ProxySettings::from_env(reader.env)?,
        })
    }

    /// Returns the endpoint URL that the environment or the profile sets for a service. An invalid
    /// one matters only if the service is used.
    pub(crate) fn endpoint_url_of(
        &self,
        service: Service,
        env: &Env,
        profile: &Profile,
    ) -> Found<String> {
        let reader = Reader::new(env, profile);
        endpoint_url::configured(service, &reader, self.ignore_configured_endpoint_urls)
    }
}

/// Returns what code sets or, if it sets nothing, what is found.
fn or_found<T>(in_code: Option<T>, find: impl FnOnce() -> Found<T>) -> Found<T> {
    match in_code {
        Some(value) => Ok(Some(Setting::in_code(value))),
        None => find(),
    }
}

/// Returns the URL of the instance metadata service; the address family matters without one.
fn ec2_metadata_endpoint(reader: &Reader<'_>) -> Result<String, ConfigError> {
    let address = reader.value(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "ec2_metadata_service_endpoint_mode",
        values::ec2_metadata_address,
    )?;
    let endpoint = reader.find(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "ec2_metadata_service_endpoint",
    )?;
    match endpoint {
        Some(found) => Ok(endpoint_url::parse(found)?.value),
        None => Ok(address.unwrap_or(values::EC2_METADATA_IPV4).to_owned()),
    }
}

#[cfg(test)]
mod tests;

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
use std::sync::Arc;
use std::time::Duration;

use self::endpoint::Variant;
use self::endpoint_url::Service;
use self::env::Env;
use self::error::ConfigError;
pub(crate) use self::origin::{Origin, Place, Setting};
use self::profile::{ProfilePaths, Profiles, Section, expand_home};
use self::proxy::ProxySettings;
use self::reader::Reader;
pub(crate) use self::values::Ec2MetadataEndpointMode;

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
    /// The time limit for reading the profile files, if it is shorter than the default.
    pub(crate) timeout: Option<Duration>,
}

/// What code, the environment and the profile files say; `None` if nothing does.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The name of the profile.
    pub(crate) profile: Setting<String>,
    /// Whether code ignores endpoint URLs in the environment and the profile.
    ignore_configured_endpoint_urls: Option<bool>,
    pub(crate) profiles: Arc<Profiles>,
    pub(crate) paths: ProfilePaths,
    pub(crate) region: Option<Setting<String>>,
    /// Without a slash at its end, unless set in code.
    pub(crate) endpoint_url: Option<Setting<String>>,
    /// Without a slash at its end, unless set in code.
    pub(crate) domains_endpoint_url: Option<Setting<String>>,
    /// Without a slash at its end, unless set in code.
    pub(crate) s3_endpoint_url: Option<Setting<String>>,
    pub(crate) variant: Variant,
    /// At least 1.
    pub(crate) max_attempts: Option<u32>,
    pub(crate) ec2_metadata_disabled: bool,
    /// Without a slash at its end.
    pub(crate) ec2_metadata_service_endpoint: Option<String>,
    /// Which address the instance metadata service has, unless there is an endpoint.
    pub(crate) ec2_metadata_service_endpoint_mode: Ec2MetadataEndpointMode,
    pub(crate) ca_bundle: Option<Setting<PathBuf>>,
    pub(crate) app_name: Option<String>,
    pub(crate) disable_clock_skew_correction: bool,
    /// What runs this program, for the user agent: `AWS_EXECUTION_ENV`.
    pub(crate) execution_env: Option<String>,
    pub(crate) proxy: ProxySettings,
}

impl Settings {
    /// Reads the profile files that the environment names, then every setting.
    pub(crate) fn load(env: &Env, options: &LoadOptions) -> Result<Settings, ConfigError> {
        let paths = ProfilePaths::from_env(env);
        let timeout = options.timeout.unwrap_or(Duration::MAX);
        let profiles = Profiles::read(&paths, timeout.min(MAX_READ_TIMEOUT))?;
        Settings::from_profiles(env, paths, profiles, options)
    }

    /// Reads every setting, given the content of the profile files.
    pub(crate) fn from_profiles(
        env: &Env,
        paths: ProfilePaths,
        profiles: Profiles,
        options: &LoadOptions,
    ) -> Result<Settings, ConfigError> {
        let profile = match &options.profile {
            Some(name) => Setting::in_code(name.clone()),
            None => profile_name(env)?,
        };
        let section = profiles.profile(&profile.value);
        // Only the profile "default" may be missing.
        if section.is_none() && profile.value != "default" {
            return Err(missing_profile(&profile, &profiles, &paths));
        }
        let reader = Reader {
            env,
            profile: &profile.value,
            section,
        };
        // There is only one mode, but a mistake is not ignored.
        reader.read("AWS_RETRY_MODE", "retry_mode", values::retry_mode)?;
        let endpoint_url = |in_code: &Option<String>, service| {
            if let Some(url) = in_code {
                return Ok(Some(Setting::in_code(url.clone())));
            }
            let is_ignored = options.ignore_configured_endpoint_urls;
            endpoint_url::configured(service, &reader, &profiles, is_ignored)
        };
        Ok(Settings {
            region: match &options.region {
                Some(region) => Some(Setting::in_code(region.clone())),
                None => reader.region()?,
            },
            endpoint_url: endpoint_url(&options.endpoint_url, endpoint_url::SIMPLEDB)?,
            // One that is set in code is that of both APIs.
            domains_endpoint_url: endpoint_url(
                &options.endpoint_url,
                endpoint_url::SIMPLEDB_DOMAINS,
            )?,
            s3_endpoint_url: endpoint_url(&options.s3_endpoint_url, endpoint_url::S3)?,
            variant: Variant {
                fips: reader.is_set("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
                dual_stack: reader
                    .is_set("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            },
            max_attempts: value(reader.read(
                "AWS_MAX_ATTEMPTS",
                "max_attempts",
                values::max_attempts,
            )?),
            ec2_metadata_disabled: match reader.variable("AWS_EC2_METADATA_DISABLED")? {
                Some(found) => found.parse(values::boolean)?.value,
                None => false,
            },
            ec2_metadata_service_endpoint: match reader.find(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                "ec2_metadata_service_endpoint",
            )? {
                Some(found) => Some(endpoint_url::parse(found)?.value),
                None => None,
            },
            ec2_metadata_service_endpoint_mode: value(reader.read(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                "ec2_metadata_service_endpoint_mode",
                values::endpoint_mode,
            )?)
            .unwrap_or_default(),
            ca_bundle: match &options.ca_bundle {
                Some(path) => Some(Setting::in_code(path.clone())),
                None => reader.read("AWS_CA_BUNDLE", "ca_bundle", |path| {
                    Ok(expand_home(Path::new(path), env))
                })?,
            },
            app_name: value(reader.read("AWS_SDK_UA_APP_ID", "sdk_ua_app_id", values::app_id)?),
            disable_clock_skew_correction: reader.is_set(
                "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
                "disable_clock_skew_correction",
            )?,
            execution_env: env.get("AWS_EXECUTION_ENV")?.map(str::to_owned),
            proxy: ProxySettings::from_env(env)?,
            profiles: Arc::new(profiles),
            profile,
            paths,
            ignore_configured_endpoint_urls: options.ignore_configured_endpoint_urls,
        })
    }

    /// Returns the endpoint URL that the environment or the profile sets for a service. An invalid
    /// one matters only if the service is used.
    pub(crate) fn endpoint_url_of(
        &self,
        service: Service,
        env: &Env,
    ) -> Result<Option<Setting<String>>, ConfigError> {
        let reader = Reader {
            env,
            profile: &self.profile.value,
            section: self.profile_section(),
        };
        let is_ignored = self.ignore_configured_endpoint_urls;
        endpoint_url::configured(service, &reader, &self.profiles, is_ignored)
    }

    /// Returns the section of the profile; `None` if the files have no such profile.
    pub(crate) fn profile_section(&self) -> Option<Section<'_>> {
        self.profiles.profile(&self.profile.value)
    }

    /// Returns the endpoint of the instance metadata service.
    pub(crate) fn ec2_metadata_endpoint(&self) -> &str {
        match &self.ec2_metadata_service_endpoint {
            Some(endpoint) => endpoint,
            None => self.ec2_metadata_service_endpoint_mode.address(),
        }
    }
}

fn value<T>(setting: Option<Setting<T>>) -> Option<T> {
    setting.map(|setting| setting.value)
}

/// Returns the name of the profile that an environment asks for: `AWS_PROFILE`, then the older
/// `AWS_DEFAULT_PROFILE`, then `default`.
pub(crate) fn profile_name(env: &Env) -> Result<Setting<String>, ConfigError> {
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if let Some(name) = env.get(variable)? {
            let origin = Origin::Environment(variable);
            return Ok(Setting::new(name.trim().to_owned(), origin));
        }
    }
    Ok(Setting::new("default".to_owned(), Origin::Default))
}

fn missing_profile(
    profile: &Setting<String>,
    profiles: &Profiles,
    paths: &ProfilePaths,
) -> ConfigError {
    let name = &profile.value;
    let origin = match profile.origin {
        Origin::Environment(variable) => format!(" ({variable})"),
        _ => String::new(),
    };
    let header = Profiles::config_header(name);
    let (config, credentials) = paths.display();
    let message = format!(
        "profile {name:?}{origin} does not exist: expected [{header}] in {config} or [{name}] in \
         {credentials}"
    );
    ConfigError::new(with_reasons(message, name, profiles, paths))
}

/// Appends why the files have no such profile, as far as it is known.
pub(crate) fn with_reasons(
    mut message: String,
    profile: &str,
    profiles: &Profiles,
    paths: &ProfilePaths,
) -> String {
    let reasons = [profiles.misnamed(profile), paths.missing_home()];
    for reason in reasons.into_iter().flatten() {
        message.push_str("; ");
        message.push_str(&reason);
    }
    message
}

#[cfg(test)]
mod tests;

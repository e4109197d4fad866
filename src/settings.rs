//! Every setting that the environment and the profile files have, read in one place.
//!
//! [`Settings::load`] finds them, and each value knows where it comes from. The documentation of
//! [`config`](crate::config) lists them.

pub(crate) mod endpoint;
mod endpoint_url;
pub(crate) mod env;
pub(crate) mod error;
mod origin;
pub(crate) mod profile;
pub(crate) mod proxy;
mod reader;
pub(crate) mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::env::Env;
use self::error::ConfigError;
pub(crate) use self::origin::{Origin, Setting};
use self::profile::{ProfilePaths, Profiles, Section, expand_home};
use self::proxy::ProxySettings;
use self::reader::Reader;
pub(crate) use self::values::Ec2MetadataEndpointMode;

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

/// What the environment and the profile files say.
///
/// A field is `None` where neither says anything. All can be set, which is how code overrides them.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The name of the profile; `default` by default.
    pub(crate) profile: Setting<String>,
    /// Both profile files.
    pub(crate) profiles: Arc<Profiles>,
    /// The region.
    pub(crate) region: Option<Setting<String>>,
    /// The endpoint URL, without a slash at its end.
    pub(crate) endpoint_url: Option<Setting<String>>,
    /// The endpoint URL of S3, without a slash at its end.
    pub(crate) s3_endpoint_url: Option<Setting<String>>,
    /// Whether FIPS endpoints are asked for.
    pub(crate) use_fips: Option<Setting<bool>>,
    /// Whether dual-stack endpoints are asked for.
    pub(crate) use_dual_stack: Option<Setting<bool>>,
    /// The number of attempts in all, from 1.
    pub(crate) max_attempts: Option<Setting<u32>>,
    /// Whether the instance metadata service is never asked.
    pub(crate) ec2_metadata_disabled: Option<Setting<bool>>,
    /// The endpoint of the instance metadata service, without a slash at its end.
    pub(crate) ec2_metadata_service_endpoint: Option<Setting<String>>,
    /// Which of its addresses the instance metadata service is asked at, unless it has an endpoint.
    pub(crate) ec2_metadata_service_endpoint_mode: Option<Setting<Ec2MetadataEndpointMode>>,
    /// A file with the certificates to trust, in PEM.
    pub(crate) ca_bundle: Option<Setting<PathBuf>>,
    /// The application id that goes into the user agent: at most 50 characters.
    pub(crate) app_name: Option<Setting<String>>,
    /// Whether the clock of the service is left out of account.
    pub(crate) disable_clock_skew_correction: Option<Setting<bool>>,
    /// What runs this program, as `AWS_EXECUTION_ENV` says; it goes into the user agent.
    pub(crate) execution_env: Option<String>,
    /// The proxies.
    pub(crate) proxy: ProxySettings,
}

impl Settings {
    /// Reads the profile files that the environment names, then every setting.
    ///
    /// # Errors
    ///
    /// A file cannot be read or breaks the grammar; a profile that was asked for is not there; a
    /// value cannot be used.
    pub(crate) fn load(env: &Env, options: &LoadOptions) -> Result<Settings, ConfigError> {
        let paths = ProfilePaths::from_env(env);
        let profiles = Profiles::read(&paths)?;
        Settings::from_profiles(env, &paths, profiles, options)
    }

    /// Reads every setting from profile files that were read already; the paths are for errors.
    ///
    /// # Errors
    ///
    /// A profile that was asked for is not there; a value cannot be used.
    pub(crate) fn from_profiles(
        env: &Env,
        paths: &ProfilePaths,
        profiles: Profiles,
        options: &LoadOptions,
    ) -> Result<Settings, ConfigError> {
        let profile = match &options.profile {
            Some(name) => Setting::in_code(name.clone()),
            None => profile_name(env)?,
        };
        let section = section(&profiles, &profile, paths)?;
        let reader = Reader {
            env,
            profile: &profile.value,
            section,
        };
        // Checked although there is only one mode, so that a slip of the pen is not passed over.
        reader.read("AWS_RETRY_MODE", "retry_mode", values::retry_mode)?;
        let endpoint_url = |in_code: &Option<String>, service| match in_code {
            Some(url) => Ok(Some(Setting::in_code(url.clone()))),
            None => {
                let is_ignored = options.ignore_configured_endpoint_urls;
                endpoint_url::configured(service, &reader, &profiles, is_ignored)
            }
        };
        Ok(Settings {
            region: match &options.region {
                Some(region) => Some(Setting::in_code(region.clone())),
                None => reader.region()?,
            },
            endpoint_url: endpoint_url(&options.endpoint_url, endpoint_url::SIMPLEDB)?,
            s3_endpoint_url: endpoint_url(&options.s3_endpoint_url, endpoint_url::S3)?,
            use_fips: reader.boolean("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
            use_dual_stack: reader
                .boolean("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            max_attempts: reader.read("AWS_MAX_ATTEMPTS", "max_attempts", values::max_attempts)?,
            ec2_metadata_disabled: match reader.variable("AWS_EC2_METADATA_DISABLED")? {
                Some(found) => Some(found.parse(values::boolean)?),
                None => None,
            },
            ec2_metadata_service_endpoint: match reader.find(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                "ec2_metadata_service_endpoint",
            )? {
                Some(found) => Some(endpoint_url::parse(found)?),
                None => None,
            },
            ec2_metadata_service_endpoint_mode: reader.read(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                "ec2_metadata_service_endpoint_mode",
                values::endpoint_mode,
            )?,
            ca_bundle: match &options.ca_bundle {
                Some(path) => Some(Setting::in_code(path.clone())),
                None => reader.read("AWS_CA_BUNDLE", "ca_bundle", |path| {
                    Ok(expand_home(Path::new(path), env))
                })?,
            },
            app_name: reader.read("AWS_SDK_UA_APP_ID", "sdk_ua_app_id", values::app_id)?,
            disable_clock_skew_correction: reader.boolean(
                "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
                "disable_clock_skew_correction",
            )?,
            execution_env: env.get("AWS_EXECUTION_ENV")?.map(str::to_owned),
            proxy: ProxySettings::from_env(env)?,
            profiles: Arc::new(profiles),
            profile,
        })
    }

    /// The properties of the profile; `None` where the files have no such profile.
    pub(crate) fn profile_section(&self) -> Option<&Section> {
        self.profiles.profile(&self.profile.value)
    }

    /// Where the instance metadata service is: its endpoint, or the address that its mode says.
    pub(crate) fn ec2_metadata_endpoint(&self) -> &str {
        match (
            &self.ec2_metadata_service_endpoint,
            &self.ec2_metadata_service_endpoint_mode,
        ) {
            (Some(endpoint), _) => &endpoint.value,
            (None, Some(mode)) => mode.value.address(),
            (None, None) => Ec2MetadataEndpointMode::default().address(),
        }
    }
}

/// The name of the profile that an environment asks for: `AWS_PROFILE`, then the older
/// `AWS_DEFAULT_PROFILE`, then `default`.
///
/// # Errors
///
/// A variable is not UTF-8.
pub(crate) fn profile_name(env: &Env) -> Result<Setting<String>, ConfigError> {
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if let Some(name) = env.get(variable)? {
            let origin = Origin::Environment(variable);
            return Ok(Setting::new(name.trim().to_owned(), origin));
        }
    }
    Ok(Setting::new("default".to_owned(), Origin::Default))
}

/// The section of a profile. Only `default` may be missing.
fn section<'a>(
    profiles: &'a Profiles,
    profile: &Setting<String>,
    paths: &ProfilePaths,
) -> Result<Option<&'a Section>, ConfigError> {
    let name = &profile.value;
    let section = profiles.profile(name);
    if section.is_some() || name == "default" {
        return Ok(section);
    }
    let path = |path: &Option<PathBuf>, default: &str| {
        let path = path.as_deref().unwrap_or_else(|| Path::new(default));
        path.display().to_string()
    };
    Err(ConfigError::new(format!(
        "profile {name:?} ({}) does not exist: expected [profile {name}] in {} or [{name}] in {}",
        profile.origin,
        path(&paths.config, "~/.aws/config"),
        path(&paths.credentials, "~/.aws/credentials"),
    )))
}

#[cfg(test)]
mod tests;

//! The profile that is used.

use super::{Kind, Profiles, Section, grammar};
use crate::settings::env::Env;
use crate::settings::error::ConfigError;
use crate::settings::{Origin, Setting};

/// The profile whose settings and credentials are used, and the files that it is in.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: Setting<String>,
    pub(crate) files: Profiles,
}

impl Profile {
    /// Selects the profile that code or the environment names. Only `default` may be missing.
    pub(crate) fn select(
        env: &Env,
        in_code: Option<String>,
        files: Profiles,
    ) -> Result<Profile, ConfigError> {
        let name = match in_code {
            Some(name) => Setting::in_code(name),
            None => profile_name(env)?,
        };
        let profile = Profile { name, files };
        let name = &profile.name.value;
        if profile.section().is_none() && name != "default" {
            let header = grammar::in_config_file(name);
            let paths = &profile.files.paths;
            let (config, credentials) = (paths.config.display(), paths.credentials.display());
            let expected =
                format!(": expected [{header}] in {config} or [{name}] in {credentials}");
            return Err(ConfigError::new(profile.missing(&expected)));
        }
        Ok(profile)
    }

    /// Returns the section of the profile; `None` if the files have no such profile.
    pub(crate) fn section(&self) -> Option<Section<'_>> {
        self.files.find(Kind::Profile, &self.name.value)
    }

    /// Describes that the profile does not exist, what is expected, and why, as far as it is known.
    pub(crate) fn missing(&self, expected: &str) -> String {
        let name = &self.name.value;
        let origin = match self.name.origin {
            Origin::Environment(variable) => format!(" ({variable})"),
            _ => String::new(),
        };
        let mut text = format!("profile {name:?}{origin} does not exist{expected}");
        let reasons = [self.files.misnamed(name), self.files.paths.missing_home()];
        for reason in reasons.into_iter().flatten() {
            text.push_str("; ");
            text.push_str(&reason);
        }
        text
    }
}

/// Returns the name of the profile that an environment asks for: `AWS_PROFILE`, then the older
/// `AWS_DEFAULT_PROFILE`, then `default`.
pub(super) fn profile_name(env: &Env) -> Result<Setting<String>, ConfigError> {
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if let Some(name) = env.get(variable)? {
            let origin = Origin::Environment(variable);
            return Ok(Setting::new(name.trim().to_owned(), origin));
        }
    }
    Ok(Setting::new("default".to_owned(), Origin::Default))
}

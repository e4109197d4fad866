//! Who is asked for credentials, and in which order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use log::debug;

use super::context::Context;
use super::fetch::Deadline;
use super::{
    Credentials, CredentialsError, EnvironmentCredentials, ProvideCredentials, container, imds,
    profile, web_identity,
};
use crate::settings::env::Env;
use crate::settings::{Origin, Settings};
use crate::system::System;

/// The sources that every AWS tool asks, in their order: [`config`](crate::config) lists them.
///
/// A source that is not configured is skipped; one that is configured but fails ends the search, so
/// that nothing is ever done under another identity. A profile that was named in code comes before
/// keys in environment variables.
///
/// Every call asks anew: [`ConfigLoader::load`](crate::config::ConfigLoader::load) puts the chain into
/// a [`CredentialsCache`](super::CredentialsCache).
/// [`load_credentials`](crate::config::ConfigLoader::load_credentials) returns it alone.
pub struct DefaultChain(Context);

type Provide = fn(&Context, Deadline<'_>) -> Result<Credentials, CredentialsError>;

impl DefaultChain {
    pub(crate) fn new(env: Env, settings: Settings, system: Arc<dyn System>) -> DefaultChain {
        DefaultChain(Context::new(env, settings, system))
    }

    /// Returns the region of the EC2 instance, from its metadata; `None` if there is no response
    /// within about a second.
    pub(crate) fn instance_region(&self, timeout: Duration) -> Option<String> {
        imds::region(&self.0, Deadline::new(self.0.system(), timeout))
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        let context = &self.0;
        let deadline = Deadline::new(context.system(), timeout);
        let profile = format!("profile {:?}", context.settings().profile.value);
        let sources: [(&str, Provide); 5] = [
            ("environment variables", environment),
            (&profile, profile::provide),
            ("web identity", web_identity::from_environment),
            ("container", container::provide),
            ("instance metadata", imds::provide),
        ];
        let mut passed_over = Vec::new();
        for (name, provide) in sources {
            match provide(context, deadline) {
                Ok(credentials) => {
                    debug!("credentials: from {}", credentials.source());
                    return Ok(credentials);
                }
                Err(error) if error.is_not_configured() => {
                    debug!("credentials: {name}: {error}");
                    passed_over.push(format!("{name}: {error}"));
                }
                Err(error) => {
                    return Err(error.map_message(|reason| broken(name, reason, &passed_over)));
                }
            }
        }
        Err(CredentialsError::not_configured(format!(
            "no source has any; asked in this order:\n{}",
            numbered(&passed_over)
        )))
    }
}

/// A profile in code means: this identity, whatever the environment says.
fn environment(context: &Context, deadline: Deadline<'_>) -> Result<Credentials, CredentialsError> {
    if context.settings().profile.origin == Origin::Code {
        return Err(CredentialsError::not_configured(
            "skipped: a profile is set explicitly",
        ));
    }
    EnvironmentCredentials::new(context.env()).provide_credentials(deadline.left())
}

/// A source that is configured and broken, then those before it: lines that read well as one line,
/// too.
fn broken(name: &str, reason: &str, passed_over: &[String]) -> String {
    if passed_over.is_empty() {
        return format!("{name}: {reason}");
    }
    format!(
        "{name}: {reason};\nasked before it:\n{}",
        numbered(passed_over)
    )
}

fn numbered(lines: &[String]) -> String {
    let lines = lines.iter().enumerate();
    let lines: Vec<String> = lines
        .map(|(n, line)| format!("{}. {line}", n + 1))
        .collect();
    lines.join(";\n")
}

impl fmt::Debug for DefaultChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultChain")
            .field("profile", &self.0.settings().profile.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LoadOptions;
    use crate::system::Machine;

    fn chain(options: &LoadOptions, pairs: &[(&str, &str)]) -> DefaultChain {
        let nowhere = [
            ("HOME", "/nonexistent"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let env: Env = pairs.iter().copied().chain(nowhere).collect();
        let settings = Settings::load(&env, options).unwrap();
        DefaultChain::new(env, settings, Arc::new(Machine))
    }

    fn error(pairs: &[(&str, &str)]) -> CredentialsError {
        let chain = chain(&LoadOptions::default(), pairs);
        chain
            .provide_credentials(Duration::from_secs(60))
            .unwrap_err()
    }

    #[test]
    fn every_source_that_was_asked_is_told_with_its_reason() {
        let error = error(&[]);
        assert!(error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "no source has any; asked in this order:\n\
             1. environment variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set;\n\
             2. profile \"default\": there is no profile \"default\";\n\
             3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set;\n\
             4. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and \
             AWS_CONTAINER_CREDENTIALS_FULL_URI are not set;\n\
             5. instance metadata: AWS_EC2_METADATA_DISABLED is true"
        );
    }

    #[test]
    fn a_broken_source_ends_the_search() {
        let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        let half = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
        let first = error(&[half, (relative, "/x")]);
        assert!(!first.is_not_configured());
        assert_eq!(
            first.to_string(),
            "environment variables: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: \
             set both"
        );
        let fourth = error(&[(relative, "x")]).to_string();
        assert_eq!(
            fourth,
            "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: expected one that \
             begins with /;\n\
             asked before it:\n\
             1. environment variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set;\n\
             2. profile \"default\": there is no profile \"default\";\n\
             3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set"
        );
    }

    #[test]
    fn a_profile_that_is_named_in_code_comes_before_the_environment() {
        let options = LoadOptions {
            profile: Some("default".to_owned()),
            ..LoadOptions::default()
        };
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ];
        let chain = chain(&options, &keys);
        assert_eq!(
            format!("{chain:?}"),
            "DefaultChain { profile: \"default\", .. }"
        );
        let error = chain.provide_credentials(Duration::from_secs(60));
        assert_eq!(
            error.unwrap_err().to_string(),
            "profile \"default\": there is no profile \"default\" (explicit setting);\n\
             asked before it:\n\
             1. environment variables: skipped: a profile is set explicitly"
        );
    }
}

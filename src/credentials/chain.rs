//! The order in which sources of credentials are tried.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use log::debug;

use super::context::{Context, Provide, Shared};
use super::{
    Credentials, CredentialsError, MfaCode, ProvideCredentials, container, environment, imds,
    profile, web_identity,
};
use crate::settings::env::Env;
use crate::settings::profile::Profile;
use crate::settings::{Origin, Settings};
use crate::system::{System, lock};

/// Tries the sources that every AWS tool has, in this order:
///
/// 1. Environment variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` (or the
///    older `AWS_SECURITY_TOKEN`), `AWS_ACCOUNT_ID`.
/// 2. The profile: `role_arn` with `source_profile` or `credential_source`,
///    `web_identity_token_file`, SSO with or without `sso_session`, `login_session`,
///    `credential_process`, `aws_access_key_id` and its companions.
/// 3. Web identity: `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`.
/// 4. The container (Amazon ECS, EKS pod identity): `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or
///    `AWS_CONTAINER_CREDENTIALS_FULL_URI`, `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or
///    `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
/// 5. The EC2 instance's metadata, unless `AWS_EC2_METADATA_DISABLED` is `true`. If there is no
///    such service, the search ends after about a second.
///
/// A source that is not configured is skipped; one that is configured but fails ends the search: no
/// other identity is used in its place. A profile that was named in code comes before keys in
/// environment variables.
///
/// Every call starts over; [`ConfigLoader::load`](crate::config::ConfigLoader::load) puts the chain
/// into a [`CredentialsCache`](super::CredentialsCache), and
/// [`load_credentials`](crate::config::ConfigLoader::load_credentials) returns it alone.
///
/// # Roles and sessions
///
/// A role whose profile has `mfa_serial` requires a code from
/// [`ConfigLoader::mfa_code`](crate::config::ConfigLoader::mfa_code); its session is read from and
/// written to the AWS CLI's cache, `~/.aws/cli/cache`. Without a callback only a cached session works.
///
/// A session of `aws login` lives 15 minutes and is refreshed in time, which needs the feature
/// `rustls`; the successor of the refresh token, which works only once, is written to the cache that
/// all AWS tools share.
///
/// # `credential_process`
///
/// A shell runs the command; its standard input is empty and its standard error is that of this
/// process. When the time limit passes, the command is killed. A program that the command started
/// in turn is not: it keeps running, and gets an error when it writes to its standard output. On Unix
/// standard output is a socket, which cannot be opened as `/dev/stdout`.
pub struct DefaultChain(Shared);

impl DefaultChain {
    pub(crate) fn new(
        env: Env,
        settings: Settings,
        profile: Profile,
        system: Arc<dyn System>,
        mfa_code: Option<MfaCode>,
    ) -> DefaultChain {
        DefaultChain(Shared {
            env,
            settings,
            profile,
            system,
            mfa_code,
            rejected: Mutex::default(),
            last_of_instance: Mutex::default(),
        })
    }

    /// Returns the region of the EC2 instance, from its metadata; `None` if there is no response
    /// within about a second.
    pub(crate) fn instance_region(&self, timeout: Duration) -> Option<String> {
        imds::region(Context::new(&self.0, timeout))
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, CredentialsError> {
        let context = Context::new(&self.0, timeout);
        let profile = format!("profile {:?}", self.0.profile.name.value);
        let sources: &[(&str, Provide)] = &[
            ("environment variables", environment),
            (&profile, profile::provide),
            ("web identity", web_identity::from_environment),
            ("container", container::provide),
            ("instance metadata", imds::provide),
        ];
        let mut skipped = Vec::new();
        for &(name, provide) in sources {
            match provide(context) {
                Ok(credentials) => {
                    debug!("credentials: from {}", credentials.source());
                    return Ok(credentials);
                }
                Err(error) if error.is_not_configured() => {
                    debug!("credentials: {name}: {error}");
                    skipped.push(format!("{name}: {error}"));
                }
                Err(error) => {
                    return Err(error.map_message(|reason| failed(name, reason, &skipped)));
                }
            }
        }
        Err(CredentialsError::not_configured(format!(
            "no source is configured; tried in order:\n{}",
            numbered(&skipped)
        )))
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        *lock(&self.0.rejected) = Some(credentials.clone());
        true
    }
}

fn environment(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    // Naming a profile in code means its identity, even if the environment has keys.
    if context.shared.profile.name.origin == Origin::Code {
        return Err(CredentialsError::not_configured(
            "skipped: a profile is set explicitly",
        ));
    }
    environment::provide(context)
}

/// Returns the source that failed, then those before it: lines that also read well as one.
fn failed(name: &str, reason: &str, skipped: &[String]) -> String {
    if skipped.is_empty() {
        return format!("{name}: {reason}");
    }
    format!("{name}: {reason};\ntried before it:\n{}", numbered(skipped))
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
            .field("profile", &self.0.profile.name.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LoadOptions;
    use crate::system::RealSystem;

    fn chain(options: LoadOptions, pairs: &[(&str, &str)]) -> DefaultChain {
        let nowhere = [
            ("HOME", "/nonexistent"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let env: Env = pairs.iter().copied().chain(nowhere).collect();
        let (settings, profile) = Settings::load(&env, options, Duration::MAX).unwrap();
        DefaultChain::new(env, settings, profile, Arc::new(RealSystem), None)
    }

    fn error(pairs: &[(&str, &str)]) -> CredentialsError {
        let chain = chain(LoadOptions::default(), pairs);
        chain
            .provide_credentials(Duration::from_secs(60))
            .unwrap_err()
    }

    #[test]
    fn reports_every_source_with_its_reason() {
        let error = error(&[]);
        assert!(error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "no source is configured; tried in order:\n\
             1. environment variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set;\n\
             2. profile \"default\": profile \"default\" does not exist;\n\
             3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set;\n\
             4. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and \
             AWS_CONTAINER_CREDENTIALS_FULL_URI are not set;\n\
             5. instance metadata: AWS_EC2_METADATA_DISABLED is true"
        );
    }

    #[test]
    fn a_source_that_fails_ends_the_search() {
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
             starts with /;\n\
             tried before it:\n\
             1. environment variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set;\n\
             2. profile \"default\": profile \"default\" does not exist;\n\
             3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set"
        );
    }

    #[test]
    fn a_profile_set_in_code_takes_precedence_over_the_environment() {
        let options = LoadOptions {
            profile: Some("default".to_owned()),
            ..LoadOptions::default()
        };
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ];
        let chain = chain(options, &keys);
        assert_eq!(
            format!("{chain:?}"),
            "DefaultChain { profile: \"default\", .. }"
        );
        let error = chain.provide_credentials(Duration::from_secs(60));
        assert_eq!(
            error.unwrap_err().to_string(),
            "profile \"default\": profile \"default\" does not exist;\n\
             tried before it:\n\
             1. environment variables: skipped: a profile is set explicitly"
        );
    }
}

//! Keys in environment variables.

use std::time::Duration;

use super::{Credentials, CredentialsError, ProvideCredentials};
use crate::settings::env::Env;

/// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_ACCOUNT_ID`.
///
/// A blank variable is an unset one, and white space around a value is no part of it. One half of
/// the key pair without the other is an error, not a reason to go on to another identity.
#[derive(Debug, Clone)]
pub(super) struct EnvironmentCredentials(Result<Credentials, CredentialsError>);

impl EnvironmentCredentials {
    /// Keys from a snapshot of the environment. They are read once, here.
    pub(super) fn new(env: &Env) -> EnvironmentCredentials {
        EnvironmentCredentials(read(env))
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials(&self, _timeout: Duration) -> Result<Credentials, CredentialsError> {
        self.0.clone()
    }
}

fn read(env: &Env) -> Result<Credentials, CredentialsError> {
    const ID: &str = "AWS_ACCESS_KEY_ID";
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    let half = |missing: &str, given: &str| {
        CredentialsError::failed(format!("{given} is set, but {missing} is not: set both"))
    };
    let (id, secret) = match (get(env, ID)?, get(env, SECRET)?) {
        (Some(id), Some(secret)) => (id, secret),
        (Some(_), None) => return Err(half(SECRET, ID)),
        (None, Some(_)) => return Err(half(ID, SECRET)),
        (None, None) => {
            return Err(CredentialsError::not_configured(format!(
                "{ID} and {SECRET} are not set"
            )));
        }
    };
    let mut credentials = Credentials::builder(id, secret).source("environment variables");
    if let Some(token) = get(env, "AWS_SESSION_TOKEN")? {
        credentials = credentials.session_token(token);
    }
    if let Some(account_id) = get(env, "AWS_ACCOUNT_ID")? {
        credentials = credentials.account_id(account_id);
    }
    Ok(credentials.build())
}

fn get<'a>(env: &'a Env, name: &str) -> Result<Option<&'a str>, CredentialsError> {
    let value = env.get(name);
    let value = value.map_err(|error| CredentialsError::failed(format!("{error}")))?;
    let value = value.map(str::trim);
    match value {
        // The secret key is not sent, but the rest goes into headers.
        Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(CredentialsError::failed(format!(
                "{name} has characters that no key has: expected printable ASCII"
            )))
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", " AKIDEXAMPLE\n");
    const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "hidden");

    fn provide<const N: usize>(pairs: [(&str, &str); N]) -> Result<Credentials, CredentialsError> {
        let source = EnvironmentCredentials::new(&Env::from_pairs(pairs));
        assert!(!format!("{source:?}").contains("hidden"));
        source.provide_credentials(Duration::ZERO)
    }

    #[test]
    fn all_four_variables_are_read() {
        let credentials = provide([
            ID,
            SECRET,
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_ACCOUNT_ID", "111122223333"),
        ])
        .unwrap();
        assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(credentials.secret_access_key(), "hidden");
        assert_eq!(credentials.session_token(), Some("token"));
        assert_eq!(credentials.account_id(), Some("111122223333"));
        assert_eq!(credentials.source(), "environment variables");
        assert_eq!(credentials.expiration(), None);
    }

    #[test]
    fn blank_variables_are_unset_ones() {
        let credentials = provide([ID, SECRET, ("AWS_SESSION_TOKEN", " ")]).unwrap();
        assert_eq!(credentials.session_token(), None);
        let error = provide([("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "  ")]);
        let error = error.unwrap_err();
        assert!(error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
        );
    }

    #[test]
    fn half_a_key_pair_stops_the_search() {
        for (pair, text) in [
            (
                ID,
                "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both",
            ),
            (
                SECRET,
                "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not: set both",
            ),
        ] {
            let error = provide([pair]).unwrap_err();
            assert!(!error.is_not_configured());
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn what_would_break_a_header_is_refused_unseen() {
        let error = provide([ID, SECRET, ("AWS_SESSION_TOKEN", "hidden\r\nx: y")]).unwrap_err();
        assert!(!error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "AWS_SESSION_TOKEN has characters that no key has: expected printable ASCII"
        );
    }
}

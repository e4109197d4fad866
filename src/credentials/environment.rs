//! Keys in environment variables.

use super::context::Context;
use super::static_keys::{Names, static_keys};
use super::{Credentials, CredentialsError};
use crate::settings::env::Env;

const NAMES: Names = Names {
    id: "AWS_ACCESS_KEY_ID",
    secret: "AWS_SECRET_ACCESS_KEY",
    token: "AWS_SESSION_TOKEN",
    older_token: "AWS_SECURITY_TOKEN",
    account_id: "AWS_ACCOUNT_ID",
};

pub(super) fn provide(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    read(&context.shared.env)
}

/// A blank variable counts as unset, and white space around a value is dropped.
fn read(env: &Env) -> Result<Credentials, CredentialsError> {
    let keys = static_keys(&NAMES, |name| get(env, name), str::to_owned)?;
    let keys = keys.ok_or_else(|| {
        let Names { id, secret, .. } = NAMES;
        CredentialsError::not_configured(format!("{id} and {secret} are not set"))
    })?;
    Ok(keys.source("environment variables").build())
}

fn get<'a>(env: &'a Env, name: &str) -> Result<Option<&'a str>, CredentialsError> {
    match env.get(name)?.map(str::trim) {
        // All but the secret key go into headers.
        Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(CredentialsError::failed(format!(
                "{name} contains characters not allowed in a key: expected printable ASCII"
            )))
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD_ID: (&str, &str) = (NAMES.id, " AKIDEXAMPLE\n");
    const GOOD_SECRET: (&str, &str) = (NAMES.secret, "hidden");

    fn provide<const N: usize>(pairs: [(&str, &str); N]) -> Result<Credentials, CredentialsError> {
        let provided = read(&Env::from_pairs(pairs));
        assert!(!format!("{provided:?}").contains("hidden"));
        provided
    }

    #[test]
    fn reads_all_four_variables() {
        let credentials = provide([
            GOOD_ID,
            GOOD_SECRET,
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
    fn reads_the_older_name_of_the_session_token() {
        const OLD: (&str, &str) = ("AWS_SECURITY_TOKEN", "old");
        let credentials = provide([GOOD_ID, GOOD_SECRET, OLD]).unwrap();
        assert_eq!(credentials.session_token(), Some("old"));
        let new = ("AWS_SESSION_TOKEN", "new");
        let credentials = provide([GOOD_ID, GOOD_SECRET, new, OLD]).unwrap();
        assert_eq!(credentials.session_token(), Some("new"));
    }

    #[test]
    fn blank_variables_count_as_unset() {
        let credentials = provide([GOOD_ID, GOOD_SECRET, ("AWS_SESSION_TOKEN", " ")]).unwrap();
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
    fn half_a_key_pair_is_an_error() {
        for (pair, text) in [
            (
                GOOD_ID,
                "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both",
            ),
            (
                GOOD_SECRET,
                "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not: set both",
            ),
        ] {
            let error = provide([pair]).unwrap_err();
            assert!(!error.is_not_configured());
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn rejects_a_token_that_would_break_a_header_without_repeating_it() {
        let error = provide([
            GOOD_ID,
            GOOD_SECRET,
            ("AWS_SESSION_TOKEN", "hidden\r\nx: y"),
        ])
        .unwrap_err();
        assert!(!error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "AWS_SESSION_TOKEN contains characters not allowed in a key: expected printable ASCII"
        );
    }
}

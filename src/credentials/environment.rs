//! Keys in environment variables.

use super::context::Context;
use super::{Credentials, CredentialsError};
use crate::settings::env::Env;

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";

pub(super) fn provide(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    read(&context.shared.env)
}

/// Reads the key pair, the session token and the account ID. A blank variable counts as unset, and
/// white space around a value is dropped. Half a key pair is an error, not a reason to fall back to
/// another identity.
fn read(env: &Env) -> Result<Credentials, CredentialsError> {
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
    for name in ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"] {
        // The first name is an older one; the second takes precedence.
        if let Some(token) = get(env, name)? {
            credentials = credentials.session_token(token);
        }
    }
    let account_id = get(env, "AWS_ACCOUNT_ID")?;
    Ok(credentials.known_account_id(account_id).build())
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

    const GOOD_ID: (&str, &str) = (ID, " AKIDEXAMPLE\n");
    const GOOD_SECRET: (&str, &str) = (SECRET, "hidden");

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

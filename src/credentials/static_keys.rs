//! A key pair, and what may go with it, as the environment and profiles have it.

use super::{Credentials, CredentialsBuilder, CredentialsError};

/// The names of access key ID, secret key, session token (its older name, too) and account ID.
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) token: &'static str,
    pub(super) older_token: &'static str,
    pub(super) account_id: &'static str,
}

/// Reads a key pair; `None` if there is none. Half of one is an error, not a reason to fall back to
/// another identity.
///
/// `get` returns a value that is not blank, `place` its name and place for an error.
pub(super) fn static_keys<'a>(
    names: &Names,
    get: impl Fn(&'static str) -> Result<Option<&'a str>, CredentialsError>,
    place: impl Fn(&'static str) -> String,
) -> Result<Option<CredentialsBuilder>, CredentialsError> {
    let half = |given, missing| {
        let place = place(given);
        CredentialsError::failed(format!("{place} is set, but {missing} is not: set both"))
    };
    let (id, secret) = match (get(names.id)?, get(names.secret)?) {
        (Some(id), Some(secret)) => (id, secret),
        (Some(_), None) => return Err(half(names.id, names.secret)),
        (None, Some(_)) => return Err(half(names.secret, names.id)),
        (None, None) => return Ok(None),
    };
    let account_id = get(names.account_id)?;
    let mut credentials = Credentials::builder(id, secret).known_account_id(account_id);
    if let Some(token) = get(names.token)?.or(get(names.older_token)?) {
        credentials = credentials.session_token(token);
    }
    Ok(Some(credentials))
}

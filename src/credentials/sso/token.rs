//! The token of a single sign-on: taken from the cache, and refreshed in time.

use std::time::Duration;

use log::{debug, warn};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::token_file::{TokenFile, token_file};
use crate::credentials::CredentialsError;
use crate::credentials::connection::{Connection, Failed, JSON, Response};
use crate::credentials::context::Context;
use crate::credentials::document::{Document, Text};
use crate::credentials::plan::Sso;
use crate::credentials::service::endpoint;
use crate::http::Method;
use crate::settings::endpoint_url::SSO_OIDC;
use crate::wire::json::{self, Value};

/// How long before its expiration a token is refreshed.
const LEAD: Duration = Duration::from_secs(5 * 60);

const SERVICE: &str = "the SSO token service";

/// What to do with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Use,
    /// Refresh it. A failure does not matter as long as it is valid.
    Refresh {
        is_valid: bool,
    },
    LogIn,
}

/// Decides what to do with a token. Without a session (the older configuration) there is no refresh.
fn next_step(file: &TokenFile<'_>, has_session: bool, now: OffsetDateTime) -> Step {
    let is_valid = now < file.expires_at;
    if file.expires_at - now > LEAD {
        return Step::Use;
    }
    let can_refresh = has_session
        && file.refresh_token.is_some()
        && file.client_id.is_some()
        && file.client_secret.is_some()
        && file.registration_expires_at.is_none_or(|end| now < end);
    match (can_refresh, is_valid) {
        (true, is_valid) => Step::Refresh { is_valid },
        (false, true) => Step::Use,
        (false, false) => Step::LogIn,
    }
}

/// Returns the token of a session that a person opened with `aws sso login`.
pub(super) fn find(context: Context<'_>, sso: &Sso) -> Result<Text, CredentialsError> {
    let directory = context.aws_directory("sso/cache")?;
    let cached = token_file(&directory, sso.session.as_deref().unwrap_or(&sso.start_url));
    let name = &cached.name;
    let json = cached.read(context)?.ok_or_else(|| {
        let text = format!("no SSO token ({name} does not exist): {}", log_in(sso));
        CredentialsError::failed(text)
    })?;
    let mut file = TokenFile::parse(&json, name)?;
    let now = context.system().now();
    match next_step(&file, sso.session.is_some(), now) {
        Step::Use => {}
        Step::Refresh { is_valid } => match refresh(context, sso, &mut file) {
            Ok(()) => {
                let written = file.to_json().and_then(|json| cached.replace(&json));
                if let Err(error) = written {
                    warn!("cannot write the refreshed SSO token to {name}: {error}");
                }
            }
            Err(error) if is_valid => debug!("using the old SSO token: {error}"),
            Err(error) => return Err(error),
        },
        Step::LogIn => {
            return Err(CredentialsError::failed(format!(
                "the SSO token has expired: {}",
                log_in(sso)
            )));
        }
    }
    Ok(file.access_token)
}

/// Advises how to get a new token.
pub(super) fn log_in(sso: &Sso) -> String {
    match &sso.session {
        Some(session) => format!("run \"aws sso login --sso-session {session}\""),
        None => format!("run \"aws sso login --profile {}\"", sso.profile),
    }
}

/// Requests a new token and puts it into the content of the file.
fn refresh(
    context: Context<'_>,
    sso: &Sso,
    file: &mut TokenFile<'_>,
) -> Result<(), CredentialsError> {
    let endpoint = endpoint(context, SSO_OIDC, "oidc", &sso.region)?;
    let url = format!("{endpoint}/token");
    let body = request(file).map_err(|error| CredentialsError::failed(error.to_string()))?;
    let connection = Connection::to_service(context, SERVICE, &url)?;
    let response = connection.retry(|| {
        let response = connection.send(Method::POST, &url, &[JSON], &body)?;
        response.or_refused(|response| refused(response, sso))
    })?;
    let created = Document::read("the response from the SSO token service", &response.body)?;
    let access_token = created.required("accessToken")?;
    let expires_at = created.expires_at(context.system().now())?;
    let refresh_token = created.text("refreshToken")?;
    file.access_token = access_token;
    file.expires_at = expires_at;
    if refresh_token.is_some() {
        file.refresh_token = refresh_token;
    }
    Ok(())
}

fn request(file: &TokenFile<'_>) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut members = vec![("grantType", Value::Text("refresh_token"))];
    for (name, value) in [
        ("clientId", &file.client_id),
        ("clientSecret", &file.client_secret),
        ("refreshToken", &file.refresh_token),
    ] {
        members.extend(value.as_ref().map(|value| (name, Value::Text(value))));
    }
    json::object(&members)
}

fn refused(response: &Response, sso: &Sso) -> Failed {
    let text = response.describe(SERVICE, &["error", "error_description"]);
    response.failed(format!("{text}: {}", log_in(sso)), None, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::timestamp::parse_rfc3339;

    const NOW: &str = "2030-01-31T12:00:00Z";

    fn step(json: &str) -> Step {
        let file = TokenFile::parse(json.as_bytes(), "F").unwrap();
        let now = parse_rfc3339(NOW).unwrap();
        next_step(&file, true, now)
    }

    #[test]
    fn never_refreshes_without_a_session() {
        let json = format!(
            r#"{{"accessToken":"t","expiresAt":"{NOW}","refreshToken":"r","clientId":"c",
            "clientSecret":"s"}}"#
        );
        let file = TokenFile::parse(json.as_bytes(), "F").unwrap();
        let now = parse_rfc3339(NOW).unwrap();
        assert_eq!(next_step(&file, false, now), Step::LogIn);
        let earlier = now - ::time::Duration::SECOND;
        assert_eq!(next_step(&file, false, earlier), Step::Use);
    }

    #[test]
    fn refreshes_a_token_from_five_minutes_before_its_expiration() {
        for (expires_at, expected) in [
            ("2030-01-31T12:05:01Z", Step::Use),
            ("2030-01-31T12:05:00Z", Step::Refresh { is_valid: true }),
            ("2030-01-31T12:00:01Z", Step::Refresh { is_valid: true }),
            (NOW, Step::Refresh { is_valid: false }),
        ] {
            let json = format!(
                r#"{{"accessToken":"t","expiresAt":"{expires_at}","refreshToken":"r",
                "clientId":"c","clientSecret":"s","registrationExpiresAt":"2030-02-01T00:00:00Z"}}"#
            );
            assert_eq!(step(&json), expected, "{expires_at}");
        }
    }

    #[test]
    fn uses_a_token_until_it_expires_if_it_cannot_be_refreshed() {
        for means in [
            "",
            r#","refreshToken":"r""#,
            r#","refreshToken":"r","clientId":"c""#,
            r#","refreshToken":"r","clientId":"c","clientSecret":"s","registrationExpiresAt":"2030-01-31T12:00:00Z""#,
        ] {
            let file = |at: &str| format!(r#"{{"accessToken":"t","expiresAt":"{at}"{means}}}"#);
            assert_eq!(step(&file("2030-01-31T12:00:01Z")), Step::Use);
            assert_eq!(step(&file(NOW)), Step::LogIn);
        }
    }
}

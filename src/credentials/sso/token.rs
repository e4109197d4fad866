//! The token of a single sign-on: taken from the cache, and refreshed in time.

use std::time::Duration;

use log::{debug, warn};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::cache_file::{TokenFile, file_name};
use super::{LIMITS, MAX_ATTEMPTS};
use crate::credentials::CredentialsError;
use crate::credentials::context::Context;
use crate::credentials::document::{Document, Text, missing, one_line};
use crate::credentials::fetch::{Answer, Deadline, Exchange, Failed, with_retries};
use crate::credentials::plan::Sso;
use crate::credentials::service::endpoint;
use crate::http::Method;
use crate::retry::Failure;
use crate::system::uuids_v4;
use crate::wire::json::{self, Value};

/// A token is refreshed this long before it expires.
const LEAD: Duration = Duration::from_secs(5 * 60);

const SERVICE: &str = "the SSO token service";

/// What to do with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Use,
    /// Refresh it; while it is valid, a failure does not matter.
    Refresh {
        is_valid: bool,
    },
    LogIn,
}

/// The older form of the configuration, without a session, knows no refresh.
fn next_step(file: &TokenFile<'_>, has_session: bool, now: OffsetDateTime) -> Step {
    let is_valid = now < file.expires_at;
    if now < file.expires_at - LEAD {
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

/// The token of a session that a person opened with `aws sso login`.
pub(super) fn find(
    context: &Context,
    deadline: Deadline<'_>,
    sso: &Sso,
) -> Result<Text, CredentialsError> {
    let name = file_name(sso.session.as_deref().unwrap_or(&sso.start_url));
    let path = context.aws_folder("sso/cache")?.join(name);
    let what = format!("{}", path.display());
    let json = match std::fs::read(&path) {
        Ok(json) => Zeroizing::new(json),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(CredentialsError::failed(format!(
                "there is no SSO token ({what} does not exist); {}",
                log_in_again(sso)
            )));
        }
        Err(error) => {
            return Err(CredentialsError::failed(format!(
                "cannot read {what}: {error}"
            )));
        }
    };
    let mut file = TokenFile::parse(&json, &what)?;
    let now = context.system().now();
    match next_step(&file, sso.session.is_some(), now) {
        Step::Use => {}
        Step::Refresh { is_valid } => match refresh(context, deadline, sso, &mut file) {
            Ok(()) => {
                let [suffix] = uuids_v4(context.system()).unwrap_or_default();
                if let Err(error) = file.write(&path, &suffix) {
                    warn!("the refreshed SSO token cannot be written to {what}: {error}");
                }
            }
            Err(error) if is_valid => debug!("the SSO token is used on: {error}"),
            Err(error) => return Err(error),
        },
        Step::LogIn => {
            return Err(CredentialsError::failed(format!(
                "the SSO token has expired; {}",
                log_in_again(sso)
            )));
        }
    }
    Ok(file.access_token)
}

pub(super) fn log_in_again(sso: &Sso) -> String {
    match &sso.session {
        Some(session) => format!("run \"aws sso login --sso-session {session}\""),
        None => format!("run \"aws sso login --profile {}\"", sso.profile),
    }
}

/// Asks for a new token, and puts it into the file's content.
fn refresh(
    context: &Context,
    deadline: Deadline<'_>,
    sso: &Sso,
    file: &mut TokenFile<'_>,
) -> Result<(), CredentialsError> {
    const WHAT: &str = "the answer of the SSO token service";
    let endpoint = endpoint(context, "AWS_ENDPOINT_URL_SSO_OIDC", "oidc", &sso.region)?;
    let url = format!("{endpoint}/token");
    let body = request(file).map_err(|error| CredentialsError::failed(format!("{error}")))?;
    let exchange = Exchange::with_service(context, deadline, SERVICE, &url, LIMITS)?;
    let answer = with_retries(exchange.deadline(), MAX_ATTEMPTS, || {
        let header = ("content-type", "application/json");
        let answer = exchange.send(Method::POST, &url, &body, &[header])?;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(refused(&answer, sso))
        }
    })?;
    let created = Document::read(WHAT, &answer.body)?;
    let token = created.text("accessToken")?;
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| missing(WHAT, "accessToken"))?;
    let seconds = created.integer("expiresIn")?.filter(|&seconds| seconds > 0);
    let seconds = seconds.ok_or_else(|| missing(WHAT, "expiresIn in seconds"))?;
    let refresh_token = created.text("refreshToken")?;
    let now = context.system().now();
    file.access_token = token;
    file.expires_at = now.saturating_add(::time::Duration::seconds(seconds));
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

/// What the service says in a body that is no success.
fn refused(answer: &Answer, sso: &Sso) -> Failed {
    let mut text = format!("{SERVICE} refuses: HTTP {}", answer.status);
    if let Ok(refusal) = Document::read(SERVICE, &answer.body) {
        for member in ["error", "error_description"] {
            if let Ok(Some(part)) = refusal.text(member) {
                text.push_str(": ");
                text.push_str(&one_line(&part));
            }
        }
    }
    let error = CredentialsError::failed(format!("{text}; {}", log_in_again(sso)));
    Failed::new(error, Failure::of_response(answer.status, None))
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
    fn the_older_form_is_never_refreshed() {
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
    fn a_token_is_refreshed_from_five_minutes_before_its_end() {
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
    fn without_the_means_to_refresh_a_token_is_used_to_its_end() {
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

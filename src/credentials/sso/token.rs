//! The token of a single sign-on: taken from the cache, and refreshed in time.

use std::time::Duration;

use log::{debug, warn};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::cache_file::{TokenFile, file_name};
use super::{LIMITS, MAX_ATTEMPTS};
use crate::credentials::CredentialsError;
use crate::credentials::context::Context;
use crate::credentials::document::{Secret, missing, one_line, parse};
use crate::credentials::fetch::{Deadline, Exchange, Failed, with_retries};
use crate::credentials::plan::Sso;
use crate::credentials::service::endpoint;
use crate::retry::Failure;
use crate::system::uuids_v4;

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
fn next_step(
    file: &TokenFile,
    has_session: bool,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Step {
    let is_valid = now < expires_at;
    if now < expires_at - LEAD {
        return Step::Use;
    }
    let can_refresh = has_session
        && file.refresh_token.is_some()
        && file.client_id.is_some()
        && file.client_secret.is_some()
        && file.registration_expires_at().is_none_or(|end| now < end);
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
) -> Result<Secret, CredentialsError> {
    let name = file_name(sso.session.as_deref().unwrap_or(&sso.start_url));
    let path = context.aws_folder("sso/cache")?.join(name);
    let what = path.display().to_string();
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
    let expires_at = file.expires_at(&what)?;
    let now = context.system().now();
    match next_step(&file, sso.session.is_some(), expires_at, now) {
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
    file.access_token
        .ok_or_else(|| missing(&what, "accessToken"))
}

pub(super) fn log_in_again(sso: &Sso) -> String {
    match &sso.session {
        Some(session) => format!("run \"aws sso login --sso-session {session}\""),
        None => format!("run \"aws sso login --profile {}\"", sso.profile),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefreshRequest<'a> {
    client_id: Option<&'a str>,
    client_secret: Option<&'a Secret>,
    grant_type: &'static str,
    refresh_token: Option<&'a Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateToken {
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
    /// In seconds.
    expires_in: Option<i64>,
}

/// What the service says in a body that is no success.
#[derive(Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// Asks for a new token, and puts it into the file's content.
fn refresh(
    context: &Context,
    deadline: Deadline<'_>,
    sso: &Sso,
    file: &mut TokenFile,
) -> Result<(), CredentialsError> {
    let endpoint = endpoint(context, "AWS_ENDPOINT_URL_SSO_OIDC", "oidc", &sso.region)?;
    let url = format!("{endpoint}/token");
    let request = RefreshRequest {
        client_id: file.client_id.as_deref(),
        client_secret: file.client_secret.as_ref(),
        grant_type: "refresh_token",
        refresh_token: file.refresh_token.as_ref(),
    };
    let body = serde_json::to_vec(&request).map(Zeroizing::new);
    let body = body.map_err(|error| CredentialsError::failed(error.to_string()))?;
    let exchange = Exchange::with_service(context, deadline, SERVICE, &url, LIMITS)?;
    let created: CreateToken = with_retries(exchange.deadline(), MAX_ATTEMPTS, || {
        let header = ("content-type", "application/json");
        let answer = exchange.send("POST", &url, &body, [header])?;
        if answer.is_success() {
            return Ok(parse("the answer of the SSO token service", &answer.body)?);
        }
        let refusal: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
        let parts = refusal.map(|refusal| [refusal.error, refusal.error_description]);
        let mut text = format!("{SERVICE} refuses: HTTP {}", answer.status);
        for part in parts.into_iter().flatten().flatten() {
            text.push_str(": ");
            text.push_str(&one_line(&part));
        }
        Err(Failed {
            error: CredentialsError::failed(format!("{text}; {}", log_in_again(sso))),
            failure: Failure::of_answer(answer.status, None),
        })
    })?;
    let what = "the answer of the SSO token service";
    let token = created
        .access_token
        .filter(|token| !token.expose().is_empty());
    let token = token.ok_or_else(|| missing(what, "accessToken"))?;
    let seconds = created.expires_in.filter(|seconds| *seconds > 0);
    let seconds = seconds.ok_or_else(|| missing(what, "expiresIn in seconds"))?;
    let now = context.system().now();
    let expires_at = now.saturating_add(::time::Duration::seconds(seconds));
    file.access_token = Some(token);
    file.expires_at = Some(format_rfc3339(expires_at));
    if created.refresh_token.is_some() {
        file.refresh_token = created.refresh_token;
    }
    Ok(())
}

/// A time as the other tools write it: in UTC, to the second.
fn format_rfc3339(time: OffsetDateTime) -> String {
    let time = time.to_offset(::time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::parse_rfc3339;

    const NOW: &str = "2030-01-31T12:00:00Z";

    fn step(json: &str) -> Step {
        let file = TokenFile::parse(json.as_bytes(), "F").unwrap();
        let now = parse_rfc3339(NOW).unwrap();
        next_step(&file, true, file.expires_at("F").unwrap(), now)
    }

    #[test]
    fn the_older_form_is_never_refreshed() {
        let json = format!(
            r#"{{"accessToken":"t","expiresAt":"{NOW}","refreshToken":"r","clientId":"c",
            "clientSecret":"s"}}"#
        );
        let file = TokenFile::parse(json.as_bytes(), "F").unwrap();
        let now = parse_rfc3339(NOW).unwrap();
        assert_eq!(next_step(&file, false, now, now), Step::LogIn);
        let later = now + ::time::Duration::SECOND;
        assert_eq!(next_step(&file, false, later, now), Step::Use);
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

    #[test]
    fn a_time_is_written_so_that_it_is_read_again() {
        let time = parse_rfc3339("2030-01-02T13:04:05.9+02:00").unwrap();
        assert_eq!(format_rfc3339(time), "2030-01-02T11:04:05Z");
    }
}

//! The request for a new session, which uses up the refresh token.

use std::time::Duration;

use log::warn;
use time::OffsetDateTime;

use super::Login;
use super::cache_file::{ACCESS_TOKEN, LoginFile, NAMES, REFRESH_TOKEN};
use super::dpop::{self, Key};
use super::endpoint::endpoint;
use crate::clock_skew;
use crate::credentials::CredentialsError;
use crate::credentials::connection::{Body, Connection, Failed, Limits, Response, with_retries};
use crate::credentials::context::Context;
use crate::credentials::document::{Document, missing, one_line};
use crate::fs::atomic::AtomicFile;
use crate::http::Method;
use crate::retry::Failure;
use crate::system::{Deadline, System, uuids_v4};
use crate::wire::json::{self, Value};

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(3_100),
    request: Duration::from_secs(10),
};

const MAX_ATTEMPTS: u32 = 3;

/// How long another process may take to write what it got for the refresh token.
const OTHER_PROCESS: Duration = Duration::from_secs(1);

const SERVICE: &str = "the sign-in service";

/// Requests a new session, and puts it into the content of the file and into the file itself.
pub(super) fn refresh(
    context: &Context,
    deadline: Deadline<'_>,
    login: &Login<'_>,
    file: &mut LoginFile<'_>,
) -> Result<(), CredentialsError> {
    const WHAT: &str = "the response from the sign-in service";
    let required = |member| {
        let text = file.required(member);
        text.map_err(|error| login.expired(&error.to_string()))
    };
    let [client_id, refresh_token, dpop_key] = [
        required("clientId")?,
        required(REFRESH_TOKEN)?,
        required("dpopKey")?,
    ];
    let key = Key::from_pem(&dpop_key).map_err(|reason| login.expired(reason))?;
    let region = file.region()?;
    let endpoint = endpoint(context, region.as_ref().map(|region| region.as_str()))?;
    let url = format!("{endpoint}/v1/token");
    let body = json::object(&[
        ("clientId", Value::Text(&client_id)),
        ("grantType", Value::Text("refresh_token")),
        (REFRESH_TOKEN, Value::Text(&refresh_token)),
    ]);
    let body = body.map_err(|error| CredentialsError::failed(error.to_string()))?;
    let connection = Connection::to_service(context, deadline, SERVICE, &url, LIMITS)?;
    // Before the token is used up: where its successor cannot be kept, nobody could refresh again.
    let output = AtomicFile::create_private(&login.path)
        .map_err(|error| login.expired(&format!("cannot write {}: {error}", login.what)))?;
    let system = context.system();
    let mut skew = ::time::Duration::ZERO;
    let response = with_retries(connection.deadline(), MAX_ATTEMPTS, &mut || {
        let sent = system.now();
        let proof = proof(system, &key, &url, sent.saturating_add(skew))?;
        let header = ("dpop", proof.as_str());
        let response = connection.send(Method::POST, &url, Some(Body::json(&body)), &[header])?;
        if response.is_success() {
            return Ok(response);
        }
        let measured = clock_skew::measure(response.date.as_deref(), false, sent, system.now());
        let is_skewed = clock_skew::is_intolerable(measured.map(|measured| measured - skew));
        skew = measured.unwrap_or(skew);
        Err(refused(&response, login, is_skewed))
    });
    if response.is_err() && !context.are_valid(&file.credentials, Duration::ZERO) {
        system.sleep(OTHER_PROCESS.min(deadline.left()));
    }
    let response = response?;
    let created = Document::read(WHAT, &response.body)?;
    let session = created.object(ACCESS_TOKEN)?;
    let session = session.ok_or_else(|| missing(WHAT, ACCESS_TOKEN))?;
    let session = session.session(NAMES)?;
    let seconds = created.integer("expiresIn")?.filter(|&seconds| seconds > 0);
    let seconds = seconds.ok_or_else(|| missing(WHAT, "expiresIn in seconds"))?;
    let expires_at = system
        .now()
        .saturating_add(::time::Duration::seconds(seconds));
    file.replace(session, expires_at, created.text(REFRESH_TOKEN)?);
    if let Err(error) = file.write(output) {
        warn!(
            "cannot write the refreshed login to {}: {error}",
            login.what
        );
    }
    Ok(())
}

/// Returns the proof for one attempt.
fn proof(
    system: &dyn System,
    key: &Key,
    url: &str,
    issued_at: OffsetDateTime,
) -> Result<String, CredentialsError> {
    let ids = uuids_v4(system).ok();
    let proof = ids.and_then(|[id]| dpop::proof(key, &id, url, issued_at));
    proof.ok_or_else(|| CredentialsError::failed("the OS random number generator failed"))
}

/// Describes a response that is not a success.
fn refused(response: &Response, login: &Login<'_>, is_skewed: bool) -> Failed {
    let mut text = format!("{SERVICE} responded with HTTP {}", response.status);
    let refusal = Document::read(SERVICE, &response.body);
    let [code, message] = ["error", "message"].map(|member| {
        let refusal = refusal.as_ref().ok()?;
        refusal.text(member).ok().flatten()
    });
    for part in [&code, &message].into_iter().flatten() {
        text.push_str(": ");
        text.push_str(&one_line(part));
    }
    let failure =
        Failure::of_response(response.status, None).or(is_skewed.then_some(Failure::Transient));
    let advice = match code.as_ref().map(|code| code.as_str()) {
        Some("INSUFFICIENT_PERMISSIONS") => {
            Some("allow the action signin:CreateOAuth2Token".to_owned())
        }
        // After a temporary failure the session is still there.
        _ if failure.is_some() => None,
        _ => Some(login.log_in()),
    };
    if let Some(advice) = advice {
        text.push_str(": ");
        text.push_str(&advice);
    }
    Failed::new(CredentialsError::failed(text), failure)
}

//! The request for a new session, which uses up the refresh token.

use std::time::Duration;

use log::warn;
use time::OffsetDateTime;

use super::Login;
use super::dpop::{self, Key};
use super::endpoint::endpoint;
use super::login_file::{ACCESS_TOKEN, LoginFile, NAMES, REFRESH_TOKEN};
use crate::clock_skew::{self, Skew};
use crate::credentials::CredentialsError;
use crate::credentials::connection::{Connection, Failed, JSON, Response};
use crate::credentials::context::Context;
use crate::credentials::document::Document;
use crate::fs::atomic::AtomicFile;
use crate::http::Method;
use crate::system::{System, uuids_v4};
use crate::wire::json::{self, Value};

/// How long another process may take to write what it got for the refresh token.
const OTHER_PROCESS: Duration = Duration::from_secs(1);

const SERVICE: &str = "the sign-in service";

/// Requests a new session, and puts it into the content of the file and into the file itself.
pub(super) fn refresh(
    context: Context<'_>,
    login: &Login<'_>,
    file: &mut LoginFile<'_>,
) -> Result<(), CredentialsError> {
    let name = &login.cached.name;
    let required = |member| {
        let text = file.document.required(member);
        text.map_err(|error| login.expired(&error.to_string()))
    };
    let client_id = required("clientId")?;
    let refresh_token = required(REFRESH_TOKEN)?;
    let key = Key::from_pem(&required("dpopKey")?).map_err(|reason| login.expired(reason))?;
    // Older files do not have the region that the person logged in to.
    let region = file.document.text("signInRegion")?;
    let endpoint = endpoint(context, region.as_deref().map(String::as_str))?;
    let url = format!("{endpoint}/v1/token");
    let body = json::object(&[
        ("clientId", Value::Text(&client_id)),
        ("grantType", Value::Text("refresh_token")),
        (REFRESH_TOKEN, Value::Text(&refresh_token)),
    ]);
    let body = body.map_err(|error| CredentialsError::failed(error.to_string()))?;
    let connection = Connection::to_service(context, SERVICE, &url)?;
    // Before the token is used up: if its successor cannot be kept, nobody could refresh again.
    let output = AtomicFile::create_private(&login.cached.path)
        .map_err(|error| login.expired(&format!("cannot write {name}: {error}")))?;
    let system = context.system();
    let response = send(system, login, &connection, &url, &body, &key);
    if response.is_err() && !context.are_valid(&file.credentials, Duration::ZERO) {
        system.sleep(OTHER_PROCESS.min(context.deadline.left()));
    }
    let response = response?;
    let created = Document::read("the response from the sign-in service", &response.body)?;
    let session = created.object(ACCESS_TOKEN)?.session(NAMES)?;
    let expires_at = created.expires_at(system.now())?;
    file.replace(session, expires_at, created.text(REFRESH_TOKEN)?);
    if let Err(error) = file.write(output) {
        warn!("cannot write the refreshed login to {name}: {error}");
    }
    Ok(())
}

fn send(
    system: &dyn System,
    login: &Login<'_>,
    connection: &Connection<'_>,
    url: &str,
    body: &[u8],
    key: &Key,
) -> Result<Response, CredentialsError> {
    let skew = Skew::new(true);
    connection.retry(|| {
        let (sent, assumed) = (system.now(), skew.get());
        let proof = proof(system, key, url, sent.saturating_add(assumed))?;
        let headers = [JSON, ("dpop", proof.as_str())];
        let response = connection.send(Method::POST, url, &headers, body)?;
        response.or_refused(|response| {
            let measured = skew.learn(response.date.as_deref(), false, sent, system.now());
            let off_by = measured.map(|measured| measured - assumed);
            refused(response, login, clock_skew::is_intolerable(off_by))
        })
    })
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

fn refused(response: &Response, login: &Login<'_>, is_skewed: bool) -> Failed {
    let text = response.describe(SERVICE, &["error", "message"]);
    let mut failed = response.failed(text, None, is_skewed);
    let body = Document::read(SERVICE, &response.body);
    let code = body.and_then(|body| body.text("error")).ok().flatten();
    let advice = match code.as_deref().map(String::as_str) {
        Some("INSUFFICIENT_PERMISSIONS") => "allow the action signin:CreateOAuth2Token",
        // After a temporary failure the session is still there.
        _ if failed.failure.is_some() => return failed,
        _ => &login.log_in(),
    };
    failed.error = failed.error.map_message(|text| format!("{text}: {advice}"));
    failed
}

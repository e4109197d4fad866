//! Credentials for a role that a person was given in IAM Identity Center (single sign-on), for the
//! token that `aws sso login` left in the cache.

mod cache_file;
mod token;

use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;

use super::context::Context;
use super::context::Limits;
use super::document::{Secret, checked, missing, one_line, parse};
use super::fetch::{Answer, Deadline, Exchange, Failed, with_retries};
use super::plan::Sso;
use super::service::endpoint;
use super::{Credentials, CredentialsError};
use crate::retry::Failure;
use crate::sigv4::push_encoded;

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(3_100),
    request: Duration::from_secs(10),
};

const MAX_ATTEMPTS: u32 = 3;

const SERVICE: &str = "the SSO portal";

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
    sso: &Sso,
) -> Result<Credentials, CredentialsError> {
    ask(context, deadline, sso)
        .map_err(|error| error.retold(|text| format!("{}: {text}", sso.place)))
}

fn ask(
    context: &Context,
    deadline: Deadline<'_>,
    sso: &Sso,
) -> Result<Credentials, CredentialsError> {
    let Some(role) = &sso.role else {
        return Err(CredentialsError::failed(format!(
            "profile {:?} has neither sso_account_id nor sso_role_name: set both",
            sso.profile
        )));
    };
    let token = token::find(context, deadline, sso)?;
    let endpoint = endpoint(context, "AWS_ENDPOINT_URL_SSO", "portal.sso", &sso.region)?;
    let mut url = format!("{endpoint}/federation/credentials?role_name=");
    push_encoded(&mut url, role.name.as_bytes(), b"");
    url.push_str("&account_id=");
    push_encoded(&mut url, role.account_id.as_bytes(), b"");
    let exchange = Exchange::with_service(context, deadline, SERVICE, &url, LIMITS)?;
    let credentials = with_retries(exchange.deadline(), MAX_ATTEMPTS, || {
        let header = ("x-amz-sso_bearer_token", token.expose());
        let answer = exchange.send("GET", &url, &[], [header])?;
        if answer.is_success() {
            Ok(read(&answer.body)?)
        } else {
            Err(refused(&answer, sso))
        }
    })?;
    Ok(credentials
        .with_account_id(&role.account_id)
        .with_source(format!(
            "profile {:?} (SSO role {})",
            sso.profile, role.name
        )))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetRoleCredentials {
    role_credentials: RoleCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: Option<String>,
    secret_access_key: Option<Secret>,
    session_token: Option<Secret>,
    /// In milliseconds.
    expiration: Option<i64>,
}

fn read(json: &[u8]) -> Result<Credentials, CredentialsError> {
    const WHAT: &str = "the answer of the SSO portal";
    let GetRoleCredentials {
        role_credentials: keys,
    } = parse(WHAT, json)?;
    let key = keys.secret_access_key.unwrap_or_default();
    let token = keys.session_token.unwrap_or_default();
    let id = checked(WHAT, "accessKeyId", keys.access_key_id.as_deref())?;
    let key = checked(WHAT, "secretAccessKey", Some(key.expose()))?;
    let token = checked(WHAT, "sessionToken", Some(token.expose()))?;
    let milliseconds = keys.expiration.filter(|&milliseconds| milliseconds > 0);
    let expiration = milliseconds
        .and_then(|ms| OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok())
        .ok_or_else(|| missing(WHAT, "expiration in milliseconds"))?;
    Ok(Credentials::new(id, key)
        .with_session_token(token)
        .with_expiration(expiration))
}

/// What the portal says in a body that is no success.
#[derive(Deserialize)]
struct Refusal {
    message: Option<String>,
}

fn refused(answer: &Answer, sso: &Sso) -> Failed {
    let refusal: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    let message = refusal.and_then(|refusal| refusal.message);
    let message = message.map_or(String::new(), |text| format!(": {}", one_line(&text)));
    let advice = match answer.status {
        401 => format!("; {}", token::log_in_again(sso)),
        403 | 404 => {
            "; check sso_account_id and sso_role_name, and that the role is assigned to you"
                .to_owned()
        }
        _ => String::new(),
    };
    Failed {
        error: CredentialsError::failed(format!(
            "{SERVICE} refuses: HTTP {}{message}{advice}",
            answer.status
        )),
        failure: Failure::of_answer(answer.status, None),
    }
}

#[cfg(test)]
pub(super) use self::cache_file::{TokenFile, file_name};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_is_in_milliseconds() {
        let full = r#"{"roleCredentials":{"accessKeyId":"id","secretAccessKey":"hidden",
            "sessionToken":"token","expiration":1896091200500}}"#;
        let credentials = read(full.as_bytes()).unwrap();
        let expiration = credentials.expiration().unwrap();
        assert_eq!(expiration.unix_timestamp_nanos(), 1_896_091_200_500_000_000);
        for (part, replacement, text) in [
            (
                "1896091200500",
                "0",
                "the answer of the SSO portal has no expiration in milliseconds",
            ),
            (
                "\"token\"",
                "null",
                "the answer of the SSO portal has no sessionToken",
            ),
            (
                "\"hidden\"",
                "[\"hidden\"]",
                "the answer of the SSO portal is not made as expected (line 1, column 57)",
            ),
        ] {
            let error = read(full.replace(part, replacement).as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }
}

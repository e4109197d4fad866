//! Credentials for a role in IAM Identity Center (single sign-on), in exchange for the token that
//! `aws sso login` left in its cache.

mod token;
mod token_file;

use time::OffsetDateTime;

use super::connection::{Connection, Failed, Response};
use super::context::Context;
use super::document::{Document, SessionNames, missing};
use super::plan::Sso;
use super::service::endpoint;
use super::{Credentials, CredentialsBuilder, CredentialsError};
use crate::http::Method;
use crate::settings::endpoint_url::SSO;
use crate::wire::percent;

const SERVICE: &str = "the SSO portal";

pub(super) fn provide(context: Context<'_>, sso: &Sso) -> Result<Credentials, CredentialsError> {
    role_credentials(context, sso)
        .map_err(|error| error.map_message(|text| format!("{}: {text}", sso.place)))
}

fn role_credentials(context: Context<'_>, sso: &Sso) -> Result<Credentials, CredentialsError> {
    let Some(role) = &sso.role else {
        return Err(CredentialsError::failed(format!(
            "profile {:?} has neither sso_account_id nor sso_role_name: set both",
            sso.profile
        )));
    };
    let token = token::find(context, sso)?;
    let endpoint = endpoint(context, SSO, "portal.sso", &sso.region)?;
    let mut url = format!("{endpoint}/federation/credentials?role_name=");
    url.extend(percent::encode(&role.name));
    url.push_str("&account_id=");
    url.extend(percent::encode(&role.account_id));
    let connection = Connection::to_service(context, SERVICE, &url)?;
    let response = connection.retry(|| {
        let header = ("x-amz-sso_bearer_token", token.as_str());
        let response = connection.send(Method::GET, &url, &[header], &[])?;
        response.or_refused(|response| refused(response, sso))
    })?;
    Ok(read(&response.body)?
        .account_id(&role.account_id)
        .source(format!(
            "profile {:?} (SSO role {})",
            sso.profile, role.name
        ))
        .build())
}

fn read(json: &[u8]) -> Result<CredentialsBuilder, CredentialsError> {
    const WHAT: &str = "the response from the SSO portal";
    const NAMES: SessionNames = ["accessKeyId", "secretAccessKey", "sessionToken"];
    let keys = Document::read(WHAT, json)?.object("roleCredentials")?;
    let credentials = keys.session(NAMES)?;
    let milliseconds = keys.integer("expiration")?.filter(|&ms| ms > 0);
    let expiration = milliseconds
        .and_then(|ms| OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok())
        .ok_or_else(|| missing(WHAT, "expiration in milliseconds"))?;
    Ok(credentials.expiration(expiration))
}

fn refused(response: &Response, sso: &Sso) -> Failed {
    let text = response.describe(SERVICE, &["message"]);
    let text = match response.status {
        401 => format!("{text}: {}", token::log_in(sso)),
        403 | 404 => format!(
            "{text}: check sso_account_id and sso_role_name, and that the role is assigned to you"
        ),
        _ => text,
    };
    response.failed(text, None, false)
}

#[cfg(test)]
pub(super) use self::token_file::{TokenFile, token_file};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_expiration_in_milliseconds() {
        let full = r#"{"roleCredentials":{"accessKeyId":"id","secretAccessKey":"hidden",
            "sessionToken":"token","expiration":1896091200500}}"#;
        let credentials = read(full.as_bytes()).unwrap().build();
        let expiration = credentials.expiration().unwrap();
        assert_eq!(expiration.unix_timestamp_nanos(), 1_896_091_200_500_000_000);
        for (part, replacement, text) in [
            (
                "1896091200500",
                "0",
                "the response from the SSO portal has no expiration in milliseconds",
            ),
            (
                "\"token\"",
                "null",
                "the response from the SSO portal has no sessionToken",
            ),
            (
                "\"hidden\"",
                "[\"hidden\"]",
                "secretAccessKey of the response from the SSO portal is not a string",
            ),
        ] {
            let error = read(full.replace(part, replacement).as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }
}

//! The AWS Security Token Service: a query request, and a response in XML.

use zeroize::Zeroizing;

use super::connection::{Connection, Failed, Response};
use super::context::Context;
use super::document::{SessionNames, describe, one_line, session, time};
use super::service::{configured_endpoint, endpoint};
use super::{Credentials, CredentialsBuilder, CredentialsError, imds};
use crate::clock_skew::{self, Skew};
use crate::http::Method;
use crate::settings::endpoint_url::STS;
use crate::sigv4::{SignableBody, SignableRequest, Signed, Signer};
use crate::wire::arn::Arn;
use crate::wire::{percent, xml};

const SERVICE: &str = "STS";

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A request for the credentials of a role.
pub(super) struct Request<'a> {
    pub(super) role_arn: &'a str,
    /// Defaults to one that identifies this program in CloudTrail.
    pub(super) session_name: Option<&'a str>,
    /// Where the role is configured, for errors.
    pub(super) place: &'a str,
    pub(super) parameters: &'a [(&'a str, &'a str)],
    /// Sign the request; `None` if a web identity's token is among the parameters.
    pub(super) credentials: Option<&'a Credentials>,
}

/// Assumes a role.
pub(super) fn assume(
    context: Context<'_>,
    request: &Request<'_>,
) -> Result<CredentialsBuilder, CredentialsError> {
    send(context, request).map_err(|error| {
        error.map_message(|text| format!("role {} ({}): {text}", request.role_arn, request.place))
    })
}

fn send(
    context: Context<'_>,
    request: &Request<'_>,
) -> Result<CredentialsBuilder, CredentialsError> {
    let action = match request.credentials {
        Some(_) => "AssumeRole",
        None => "AssumeRoleWithWebIdentity",
    };
    let system = context.system();
    let region = region(context)?;
    let url = format!("{}/", endpoint(context, STS, "sts", &region)?);
    let signer = Signer::new("sts", region);
    let connection = Connection::to_service(context, SERVICE, &url)?;
    let session_name = match request.session_name {
        Some(name) => name.to_owned(),
        None => format!("simpledb-export-{}", system.now().unix_timestamp()),
    };
    let mut parameters = vec![
        ("RoleArn", request.role_arn),
        ("RoleSessionName", &session_name),
    ];
    parameters.extend(request.parameters);
    let body = form(action, &parameters);
    let skew = Skew::new(true);
    let response = connection.retry(|| {
        let (sent, assumed) = (system.now(), skew.get());
        let signed = request.credentials.map(|credentials| {
            let request = SignableRequest {
                method: "POST",
                uri: &url,
                headers: &[FORM],
                body: SignableBody::Bytes(body.as_bytes()),
            };
            signer.sign(&request, credentials, sent.saturating_add(assumed))
        });
        let signed = signed.iter().flat_map(Signed::headers);
        let headers: Vec<_> = signed.chain([FORM]).collect();
        let response = connection.send(Method::POST, &url, &headers, body.as_bytes())?;
        response.or_refused(|response| {
            let measured = skew.learn(response.date.as_deref(), false, sent, system.now());
            refused(
                response,
                action,
                measured.map(|measured| measured - assumed),
            )
        })
    })?;
    read_credentials(action, &response.body)
}

/// Returns the region to send the request to and to sign it for.
fn region(context: Context<'_>) -> Result<String, CredentialsError> {
    if let Some(region) = &context.shared.settings.region {
        return Ok(region.value.clone());
    }
    // A configured endpoint needs no region, but a signature does.
    if configured_endpoint(context, STS)?.is_some() {
        return Ok("us-east-1".to_owned());
    }
    imds::region(context).ok_or_else(|| {
        CredentialsError::failed("STS needs a region: set AWS_REGION, or region in the profile")
    })
}

/// Returns the body of a query request.
fn form(action: &str, parameters: &[(&str, &str)]) -> Zeroizing<String> {
    let all = [("Action", action), ("Version", "2011-06-15")];
    let all = all.iter().chain(parameters);
    // Capacity for the worst case, because growing would leave a copy of a token in memory.
    let size = all
        .clone()
        .map(|(name, value)| name.len() + 3 * value.len() + 2);
    let mut text = Zeroizing::new(String::with_capacity(size.sum()));
    for (name, value) in all {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.extend(percent::encode(value));
    }
    text
}

/// Reads credentials. The XML error may quote the document, so it is not reported.
fn read_credentials(action: &str, xml: &[u8]) -> Result<CredentialsBuilder, CredentialsError> {
    const WHAT: &str = "the response from STS";
    const NAMES: SessionNames = ["AccessKeyId", "SecretAccessKey", "SessionToken"];
    let path = |end: &str| format!("{action}Result/{end}");
    let [id, key, token] = NAMES.map(|name| path(&format!("Credentials/{name}")));
    let expiration = path("Credentials/Expiration");
    let arn = path("AssumedRoleUser/Arn");
    let texts = xml::texts(xml, [&id, &key, &token, &expiration, &arn]);
    // A proxy's error page may be well-formed XML too.
    let texts = texts.filter(|texts| texts.iter().any(Option::is_some));
    let [id, key, token, expiration, arn] = texts.ok_or_else(|| {
        CredentialsError::failed(
            "the response from STS is not valid: is a proxy responding in its place?",
        )
    })?;
    let account_id = arn.as_deref().and_then(|arn| Arn(arn).account_id());
    Ok(session(WHAT, NAMES, [id, key, token])?
        .expiration(time(WHAT, "Expiration", expiration.as_ref())?)
        .known_account_id(account_id))
}

fn refused(response: &Response, action: &str, off_by: Option<::time::Duration>) -> Failed {
    let texts = xml::texts(&response.body, ["Error/Code", "Error/Message", "RequestId"]);
    let [code, message, request_id] = texts.unwrap_or_default();
    let text = format!("STS responded to {action} with HTTP {}", response.status);
    let mut text = describe(text, [&code, &message].into_iter().flatten());
    if let Some(id) = &request_id {
        text = format!("{text} (request id {})", one_line(id));
    }
    let code = code.as_deref().map(String::as_str);
    // The identity provider did not respond to STS in time.
    let is_temporary = code == Some("IDPCommunicationError") || clock_skew::explains(code, off_by);
    response.failed(text, code, is_temporary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::Failure;

    const FULL: &str = r#"<?xml version="1.0"?>
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>client</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::111122223333:assumed-role/Role/session</Arn>
      <AssumedRoleId>x:session</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>tok&amp;en==</SessionToken>
      <SecretAccessKey>hidden</SecretAccessKey>
      <Expiration>2030-01-31T12:00:00Z</Expiration>
      <AccessKeyId>id</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>"#;

    #[test]
    fn reads_the_responses_of_both_actions() {
        for action in ["AssumeRole", "AssumeRoleWithWebIdentity"] {
            let xml = FULL.replace("AssumeRoleWithWebIdentity", action);
            let credentials = read_credentials(action, xml.as_bytes()).unwrap().build();
            assert_eq!(credentials.access_key_id(), "id");
            assert_eq!(credentials.secret_access_key(), "hidden");
            assert_eq!(credentials.session_token(), Some("tok&en=="));
            assert_eq!(credentials.account_id(), Some("111122223333"));
            let expiration = credentials.expiration().unwrap().unix_timestamp();
            assert_eq!(expiration, 1_896_091_200);
        }
    }

    #[test]
    fn names_missing_parts_but_no_value() {
        let error = |xml: &str| {
            let read = read_credentials("AssumeRoleWithWebIdentity", xml.as_bytes());
            read.unwrap_err().to_string()
        };
        for (part, replacement, text) in [
            (
                "<AccessKeyId>id</AccessKeyId>",
                "",
                "the response from STS has no AccessKeyId",
            ),
            (
                "<SessionToken>tok&amp;en==</SessionToken>",
                "",
                "the response from STS has no SessionToken",
            ),
            (
                "<SecretAccessKey>hidden</SecretAccessKey>",
                "<SecretAccessKey/>",
                "the response from STS has no SecretAccessKey",
            ),
            (
                "</Credentials>",
                "",
                "the response from STS is not valid: is a proxy responding in its place?",
            ),
        ] {
            assert_eq!(error(&FULL.replace(part, replacement)), text);
        }
        assert!(error("<html>hidden").starts_with("the response from STS is not valid"));
    }

    #[test]
    fn describes_an_error_response_in_one_line() {
        let failed = |status, body: &str| {
            let response = Response {
                status,
                body: Zeroizing::new(body.as_bytes().to_vec()),
                date: None,
            };
            let failed = refused(&response, "AssumeRole", None);
            (failed.error.to_string(), failed.failure)
        };
        let xml = |code: &str| {
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>not\n \
                 you</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            )
        };
        assert_eq!(
            failed(403, &xml("AccessDenied")),
            (
                "STS responded to AssumeRole with HTTP 403: AccessDenied: not you (request id r)"
                    .to_owned(),
                None
            )
        );
        let (_, failure) = failed(400, &xml("IDPCommunicationError"));
        assert_eq!(failure, Some(Failure::Transient));
        let (_, failure) = failed(400, &xml("Throttling"));
        assert_eq!(failure, Some(Failure::Throttling));
        assert_eq!(
            failed(503, "<html>"),
            (
                "STS responded to AssumeRole with HTTP 503".to_owned(),
                Some(Failure::Transient)
            )
        );
    }

    #[test]
    fn percent_encodes_the_form() {
        assert_eq!(
            *form("Act", &[("Name", "a b/ä&=")]),
            "Action=Act&Version=2011-06-15&Name=a%20b%2F%C3%A4%26%3D"
        );
    }
}

//! The AWS Security Token Service: a query request, and a response in XML.

use std::time::Duration;

use zeroize::Zeroizing;

use super::connection::{Body, Connection, Failed, Limits, Response, with_retries};
use super::context::Context;
use super::document::{SessionNames, Text, one_line, session, time};
use super::service::{configured_endpoint, regional_endpoint};
use super::{Credentials, CredentialsBuilder, CredentialsError, imds};
use crate::clock_skew;
use crate::http::Method;
use crate::retry::Failure;
use crate::settings::endpoint_url::STS;
use crate::sigv4::{SignableBody, SignableRequest, Signed, Signer};
use crate::system::{Deadline, System};
use crate::wire::arn::Arn;
use crate::wire::{percent, xml};

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(3_100),
    request: Duration::from_secs(10),
};

const MAX_ATTEMPTS: u32 = 3;

const SERVICE: &str = "STS";

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// A connection to the service, for one call.
pub(super) struct Sts<'a> {
    system: &'a dyn System,
    connection: Connection<'a>,
    url: String,
    signer: Signer,
}

impl<'a> Sts<'a> {
    pub(super) fn new(
        context: &'a Context,
        deadline: Deadline<'a>,
    ) -> Result<Sts<'a>, CredentialsError> {
        let configured = configured_endpoint(context, STS)?;
        let region = match (&context.settings().region, &configured) {
            (Some(region), _) => region.value.clone(),
            // A configured endpoint needs no region, but a signature does.
            (None, Some(_)) => "us-east-1".to_owned(),
            (None, None) => imds::region(context, deadline).ok_or_else(|| {
                CredentialsError::failed(
                    "STS needs a region: set AWS_REGION, or region in the profile",
                )
            })?,
        };
        let endpoint = match configured {
            Some(endpoint) => endpoint,
            None => regional_endpoint(context, "sts", &region)?,
        };
        let url = format!("{endpoint}/");
        Ok(Sts {
            system: context.system(),
            connection: Connection::to_service(context, deadline, SERVICE, &url, LIMITS)?,
            signer: Signer::new("sts", region),
            url,
        })
    }

    /// Assumes a role. With credentials the request is signed; a web identity's token is among the
    /// parameters instead.
    pub(super) fn assume(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        credentials: Option<&Credentials>,
    ) -> Result<CredentialsBuilder, CredentialsError> {
        let body = form(action, parameters);
        let mut skew = ::time::Duration::ZERO;
        let response = with_retries(self.connection.deadline(), MAX_ATTEMPTS, &mut || {
            let sent = self.system.now();
            let signed = credentials.map(|credentials| {
                let request = SignableRequest {
                    method: "POST",
                    uri: &self.url,
                    headers: &[("content-type", CONTENT_TYPE)],
                    body: SignableBody::Bytes(body.as_bytes()),
                };
                self.signer
                    .sign(&request, credentials, sent.saturating_add(skew))
            });
            let headers: Vec<_> = signed.iter().flat_map(Signed::headers).collect();
            let body = Body {
                content_type: CONTENT_TYPE,
                bytes: body.as_bytes(),
            };
            let connection = &self.connection;
            let response = connection.send(Method::POST, &self.url, Some(body), &headers)?;
            if response.is_success() {
                return Ok(response);
            }
            let measured =
                clock_skew::measure(response.date.as_deref(), false, sent, self.system.now());
            let refusal = Refusal::read(&response);
            let code = refusal.code.as_ref().map(|code| code.as_str());
            let is_skewed = clock_skew::explains(code, measured.map(|measured| measured - skew));
            skew = measured.unwrap_or(skew);
            Err(refusal.into_failed(action, is_skewed))
        })?;
        read_credentials(action, &response.body)
    }
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
    const NAMES: SessionNames = SessionNames {
        id: "AccessKeyId",
        key: "SecretAccessKey",
        token: "SessionToken",
    };
    let path = |end: &str| format!("{action}Result/{end}");
    let paths = [NAMES.id, NAMES.key, NAMES.token, "Expiration"];
    let [id, key, token, expiration] = paths.map(|name| path(&format!("Credentials/{name}")));
    let arn = path("AssumedRoleUser/Arn");
    let texts = xml::texts(xml, [&id, &key, &token, &expiration, &arn]);
    // A proxy's error page may be well-formed XML too.
    let texts = texts.filter(|texts| texts.iter().any(Option::is_some));
    let [id, key, token, expiration, arn] = texts.ok_or_else(|| {
        CredentialsError::failed(
            "the response from STS is not valid: is a proxy responding in its place?",
        )
    })?;
    let credentials = session(WHAT, NAMES, [id, key, token])?;
    let expiration = time(WHAT, "Expiration", expiration.as_ref())?;
    let credentials = credentials.expiration(expiration);
    Ok(match arn.as_deref().and_then(|arn| Arn(arn).account_id()) {
        Some(account_id) => credentials.account_id(account_id),
        None => credentials,
    })
}

/// A response that is not a success.
struct Refusal {
    status: u16,
    code: Option<Text>,
    message: Option<Text>,
    request_id: Option<Text>,
}

impl Refusal {
    fn read(response: &Response) -> Refusal {
        let texts = xml::texts(&response.body, ["Error/Code", "Error/Message", "RequestId"]);
        let [code, message, request_id] = texts.unwrap_or_default();
        Refusal {
            status: response.status,
            code,
            message,
            request_id,
        }
    }

    fn into_failed(self, action: &str, is_skewed: bool) -> Failed {
        let code = self.code.as_ref().map(|code| code.as_str());
        // The identity provider did not respond to STS in time.
        let is_temporary = is_skewed || code == Some("IDPCommunicationError");
        let failure = Failure::of_response(self.status, code);
        let mut text = format!("STS responded to {action} with HTTP {}", self.status);
        for (before, part) in [(": ", &self.code), (": ", &self.message)] {
            if let Some(part) = part {
                text.push_str(before);
                text.push_str(&one_line(part));
            }
        }
        if let Some(id) = &self.request_id {
            text.push_str(" (request id ");
            text.push_str(&one_line(id));
            text.push(')');
        }
        let failure = failure.or(is_temporary.then_some(Failure::Transient));
        Failed::new(CredentialsError::failed(text), failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let failed = Refusal::read(&response).into_failed("AssumeRole", false);
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

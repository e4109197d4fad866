//! Credentials of a container's role: Amazon ECS, EKS pod identity, and compatible services.
//!
//! The rules for the address are those of the AWS SDKs and Tools Reference Guide, "Container
//! credential provider": requests carry an authorization token, and so they go only to https URLs,
//! to loopback addresses, and to the addresses of the two agents.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ureq::http::Uri;
use zeroize::Zeroizing;

use super::connection::Connection;
use super::context::Context;
use super::metadata::{ERROR, parse_metadata};
use super::{Credentials, CredentialsError};
use crate::http::{IsAllowed, Method};

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// The agent of Amazon ECS, which relative URIs belong to.
const ECS_AGENT: &str = "http://169.254.170.2";

const LIMITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(7)];

const SERVICE: &str = "the container credentials endpoint";

pub(super) fn provide(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    let target = Target::new(context.variable(RELATIVE_URI)?, context.variable(FULL_URI)?)?;
    let authorization = authorization(context)?;
    let is_allowed = (!target.is_https).then_some(is_allowed as IsAllowed);
    let connection = Connection::to_metadata(context, SERVICE, &target.url, LIMITS, is_allowed)?;
    let mut headers = vec![("accept", "application/json")];
    headers.extend(
        authorization
            .iter()
            .map(|token| ("authorization", token.as_str())),
    );
    let response = connection.retry(|| {
        let response = connection.send(Method::GET, &target.url, &headers, &[])?;
        response
            .or_refused(|response| response.failed(response.describe(SERVICE, ERROR), None, false))
    })?;
    let credentials = parse_metadata(SERVICE, &response.body)?;
    Ok(credentials.source("container").build())
}

/// Where to send the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: String,
    is_https: bool,
}

impl Target {
    /// The relative URI takes precedence.
    pub(super) fn new(
        relative: Option<&str>,
        full: Option<&str>,
    ) -> Result<Target, CredentialsError> {
        let failed = |text: String| Err(CredentialsError::failed(text));
        if let Some(relative) = relative {
            if !relative.starts_with('/') || !is_printable(relative) {
                return failed(format!(
                    "{RELATIVE_URI} is not a path: expected one that starts with /"
                ));
            }
            return Ok(Target {
                url: [ECS_AGENT, relative].concat(),
                is_https: false,
            });
        }
        let Some(full) = full else {
            return Err(CredentialsError::not_configured(format!(
                "{RELATIVE_URI} and {FULL_URI} are not set"
            )));
        };
        let Some((is_https, host)) = scheme_and_host(full) else {
            return failed(format!(
                "{FULL_URI} is not a URL: expected http:// or https://, a host and a path"
            ));
        };
        if let Ok(address) = host.parse::<IpAddr>() {
            if !is_https && !is_allowed(address) {
                return failed(format!(
                    "{FULL_URI} has the host {address}, which is not allowed over http: expected \
                     https, a loopback address, 169.254.170.2, 169.254.170.23 or fd00:ec2::23"
                ));
            }
        }
        Ok(Target {
            url: full.to_owned(),
            is_https,
        })
    }
}

fn is_printable(url: &str) -> bool {
    url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns whether a URL is `https`, and its host without the brackets of an IPv6 address.
fn scheme_and_host(url: &str) -> Option<(bool, String)> {
    let uri: Uri = url.parse().ok()?;
    let is_https = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let has_user = uri.authority()?.as_str().contains('@');
    (!host.is_empty() && !has_user).then(|| (is_https, host.to_owned()))
}

/// Returns whether credentials may be requested over plain http from an address. All addresses of a
/// host name must be allowed.
pub(super) fn is_allowed(address: IpAddr) -> bool {
    const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
    const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
    const EKS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address == ECS || address == EKS,
        IpAddr::V6(address) => address.is_loopback() || address == EKS_V6,
    }
}

/// Returns the value of the authorization header, from a file that is read every time or from a
/// variable.
fn authorization(context: Context<'_>) -> Result<Option<Zeroizing<String>>, CredentialsError> {
    let (name, token) = if let Some(path) = context.variable(TOKEN_FILE)? {
        let path = context.path(path);
        let what = format!("{} ({TOKEN_FILE})", path.display());
        (TOKEN_FILE, context.read_token(&path, &what)?)
    } else if let Some(token) = context.variable(TOKEN)? {
        (TOKEN, Zeroizing::new(token.to_owned()))
    } else {
        return Ok(None);
    };
    check_authorization(&token).map_err(|problem| {
        CredentialsError::failed(format!("the authorization token in {name} {problem}"))
    })?;
    Ok(Some(token))
}

/// Checks a token, which goes into a header unchanged.
fn check_authorization(token: &str) -> Result<(), &'static str> {
    if token.contains(['\r', '\n']) {
        Err("contains a line break, which a header cannot: remove it")
    } else if token.chars().any(|c| c.is_control() && c != '\t') {
        Err("contains control characters, which a header cannot")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_loopback_addresses_and_the_agents_over_http() {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(is_allowed(address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1", "0.0.0.0", "::", "fe80::1", "::ffff:8.8.8.8"] {
            assert!(!is_allowed(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn rejects_a_url_without_a_plain_host() {
        for url in [
            "http://127.0.0.1@example.com/",
            "http://[::1",
            "http:///path",
            "ftp://127.0.0.1/",
            "/path",
            "http://127.0.0.1/a b",
        ] {
            let error = Target::new(None, Some(url)).unwrap_err();
            assert_eq!(
                error.to_string(),
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL: expected http:// or https://, \
                 a host and a path",
                "{url}"
            );
        }
    }

    #[test]
    fn rejects_other_addresses_over_http_but_not_over_https() {
        let error = Target::new(None, Some("http://192.0.2.1/c")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI has the host 192.0.2.1, which is not allowed over \
             http: expected https, a loopback address, 169.254.170.2, 169.254.170.23 or \
             fd00:ec2::23"
        );
        assert!(Target::new(None, Some("https://192.0.2.1/c")).is_ok());
    }

    #[test]
    fn rejects_a_relative_uri_that_is_not_a_path() {
        for path in ["credentials", "//example.com\n", "/a b"] {
            let error = Target::new(Some(path), None).unwrap_err().to_string();
            assert!(error.ends_with("expected one that starts with /"), "{path}");
        }
        let target = Target::new(Some("@example.com/"), None);
        assert!(target.is_err());
    }

    #[test]
    fn is_not_configured_without_a_uri() {
        let error = Target::new(None, None).unwrap_err();
        assert!(error.is_not_configured());
        assert_eq!(
            error.to_string(),
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are \
             not set"
        );
    }

    #[test]
    fn rejects_a_token_with_control_characters() {
        assert!(check_authorization("Basic abc").is_ok());
        for token in ["a\n", "a\r\nx: y", "a\0"] {
            assert!(check_authorization(token).is_err());
        }
    }
}

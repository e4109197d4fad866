//! An EC2 instance's credentials and region, from the instance metadata service (IMDS), version 2
//! only.

use std::time::Duration;

use log::{debug, warn};
use zeroize::Zeroizing;

use super::connection::{Connection, Failed, Response, SendFailure};
use super::context::Context;
use super::metadata::{ERROR, parse_metadata};
use super::{Credentials, CredentialsError};
use crate::http::Method;
use crate::settings::endpoint::is_host_label;
use crate::system::{System, lock, random_fraction};

const TOKEN_PATH: &str = "/latest/api/token";
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const REGION_PATH: &str = "/latest/meta-data/placement/region";

/// The service is on the host itself, so one second is enough to know that there is none.
const LIMITS: [Duration; 2] = [Duration::from_secs(1); 2];

const SERVICE: &str = "the instance metadata service";

/// How long expired credentials are used before the next request, at least; at most twice as long.
/// AWS recommends a random time from five to ten minutes.
const EXTENSION: Duration = Duration::from_secs(5 * 60);

pub(super) fn provide(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    let system = context.system();
    let found = Instance::new(context).and_then(|mut instance| instance.credentials());
    let mut last = lock(&context.shared.last_of_instance);
    match found {
        Ok(found) => {
            last.clone_from(&found);
            let credentials = found
                .ok_or_else(|| CredentialsError::not_configured("the instance has no IAM role"))?;
            Ok(extended(credentials, system))
        }
        Err(error) => match &*last {
            Some(credentials) if has_expired(credentials, system) => {
                warn!("{error}");
                Ok(extended(credentials.clone(), system))
            }
            _ => Err(error),
        },
    }
}

/// Returns the region of the instance; `None` if there is no response with one.
pub(super) fn region(context: Context<'_>) -> Option<String> {
    let region = Instance::new(context).and_then(|mut instance| instance.region());
    region
        .inspect_err(|error| debug!("no region from the instance metadata: {error}"))
        .ok()
}

fn has_expired(credentials: &Credentials, system: &dyn System) -> bool {
    (credentials.expiration()).is_some_and(|expiration| expiration <= system.now())
}

/// Returns valid credentials as they are, and expired ones with a few more minutes.
fn extended(credentials: Credentials, system: &dyn System) -> Credentials {
    if !has_expired(&credentials, system) {
        return credentials;
    }
    let extension = EXTENSION.mul_f64(1.0 + random_fraction(system));
    warn!(
        "the instance's credentials have expired and {SERVICE} has no newer ones: using them, next \
         request in {} s",
        extension.as_secs()
    );
    let until = system
        .now()
        .saturating_add(extension.try_into().unwrap_or(time::Duration::ZERO));
    credentials.into_builder().expiration(until).build()
}

/// The metadata service of one instance.
struct Instance<'a> {
    endpoint: &'a str,
    connection: Connection<'a>,
    /// The session token, once there is one.
    token: Option<Zeroizing<String>>,
}

impl<'a> Instance<'a> {
    fn new(context: Context<'a>) -> Result<Instance<'a>, CredentialsError> {
        let settings = &context.shared.settings;
        if settings.ec2_metadata_disabled {
            return Err(CredentialsError::not_configured(
                "AWS_EC2_METADATA_DISABLED is true",
            ));
        }
        let endpoint = &settings.ec2_metadata_endpoint;
        Ok(Instance {
            endpoint,
            connection: Connection::to_metadata(context, SERVICE, endpoint, LIMITS, None)?,
            token: None,
        })
    }

    /// Returns the credentials of the instance's role, if it has one.
    fn credentials(&mut self) -> Result<Option<Credentials>, CredentialsError> {
        let role = self.get(ROLE_PATH)?;
        if role.status == 404 {
            return Ok(None);
        }
        let role = first_line(&succeeded(&role)?.body);
        let role = role.filter(|role| is_role_name(role)).ok_or_else(|| {
            CredentialsError::failed(format!("{SERVICE} returned an invalid role name"))
        })?;
        let response = self.get(&[ROLE_PATH, role.as_str()].concat())?;
        let credentials = parse_metadata(SERVICE, &succeeded(&response)?.body)?;
        let source = format!("instance metadata (role {role})");
        Ok(Some(credentials.source(source).build()))
    }

    fn region(&mut self) -> Result<String, CredentialsError> {
        let response = self.get(REGION_PATH)?;
        let region = first_line(&succeeded(&response)?.body);
        region
            .filter(|region| is_host_label(region))
            .ok_or_else(|| {
                CredentialsError::failed(format!("{SERVICE} returned an invalid region"))
            })
    }

    fn get(&mut self, path: &str) -> Result<Response, CredentialsError> {
        let Instance {
            endpoint,
            connection,
            token,
        } = self;
        let url = [endpoint, path].concat();
        connection.retry(|| {
            let value = match token {
                Some(token) => token,
                None => token.insert(new_token(connection, endpoint)?),
            };
            let header = ("x-aws-ec2-metadata-token", value.as_str());
            let response = connection.send(Method::GET, &url, &[header], &[]);
            let response = response.map_err(SendFailure::permanent)?;
            if response.status == 401 {
                *token = None;
            }
            if is_temporary(response.status) {
                return Err(refused(&response));
            }
            Ok(response)
        })
    }
}

fn new_token(connection: &Connection<'_>, endpoint: &str) -> Result<Zeroizing<String>, Failed> {
    let url = [endpoint, TOKEN_PATH].concat();
    let header = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    let response = connection
        .send(Method::PUT, &url, &[header], &[])
        .map_err(|failure| no_service_error(endpoint, failure))?;
    match response.status {
        200..=299 => {
            let token = std::str::from_utf8(&response.body).unwrap_or_default();
            let token = token.trim();
            if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                let text = format!("{SERVICE} returned an invalid token");
                return Err(CredentialsError::failed(text).into());
            }
            Ok(Zeroizing::new(token.to_owned()))
        }
        status @ 403..=405 => Err(CredentialsError::not_configured(format!(
            "{endpoint} issues no token (HTTP {status}): it is disabled or does not support \
             version 2",
        ))
        .into()),
        _ => Err(refused(&response)),
    }
}

/// Without a connection or a response there is no such service. There is no second attempt, since
/// that would take another second everywhere but on an instance.
fn no_service_error(endpoint: &str, failure: SendFailure) -> Failed {
    if !failure.is_no_response {
        return failure.permanent();
    }
    CredentialsError::not_configured(format!(
        "no response from {SERVICE} at {endpoint}: this is not an EC2 instance, or a container that \
         the instance's hop limit excludes"
    ))
    .into()
}

fn is_temporary(status: u16) -> bool {
    status == 401 || status >= 500
}

fn refused(response: &Response) -> Failed {
    let text = response.describe(SERVICE, ERROR);
    response.failed(text, None, is_temporary(response.status))
}

fn succeeded(response: &Response) -> Result<&Response, CredentialsError> {
    if response.is_success() {
        Ok(response)
    } else {
        Err(refused(response).error)
    }
}

fn first_line(body: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(body).ok()?.trim().lines().next()?;
    Some(line.trim().to_owned())
}

/// Checks IAM's rule for role names, which a proxy's error page does not match.
fn is_role_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && (name.bytes()).all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[derive(Debug)]
    struct Noon;

    impl System for Noon {
        fn now(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH + time::Duration::days(365)
        }

        fn fill_random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.fill(0xff);
            Ok(())
        }
    }

    #[test]
    fn extends_only_expired_credentials() {
        let now = Noon.now();
        let lasting = Credentials::new("id", "key");
        let expiring = |at| lasting.clone().into_builder().expiration(at).build();
        let valid = expiring(now + time::Duration::SECOND);
        let expired = expiring(now);
        assert_eq!(extended(lasting.clone(), &Noon), lasting);
        assert_eq!(extended(valid.clone(), &Noon), valid);
        let until = extended(expired, &Noon).expiration();
        assert_eq!(until, Some(now + time::Duration::minutes(10)));
    }

    #[test]
    fn rejects_anything_but_a_role_name() {
        assert!(is_role_name("My+Role=1,2.3@x_y-z"));
        for name in ["", "<html>", "a b", "a/b", "a?b"] {
            assert!(!is_role_name(name), "{name}");
        }
        assert_eq!(first_line(b" role \nother\n").as_deref(), Some("role"));
        assert_eq!(first_line(b" \n"), None);
        assert_eq!(first_line(b"\xff"), None);
    }
}

//! What an EC2 instance knows about itself: the credentials of its role, and its region, from the
//! instance metadata service (IMDS), version 2 only.

use std::cell::RefCell;
use std::time::Duration;

use log::{debug, warn};
use zeroize::Zeroizing;

use super::context::Context;
use super::context::Limits;
use super::fetch::{Answer, Deadline, Exchange, Failed, with_retries};
use super::metadata::{describe_refusal, parse_metadata};
use super::{Credentials, CredentialsError};
use crate::http::{FailureKind, Method};
use crate::retry::Failure;
use crate::settings::endpoint::is_host_label;
use crate::system::{System, random_fraction};

const TOKEN_PATH: &str = "/latest/api/token";
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const REGION_PATH: &str = "/latest/meta-data/placement/region";

/// The service is on the machine itself or nowhere: one second in all tells which.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(1),
    request: Duration::from_secs(1),
};

const MAX_ATTEMPTS: u32 = 3;

const SERVICE: &str = "the instance metadata service";

/// How long expired credentials are used on before the service is asked again: AWS asks for a
/// random time between five and ten minutes.
const EXTENSION: Duration = Duration::from_secs(5 * 60);

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
) -> Result<Credentials, CredentialsError> {
    let system = context.system();
    let found = Instance::new(context, deadline)?.credentials();
    let mut last = context.instance.lock();
    match found {
        Ok(found) => {
            last.clone_from(&found);
            let credentials = found
                .ok_or_else(|| CredentialsError::not_configured("the instance has no IAM role"))?;
            Ok(extended(credentials, system))
        }
        Err(error) => match &*last {
            Some(credentials) if is_over(credentials, system) => {
                warn!("{error}");
                Ok(extended(credentials.clone(), system))
            }
            _ => Err(error),
        },
    }
}

/// The region that the instance is in; `None` where nobody says.
pub(super) fn region(context: &Context, deadline: Deadline<'_>) -> Option<String> {
    let region = Instance::new(context, deadline).and_then(|instance| instance.region());
    match region {
        Ok(region) => Some(region),
        Err(error) => {
            debug!("no region from the instance: {error}");
            None
        }
    }
}

fn is_over(credentials: &Credentials, system: &dyn System) -> bool {
    (credentials.expiration()).is_some_and(|expiration| expiration <= system.now())
}

/// Credentials as they are, or, where they have expired, good for some minutes more.
fn extended(credentials: Credentials, system: &dyn System) -> Credentials {
    if !is_over(&credentials, system) {
        return credentials;
    }
    let extension = EXTENSION.mul_f64(1.0 + random_fraction(system));
    warn!(
        "the credentials of the instance have expired and {SERVICE} has no others: they are used \
         on, and it is asked again in {} s",
        extension.as_secs()
    );
    let until = system
        .now()
        .saturating_add(extension.try_into().unwrap_or(time::Duration::ZERO));
    credentials.into_builder().expiration(until).build()
}

/// The service on this machine.
struct Instance<'a> {
    endpoint: &'a str,
    exchange: Exchange<'a>,
    token: RefCell<Option<Zeroizing<String>>>,
}

impl<'a> Instance<'a> {
    fn new(context: &'a Context, deadline: Deadline<'a>) -> Result<Instance<'a>, CredentialsError> {
        let settings = context.settings();
        if let Some(disabled) = &settings.ec2_metadata_disabled {
            if disabled.value {
                return Err(CredentialsError::not_configured(format!(
                    "{} is true",
                    disabled.origin
                )));
            }
        }
        let endpoint = settings.ec2_metadata_endpoint();
        Ok(Instance {
            endpoint,
            exchange: Exchange::with_metadata(context, deadline, SERVICE, endpoint, LIMITS, None)?,
            token: RefCell::default(),
        })
    }

    /// The credentials of the instance's role, if it has one.
    fn credentials(&self) -> Result<Option<Credentials>, CredentialsError> {
        let role = self.get(ROLE_PATH)?;
        if role.status == 404 {
            return Ok(None);
        }
        let role = first_line(&succeeded(&role)?.body);
        let role = role.filter(|role| is_role_name(role)).ok_or_else(|| {
            CredentialsError::failed(format!("{SERVICE} gave something that is no role's name"))
        })?;
        let answer = self.get(&[ROLE_PATH, role.as_str()].concat())?;
        let credentials = parse_metadata(
            &format!("the answer of {SERVICE}"),
            &succeeded(&answer)?.body,
        )?;
        let source = format!("instance metadata (role {role})");
        Ok(Some(credentials.source(source).build()))
    }

    fn region(&self) -> Result<String, CredentialsError> {
        let answer = self.get(REGION_PATH)?;
        let region = first_line(&succeeded(&answer)?.body);
        region
            .filter(|region| is_host_label(region))
            .ok_or_else(|| {
                CredentialsError::failed(format!("{SERVICE} gave something that is no region"))
            })
    }

    fn get(&self, path: &str) -> Result<Answer, CredentialsError> {
        let url = [self.endpoint, path].concat();
        with_retries(self.exchange.deadline(), MAX_ATTEMPTS, || {
            let token = self.token()?;
            let header = ("x-aws-ec2-metadata-token", token.as_str());
            let answer = self.exchange.send(Method::GET, &url, &[], &[header]);
            let answer = answer.map_err(never_again)?;
            if answer.status == 401 || answer.status >= 500 {
                return Err(refused(&answer));
            }
            *self.token.borrow_mut() = Some(token);
            Ok(answer)
        })
    }

    /// The token of an earlier request, or a new one.
    fn token(&self) -> Result<Zeroizing<String>, Failed> {
        if let Some(token) = self.token.borrow_mut().take() {
            return Ok(token);
        }
        let url = [self.endpoint, TOKEN_PATH].concat();
        let header = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
        let answer = match self.exchange.send(Method::PUT, &url, &[], &[header]) {
            Ok(answer) => answer,
            Err(failed) => return Err(self.is_nobody_there(failed)),
        };
        match answer.status {
            200..=299 => {
                let token = std::str::from_utf8(&answer.body).unwrap_or_default().trim();
                if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(CredentialsError::failed(format!(
                        "{SERVICE} gave something that is no token"
                    ))
                    .into());
                }
                Ok(Zeroizing::new(token.to_owned()))
            }
            403..=405 => Err(CredentialsError::not_configured(format!(
                "{} gives no token (HTTP {}): it is turned off, or does not speak version 2",
                self.endpoint, answer.status
            ))
            .into()),
            _ => Err(refused(&answer)),
        }
    }

    /// Where no connection can be made or nobody answers, there is no such service. It is not
    /// asked again, since that would take another second on every machine that is no instance.
    fn is_nobody_there(&self, failed: Failed) -> Failed {
        let is_out_of_time = self.exchange.deadline().left().is_zero();
        match self.exchange.last_failure() {
            Some(FailureKind::Connect | FailureKind::Timeout | FailureKind::Io)
                if !is_out_of_time =>
            {
                CredentialsError::not_configured(format!(
                    "{SERVICE} does not answer at {}: this is no EC2 instance, or it is a \
                     container that the instance's hop limit keeps out",
                    self.endpoint
                ))
                .into()
            }
            _ => never_again(failed),
        }
    }
}

fn never_again(failed: Failed) -> Failed {
    failed.error.into()
}

fn refused(answer: &Answer) -> Failed {
    let refusal = describe_refusal(answer.status, &answer.body);
    let is_temporary = answer.status == 401 || answer.status >= 500;
    let error = CredentialsError::failed(format!("{SERVICE} refuses: {refusal}"));
    Failed::new(error, is_temporary.then_some(Failure::Transient))
}

fn succeeded(answer: &Answer) -> Result<&Answer, CredentialsError> {
    if answer.is_success() {
        Ok(answer)
    } else {
        Err(refused(answer).error)
    }
}

fn first_line(body: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(body).ok()?.trim().lines().next()?;
    Some(line.trim().to_owned())
}

/// IAM's rule for the names of roles.
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
    fn only_expired_credentials_are_extended() {
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
    fn a_role_name_is_no_page_of_a_proxy() {
        assert!(is_role_name("My+Role=1,2.3@x_y-z"));
        for name in ["", "<html>", "a b", "a/b", "a?b"] {
            assert!(!is_role_name(name), "{name}");
        }
        assert_eq!(first_line(b" role \nother\n").as_deref(), Some("role"));
        assert_eq!(first_line(b" \n"), None);
        assert_eq!(first_line(b"\xff"), None);
    }
}

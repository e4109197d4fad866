//! The meaning of a profile's keys, as a pure function: which credentials to start from, and which
//! roles to assume with them.
//!
//! The rules are those of the AWS SDKs and Tools Reference Guide: `role_arn` with `source_profile`
//! or `credential_source` takes precedence; then web identity, single sign-on, `aws login`, a
//! process, and keys. In a source profile keys take precedence.

mod keys;
mod sso;

use zeroize::Zeroizing;

use self::keys::Keys;
pub(crate) use self::sso::Sso;
use crate::credentials::{Credentials, CredentialsError};
use crate::settings::profile::Profiles;

/// How to get the credentials of a profile.
pub(crate) struct Plan {
    pub(crate) base: Base,
    /// The roles to assume, each with the credentials of the one before.
    pub(crate) roles: Vec<Role>,
}

/// The credentials that a plan starts from. A `place` is key, profile, file and line, for an error.
pub(crate) enum Base {
    Keys(Credentials),
    Named {
        source: CredentialSource,
        place: String,
    },
    WebIdentity(WebIdentity),
    Sso(Sso),
    Process {
        command: Zeroizing<String>,
        place: String,
    },
    Login {
        session: String,
        profile: String,
    },
}

/// The values of `credential_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialSource {
    Environment,
    Ec2InstanceMetadata,
    EcsContainer,
}

impl CredentialSource {
    const ALL: [CredentialSource; 3] = [
        CredentialSource::Environment,
        CredentialSource::Ec2InstanceMetadata,
        CredentialSource::EcsContainer,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            CredentialSource::Environment => "Environment",
            CredentialSource::Ec2InstanceMetadata => "Ec2InstanceMetadata",
            CredentialSource::EcsContainer => "EcsContainer",
        }
    }
}

/// A role to assume.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) duration_seconds: Option<u32>,
    pub(crate) mfa: Option<Mfa>,
    pub(crate) profile: String,
    pub(crate) place: String,
}

impl Role {
    /// Returns the text for `Credentials::source`.
    pub(crate) fn source(&self) -> String {
        format!("profile {:?} (role {})", self.profile, self.arn)
    }
}

/// The device whose code a role requires.
#[derive(Debug)]
pub(crate) struct Mfa {
    pub(crate) serial: String,
    pub(crate) place: String,
}

/// A role to assume with an identity provider's token.
#[derive(Debug)]
pub(crate) struct WebIdentity {
    pub(crate) role_arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) token_file: String,
    /// For `Credentials::source`.
    pub(crate) origin: String,
    pub(crate) place: String,
}

/// The source of the credentials that a role is assumed with.
enum Next<'a> {
    Itself,
    Profile(&'a str),
}

impl Plan {
    /// Makes the plan of a profile.
    ///
    /// A profile without any credentials is not configured; any other problem of it, or of a
    /// profile that it refers to, is a failure.
    pub(crate) fn of(profiles: &Profiles, selected: &str) -> Result<Plan, CredentialsError> {
        let mut roles = Vec::new();
        let mut visited: Vec<&str> = Vec::new();
        let mut name = selected;
        let base = loop {
            let Some(section) = profiles.profile(name) else {
                return Err(missing_profile(profiles, name, visited.last().copied()));
            };
            let keys = Keys { name, section };
            if visited.contains(&name) {
                visited.push(name);
                return Err(CredentialsError::failed(format!(
                    "source_profile cycle: {}",
                    visited.join(" -> ")
                )));
            }
            visited.push(name);
            let is_source = visited.len() > 1;
            if is_source {
                if let Some(credentials) = keys.static_keys()? {
                    break Some(Base::Keys(credentials));
                }
            }
            match role(&keys)? {
                None => break base(profiles, &keys)?,
                Some((role, next)) => {
                    roles.push(role);
                    match next {
                        Next::Profile(next) => name = next,
                        Next::Itself => {
                            let own = keys.static_keys()?.map(Base::Keys);
                            break match own.filter(|_| keys.get("credential_source").is_none()) {
                                Some(own) => Some(own),
                                None => base(profiles, &keys)?,
                            };
                        }
                    }
                }
            }
        };
        roles.reverse();
        if let Some(base) = base {
            return Ok(Plan { base, roles });
        }
        let is_selected = visited.len() == 1 && roles.is_empty();
        // Credentials may be in a section whose name is not valid: no other identity is used.
        let misnamed = profiles.misnamed(name);
        let is_configured = !is_selected || misnamed.is_some();
        let mut text = if is_selected {
            format!("profile {name:?} has no credentials")
        } else {
            format!(
                "profile {name:?}, a source_profile, has no credentials: expected keys, or one of \
                 role_arn, sso_session, credential_process"
            )
        };
        if let Some(reason) = misnamed {
            text = format!("{text}; {reason}");
        }
        Err(if is_configured {
            CredentialsError::failed(text)
        } else {
            CredentialsError::not_configured(text)
        })
    }
}

fn missing_profile(profiles: &Profiles, name: &str, referrer: Option<&str>) -> CredentialsError {
    let mut text = match referrer {
        Some(referrer) => {
            format!("profile {name:?}, the source_profile of profile {referrer:?}, does not exist")
        }
        None => format!("profile {name:?} does not exist"),
    };
    if let Some(reason) = profiles.misnamed(name) {
        text = format!("{text}; {reason}");
    }
    CredentialsError::failed(text)
}

/// Returns the role of a profile, and the source of the credentials to assume it with.
fn role<'a>(keys: &Keys<'a>) -> Result<Option<(Role, Next<'a>)>, CredentialsError> {
    // A web identity is assumed without other credentials.
    if keys.get("web_identity_token_file").is_some() {
        return Ok(None);
    }
    let Some(role_arn) = keys.get("role_arn") else {
        return Ok(None);
    };
    let place = role_arn.place();
    let next = match (keys.get("source_profile"), keys.get("credential_source")) {
        (Some(_), Some(source)) => {
            return Err(CredentialsError::failed(format!(
                "{} conflicts with source_profile: set only one of them",
                source.place()
            )));
        }
        (None, None) => {
            return Err(CredentialsError::failed(format!(
                "{place} needs one of source_profile, credential_source, web_identity_token_file \
                 in the same profile"
            )));
        }
        (Some(profile), None) if profile.value != keys.name => Next::Profile(profile.value),
        (Some(_), None) | (None, Some(_)) => Next::Itself,
    };
    let role = Role {
        arn: role_arn.value.to_owned(),
        session_name: keys.text("role_session_name"),
        external_id: keys.text("external_id"),
        duration_seconds: keys.seconds("duration_seconds")?,
        mfa: keys.get("mfa_serial").map(|serial| Mfa {
            serial: serial.value.to_owned(),
            place: serial.place(),
        }),
        profile: keys.name.to_owned(),
        place,
    };
    Ok(Some((role, next)))
}

/// Returns the credentials of a profile that needs no other one.
fn base(profiles: &Profiles, keys: &Keys<'_>) -> Result<Option<Base>, CredentialsError> {
    if let Some(source) = keys.get("credential_source") {
        let named = CredentialSource::ALL
            .into_iter()
            .find(|named| named.as_str().eq_ignore_ascii_case(source.value));
        let place = source.place();
        return match named {
            Some(source) => Ok(Some(Base::Named { source, place })),
            None => Err(CredentialsError::failed(format!(
                "{place} is {:?}: expected Environment, Ec2InstanceMetadata or EcsContainer",
                source.value
            ))),
        };
    }
    if let Some(identity) = web_identity(keys)? {
        return Ok(Some(Base::WebIdentity(identity)));
    }
    if let Some(sso) = Sso::of(profiles, keys)? {
        return Ok(Some(Base::Sso(sso)));
    }
    if let Some(session) = keys.get("login_session") {
        return Ok(Some(Base::Login {
            session: session.value.to_owned(),
            profile: keys.name.to_owned(),
        }));
    }
    if let Some(command) = keys.get("credential_process") {
        return Ok(Some(Base::Process {
            command: Zeroizing::new(command.value.to_owned()),
            place: command.place(),
        }));
    }
    Ok(keys.static_keys()?.map(Base::Keys))
}

fn web_identity(keys: &Keys<'_>) -> Result<Option<WebIdentity>, CredentialsError> {
    let Some(token_file) = keys.get("web_identity_token_file") else {
        return Ok(None);
    };
    let place = token_file.place();
    let Some(role_arn) = keys.text("role_arn") else {
        return Err(CredentialsError::failed(format!(
            "{place} needs role_arn in the same profile"
        )));
    };
    Ok(Some(WebIdentity {
        role_arn,
        session_name: keys.text("role_session_name"),
        token_file: token_file.value.to_owned(),
        origin: format!("profile {:?}", keys.name),
        place,
    }))
}

#[cfg(test)]
mod tests;

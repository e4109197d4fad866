//! What the keys of a profile mean, as a pure function: where to begin, and which roles to assume
//! from there.
//!
//! The rules are those of the AWS SDKs and Tools Reference Guide: `role_arn` with `source_profile`
//! or `credential_source` comes first; then web identity, single sign-on, `aws login`, a process,
//! and keys. In a source profile keys come first.

mod keys;
mod sso;

use zeroize::Zeroizing;

use self::keys::Keys;
pub(crate) use self::sso::Sso;
use crate::settings::profile::Profiles;
use crate::{Credentials, CredentialsError};

/// How to get to the credentials of a profile.
pub(crate) struct Plan {
    pub(crate) base: Base,
    /// The roles to assume, each with the credentials of the one before.
    pub(crate) roles: Vec<Role>,
}

/// Where a plan begins. A `place` says key, profile, file and line for an error.
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
    pub(crate) profile: String,
    pub(crate) place: String,
}

/// A role to assume with a token that somebody else gave.
#[derive(Debug)]
pub(crate) struct WebIdentity {
    pub(crate) role_arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) token_file: String,
    /// Where it is configured, for `Credentials::source`.
    pub(crate) origin: String,
    pub(crate) place: String,
}

/// What to look at after a profile that has a role.
enum Next<'a> {
    Itself,
    Profile(&'a str),
}

impl Plan {
    /// The plan of a profile that exists.
    ///
    /// A profile without anything about credentials is not configured; whatever else is wrong with
    /// it, or with a profile that it refers to, is a failure.
    pub(crate) fn of(profiles: &Profiles, selected: &str) -> Result<Plan, CredentialsError> {
        let mut roles = Vec::new();
        let mut visited: Vec<&str> = Vec::new();
        let mut name = selected;
        let base = loop {
            let Some(section) = profiles.profile(name) else {
                return Err(no_such_profile(profiles, name, visited.last().copied()));
            };
            let keys = Keys { name, section };
            if visited.contains(&name) {
                visited.push(name);
                return Err(CredentialsError::failed(format!(
                    "the source_profile keys go round in circles: {}",
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
        match base {
            Some(base) => Ok(Plan { base, roles }),
            None if visited.len() == 1 && roles.is_empty() => {
                let text = format!("profile {name:?} says nothing about credentials");
                // Credentials may be in a section that is not read: no other identity is used.
                Err(match profiles.misnamed(name) {
                    Some(reason) => CredentialsError::failed(format!("{text}; {reason}")),
                    None => CredentialsError::not_configured(text),
                })
            }
            None => {
                let text = format!(
                    "profile {name:?}, a source_profile, says nothing about credentials: expected \
                     keys, or one of role_arn, sso_session, credential_process"
                );
                Err(CredentialsError::failed(match profiles.misnamed(name) {
                    Some(reason) => format!("{text}; {reason}"),
                    None => text,
                }))
            }
        }
    }
}

fn no_such_profile(profiles: &Profiles, name: &str, referrer: Option<&str>) -> CredentialsError {
    let mut text = format!("there is no profile {name:?}");
    if let Some(referrer) = referrer {
        text = format!("{text}, which is the source_profile of profile {referrer:?}");
    }
    if let Some(reason) = profiles.misnamed(name) {
        text = format!("{text}; {reason}");
    }
    CredentialsError::failed(text)
}

/// The role that a profile has to be assumed by another's credentials, and whose.
fn role<'a>(keys: &Keys<'a>) -> Result<Option<(Role, Next<'a>)>, CredentialsError> {
    // A web identity needs nobody else's credentials.
    if keys.get("web_identity_token_file").is_some() {
        return Ok(None);
    }
    let Some(role_arn) = keys.get("role_arn") else {
        return Ok(None);
    };
    let place = role_arn.place();
    if let Some(mfa) = keys.get("mfa_serial") {
        return Err(CredentialsError::failed(format!(
            "{} asks for a code from a person, and nobody is asked here: use a session that \
             another tool got, for instance by credential_process",
            mfa.place()
        )));
    }
    let next = match (keys.get("source_profile"), keys.get("credential_source")) {
        (Some(_), Some(source)) => {
            return Err(CredentialsError::failed(format!(
                "{} comes together with source_profile: expected only one of them",
                source.place()
            )));
        }
        (None, None) => {
            return Err(CredentialsError::failed(format!(
                "{place} does not say with whose credentials: expected one of source_profile, \
                 credential_source, web_identity_token_file beside it"
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
        profile: keys.name.to_owned(),
        place,
    };
    Ok(Some((role, next)))
}

/// Where a profile begins that needs no other one.
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
            "{place} does not say for which role: expected role_arn beside it"
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

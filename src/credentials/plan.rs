//! The meaning of a profile's keys, as a pure function: which credentials to start from, and which
//! roles to assume with them.
//!
//! The rules are those of the AWS SDKs and Tools Reference Guide: `role_arn` with `source_profile`
//! or `credential_source` takes precedence; then web identity, single sign-on, `aws login`, a
//! process, and keys. In a source profile keys take precedence.

mod sso;

use zeroize::Zeroizing;

pub(crate) use self::sso::Sso;
use crate::credentials::context::Provide;
use crate::credentials::document::checked;
use crate::credentials::static_keys::{self, Names};
use crate::credentials::{Credentials, CredentialsError, container, environment, imds};
use crate::settings::Origin;
use crate::settings::profile::{Entry, Kind, Profile, Profiles, Section};

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
        name: &'static str,
        provide: Provide,
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
const NAMED_SOURCES: [(&str, Provide); 3] = [
    ("Environment", environment::provide),
    ("Ec2InstanceMetadata", imds::provide),
    ("EcsContainer", container::provide),
];

/// The keys of a key pair in a profile.
const NAMES: Names = Names {
    id: "aws_access_key_id",
    secret: "aws_secret_access_key",
    token: "aws_session_token",
    older_token: "aws_security_token",
    account_id: "aws_account_id",
};

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

impl Plan {
    /// Makes the plan of the selected profile.
    ///
    /// A profile without any credentials is not configured; any other problem of it, or of a
    /// profile that it refers to, is a failure.
    pub(crate) fn of(selected: &Profile) -> Result<Plan, CredentialsError> {
        let profiles = &selected.files;
        let mut roles = Vec::new();
        let mut visited: Vec<&str> = Vec::new();
        let mut name = selected.name.value.as_str();
        let base = loop {
            let Some(section) = profiles.find(Kind::Profile, name) else {
                return Err(match visited.last() {
                    Some(referrer) => missing_source(profiles, name, referrer),
                    None => missing_selected(selected),
                });
            };
            let is_source = !visited.is_empty();
            let is_cycle = visited.contains(&name);
            visited.push(name);
            if is_cycle {
                let cycle = visited.join(" -> ");
                let text = format!("source_profile cycle: {cycle}");
                return Err(CredentialsError::failed(text));
            }
            if is_source {
                if let Some(credentials) = static_keys(section)? {
                    break Some(Base::Keys(credentials));
                }
            }
            let Some((role, source)) = role(section)? else {
                break base(profiles, section)?;
            };
            roles.push(role);
            match source {
                Some(source) => name = source,
                None => break own_base(profiles, section)?,
            }
        };
        roles.reverse();
        match base {
            Some(base) => Ok(Plan { base, roles }),
            None => Err(no_credentials(
                profiles,
                name,
                visited.len() > 1 || !roles.is_empty(),
            )),
        }
    }
}

/// Returns the error for a selected profile that the files do not have. One that is named, or whose
/// section has an invalid name, is meant to exist.
fn missing_selected(profile: &Profile) -> CredentialsError {
    let error = CredentialsError::not_configured(profile.missing(""));
    let is_misnamed = (profile.files).misnamed(&profile.name.value).is_some();
    if is_misnamed || profile.name.origin != Origin::Default {
        return error.required();
    }
    error
}

fn missing_source(profiles: &Profiles, name: &str, referrer: &str) -> CredentialsError {
    let text =
        format!("profile {name:?}, the source_profile of profile {referrer:?}, does not exist");
    match profiles.misnamed(name) {
        Some(reason) => CredentialsError::failed(format!("{text}; {reason}")),
        None => CredentialsError::failed(text),
    }
}

fn no_credentials(profiles: &Profiles, name: &str, is_source: bool) -> CredentialsError {
    let text = if is_source {
        format!(
            "profile {name:?}, a source_profile, has no credentials: expected keys, or one of \
             role_arn, sso_session, credential_process"
        )
    } else {
        format!("profile {name:?} has no credentials")
    };
    // Credentials may be in a section whose name is not valid: no other identity is used.
    match profiles.misnamed(name) {
        Some(reason) => CredentialsError::failed(format!("{text}; {reason}")),
        None if is_source => CredentialsError::failed(text),
        None => CredentialsError::not_configured(text),
    }
}

/// Returns the role of a profile, and the profile whose credentials it is assumed with, unless that
/// is the same.
fn role(keys: Section<'_>) -> Result<Option<(Role, Option<&str>)>, CredentialsError> {
    // A web identity is assumed without other credentials.
    if keys.get("web_identity_token_file").is_some() {
        return Ok(None);
    }
    let Some(role_arn) = keys.get("role_arn") else {
        return Ok(None);
    };
    let place = role_arn.place().to_string();
    let source = match (keys.get("source_profile"), keys.get("credential_source")) {
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
        (Some(profile), None) => Some(profile.value).filter(|name| *name != keys.name),
        (None, Some(_)) => None,
    };
    let role = Role {
        arn: role_arn.value.to_owned(),
        session_name: keys.text("role_session_name"),
        external_id: keys.text("external_id"),
        duration_seconds: keys.get("duration_seconds").map(seconds).transpose()?,
        mfa: keys.get("mfa_serial").map(|serial| Mfa {
            serial: serial.value.to_owned(),
            place: serial.place().to_string(),
        }),
        profile: keys.name.to_owned(),
        place,
    };
    Ok(Some((role, source)))
}

/// Returns the credentials of a profile that is its own source: its key pair takes precedence.
fn own_base(profiles: &Profiles, keys: Section<'_>) -> Result<Option<Base>, CredentialsError> {
    if keys.get("credential_source").is_none() {
        if let Some(credentials) = static_keys(keys)? {
            return Ok(Some(Base::Keys(credentials)));
        }
    }
    base(profiles, keys)
}

/// Returns the credentials of a profile that needs no other one.
fn base(profiles: &Profiles, keys: Section<'_>) -> Result<Option<Base>, CredentialsError> {
    if let Some(source) = keys.get("credential_source") {
        let named = NAMED_SOURCES
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(source.value));
        let place = source.place().to_string();
        return match named {
            Some((name, provide)) => Ok(Some(Base::Named {
                name,
                provide,
                place,
            })),
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
            place: command.place().to_string(),
        }));
    }
    Ok(static_keys(keys)?.map(Base::Keys))
}

fn web_identity(keys: Section<'_>) -> Result<Option<WebIdentity>, CredentialsError> {
    let Some(token_file) = keys.get("web_identity_token_file") else {
        return Ok(None);
    };
    let place = token_file.place().to_string();
    let Some(role_arn) = keys.text("role_arn") else {
        return Err(CredentialsError::failed(format!(
            "{place} needs role_arn in the same profile"
        )));
    };
    Ok(Some(WebIdentity {
        role_arn,
        session_name: keys.text("role_session_name"),
        token_file: token_file.value.to_owned(),
        origin: keys.to_string(),
        place,
    }))
}

fn seconds(found: Entry<'_>) -> Result<u32, CredentialsError> {
    match found.value.parse() {
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => Err(CredentialsError::failed(format!(
            "{} is {:?}: expected a number of seconds, such as 3600",
            found.place(),
            found.value
        ))),
    }
}

/// Returns the key pair in the profile itself.
fn static_keys(profile: Section<'_>) -> Result<Option<Credentials>, CredentialsError> {
    let what = profile.to_string();
    let get = |key| {
        let found = profile.get(key);
        found
            .map(|found| checked(&what, key, found.value))
            .transpose()
    };
    let place = |key| {
        profile
            .get(key)
            .map_or(String::new(), |found| found.place().to_string())
    };
    let keys = static_keys::static_keys(&NAMES, get, place)?;
    Ok(keys.map(|keys| keys.source(format!("{what} (keys)")).build()))
}

#[cfg(test)]
mod tests;

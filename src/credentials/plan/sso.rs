//! The keys of single sign-on (IAM Identity Center), in both forms.

use crate::credentials::CredentialsError;
use crate::settings::endpoint::is_host_label;
use crate::settings::profile::{Entry, Kind, Profiles, Section};

/// The single sign-on of a profile.
#[derive(Debug)]
pub(crate) struct Sso {
    /// The name of the `sso-session` section; `None` in the older form, whose tokens cannot be
    /// refreshed.
    pub(crate) session: Option<String>,
    pub(crate) start_url: String,
    pub(crate) region: String,
    /// `None` if the profile has only a session.
    pub(crate) role: Option<SsoRole>,
    pub(crate) profile: String,
    pub(crate) place: String,
}

#[derive(Debug)]
pub(crate) struct SsoRole {
    pub(crate) account_id: String,
    pub(crate) name: String,
}

const START_URL: &str = "sso_start_url";
const REGION: &str = "sso_region";
const ACCOUNT_ID: &str = "sso_account_id";
const ROLE_NAME: &str = "sso_role_name";
const SESSION: &str = "sso_session";

impl Sso {
    /// Returns the single sign-on of a profile, if it has any key of it.
    pub(super) fn of(
        profiles: &Profiles,
        keys: Section<'_>,
    ) -> Result<Option<Sso>, CredentialsError> {
        let mut found = [SESSION, START_URL, REGION, ACCOUNT_ID, ROLE_NAME]
            .into_iter()
            .filter_map(|key| keys.get(key));
        let Some(first) = found.next() else {
            return Ok(None);
        };
        let place = first.place().to_string();
        let profile = keys.name;
        let role = match (keys.text(ACCOUNT_ID), keys.text(ROLE_NAME)) {
            (Some(account_id), Some(name)) => Some(SsoRole { account_id, name }),
            (None, None) => None,
            (Some(_), None) => return Err(lacks(profile, ROLE_NAME)),
            (None, Some(_)) => return Err(lacks(profile, ACCOUNT_ID)),
        };
        let session = keys.get(SESSION);
        let value = |key| match &session {
            Some(session) => of_session(profiles, keys, session, key),
            None => keys.text(key).ok_or_else(|| lacks(profile, key)),
        };
        let (start_url, region) = (value(START_URL)?, value(REGION)?);
        if session.is_none() && role.is_none() {
            return Err(lacks(profile, ACCOUNT_ID));
        }
        if !is_host_label(&region) {
            return Err(CredentialsError::failed(format!(
                "{REGION} for profile {profile:?} is {region:?}: expected a region such as \
                 \"us-east-1\""
            )));
        }
        Ok(Some(Sso {
            session: session.map(|session| session.value.to_owned()),
            start_url,
            region,
            role,
            profile: profile.to_owned(),
            place,
        }))
    }
}

/// Returns a value of the session. The profile may repeat it, but not differ.
fn of_session(
    profiles: &Profiles,
    keys: Section<'_>,
    session: &Entry<'_>,
    key: &'static str,
) -> Result<String, CredentialsError> {
    let name = session.value;
    let place = session.place();
    let section = profiles.find(Kind::SsoSession, name).ok_or_else(|| {
        CredentialsError::failed(format!(
            "{place} is {name:?}: expected the name of an [sso-session NAME] section of the \
             config file"
        ))
    })?;
    let value = section.get(key).map_or("", |found| found.value);
    if let Some(own) = keys.get(key).filter(|own| own.value != value) {
        return Err(CredentialsError::failed(format!(
            "{} differs from that of {section}: set it only there",
            own.place()
        )));
    }
    if value.is_empty() {
        return Err(CredentialsError::failed(format!(
            "{section} has no {key}: set it there"
        )));
    }
    Ok(value.to_owned())
}

fn lacks(profile: &str, key: &str) -> CredentialsError {
    CredentialsError::failed(format!(
        "profile {profile:?} uses SSO but has no {key}: run \"aws configure sso\" or set it"
    ))
}

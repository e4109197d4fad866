//! The keys of one profile.

use crate::credentials::document::checked;
use crate::credentials::{Credentials, CredentialsError};
use crate::settings::Place;
use crate::settings::profile::{Property, Section};

/// A profile.
pub(super) struct Keys<'a> {
    pub(super) name: &'a str,
    pub(super) section: Section<'a>,
}

/// A value that is not blank.
pub(super) struct Found<'a> {
    pub(super) value: &'a str,
    key: &'static str,
    profile: &'a str,
    property: &'a Property,
}

impl Found<'_> {
    /// Returns key, profile, file and line, for an error.
    pub(super) fn place(&self) -> String {
        let section = format!("profile {:?}", self.profile);
        Place::new(self.key, section, self.property).to_string()
    }
}

impl<'a> Keys<'a> {
    pub(super) fn get(&self, key: &'static str) -> Option<Found<'a>> {
        let property = self.section.property(key)?;
        let value = property.value.trim();
        (!value.is_empty()).then_some(Found {
            value,
            key,
            profile: self.name,
            property,
        })
    }

    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key).map(|found| found.value.to_owned())
    }

    pub(super) fn seconds(&self, key: &'static str) -> Result<Option<u32>, CredentialsError> {
        let Some(found) = self.get(key) else {
            return Ok(None);
        };
        match found.value.parse() {
            Ok(seconds) if seconds > 0 => Ok(Some(seconds)),
            _ => Err(CredentialsError::failed(format!(
                "{} is {:?}: expected a number of seconds, such as 3600",
                found.place(),
                found.value
            ))),
        }
    }

    /// Returns the key pair in the profile itself.
    pub(super) fn static_keys(&self) -> Result<Option<Credentials>, CredentialsError> {
        const ID: &str = "aws_access_key_id";
        const SECRET: &str = "aws_secret_access_key";
        let half = |given: &Found<'_>, missing: &str| {
            CredentialsError::failed(format!(
                "{} is set, but {missing} is not: set both",
                given.place()
            ))
        };
        let (id, secret) = match (self.get(ID), self.get(SECRET)) {
            (Some(id), Some(secret)) => (id, secret),
            (Some(id), None) => return Err(half(&id, SECRET)),
            (None, Some(secret)) => return Err(half(&secret, ID)),
            (None, None) => return Ok(None),
        };
        let profile = format!("profile {:?}", self.name);
        let id = checked(&profile, ID, id.value)?;
        let secret = checked(&profile, SECRET, secret.value)?;
        let mut credentials = Credentials::builder(id, secret).source(format!("{profile} (keys)"));
        for key in ["aws_security_token", "aws_session_token"] {
            // The first key is an older one; the second takes precedence.
            if let Some(token) = self.get(key) {
                let token = checked(&profile, key, token.value)?;
                credentials = credentials.session_token(token);
            }
        }
        let account_id = self.text("aws_account_id");
        Ok(Some(credentials.known_account_id(account_id).build()))
    }
}

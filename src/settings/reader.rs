//! Looks up settings: first in the environment, then in the profile.

use super::origin::{Origin, Setting};
use super::values;
use crate::settings::env::Env;
use crate::settings::error::ConfigError;
use crate::settings::profile::{Profile, Section};

pub(super) type Found<T> = Result<Option<Setting<T>>, ConfigError>;

/// Where settings are looked up.
pub(super) struct Reader<'a> {
    pub(super) env: &'a Env,
    pub(super) profile: &'a Profile,
    section: Option<Section<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: &'a Env, profile: &'a Profile) -> Reader<'a> {
        Reader {
            env,
            profile,
            section: profile.section(),
        }
    }

    /// Returns the trimmed value of a variable.
    pub(super) fn variable(&self, name: &'static str) -> Found<&'a str> {
        let value = self.env.get(name)?.map(str::trim);
        Ok(value.map(|value| Setting::new(value, Origin::Environment(name))))
    }

    /// Returns the trimmed value of a key of the profile.
    pub(super) fn key(&self, key: &'static str) -> Option<Setting<&'a str>> {
        let found = self.section?.get(key)?;
        Some(Setting::new(
            found.value,
            Origin::File(found.place().into()),
        ))
    }

    /// Returns the value of a variable or, if it is unset, of a key.
    pub(super) fn find(&self, variable: &'static str, key: &'static str) -> Found<&'a str> {
        match self.variable(variable)? {
            Some(found) => Ok(Some(found)),
            None => Ok(self.key(key)),
        }
    }

    /// Finds and parses a value; the parser's error is what it expects.
    pub(super) fn read<T>(
        &self,
        variable: &'static str,
        key: &'static str,
        parser: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Found<T> {
        match self.find(variable, key)? {
            Some(found) => Ok(Some(found.parse(parser)?)),
            None => Ok(None),
        }
    }

    /// Finds and parses a value, and drops its origin.
    pub(super) fn value<T>(
        &self,
        variable: &'static str,
        key: &'static str,
        parser: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ConfigError> {
        let found = self.read(variable, key, parser)?;
        Ok(found.map(|found| found.value))
    }

    /// Returns whether a variable or a key is set to `true`.
    pub(super) fn is_set(
        &self,
        variable: &'static str,
        key: &'static str,
    ) -> Result<bool, ConfigError> {
        let is_set = self.value(variable, key, values::boolean)?;
        Ok(is_set.unwrap_or_default())
    }

    pub(super) fn region(&self) -> Found<String> {
        match self.variable("AWS_REGION")? {
            Some(found) => Ok(Some(found.parse(values::region)?)),
            None => self.read("AWS_DEFAULT_REGION", "region", values::region),
        }
    }
}

//! A value and where it comes from.

use std::fmt;

use crate::settings::error::ConfigError;
use crate::settings::profile::Property;

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a value comes from; `Display` says it to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was set in code.
    Code,
    /// An environment variable of this name.
    Environment(&'static str),
    /// A profile file: key, section, file and line, in words.
    File(String),
    /// Nothing says otherwise.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Code => "explicit setting",
            Origin::Environment(name) => name,
            Origin::File(place) => place,
            Origin::Default => "default",
        })
    }
}

impl Origin {
    /// Where the value was found, for people; `None` if it was set in code.
    pub(crate) fn found(&self) -> Option<String> {
        (*self != Origin::Code).then(|| self.to_string())
    }

    /// A property of a section that is called, say, `profile "dev"`.
    pub(crate) fn of_property(key: &str, section: &str, property: &Property) -> Origin {
        Origin::File(Origin::place(key, section, property))
    }

    /// Where such a property is, in words.
    pub(crate) fn place(key: &str, section: &str, property: &Property) -> String {
        let path = property.path().display();
        let line = property.line();
        format!("{key} of {section} ({path}, line {line})")
    }
}

impl<T> Setting<T> {
    /// A value that was set in code.
    pub(crate) fn in_code(value: T) -> Setting<T> {
        Setting::new(value, Origin::Code)
    }

    pub(super) fn new(value: T, origin: Origin) -> Setting<T> {
        Setting { value, origin }
    }
}

impl Setting<&str> {
    /// Parses the text; the parser's error says what it expects.
    pub(super) fn parse<T>(
        self,
        parser: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Setting<T>, ConfigError> {
        match parser(self.value) {
            Ok(value) => Ok(Setting::new(value, self.origin)),
            Err(expected) => Err(self.error(expected)),
        }
    }

    /// An error that names the setting, its value and what is expected.
    pub(super) fn error(&self, expected: &str) -> ConfigError {
        ConfigError::new(format!(
            "{} is {:?}: expected {expected}",
            self.origin, self.value
        ))
    }
}

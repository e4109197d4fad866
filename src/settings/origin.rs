//! Values, and where they come from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::settings::error::ConfigError;

/// A value, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Code,
    InstanceMetadata,
    /// An environment variable.
    Environment(&'static str),
    /// A key in a profile file.
    File(Arc<Place>),
    /// Nothing says otherwise.
    Default,
}

/// A key in a profile file. `Display` names it with its section, file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) key: String,
    /// Such as `profile "dev"`.
    pub(super) section: String,
    pub(super) path: Arc<Path>,
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place {
            key,
            section,
            path,
            line,
        } = self;
        write!(f, "{key} of {section} ({}, line {line})", path.display())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Code => f.write_str("explicit setting"),
            Origin::InstanceMetadata => f.write_str("instance metadata"),
            Origin::Environment(name) => f.write_str(name),
            Origin::File(place) => place.fmt(f),
            Origin::Default => f.write_str("default"),
        }
    }
}

impl Origin {
    /// Returns where the value was found, for display; `None` if it was set in code.
    pub(crate) fn found(&self) -> Option<String> {
        (*self != Origin::Code).then(|| self.to_string())
    }
}

impl<T> Setting<T> {
    pub(crate) fn in_code(value: T) -> Setting<T> {
        Setting::new(value, Origin::Code)
    }

    pub(crate) fn new(value: T, origin: Origin) -> Setting<T> {
        Setting { value, origin }
    }
}

impl Setting<&str> {
    /// Parses the text; the parser's error is what it expects.
    pub(super) fn parse<T>(
        self,
        parser: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Setting<T>, ConfigError> {
        match parser(self.value) {
            Ok(value) => Ok(Setting::new(value, self.origin)),
            Err(expected) => Err(self.invalid(Some(self.value), &format!("expected {expected}"))),
        }
    }

    /// Returns an error that names the setting, its value unless it may be secret, and its place.
    pub(super) fn invalid(&self, value: Option<&str>, problem: &str) -> ConfigError {
        let value = value.map(|value| format!(" {value:?}")).unwrap_or_default();
        ConfigError::new(match &self.origin {
            Origin::File(place) => {
                let Place {
                    key, section, line, ..
                } = &**place;
                let path = place.path.display();
                format!("invalid {key}{value} ({section}, {path}, line {line}): {problem}")
            }
            origin => format!("invalid {origin}{value}: {problem}"),
        })
    }
}

//! The profile files that AWS tools share: `~/.aws/config` and `~/.aws/credentials`.
//!
//! [`Profiles`] is what both files say together. Reading is strict where a mistake would change the
//! meaning of a profile; sections and keys of other tools are ignored. The documentation of
//! [`config`](crate::config) describes the grammar.

mod files;
mod grammar;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use self::files::{ProfilePaths, expand_home};
use self::grammar::{Header, RawSection};
use super::error::ConfigError;
use crate::system::{Deadline, RealSystem};

/// The content of a profile file.
#[derive(Clone, Copy)]
pub(crate) struct ProfileFile<'a> {
    /// For errors.
    pub(crate) path: &'a Path,
    pub(crate) content: &'a [u8],
}

impl fmt::Debug for ProfileFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What the two profile files say together.
///
/// `Debug` shows names and keys, never values.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    named: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    misnamed: Vec<Misnamed>,
}

/// A section that is not read, and why.
#[derive(Debug)]
struct Misnamed {
    /// The name of the profile that it may be taken for.
    name: String,
    header: String,
    expected: String,
    path: Arc<Path>,
    line: usize,
}

impl Profiles {
    /// Reads the files at these paths. A missing file counts as empty.
    pub(crate) fn read(paths: &ProfilePaths, timeout: Duration) -> Result<Profiles, ConfigError> {
        let deadline = Deadline::new(&RealSystem, timeout);
        let config = files::read(paths.config.as_deref(), deadline)?;
        let credentials = files::read(paths.credentials.as_deref(), deadline)?;
        Profiles::parse(
            files::as_file(paths.config.as_deref(), &config),
            files::as_file(paths.credentials.as_deref(), &credentials),
        )
    }

    /// Merges a config file and a credentials file. The error names file and line.
    pub(crate) fn parse(
        config: Option<ProfileFile<'_>>,
        credentials: Option<ProfileFile<'_>>,
    ) -> Result<Profiles, ConfigError> {
        let mut profiles = Profiles::default();
        if let Some(file) = config {
            profiles.add(file, Header::of_config_file)?;
        }
        if let Some(file) = credentials {
            profiles.add(file, Header::of_credentials_file)?;
        }
        Ok(profiles)
    }

    fn add(
        &mut self,
        file: ProfileFile<'_>,
        classify: fn(&str) -> Header,
    ) -> Result<(), ConfigError> {
        let sections = grammar::parse(file)?;
        let headers: Vec<Header> = sections.iter().map(|raw| classify(raw.header)).collect();
        let ignores_plain_default = headers.contains(&Header::Profile("default".to_owned()));
        let path: Arc<Path> = file.path.into();
        for (header, raw) in headers.into_iter().zip(sections) {
            let (sections, name) = match header {
                Header::PlainDefault if ignores_plain_default => continue,
                Header::PlainDefault => (&mut self.named, "default".to_owned()),
                Header::Profile(name) => (&mut self.named, name),
                Header::SsoSession(name) => (&mut self.sso_sessions, name),
                Header::Services(name) => (&mut self.services, name),
                Header::Misnamed { name, expected } => {
                    self.misnamed.push(Misnamed {
                        name,
                        header: raw.header.to_owned(),
                        expected,
                        path: Arc::clone(&path),
                        line: raw.line,
                    });
                    continue;
                }
                Header::Other => continue,
            };
            sections.entry(name).or_default().merge(raw, &path);
        }
        Ok(())
    }

    /// Returns a profile by its name; case matters.
    pub(crate) fn profile(&self, name: &str) -> Option<&Section> {
        self.named.get(name)
    }

    /// Returns the header that a profile has in the config file.
    pub(crate) fn config_header(name: &str) -> String {
        grammar::in_config_file(name)
    }

    /// Returns a note about a section that is not read, but looks like the one of this profile.
    pub(crate) fn misnamed(&self, name: &str) -> Option<String> {
        let Misnamed {
            header,
            expected,
            path,
            line,
            ..
        } = self.misnamed.iter().rfind(|section| section.name == name)?;
        let path = path.display();
        Some(format!(
            "[{header}] ({path}, line {line}) is ignored: expected [{expected}]"
        ))
    }

    /// Returns an `[sso-session NAME]` section of the config file.
    pub(crate) fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// Returns a `[services NAME]` section of the config file.
    pub(crate) fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }
}

/// The properties of a section with their keys in lower case; the last one of a key counts.
#[derive(Default)]
pub(crate) struct Section(Vec<(String, Property)>);

impl Section {
    /// Returns a value by its key, whose case does not matter. It may be empty.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.property(key).map(Property::value)
    }

    /// Returns a value and its place.
    pub(crate) fn property(&self, key: &str) -> Option<&Property> {
        let mut properties = self.0.iter();
        let (_, property) = properties.rfind(|(other, _)| other.eq_ignore_ascii_case(key))?;
        Some(property)
    }

    fn merge(&mut self, raw: RawSection<'_>, path: &Arc<Path>) {
        for property in raw.properties {
            if !grammar::is_name(property.key) {
                log::debug!(
                    "{}, line {}: ignored the key",
                    path.display(),
                    property.line
                );
                continue;
            }
            let value = Property {
                value: property.value,
                path: Arc::clone(path),
                line: property.line,
            };
            self.0.push((property.key.to_ascii_lowercase(), value));
        }
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.0.iter().map(|(key, _)| key).collect();
        f.debug_tuple("Section").field(&keys).finish()
    }
}

/// A value in a profile file, and its place.
pub(crate) struct Property {
    value: Zeroizing<String>,
    path: Arc<Path>,
    line: usize,
}

impl Property {
    /// Returns the trimmed value; the lines of a longer one are joined by line feeds.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    pub(crate) fn path(&self) -> Arc<Path> {
        Arc::clone(&self.path)
    }

    /// Returns the line of the key, counted from 1.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// Returns the value of a sub-property, the case of whose name does not matter:
    ///
    /// ```text
    /// simpledbv2 =
    ///   endpoint_url = http://localhost:8000
    /// ```
    pub(crate) fn sub_property(&self, name: &str) -> Option<&str> {
        grammar::sub_property(&self.value, name)
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Property")
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! The profile files that AWS tools share: `~/.aws/config` and `~/.aws/credentials`.
//!
//! [`Profiles`] is what both files say together. Reading is strict where a mistake would change
//! what a profile means, and its errors name file, line and what was expected there; sections and
//! keys that belong to other tools are left alone. Profiles can be parsed from text, too:
//!
//! ```
//! use std::path::Path;
//! use simpledb_export::settings::profile::{ProfileFile, Profiles};
//!
//! let config = b"[default]\nregion = us-west-2\n[profile dev]\nREGION = eu-west-1 # Ireland\n";
//! let file = ProfileFile { path: Path::new("config"), content: config };
//! let profiles = Profiles::parse(Some(file), None)?;
//!
//! let dev = profiles.profile("dev").expect("it is there");
//! assert_eq!(dev.get("region"), Some("eu-west-1"));
//! # Ok::<(), simpledb_export::config::ConfigError>(())
//! ```
//!
//! # Grammar
//!
//! - White space is space or tab. A line that begins with `#` or `;` is a comment, and so is the
//!   rest of a line from white space and one of them on.
//! - Config file: `[default]`, `[profile NAME]`, `[sso-session NAME]`, `[services NAME]`; other
//!   sections are left alone. Where there is a `[profile default]`, `[default]` is ignored.
//!   Credentials file: `[NAME]`.
//! - Names consist of letters, digits and `_ - . / % @ : +`; in the config file others may stand in
//!   quotes. What has another name is ignored.
//! - `key = value`; the case of the key does not matter. A line that is indented deeper than the
//!   key continues the value; after an empty value, it is a sub-property `name = value`.
//! - Sections of the same name are merged, the last value counts, and the credentials file wins.

mod files;
mod grammar;
mod sorted;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use self::files::ProfilePaths;
pub(crate) use self::files::expand_home;
use self::grammar::{Header, RawSection};
use self::sorted::Sorted;
use super::error::ConfigError;

/// A profile file that was read already.
#[derive(Clone, Copy)]
pub struct ProfileFile<'a> {
    /// Where it comes from, for errors.
    pub path: &'a Path,
    /// Its bytes; they should be UTF-8.
    pub content: &'a [u8],
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
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    named: Sorted<Section>,
    sso_sessions: Sorted<Section>,
    services: Sorted<Section>,
}

impl Profiles {
    /// Reads the files at these paths. A file that does not exist is an empty one.
    ///
    /// # Errors
    ///
    /// A file exists and cannot be read, or breaks the grammar.
    pub fn read(paths: &ProfilePaths) -> Result<Profiles, ConfigError> {
        let config = files::read(paths.config.as_deref())?;
        let credentials = files::read(paths.credentials.as_deref())?;
        Profiles::parse(
            files::as_file(paths.config.as_deref(), &config),
            files::as_file(paths.credentials.as_deref(), &credentials),
        )
    }

    /// Merges a config file and a credentials file.
    ///
    /// # Errors
    ///
    /// A file is not UTF-8 or breaks the grammar: the error names file, line and what was expected.
    pub fn parse(
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
        classify: fn(&str) -> Header<'_>,
    ) -> Result<(), ConfigError> {
        let sections = grammar::parse(file)?;
        let headers: Vec<Header<'_>> = sections.iter().map(|raw| classify(raw.header)).collect();
        let ignores_plain_default = headers.contains(&Header::Profile("default"));
        let path: Arc<Path> = file.path.into();
        for (header, raw) in headers.into_iter().zip(sections) {
            let (sections, name) = match header {
                Header::PlainDefault if ignores_plain_default => continue,
                Header::PlainDefault => (&mut self.named, "default"),
                Header::Profile(name) => (&mut self.named, name),
                Header::SsoSession(name) => (&mut self.sso_sessions, name),
                Header::Services(name) => (&mut self.services, name),
                Header::Other => {
                    log::debug!(
                        "{}: ignoring the section in line {}",
                        path.display(),
                        raw.line
                    );
                    continue;
                }
            };
            sections.entry(name).merge(raw, &path);
        }
        Ok(())
    }

    /// A profile by its name; case matters.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.named.get(name)
    }

    /// An `[sso-session NAME]` section of the config file.
    #[must_use]
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// A `[services NAME]` section of the config file.
    #[must_use]
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }

    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.named.names()
    }

    /// The names of all `sso-session` sections, sorted.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.names()
    }
}

/// The properties of a section.
#[derive(Clone, Default)]
pub struct Section(Sorted<Property>);

impl Section {
    /// A value by its key, whose case does not matter. It may be empty.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.property(key).map(Property::value)
    }

    /// A value and where it was found.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&Property> {
        self.0.get(key).or_else(|| {
            let has_upper_case = key.bytes().any(|byte| byte.is_ascii_uppercase());
            has_upper_case.then(|| self.0.get(&key.to_ascii_lowercase()))?
        })
    }

    /// All properties, sorted by their keys, which are in lower case.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.0.iter()
    }

    fn merge(&mut self, raw: RawSection<'_>, path: &Arc<Path>) {
        for property in raw.properties {
            if !grammar::is_name(property.key) {
                log::debug!(
                    "{}: ignoring the key in line {}",
                    path.display(),
                    property.line
                );
                continue;
            }
            self.0.set(
                property.key.to_ascii_lowercase(),
                Property {
                    value: property.value,
                    path: Arc::clone(path),
                    line: property.line,
                },
            );
        }
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.0.names().collect();
        f.debug_tuple("Section").field(&keys).finish()
    }
}

/// A value in a profile file, and where it was found.
#[derive(Clone)]
pub struct Property {
    value: Zeroizing<String>,
    path: Arc<Path>,
    line: usize,
}

impl Property {
    /// The value, trimmed; the lines of a longer one are joined by line feeds.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The file that it was found in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line of the key, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The value of a sub-property, the case of whose name does not matter:
    ///
    /// ```text
    /// simpledbv2 =
    ///   endpoint_url = http://localhost:8000
    /// ```
    #[must_use]
    pub fn sub_property(&self, name: &str) -> Option<&str> {
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

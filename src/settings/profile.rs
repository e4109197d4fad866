//! The profile files that AWS tools share: `~/.aws/config` and `~/.aws/credentials`.
//!
//! [`Profiles`] is what both files say together. Reading is strict where a mistake would change the
//! meaning of a profile; sections and keys of other tools are ignored. The documentation of
//! [`config`](crate::config) describes the grammar.

mod files;
mod grammar;
mod selected;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use self::files::{ProfilePaths, expand_home};
use self::grammar::{Header, RawProperty};
pub(crate) use self::selected::Profile;
#[cfg(test)]
use self::selected::profile_name;
use super::error::ConfigError;
use crate::system::{Deadline, RealSystem};

/// What the two profile files say together.
///
/// `Debug` shows names and keys, never values.
#[derive(Debug)]
pub(crate) struct Profiles {
    pub(crate) paths: ProfilePaths,
    /// In their order; those of the credentials file come last.
    sections: Vec<FileSection>,
}

/// A section of a file.
#[derive(Debug)]
struct FileSection {
    header: Header,
    /// The header as the file has it.
    text: String,
    path: Arc<Path>,
    line: usize,
    properties: Vec<Property>,
}

impl Profiles {
    /// Reads the files at these paths. A missing file counts as empty.
    pub(crate) fn read(paths: ProfilePaths, timeout: Duration) -> Result<Profiles, ConfigError> {
        let deadline = Deadline::new(&RealSystem, timeout);
        let config = files::read(paths.config.as_deref(), deadline)?;
        let credentials = files::read(paths.credentials.as_deref(), deadline)?;
        Profiles::parse(paths, &config, &credentials)
    }

    /// Merges the content of a config file and of a credentials file. The error names file and line.
    pub(crate) fn parse(
        paths: ProfilePaths,
        config: &[u8],
        credentials: &[u8],
    ) -> Result<Profiles, ConfigError> {
        let mut sections = Vec::new();
        for (path, content, classify) in [
            (
                &paths.config,
                config,
                Header::of_config_file as fn(&str) -> Header,
            ),
            (&paths.credentials, credentials, Header::of_credentials_file),
        ] {
            if let Some(path) = path {
                add_sections(&mut sections, path, content, classify)?;
            }
        }
        Ok(Profiles { paths, sections })
    }

    fn find(&self, header: &Header) -> Option<Section<'_>> {
        let mut sections = self.sections.iter();
        let first = sections.find(|section| section.header == *header)?;
        Some(Section {
            all: &self.sections,
            header: &first.header,
        })
    }

    /// Returns a profile by its name; case matters.
    pub(crate) fn profile(&self, name: &str) -> Option<Section<'_>> {
        self.find(&Header::Profile(name.to_owned()))
    }

    /// Returns a note about a section that is not read, but looks like the one of this profile.
    pub(crate) fn misnamed(&self, profile: &str) -> Option<String> {
        self.sections.iter().rev().find_map(|section| {
            let (expected, text) = match &section.header {
                Header::Misnamed { name, expected } if name == profile => (expected, &section.text),
                _ => return None,
            };
            let (path, line) = (section.path.display(), section.line);
            Some(format!(
                "[{text}] ({path}, line {line}) is ignored: expected [{expected}]"
            ))
        })
    }

    /// Returns an `[sso-session NAME]` section of the config file.
    pub(crate) fn sso_session(&self, name: &str) -> Option<Section<'_>> {
        self.find(&Header::SsoSession(name.to_owned()))
    }

    /// Returns a `[services NAME]` section of the config file.
    pub(crate) fn services(&self, name: &str) -> Option<Section<'_>> {
        self.find(&Header::Services(name.to_owned()))
    }
}

fn add_sections(
    sections: &mut Vec<FileSection>,
    path: &Path,
    content: &[u8],
    classify: fn(&str) -> Header,
) -> Result<(), ConfigError> {
    let found = grammar::parse(path, content)?;
    let headers: Vec<Header> = found.iter().map(|raw| classify(raw.header)).collect();
    let default = Header::Profile("default".to_owned());
    let ignores_plain_default = headers.contains(&default);
    let path: Arc<Path> = path.into();
    for (header, raw) in headers.into_iter().zip(found) {
        let header = match header {
            Header::PlainDefault if ignores_plain_default => continue,
            Header::PlainDefault => default.clone(),
            Header::Other => continue,
            header => header,
        };
        sections.push(FileSection {
            header,
            text: raw.header.to_owned(),
            path: Arc::clone(&path),
            line: raw.line,
            properties: properties(raw.properties, &path),
        });
    }
    Ok(())
}

fn properties(raw: Vec<RawProperty<'_>>, path: &Arc<Path>) -> Vec<Property> {
    let (named, others): (Vec<_>, Vec<_>) = raw
        .into_iter()
        .partition(|property| grammar::is_name(property.key));
    for RawProperty { line, .. } in others {
        log::debug!("{}, line {line}: ignored the key", path.display());
    }
    let properties = named.into_iter().map(|raw| Property {
        key: raw.key.to_ascii_lowercase(),
        value: raw.value,
        path: Arc::clone(path),
        line: raw.line,
    });
    properties.collect()
}

/// All sections with the same header; of a key that several have, the last one counts.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    all: &'a [FileSection],
    header: &'a Header,
}

impl<'a> Section<'a> {
    /// Returns a value by its key, whose case does not matter, and its place.
    pub(crate) fn property(self, key: &str) -> Option<&'a Property> {
        let is_named = |property: &&Property| property.key.eq_ignore_ascii_case(key);
        let sections = self.all.iter().rev();
        sections
            .filter(|section| section.header == *self.header)
            .find_map(|section| section.properties.iter().rfind(is_named))
    }
}

/// A value in a profile file, and its place.
pub(crate) struct Property {
    /// In lower case.
    key: String,
    /// Trimmed, perhaps empty; the lines of a longer one are joined by line feeds.
    pub(crate) value: Zeroizing<String>,
    pub(crate) path: Arc<Path>,
    /// The line of the key, counted from 1.
    pub(crate) line: usize,
}

impl Property {
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
            .field("key", &self.key)
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

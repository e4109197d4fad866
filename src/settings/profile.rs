//! The profile files that AWS tools share: `~/.aws/config` and `~/.aws/credentials`.
//!
//! Reading is strict if a mistake would change the meaning of a profile; sections and keys of other
//! tools are ignored. The documentation of [`config`](crate::config) describes the grammar.

mod files;
mod grammar;
mod selected;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use self::files::{ProfilePaths, expand_home, lacks_home};
use self::grammar::Header;
pub(crate) use self::selected::Profile;
use super::Place;
use super::error::ConfigError;
use crate::system::{Deadline, RealSystem};

/// The content of both profile files.
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
        let config = files::read(&paths.config, deadline)?;
        let credentials = files::read(&paths.credentials, deadline)?;
        Profiles::parse(paths, &config, &credentials)
    }

    /// Merges the content of a config file and of a credentials file. The error names file and line.
    pub(crate) fn parse(
        paths: ProfilePaths,
        config: &[u8],
        credentials: &[u8],
    ) -> Result<Profiles, ConfigError> {
        let mut sections = sections_of(&paths.config, config, Header::of_config_file)?;
        let more = sections_of(&paths.credentials, credentials, Header::of_credentials_file)?;
        sections.extend(more);
        Ok(Profiles { paths, sections })
    }

    /// Returns a section by its name; case matters.
    pub(crate) fn find<'a>(&'a self, kind: Kind, name: &'a str) -> Option<Section<'a>> {
        let all = &self.sections;
        let section = Section { all, kind, name };
        section.parts().next().map(|_| section)
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
}

fn sections_of(
    path: &Path,
    content: &[u8],
    classify: fn(&str) -> Header,
) -> Result<Vec<FileSection>, ConfigError> {
    let mut sections = grammar::parse(path, content, classify)?;
    let default = Header::Named(Kind::Profile, "default".to_owned());
    let ignores_plain_default = sections.iter().any(|section| section.header == default);
    sections.retain(|section| match section.header {
        Header::PlainDefault => !ignores_plain_default,
        Header::Other => false,
        Header::Named(..) | Header::Misnamed { .. } => true,
    });
    for section in &mut sections {
        if section.header == Header::PlainDefault {
            section.header = default.clone();
        }
        section.properties.retain(|property| {
            let is_name = grammar::is_name(&property.key);
            if !is_name {
                log::debug!(
                    "{}, line {}: ignored the key",
                    path.display(),
                    property.line
                );
            }
            is_name
        });
    }
    Ok(sections)
}

/// The kinds of sections that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Profile,
    /// In the config file only.
    SsoSession,
    /// In the config file only.
    Services,
}

/// All sections with the same header; of a key that several have, the last one counts. `Display`
/// writes it as in `profile "dev"`.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    all: &'a [FileSection],
    kind: Kind,
    pub(crate) name: &'a str,
}

impl<'a> Section<'a> {
    fn parts(self) -> impl DoubleEndedIterator<Item = &'a FileSection> {
        self.all.iter().filter(move |section| {
            matches!(&section.header, Header::Named(kind, name) if *kind == self.kind && name == self.name)
        })
    }

    /// Returns the property with a key, whose case does not matter.
    pub(crate) fn property(self, key: &str) -> Option<&'a Property> {
        let is_named = |property: &&Property| property.key.eq_ignore_ascii_case(key);
        self.parts()
            .rev()
            .find_map(|section| section.properties.iter().rfind(is_named))
    }

    /// Returns the trimmed value of a key, and its place; blank means unset.
    pub(crate) fn get(self, key: &'static str) -> Option<Entry<'a>> {
        let property = self.property(key)?;
        let value = property.value.trim();
        (!value.is_empty()).then_some(Entry {
            value,
            key,
            section: self,
            property,
        })
    }

    pub(crate) fn text(self, key: &'static str) -> Option<String> {
        self.get(key).map(|found| found.value.to_owned())
    }
}

impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Profile => "profile",
            Kind::SsoSession => "sso-session",
            Kind::Services => "services",
        };
        write!(f, "{kind} {:?}", self.name)
    }
}

/// A value that is not blank.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) value: &'a str,
    key: &'static str,
    section: Section<'a>,
    property: &'a Property,
}

impl Entry<'_> {
    pub(crate) fn place(&self) -> Place {
        self.property.place(self.section, self.key)
    }
}

/// A value in a profile file, and its place.
pub(crate) struct Property {
    /// In lower case.
    key: String,
    /// Trimmed, perhaps empty; the lines of a longer one are joined by line feeds.
    pub(crate) value: Zeroizing<String>,
    path: Arc<Path>,
    /// The line of the key, counted from 1.
    line: usize,
}

impl Property {
    /// Returns the place of this property, or of the part of it that `key` names.
    pub(crate) fn place(&self, section: Section<'_>, key: &str) -> Place {
        Place {
            key: key.to_owned(),
            section: section.to_string(),
            path: Arc::clone(&self.path),
            line: self.line,
        }
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
            .field("key", &self.key)
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

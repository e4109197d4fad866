//! The option `--types`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Serialize, Serializer};
use simpledb_export::data::{self, Types, TypesFile};

/// Where the types of a conversion come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypesSource {
    Auto,
    Text,
    File(TypesPath),
}

/// A types file that is read once: it may be a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypesPath {
    path: PathBuf,
    content: OnceLock<TypesFile>,
}

/// The types of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DomainTypes<'a> {
    /// Guessed in a first pass.
    Auto,
    /// All text.
    Text,
    /// Those of a types file.
    Listed(&'a Types),
}

impl TypesSource {
    pub(crate) fn parse(text: &str) -> Result<TypesSource, &'static str> {
        match text {
            "" => Err("expected auto, text, or a file"),
            "auto" => Ok(TypesSource::Auto),
            "text" => Ok(TypesSource::Text),
            file => Ok(TypesSource::File(TypesPath {
                path: file.into(),
                content: OnceLock::new(),
            })),
        }
    }

    /// Returns the types of a domain, whose name may be unknown.
    pub(crate) fn of_domain(&self, name: Option<&str>) -> Result<DomainTypes<'_>, data::Error> {
        let file = match self {
            TypesSource::Auto => return Ok(DomainTypes::Auto),
            TypesSource::Text => return Ok(DomainTypes::Text),
            TypesSource::File(file) => file.read()?,
        };
        Ok(match name.and_then(|name| file.get(name)) {
            Some(types) => DomainTypes::Listed(types),
            None if file.auto => DomainTypes::Auto,
            None => DomainTypes::Text,
        })
    }
}

impl TypesPath {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(&self) -> Result<&TypesFile, data::Error> {
        if let Some(file) = self.content.get() {
            return Ok(file);
        }
        let file = TypesFile::open(&self.path)?;
        Ok(self.content.get_or_init(|| file))
    }
}

/// As on the command line.
impl Serialize for TypesSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TypesSource::Auto => serializer.serialize_str("auto"),
            TypesSource::Text => serializer.serialize_str("text"),
            TypesSource::File(file) => serializer.collect_str(&file.path.display()),
        }
    }
}

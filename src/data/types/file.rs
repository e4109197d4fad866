//! A types file: the types of several domains, to be edited by hand.

use std::collections::HashSet;
use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::str;
use std::time::Duration;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::ser::Serializer;

use super::Types;
use super::member::OneLine;
use crate::data::elements::message_of;
use crate::data::error::{Error, ErrorKind};
use crate::fs::atomic::AtomicFile;
use crate::fs::read::read_file;

/// The types of the attributes of one or more domains, as stored in a file: what `describe
/// --types-file` writes and `convert --types` reads.
///
/// ```json
/// {
///   "*": "text",
///   "Books": {
///     "title": "text",
///     "price": "decimal(6,2)",
///     "tags": {"type": "text", "multiValued": true},
///     "sold": {"type": "integer", "encoding": "offset", "width": 20, "offset": 9223372036854775808}
///   }
/// }
/// ```
///
/// The member `*` applies to domains that are not listed: `"text"`, which is the default, or
/// `"auto"`. An attribute that its domain does not list is not converted.
///
/// | type | encodings, with their members |
/// |---|---|
/// | `text`, `date`, `timestamp`, `timestamp with zone` | `plain` |
/// | `boolean` | `plain`, `capitalized` |
/// | `integer` (64 bits), `integer(digits)` | `plain`, `padded` (`width`), `offset` (`width`, `offset`) |
/// | `decimal(digits,decimals)` | `plain`, `fixed-point`, `pointed`, `padded` (`width`), `offset` (`width`, `offset`, `scale`) |
/// | `float` | `plain`, `boto-float` |
///
/// [`Encoding`](super::Encoding) describes the encodings. A type that is plain and single-valued
/// can be written as a string alone. `"numbered": true` means that each of several values begins
/// with its number, as boto writes lists: `000:text`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypesFile {
    /// Whether the types of domains that are not listed are guessed. Defaults to false: all their
    /// values are text.
    pub auto: bool,
    domains: Vec<(String, Types)>,
}

/// No domain has this name.
const OTHERS: &str = "*";

/// What a domain of more than a hundred thousand attributes needs.
const MAX_BYTES: u64 = 64 << 20;

/// For a pipe that nobody writes to.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

impl TypesFile {
    /// Creates a file without domains.
    #[must_use]
    pub fn new() -> TypesFile {
        TypesFile::default()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Read`](ErrorKind::Read) if the file cannot be read, and
    /// [`InvalidTypes`](ErrorKind::InvalidTypes), with line and column, if it is not a types file.
    pub fn open(path: impl AsRef<Path>) -> Result<TypesFile, Error> {
        let path = path.as_ref();
        let read = read_file(path, MAX_BYTES, READ_TIMEOUT).map_err(Error::read);
        let parsed = read.and_then(|bytes| match str::from_utf8(&bytes) {
            Ok(text) => TypesFile::parse(text),
            Err(_) => Err(Error::new(ErrorKind::InvalidTypes, "is not UTF-8")),
        });
        parsed.map_err(|error| error.in_file(path))
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// [`InvalidTypes`](ErrorKind::InvalidTypes), with line and column.
    pub fn parse(text: &str) -> Result<TypesFile, Error> {
        // Some editors begin a file with a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = format!("line {line}, column {column}: {}", message_of(&error));
            Error::new(ErrorKind::InvalidTypes, message)
        })
    }

    /// Returns the types of a domain, if the file lists it.
    #[must_use]
    pub fn get(&self, domain_name: &str) -> Option<&Types> {
        let mut domains = self.domains.iter();
        domains.find_map(|(name, types)| (name == domain_name).then_some(types))
    }

    /// Sets the types of a domain.
    pub fn insert(&mut self, domain_name: impl Into<String>, types: Types) {
        let name = domain_name.into();
        match self.domains.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = types,
            None => self.domains.push((name, types)),
        }
    }

    /// Writes the file, or replaces an existing one in one step.
    ///
    /// # Errors
    ///
    /// [`Write`](ErrorKind::Write) if the file cannot be written; an existing one is as it was.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let write = |path: &Path| {
            let mut file = AtomicFile::create(path)?;
            file.write_all(self.to_string().as_bytes())?;
            file.commit()
        };
        write(path.as_ref()).map_err(|error| Error::write(error).in_file(path.as_ref()))
    }
}

/// The text of the file, one line for each attribute.
impl fmt::Display for TypesFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = if self.auto { "auto" } else { "text" };
        write!(f, "{{\n  \"{OTHERS}\": \"{others}\"")?;
        for (name, types) in &self.domains {
            write!(f, ",\n  {}: {{", Json(name))?;
            for (index, (name, attribute)) in types.iter().enumerate() {
                let separator = if index == 0 { "" } else { "," };
                write!(f, "{separator}\n    {}: {}", Json(name), Json(attribute))?;
            }
            f.write_str(if types.is_empty() { "}" } else { "\n  }" })?;
        }
        f.write_str("\n}\n")
    }
}

/// A value as JSON in one line.
struct Json<T>(T);

impl<T: Serialize> fmt::Display for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut json = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut json, OneLine);
        self.0.serialize(&mut serializer).map_err(|_| fmt::Error)?;
        f.write_str(&String::from_utf8_lossy(&json))
    }
}

impl<'de> Deserialize<'de> for TypesFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TypesFile, D::Error> {
        struct Domains;

        impl<'de> Visitor<'de> for Domains {
            type Value = TypesFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a member for each domain")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<TypesFile, A::Error> {
                let mut file = TypesFile::new();
                let mut names = HashSet::new();
                while let Some(name) = members.next_key::<String>()? {
                    if name == OTHERS {
                        file.auto = members.next_value::<Others>()?.0;
                    } else {
                        let types = members.next_value()?;
                        file.domains.push((name.clone(), types));
                    }
                    once(&mut names, name, "domain")?;
                }
                Ok(file)
            }
        }

        deserializer.deserialize_map(Domains)
    }
}

/// What applies to domains that are not named.
struct Others(bool);

impl<'de> Deserialize<'de> for Others {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Others, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "auto" => Ok(Others(true)),
            "text" => Ok(Others(false)),
            other => Err(D::Error::custom(format_args!(
                "\"*\" is {other:?}; expected \"auto\" or \"text\""
            ))),
        }
    }
}

impl Serialize for Types {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Types {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Types, D::Error> {
        struct Attributes;

        impl<'de> Visitor<'de> for Attributes {
            type Value = Types;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a member for each attribute")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Types, A::Error> {
                let mut types = Types::new();
                let mut names = HashSet::new();
                while let Some((name, attribute)) = members.next_entry::<String, _>()? {
                    types.attributes.push((name.clone(), attribute));
                    once(&mut names, name, "attribute")?;
                }
                Ok(types)
            }
        }

        deserializer.deserialize_map(Attributes)
    }
}

fn once<E: serde::de::Error>(
    names: &mut HashSet<String>,
    name: String,
    what: &str,
) -> Result<(), E> {
    match names.replace(name) {
        Some(name) => Err(E::custom(format_args!(
            "the {what} {name:?} is listed twice"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

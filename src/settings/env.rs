//! The environment, as one snapshot.
//!
//! Everything that is configured by environment variables is read from an [`Env`], so that a test
//! can supply its own, and so that two settings are never read at different times.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;

use super::error::ConfigError;

/// A snapshot of environment variables.
///
/// Cloning is cheap. `Debug` shows the names only: values may be secret.
#[derive(Clone, Default)]
pub(crate) struct Env(Arc<[(OsString, OsString)]>);

impl Env {
    /// The environment of this process, as it is now.
    pub(crate) fn from_process() -> Env {
        std::env::vars_os().collect()
    }

    #[cfg(test)]
    pub(crate) fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Env {
        pairs.into_iter().collect()
    }

    /// The value of a variable; `None` where it is unset, empty or nothing but white space.
    ///
    /// # Errors
    ///
    /// The value is not UTF-8. Only the variable that is asked for matters.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.get_os(name) else {
            return Ok(None);
        };
        match value.to_str() {
            Some(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
            None => Err(ConfigError::new(format!(
                "environment variable {name} is not valid UTF-8"
            ))),
        }
    }

    /// The value of a variable as the system has it, for paths; `None` where it is unset or empty.
    pub(crate) fn get_os(&self, name: &str) -> Option<&OsStr> {
        self.value(&key(Cow::Borrowed(OsStr::new(name))))
            .filter(|value| !value.is_empty())
    }

    /// The last value of a name counts. Some dozens of names are compared by their lengths first,
    /// which is less work than putting them in order.
    fn value(&self, key: &OsStr) -> Option<&OsStr> {
        let mut pairs = self.0.iter().rev();
        let (_, value) = pairs.find(|(name, _)| name == key)?;
        Some(value)
    }

    fn is_within(&self, other: &Env) -> bool {
        let mut names = self.0.iter().map(|(name, _)| name);
        names.all(|name| self.value(name) == other.value(name))
    }
}

/// The order does not matter.
impl PartialEq for Env {
    fn eq(&self, other: &Env) -> bool {
        self.is_within(other) && other.is_within(self)
    }
}

impl Eq for Env {}

/// Names differ by case everywhere but on Windows.
fn key(name: Cow<'_, OsStr>) -> Cow<'_, OsStr> {
    if cfg!(windows) {
        name.to_ascii_uppercase().into()
    } else {
        name
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Env {
        let pairs = pairs.into_iter();
        Env(pairs
            .map(|(name, value)| (key(Cow::Owned(name.into())).into_owned(), value.into()))
            .collect())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name).collect();
        f.debug_tuple("Env").field(&names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_is_an_unset_one() {
        let env = Env::from_pairs([("A", ""), ("B", " \t"), ("C", " c ")]);
        let values = ["A", "B", "C", "D"].map(|name| env.get(name).unwrap());
        assert_eq!(values, [None, None, Some(" c "), None]);
    }

    #[test]
    fn the_last_value_of_a_name_counts_and_the_order_does_not() {
        let env = Env::from_pairs([("A", "1"), ("B", "2"), ("A", "3")]);
        assert_eq!(env.get("A").unwrap(), Some("3"));
        assert_eq!(env, Env::from_pairs([("A", "3"), ("B", "2")]));
        assert_eq!(env, Env::from_pairs([("B", "2"), ("A", "3")]));
        assert_ne!(env, Env::from_pairs([("A", "3")]));
        assert_ne!(Env::from_pairs([("A", "3")]), env);
        assert_ne!(env, Env::from_pairs([("A", "1"), ("B", "2")]));
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let env = Env::from_pairs([("AWS_SECRET_ACCESS_KEY", "hidden")]);
        assert_eq!(format!("{env:?}"), "Env([\"AWS_SECRET_ACCESS_KEY\"])");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_matters_only_when_it_is_asked_for() {
        use std::os::unix::ffi::OsStringExt;
        let env: Env = [
            ("GOOD", OsString::from("x")),
            ("BAD", OsString::from_vec(vec![b'/', 0xff])),
        ]
        .into_iter()
        .collect();
        assert_eq!(env.get("GOOD").unwrap(), Some("x"));
        assert_eq!(
            env.get("BAD").unwrap_err().to_string(),
            "environment variable BAD is not valid UTF-8"
        );
        assert_eq!(env.get_os("BAD").map(OsStr::len), Some(2));
    }
}

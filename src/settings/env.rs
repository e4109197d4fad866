//! The environment, as one snapshot: a test can supply its own, and no two settings are read at
//! different times.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;

use super::error::ConfigError;

/// A snapshot of environment variables.
///
/// Clones are cheap. `Debug` shows the names only: values may be secret.
#[derive(Clone, Default)]
pub(crate) struct Env(Arc<Vec<(OsString, OsString)>>);

impl Env {
    /// Returns the environment of this process, as it is now.
    pub(crate) fn from_process() -> Env {
        std::env::vars_os().collect()
    }

    #[cfg(test)]
    pub(crate) fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Env {
        pairs.into_iter().collect()
    }

    /// Returns the value of a variable; `None` if it is unset, empty or only white space.
    ///
    /// A value that is not UTF-8 is an error only if it is requested.
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

    /// Returns the value of a variable as the system has it, for paths; `None` if it is unset or
    /// empty.
    pub(crate) fn get_os(&self, name: &str) -> Option<&OsStr> {
        let mut variables = self.0.iter();
        let (_, value) = variables.rfind(|(other, _)| is_same(other, name))?;
        Some(value.as_os_str()).filter(|value| !value.is_empty())
    }
}

/// Compares names; case does not matter on Windows.
fn is_same(name: &OsStr, other: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case(other)
    } else {
        name == other
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Env {
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        Env(Arc::new(pairs.collect()))
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
    fn takes_a_blank_variable_as_unset() {
        let env = Env::from_pairs([("A", ""), ("B", " \t"), ("C", " c ")]);
        let values = ["A", "B", "C", "D"].map(|name| env.get(name).unwrap());
        assert_eq!(values, [None, None, Some(" c "), None]);
    }

    #[test]
    fn takes_the_last_value_of_a_name() {
        let env = Env::from_pairs([("A", "1"), ("B", "2"), ("A", "3")]);
        assert_eq!(env.get("A").unwrap(), Some("3"));
    }

    #[test]
    fn shows_names_and_no_values_in_debug() {
        let env = Env::from_pairs([("AWS_SECRET_ACCESS_KEY", "hidden")]);
        assert_eq!(format!("{env:?}"), "Env([\"AWS_SECRET_ACCESS_KEY\"])");
    }

    #[cfg(unix)]
    #[test]
    fn rejects_a_value_that_is_not_utf_8_only_if_it_is_requested() {
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

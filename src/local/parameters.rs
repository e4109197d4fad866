//! The parameters of a request, in its query or in a form.

use super::error::ServiceError;
use crate::wire::percent;

/// Decoded parameters.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes parameters; returns `None` if they are not percent-encoded UTF-8.
    pub(super) fn parse(text: &str) -> Option<Parameters> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| decode(&text.replace('+', " "));
            Some((decode(name)?, decode(value)?))
        });
        pairs.collect::<Option<_>>().map(Parameters)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| value)
    }

    /// Returns a parameter that the older API requires.
    pub(super) fn required(&self, name: &str) -> Result<&str, ServiceError> {
        let value = self.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| {
            let message = format!("The request must contain the parameter {name}");
            ServiceError::bad_request("MissingParameter", message)
        })
    }
}

/// Decodes a path or a parameter; returns `None` if an escape is malformed or the result is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let starts_with_hex = |text: &str| {
        let digits = text.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(starts_with_hex) {
        return None;
    }
    String::from_utf8(percent::decode(text).into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_names_and_values() {
        let form = Parameters::parse("Action=ListDomains&b%26=%C3%A4+%2B&&c").unwrap();
        let pairs: Vec<_> = form.iter().collect();
        assert_eq!(pairs, [("Action", "ListDomains"), ("b&", "ä +"), ("c", "")]);
        assert_eq!(form.get("b&"), Some("ä +"));
        assert_eq!(form.required("Action"), Ok("ListDomains"));
        assert_eq!(
            form.required("c").unwrap_err().message,
            "The request must contain the parameter c"
        );
    }

    #[test]
    fn rejects_what_is_not_percent_encoded_utf_8() {
        for text in ["a=%ff", "a=%", "%4=a", "a=%zz"] {
            assert!(Parameters::parse(text).is_none(), "{text}");
        }
    }
}

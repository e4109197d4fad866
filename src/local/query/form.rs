//! The parameters of a request.

use super::QueryError;
use crate::wire::percent;

/// A form, decoded.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Result<Form, QueryError> {
        let text = std::str::from_utf8(body).ok();
        let pairs = text.unwrap_or_default().split('&');
        let pairs = pairs.filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        });
        match (text, pairs.collect()) {
            (Some(_), Some(pairs)) => Ok(Form(pairs)),
            _ => Err(QueryError::invalid_value("the form is not UTF-8")),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        Some(&found?.1)
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<&str, QueryError> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| QueryError::missing(name))
    }

    /// Returns what the signature covers.
    pub(crate) fn signed(&self) -> Vec<(&str, &str)> {
        let pairs = self
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, _)| *name != "Signature").collect()
    }
}

/// Decodes a name or a value, in which a plus sign is a space.
fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    String::from_utf8(percent::decode(&text).into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_names_and_values() {
        let form = Form::read(b"Action=ListDomains&b%26=%C3%A4+%2B&&c&Signature=x").unwrap();
        assert_eq!(form.get("Action"), Some("ListDomains"));
        assert_eq!(form.get("b&"), Some("ä +"));
        assert_eq!(
            form.signed(),
            [("Action", "ListDomains"), ("b&", "ä +"), ("c", "")]
        );
        assert_eq!(form.required("c").unwrap_err(), QueryError::missing("c"));
    }

    #[test]
    fn rejects_what_is_not_utf_8() {
        for body in [b"a=%ff".as_slice(), b"a=\xff"] {
            let error = Form::read(body).err();
            assert_eq!(
                error,
                Some(QueryError::invalid_value("the form is not UTF-8"))
            );
        }
    }
}

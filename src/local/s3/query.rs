//! The parameters of a request to S3.

use std::borrow::Cow;

use super::address::decode;
use crate::local::exchange::Request;
use crate::local::s3_error::S3Error;
use crate::local::xml::Xml;
use crate::wire::percent;

/// Decoded parameters.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(request: &Request) -> Result<Query, S3Error> {
        let text = |text: &str| {
            decode(&text.replace('+', " "))
                .ok_or_else(|| S3Error::new(400, "InvalidURI", "the query is not percent-encoded"))
        };
        let query = request.head.uri.query().unwrap_or_default().split('&');
        let parameters = query.filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((text(name)?, text(value)?))
        });
        Ok(Query(parameters.collect::<Result<_, S3Error>>()?))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(given, _)| given == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// Fails if there are other parameters than these: they ask for something else. `x-id` only names
    /// the operation.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), S3Error> {
        let is_other = |name: &str| name != "x-id" && !names.contains(&name);
        match self.0.iter().find(|(name, _)| is_other(name)) {
            Some((name, _)) => Err(S3Error::not_implemented(&format!("the parameter {name:?}"))),
            None => Ok(()),
        }
    }

    /// Reads a number up to `max`.
    pub(super) fn number(&self, name: &str, max: usize) -> Result<usize, S3Error> {
        let Some(value) = self.get(name) else {
            return Ok(max);
        };
        let number = value.parse::<u32>().ok().and_then(|n| n.try_into().ok());
        number.map(|number: usize| number.min(max)).ok_or_else(|| {
            let message = format!("{name} is {value:?}; expected an integer of at least 0");
            S3Error::new(400, "InvalidArgument", message)
        })
    }

    /// Returns how keys are written in the response.
    pub(super) fn encoding(&self) -> Result<Encoding, S3Error> {
        match self.get("encoding-type") {
            None => Ok(Encoding::None),
            Some("url") => Ok(Encoding::Url),
            Some(other) => {
                let message = format!("encoding-type is {other:?}; expected url");
                Err(S3Error::new(400, "InvalidArgument", message))
            }
        }
    }
}

/// How keys are written in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    None,
    /// Percent-encoded, for what XML cannot express.
    Url,
}

impl Encoding {
    pub(super) fn encode(self, key: &str) -> Cow<'_, str> {
        match self {
            Encoding::None => Cow::Borrowed(key),
            Encoding::Url => percent::encode_path(key).into(),
        }
    }

    /// Writes its name, if it has one.
    pub(super) fn write(self, xml: &mut Xml) {
        if self == Encoding::Url {
            xml.text("EncodingType", "url");
        }
    }
}

//! The parameters of a request to S3.

use std::borrow::Cow;

use crate::local::error::ServiceError;
use crate::local::exchange::Request;
use crate::local::parameters::Parameters;
use crate::local::xml::Xml;
use crate::wire::percent;

/// Reads the query of a request.
pub(super) fn query_of(request: &Request) -> Result<Parameters, ServiceError> {
    Parameters::parse(request.query()).ok_or_else(|| {
        ServiceError::bad_request("InvalidURI", "the query is not percent-encoded UTF-8")
    })
}

impl Parameters {
    /// Fails if there are other parameters than these: they ask for something else. `x-id` only names
    /// the operation.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), ServiceError> {
        let is_other = |name: &str| name != "x-id" && !names.contains(&name);
        match self.iter().find(|(name, _)| is_other(name)) {
            Some((name, _)) => Err(ServiceError::not_implemented(&format!(
                "the parameter {name:?}"
            ))),
            None => Ok(()),
        }
    }

    /// Reads a number.
    pub(super) fn number(&self, name: &str, default: usize) -> Result<usize, ServiceError> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        value.parse().map_err(|_| {
            let message = format!("{name} is {value:?}; expected an integer of at least 0");
            ServiceError::bad_request("InvalidArgument", message)
        })
    }

    /// Returns how keys are written in the response.
    pub(super) fn encoding(&self) -> Result<Encoding, ServiceError> {
        match self.get("encoding-type") {
            None => Ok(Encoding::None),
            Some("url") => Ok(Encoding::Url),
            Some(other) => {
                let message = format!("encoding-type is {other:?}; expected url");
                Err(ServiceError::bad_request("InvalidArgument", message))
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

//! The errors of the older API.

use crate::local::auth::Refusal;
use crate::local::exchange::Response;
use crate::local::xml::Xml;

/// An error response: status, code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryError {
    status: u16,
    code: &'static str,
    message: String,
}

impl QueryError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> QueryError {
        QueryError {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn invalid_value(message: impl Into<String>) -> QueryError {
        QueryError::new(400, "InvalidParameterValue", message)
    }

    pub(super) fn invalid_maximum(value: &str) -> QueryError {
        QueryError::invalid_value(format!(
            "Value ({value}) for parameter MaxNumberOfDomains is invalid. MaxNumberOfDomains must \
             be between 1 and 100."
        ))
    }

    pub(super) fn missing(parameter: &str) -> QueryError {
        let message = format!("The request must contain the parameter {parameter}");
        QueryError::new(400, "MissingParameter", message)
    }

    pub(super) fn invalid_next_token() -> QueryError {
        QueryError::new(
            400,
            "InvalidNextToken",
            "The specified next token is not valid.",
        )
    }

    pub(super) fn no_such_domain() -> QueryError {
        QueryError::new(400, "NoSuchDomain", "The specified domain does not exist.")
    }

    pub(super) fn no_such_version(version: &str) -> QueryError {
        let message = format!("version {version:?} does not exist here: expected 2009-04-15");
        QueryError::new(400, "NoSuchVersion", message)
    }

    pub(super) fn invalid_action(action: &str) -> QueryError {
        let message = format!(
            "action {action:?} is not implemented here: expected ListDomains or DomainMetadata"
        );
        QueryError::new(400, "InvalidAction", message)
    }

    pub(super) fn internal(message: impl Into<String>) -> QueryError {
        QueryError::new(500, "InternalError", message)
    }

    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let xml = Xml::document("Response", "", |xml| {
            xml.parent("Errors", |xml| {
                xml.parent("Error", |xml| {
                    xml.text("Code", self.code);
                    xml.text("Message", &self.message);
                    xml.text("BoxUsage", "0");
                });
            });
            xml.text("RequestID", request_id);
        });
        Response::new(self.status, "text/xml", xml)
    }
}

impl From<Refusal> for QueryError {
    fn from(refusal: Refusal) -> QueryError {
        let (status, code) = match &refusal {
            Refusal::Missing => {
                return QueryError::new(
                    403,
                    "AuthMissingFailure",
                    "the request is not signed: it has no Signature (this API accepts Signature \
                     Version 2 only)",
                );
            }
            Refusal::UnknownKey(_) | Refusal::WrongToken => (403, "AuthFailure"),
            Refusal::Skewed { .. } => (400, "RequestExpired"),
            _ => (403, "SignatureDoesNotMatch"),
        };
        QueryError::new(status, code, refusal.to_string())
    }
}

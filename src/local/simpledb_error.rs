//! The errors of the three operations in restJson1.

use serde_json::json;

use super::exchange::Response;

/// An error response: status, code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SimpleDbError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl SimpleDbError {
    pub(super) fn new(
        status: u16,
        code: &'static str,
        message: impl Into<String>,
    ) -> SimpleDbError {
        SimpleDbError {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn invalid_value(message: impl Into<String>) -> SimpleDbError {
        SimpleDbError::new(400, "InvalidParameterValueException", message)
    }

    pub(super) fn invalid_combination(message: impl Into<String>) -> SimpleDbError {
        SimpleDbError::new(400, "InvalidParameterCombinationException", message)
    }

    pub(super) fn conflict() -> SimpleDbError {
        SimpleDbError::new(
            400,
            "ConflictException",
            "this clientToken was used with other parameters within the last 8 hours; use a new \
             one for a new export",
        )
    }

    pub(super) fn no_such_domain(name: &str) -> SimpleDbError {
        SimpleDbError::new(400, "NoSuchDomainException", format!("no domain {name:?}"))
    }

    pub(super) fn no_such_export(arn: &str) -> SimpleDbError {
        SimpleDbError::new(
            400,
            "NoSuchExportException",
            format!("no export with ARN {arn:?}"),
        )
    }

    pub(super) fn invalid_next_token() -> SimpleDbError {
        SimpleDbError::new(
            400,
            "InvalidNextTokenException",
            "nextToken was not returned by this service for the same domainName; start again from \
             the first page",
        )
    }

    pub(super) fn limit_exceeded(limit: usize, of: &str) -> SimpleDbError {
        SimpleDbError::new(
            409,
            "NumberExportsLimitExceeded",
            format!("{of} may start {limit} exports within 24 hours; try again later"),
        )
    }

    pub(super) fn unknown_operation(method: &str, path: &str) -> SimpleDbError {
        SimpleDbError::new(
            404,
            "UnknownOperationException",
            format!(
                "{method} {path} is not an operation: expected POST to /v2/StartDomainExport, \
                 /v2/GetExport or /v2/ListExports"
            ),
        )
    }

    pub(super) fn serialization(reason: &impl std::fmt::Display) -> SimpleDbError {
        SimpleDbError::new(
            400,
            "SerializationException",
            format!("invalid JSON input: {reason}"),
        )
    }

    pub(super) fn internal(message: impl Into<String>) -> SimpleDbError {
        SimpleDbError::new(500, "InternalFailure", message)
    }

    /// Puts the code in both places that clients read it from.
    pub(super) fn into_response(self) -> Response {
        let body = json!({ "__type": self.code, "message": self.message });
        Response::new(
            self.status,
            "application/json",
            body.to_string().into_bytes(),
        )
        .with_header("x-amzn-errortype", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_status_code_and_message() {
        let table = [
            (
                SimpleDbError::invalid_value("v"),
                400,
                "InvalidParameterValueException",
                "v",
            ),
            (
                SimpleDbError::invalid_combination("c"),
                400,
                "InvalidParameterCombinationException",
                "c",
            ),
            (
                SimpleDbError::conflict(),
                400,
                "ConflictException",
                "this clientToken was used with other parameters within the last 8 hours; use a \
                 new one for a new export",
            ),
            (
                SimpleDbError::no_such_domain("Books"),
                400,
                "NoSuchDomainException",
                "no domain \"Books\"",
            ),
            (
                SimpleDbError::no_such_export("arn:x"),
                400,
                "NoSuchExportException",
                "no export with ARN \"arn:x\"",
            ),
            (
                SimpleDbError::invalid_next_token(),
                400,
                "InvalidNextTokenException",
                "nextToken was not returned by this service for the same domainName; start again \
                 from the first page",
            ),
            (
                SimpleDbError::limit_exceeded(25, "an account"),
                409,
                "NumberExportsLimitExceeded",
                "an account may start 25 exports within 24 hours; try again later",
            ),
            (
                SimpleDbError::unknown_operation("POST", "/v2/Nothing"),
                404,
                "UnknownOperationException",
                "POST /v2/Nothing is not an operation: expected POST to /v2/StartDomainExport, \
                 /v2/GetExport or /v2/ListExports",
            ),
        ];
        for (error, status, code, message) in table {
            assert_eq!(error, SimpleDbError::new(status, code, message));
        }
    }

    #[test]
    fn sends_the_code_in_the_header_and_in_the_body() {
        let response = SimpleDbError::invalid_value("say \"what\"").into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(
            response.header("x-amzn-errortype"),
            Some("InvalidParameterValueException")
        );
        assert_eq!(
            response.text(),
            "{\"__type\":\"InvalidParameterValueException\",\"message\":\"say \\\"what\\\"\"}"
        );
    }
}

//! The errors of the three operations, as restJson1 sends them.

use serde_json::json;

use super::exchange::Answer;

/// An error answer: status, code and message.
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
            "this clientToken was used within the last 8 hours with other parameters; use a new \
             one for a new export",
        )
    }

    pub(super) fn no_such_domain(name: &str) -> SimpleDbError {
        SimpleDbError::new(
            400,
            "NoSuchDomainException",
            format!("there is no domain named {name:?}"),
        )
    }

    pub(super) fn no_such_export(arn: &str) -> SimpleDbError {
        SimpleDbError::new(
            400,
            "NoSuchExportException",
            format!("there is no export with the ARN {arn:?}"),
        )
    }

    pub(super) fn invalid_next_token() -> SimpleDbError {
        SimpleDbError::new(
            400,
            "InvalidNextTokenException",
            "nextToken is not one that this service gave for the same domainName; start again \
             from the first page",
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
                "{method} {path} is not an operation; POST to /v2/StartDomainExport, \
                 /v2/GetExport or /v2/ListExports"
            ),
        )
    }

    pub(super) fn serialization(reason: &str) -> SimpleDbError {
        SimpleDbError::new(
            400,
            "SerializationException",
            format!("the body is not the JSON of this operation's input: {reason}"),
        )
    }

    pub(super) fn internal(message: impl Into<String>) -> SimpleDbError {
        SimpleDbError::new(500, "InternalFailure", message)
    }

    /// Both places where a client may look for the code are filled.
    pub(super) fn into_answer(self) -> Answer {
        let body = json!({ "__type": self.code, "message": self.message });
        Answer::new(
            self.status,
            "application/json",
            body.to_string().into_bytes(),
        )
        .with_header("x-amzn-errortype", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::AnswerBody;
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
                "this clientToken was used within the last 8 hours with other parameters; use a \
                 new one for a new export",
            ),
            (
                SimpleDbError::no_such_domain("Books"),
                400,
                "NoSuchDomainException",
                "there is no domain named \"Books\"",
            ),
            (
                SimpleDbError::no_such_export("arn:x"),
                400,
                "NoSuchExportException",
                "there is no export with the ARN \"arn:x\"",
            ),
            (
                SimpleDbError::invalid_next_token(),
                400,
                "InvalidNextTokenException",
                "nextToken is not one that this service gave for the same domainName; start again \
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
                "POST /v2/Nothing is not an operation; POST to /v2/StartDomainExport, \
                 /v2/GetExport or /v2/ListExports",
            ),
        ];
        for (error, status, code, message) in table {
            assert_eq!(error, SimpleDbError::new(status, code, message));
        }
    }

    #[test]
    fn the_code_is_in_the_header_and_in_the_body() {
        let answer = SimpleDbError::invalid_value("say \"what\"").into_answer();
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.header("x-amzn-errortype"),
            Some("InvalidParameterValueException")
        );
        let AnswerBody::Bytes(body) = answer.body else {
            panic!("an error has bytes")
        };
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "{\"__type\":\"InvalidParameterValueException\",\"message\":\"say \\\"what\\\"\"}"
        );
    }
}

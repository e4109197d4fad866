//! The text of an error.

use std::fmt;

use super::{Error, Inner};
use crate::text::{Escaped, Spaced};

/// What failed.
#[derive(Debug)]
pub(super) enum Subject {
    Operation(&'static str),
    /// An export, by its ARN.
    Export(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Operation(name) => write!(f, "{name} failed"),
            Subject::Export(arn) => write!(f, "export {arn} FAILED"),
        }
    }
}

impl Error {
    /// Writes the one line; `kind` and `token` are added to the details at its end.
    fn write_line(
        &self,
        f: &mut fmt::Formatter<'_>,
        kind: Option<String>,
        token: Option<&str>,
    ) -> fmt::Result {
        let Inner {
            subject,
            code,
            message,
            client_token,
            ..
        } = &*self.0;
        let mut subject = subject.as_ref().map(Subject::to_string);
        // Before all advice that the code and the message give: a new token could start a second.
        let token_to_repeat = client_token.as_ref().filter(|_| self.0.is_outcome_unknown);
        if let (Some(subject), Some(token)) = (&mut subject, token_to_repeat) {
            subject.push_str(" but may have started the export (retry with client token ");
            subject.push_str(token);
            subject.push(')');
        }
        let words = [subject.as_deref(), code.as_deref(), message.as_deref()];
        let words = words.into_iter().flatten().filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(|word| Spaced(word).to_string()).collect();
        match words.as_slice() {
            [] => f.write_str("no reason given")?,
            words => f.write_str(&words.join(": "))?,
        }

        let made = Some(self.0.attempts).filter(|made| *made > 0);
        let details = [
            kind,
            self.0.status.map(|status| format!("HTTP status {status}")),
            self.0
                .request_id
                .as_ref()
                .map(|id| format!("request id {id}")),
            made.map(|made| counted(made, "attempt")),
            token.map(|token| format!("client token {token}")),
        ];
        let details: Vec<String> = details.into_iter().flatten().collect();
        if details.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", Escaped(&details.join(", ")))
    }
}

pub(super) fn counted(count: u32, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_line(f, None, None)
    }
}

/// What `fn main() -> Result<(), Error>` prints: the line of `Display` with the kind and the client
/// token; `{:#?}` prints every field.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.debug_tuple("Error").field(&self.0).finish();
        }
        let token = self.client_token().filter(|_| !self.is_outcome_unknown());
        self.write_line(f, Some(self.0.kind.to_string()), token)
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, ErrorKind};
    use crate::wire::error_body::ErrorBody;

    fn body(code: Option<&str>, message: Option<&str>) -> ErrorBody {
        ErrorBody {
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
        }
    }

    #[test]
    fn shows_a_service_error_in_one_line() {
        let body = body(
            Some("NoSuchDomainException"),
            Some("There is no domain\nBooks."),
        );
        let error = Error::service(400, Some("1f-2e".to_owned()), body)
            .in_operation("StartDomainExport")
            .after_attempts(1);
        assert_eq!(error.kind(), ErrorKind::NoSuchDomainException);
        assert_eq!(
            error.to_string(),
            "StartDomainExport failed: NoSuchDomainException: There is no domain Books. \
             (HTTP status 400, request id 1f-2e, 1 attempt)"
        );
    }

    #[test]
    fn shows_an_error_without_code_and_message() {
        let error = Error::service(502, None, body(None, None))
            .in_operation("GetExport")
            .after_attempts(3);
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(
            error.to_string(),
            "GetExport failed (HTTP status 502, 3 attempts)"
        );
        assert_eq!(
            Error::service(502, None, body(None, None)).to_string(),
            "no reason given (HTTP status 502)"
        );
    }

    #[test]
    fn shows_a_line_as_debug_and_every_field_as_alternate_debug() {
        let error = Error::service(400, Some("1f".to_owned()), body(Some("Odd"), Some("no")))
            .in_operation("GetExport")
            .with_client_token(Some("the-token"));
        assert_eq!(
            format!("{error:?}"),
            "GetExport failed: Odd: no (Service, HTTP status 400, request id 1f, client token the-token)"
        );
        let error = Error::new(ErrorKind::Config, "no region is set");
        assert_eq!(format!("{error:?}"), "no region is set (Config)");
        let full = format!("{error:#?}");
        assert!(
            full.starts_with("Error(\n    Inner {\n        kind: Config,"),
            "{full}"
        );
        assert!(full.contains("\n        is_retryable: false,\n"), "{full}");
    }

    #[test]
    fn says_first_that_the_export_may_have_been_started() {
        let quota = body(Some("NumberExportsLimitExceeded"), Some("no more"));
        let error = Error::service(409, None, quota)
            .in_operation("StartDomainExport")
            .after_attempts(2)
            .with_client_token(Some("the-token"))
            .with_outcome_unknown(true);
        let line = "StartDomainExport failed but may have started the export (retry with client \
                    token the-token): NumberExportsLimitExceeded: no more ";
        assert_eq!(
            error.to_string(),
            format!("{line}(HTTP status 409, 2 attempts)")
        );
        assert_eq!(
            format!("{error:?}"),
            format!("{line}(NumberExportsLimitExceeded, HTTP status 409, 2 attempts)")
        );
    }
}

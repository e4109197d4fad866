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
            request_id,
            status,
            attempts,
            client_token,
            is_outcome_unknown,
            ..
        } = &*self.0;
        let mut subject = subject.as_ref().map(Subject::to_string);
        // Before all advice that the code and the message give: a new token could start a second.
        if let (Some(subject), Some(token), true) = (&mut subject, client_token, is_outcome_unknown)
        {
            subject.push_str(" but may have started the export (retry with client token ");
            subject.push_str(token);
            subject.push(')');
        }
        let words = [subject.as_deref(), code.as_deref(), message.as_deref()];
        let mut words = words
            .into_iter()
            .flatten()
            .filter(|word| !word.is_empty())
            .peekable();
        if words.peek().is_none() {
            f.write_str("no reason given")?;
        }
        for (index, word) in words.enumerate() {
            if index > 0 {
                f.write_str(": ")?;
            }
            write!(f, "{}", Spaced(word))?;
        }

        let status = status.map(|status| format!("HTTP status {status}"));
        let request_id = request_id.as_ref().map(|id| format!("request id {id}"));
        let attempts = match attempts {
            0 => None,
            made => Some(counted(*made, "attempt")),
        };
        let token = token.map(|token| format!("client token {token}"));
        let details = [kind, status, request_id, attempts, token];
        for (index, detail) in details.iter().flatten().enumerate() {
            f.write_str(if index == 0 { " (" } else { ", " })?;
            write!(f, "{}", Escaped(detail))?;
        }
        if details.iter().any(Option::is_some) {
            f.write_str(")")?;
        }
        Ok(())
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
        let Inner {
            kind,
            subject,
            code,
            message,
            request_id,
            status,
            attempts,
            is_retryable,
            client_token,
            is_outcome_unknown,
            source,
        } = &*self.0;
        if !f.alternate() {
            let token = client_token.as_deref();
            let token = token.filter(|_| !is_outcome_unknown);
            return self.write_line(f, Some(kind.to_string()), token);
        }
        f.debug_struct("Error")
            .field("kind", kind)
            .field("subject", subject)
            .field("code", code)
            .field("message", message)
            .field("request_id", request_id)
            .field("status", status)
            .field("attempts", attempts)
            .field("is_retryable", is_retryable)
            .field("client_token", client_token)
            .field("is_outcome_unknown", is_outcome_unknown)
            .field("source", source)
            .finish()
    }
}

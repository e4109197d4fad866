//! Credentials that another program prints.
//!
//! As in the other AWS SDKs a shell runs the command. Its standard error is the caller's, for the
//! user to read; errors repeat neither the command nor what it prints.

mod output;
mod run;

use std::time::Duration;

use self::run::{MAX_OUTPUT_BYTES, Outcome, run};
use super::context::Context;
use super::document::{Document, checked, missing, time};
use super::{Credentials, CredentialsBuilder, CredentialsError};

pub(super) fn provide(
    context: Context<'_>,
    command: &str,
    place: &str,
) -> Result<Credentials, CredentialsError> {
    let limit = context.deadline.left();
    if limit < Duration::from_millis(1) {
        return Err(CredentialsError::timed_out(format!(
            "timed out before running {place}"
        )));
    }
    match run(command, limit) {
        Ok(Outcome::Exited(status, output)) if status.success() => Ok(read_output(&output, place)?
            .source(place.to_owned())
            .build()),
        Ok(Outcome::Exited(status, _)) => Err(CredentialsError::failed(format!(
            "{place} failed ({status}): see what it printed to standard error"
        ))),
        Ok(Outcome::TooMuchOutput) => Err(CredentialsError::failed(format!(
            "{place} printed more than {MAX_OUTPUT_BYTES} bytes: expected one JSON document"
        ))),
        Ok(Outcome::TimedOut) => Err(CredentialsError::timed_out(format!(
            "{place} was killed because it did not finish within {limit:.1?}"
        ))),
        Err(error) => Err(CredentialsError::failed(format!(
            "cannot run {place}: {error}"
        ))),
    }
}

fn read_output(json: &[u8], place: &str) -> Result<CredentialsBuilder, CredentialsError> {
    let what = format!("the output of {place}");
    let document = Document::read(&what, json)?;
    match document.integer("Version")? {
        Some(1) => {}
        Some(version) => {
            return Err(CredentialsError::failed(format!(
                "{what} has Version {version}: expected 1"
            )));
        }
        None => return Err(missing(&what, "Version: expected 1")),
    }
    let id = document.key("AccessKeyId")?;
    let key = document.key("SecretAccessKey")?;
    let account_id = document.text("AccountId")?;
    let credentials = Credentials::builder(id.as_str(), key.as_str());
    let mut credentials = credentials.known_account_id(account_id.as_deref());
    if let Some(token) = document.text("SessionToken")? {
        credentials = credentials.session_token(checked(&what, "SessionToken", &token)?);
    }
    if let Some(expiration) = document.text("Expiration")? {
        credentials = credentials.expiration(time(&what, "Expiration", Some(&expiration))?);
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_document_and_checks_its_version() {
        let read = |json: &str| read_output(json.as_bytes(), "P");
        let full = r#"{"Version":1,"AccessKeyId":"id","SecretAccessKey":"hidden",
            "SessionToken":"token","Expiration":"2030-01-31T12:00:00Z","AccountId":"111122223333"}"#;
        let credentials = read(full).unwrap().build();
        assert_eq!(credentials.session_token(), Some("token"));
        assert_eq!(credentials.account_id(), Some("111122223333"));
        assert!(credentials.expiration().is_some());
        let lasting =
            r#"{"Version":1,"AccessKeyId":"id","SecretAccessKey":"hidden","SessionToken":""}"#;
        let lasting = read(lasting).unwrap().build();
        assert_eq!(
            (lasting.session_token(), lasting.expiration()),
            (None, None)
        );
        for (part, replacement, text) in [
            (
                "\"Version\":1,",
                "",
                "the output of P has no Version: expected 1",
            ),
            (
                "\"Version\":1",
                "\"Version\":2",
                "the output of P has Version 2: expected 1",
            ),
            (
                "\"hidden\"",
                "\"\"",
                "the output of P has no SecretAccessKey",
            ),
            (
                "2030-01-31",
                "hidden",
                "Expiration of the output of P is not a time: expected RFC 3339, such \
                 as 2030-01-31T12:00:00Z",
            ),
        ] {
            let error = read(&full.replace(part, replacement)).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }
}

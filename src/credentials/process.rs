//! Credentials that another program prints.
//!
//! As in the other AWS SDKs the command is run by a shell. What it prints to standard output and
//! the arguments in the command are never repeated; what it says on standard error is, on one
//! line, without the command's arguments and without anything that looks like a key.

mod output;
mod run;

use std::time::Duration;

use self::run::{Outcome, run};
use super::document::{Document, checked, missing, time};
use super::fetch::Deadline;
use super::{Credentials, CredentialsBuilder, CredentialsError};

pub(super) fn provide(
    command: &str,
    place: &str,
    deadline: Deadline<'_>,
) -> Result<Credentials, CredentialsError> {
    let limit = deadline.left();
    if limit < Duration::from_millis(1) {
        return Err(CredentialsError::timed_out(format!(
            "no time was left to run the program of {place}"
        )));
    }
    match run(command, limit) {
        Ok(Outcome::Success(output)) => Ok(read_output(&output, place)?
            .source(place.to_owned())
            .build()),
        Ok(Outcome::Failure { status, stderr }) => {
            let said = output::presentable(&stderr, command);
            let said = if said.is_empty() {
                "it said nothing about it".to_owned()
            } else {
                format!("it said: {said}")
            };
            Err(CredentialsError::failed(format!(
                "the program of {place} failed ({status}); {said}"
            )))
        }
        Ok(Outcome::TooMuch) => Err(CredentialsError::failed(format!(
            "the program of {place} printed more than any credentials need: expected one JSON \
             document"
        ))),
        Ok(Outcome::TimedOut) => Err(CredentialsError::timed_out(format!(
            "the program of {place} was ended, since it had not finished within {limit:.1?}"
        ))),
        Err(error) => Err(CredentialsError::failed(format!(
            "the program of {place} cannot be run: {error}"
        ))),
    }
}

fn read_output(json: &[u8], place: &str) -> Result<CredentialsBuilder, CredentialsError> {
    let what = format!("the output of the program of {place}");
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
    let id = document.text("AccessKeyId")?;
    let id = checked(&what, "AccessKeyId", id.as_deref().map(String::as_str))?;
    let key = document.text("SecretAccessKey")?;
    let key = checked(&what, "SecretAccessKey", key.as_deref().map(String::as_str))?;
    let mut credentials = Credentials::builder(id, key);
    // Some programs print an empty token beside keys that last.
    let filled = |member| {
        document
            .text(member)
            .map(|text| text.filter(|text| !text.is_empty()))
    };
    if let Some(token) = filled("SessionToken")? {
        let token = checked(&what, "SessionToken", Some(&token))?;
        credentials = credentials.session_token(token);
    }
    if let Some(expiration) = filled("Expiration")? {
        let expiration = time(&what, "Expiration", Some(&expiration))?;
        credentials = credentials.expiration(expiration);
    }
    if let Some(account_id) = filled("AccountId")? {
        credentials = credentials.account_id(account_id.as_str());
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_read_and_its_version_checked() {
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
                "the output of the program of P has no Version: expected 1",
            ),
            (
                "\"Version\":1",
                "\"Version\":2",
                "the output of the program of P has Version 2: expected 1",
            ),
            (
                "\"hidden\"",
                "\"\"",
                "the output of the program of P has no SecretAccessKey",
            ),
            (
                "2030-01-31",
                "hidden",
                "Expiration of the output of the program of P is not a time: expected one like \
                 2030-01-31T12:00:00Z",
            ),
        ] {
            let error = read(&full.replace(part, replacement)).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }
}

//! Failures of commands: their messages and exit codes.

use std::error::Error as StdError;
use std::io;
use std::mem;
use std::path::Path;
use std::process::ExitCode;

use simpledb_export::cli_support::{Escaped, Spaced};
use simpledb_export::{Error, ErrorKind, data, export_all};

use super::shell::quote;
use super::stderr;

/// The exit codes: those of the AWS CLI, a shell's for a signal, two of `export-all`, and
/// one of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    WorkLeft = 10,
    FailedPermanently = 11,
    CountsDiffer = 12,
    Interrupted = 130,
    Usage = 252,
    Configuration = 253,
    Service = 254,
    General = 255,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// Returns the exit code for an error of the library.
    fn of(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::InvalidInput => Exit::Usage,
            ErrorKind::Config | ErrorKind::Credentials => Exit::Configuration,
            ErrorKind::ConflictException
            | ErrorKind::InvalidNextTokenException
            | ErrorKind::InvalidParameterCombinationException
            | ErrorKind::InvalidParameterValueException
            | ErrorKind::NoSuchDomainException
            | ErrorKind::NoSuchExportException
            | ErrorKind::NumberExportsLimitExceeded
            | ErrorKind::Service => Exit::Service,
            _ => Exit::General,
        }
    }
}

/// Why a command failed, and the next step if there is one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    line: String,
    hint: Option<String>,
    /// What is wrong with exported data, if that is why.
    cause: Option<data::ErrorKind>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, line: impl Into<String>) -> Failure {
        Failure {
            exit,
            line: line.into(),
            hint: None,
            cause: None,
        }
    }

    /// Returns a failure that is reported already.
    pub(crate) fn reported(exit: Exit) -> Failure {
        Failure::new(exit, String::new())
    }

    pub(crate) fn general(error: &(dyn StdError + 'static)) -> Failure {
        Failure::new(Exit::General, line_of(error))
    }

    /// Sets the next step, if there is one.
    pub(crate) fn with_hint(mut self, hint: impl Into<Option<String>>) -> Failure {
        self.hint = hint.into().or(self.hint);
        self
    }

    /// Prefixes the message with its subject.
    pub(crate) fn about(mut self, subject: &str) -> Failure {
        self.line = format!("{}: {}", Escaped(subject), self.line);
        self
    }

    /// Prefixes the message with the file or directory that it is about.
    pub(crate) fn at(self, path: &Path) -> Failure {
        self.about(&path.display().to_string())
    }

    /// Reports all failures but the last, which is the command's own.
    pub(crate) fn last(results: impl Iterator<Item = Result<(), Failure>>) -> Result<(), Failure> {
        let mut last = Ok(());
        for failure in results.filter_map(Result::err) {
            if let Err(earlier) = mem::replace(&mut last, Err(failure)) {
                earlier.report();
            }
        }
        last
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn cause(&self) -> Option<data::ErrorKind> {
        self.cause
    }

    /// Returns whether an export's files have to be downloaded again.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(
            self.cause,
            Some(
                data::ErrorKind::Read
                    | data::ErrorKind::Changed
                    | data::ErrorKind::Truncated
                    | data::ErrorKind::InvalidData
                    | data::ErrorKind::InvalidManifest
            )
        )
    }

    /// Appends to the message.
    pub(crate) fn adding(mut self, words: &str) -> Failure {
        self.line.push_str("; ");
        self.line.push_str(words);
        self
    }

    /// Returns the message without the next step.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Writes it to stderr.
    pub(crate) fn report(&self) {
        if !self.line.is_empty() {
            stderr::error(&self.line);
        }
        if let Some(hint) = &self.hint {
            stderr::hint(hint);
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let line = match error.source() {
            // A list of the sources, one per line.
            Some(source) if error.kind() == ErrorKind::Credentials => {
                format!("no credentials: {source}")
            }
            _ => line_of(&error),
        };
        Failure {
            exit: Exit::of(error.kind()),
            line,
            hint: next_step(&error),
            cause: None,
        }
    }
}

impl From<data::Error> for Failure {
    fn from(error: data::Error) -> Failure {
        let mut failure = match error.kind() {
            data::ErrorKind::UnreadableItem => Failure::new(
                Exit::General,
                format!("{error}: --on-error skip or --on-error replace"),
            ),
            data::ErrorKind::TypeMismatch => Failure::new(
                Exit::General,
                format!("{error}: --types FILE, --on-error skip or --on-error replace"),
            ),
            _ => Failure::general(&error),
        };
        failure.cause = Some(error.kind());
        failure
    }
}

impl From<export_all::Error> for Failure {
    fn from(error: export_all::Error) -> Failure {
        match error.kind() {
            export_all::ErrorKind::InvalidInput
            | export_all::ErrorKind::OtherSettings
            | export_all::ErrorKind::OtherAccount => Failure::new(Exit::Usage, error.to_string()),
            _ => Failure::general(&error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::general(&error)
    }
}

/// Returns the next step after an error of the library, if its message does not say it.
fn next_step(error: &Error) -> Option<String> {
    if let Some(token) = error.client_token().filter(|_| error.is_outcome_unknown()) {
        return Some(format!(
            "the export may have been started; to retry without starting a second one, run the same \
             command within 8 hours with --client-token {}",
            quote(token)
        ));
    }
    let hint = match error.kind() {
        ErrorKind::NumberExportsLimitExceeded => {
            "the service starts at most 5 exports per domain and 25 per account in 24 hours; \
             export-all stays within these quotas over several runs"
        }
        ErrorKind::ConflictException => {
            "the client token was used with other options within 8 hours: repeat them, or use \
             another --client-token"
        }
        ErrorKind::InvalidNextTokenException => {
            "list from the beginning: omit --starting-token and --next-token"
        }
        ErrorKind::NoSuchDomainException | ErrorKind::NoSuchExportException => {
            "check the name; to see the region and the account in use: simpledb-export whoami"
        }
        ErrorKind::Service if matches!(error.status(), Some(401 | 403)) => {
            "check the permissions; to see the credentials in use: simpledb-export whoami"
        }
        ErrorKind::Connect => {
            "check the network and the proxy; to see the endpoint in use: simpledb-export whoami"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Formats an error and its sources in one line, without repetition.
fn line_of(error: &(dyn StdError + 'static)) -> String {
    let mut line = Spaced(&error.to_string()).to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = Spaced(&error.to_string()).to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::{fmt, io};

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<io::Error>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl StdError for Layer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_ref().map(|error| error as _)
        }
    }

    #[test]
    fn formats_an_error_with_its_sources_in_one_line() {
        let error = Layer(
            "the response\ncould not be read",
            Some(io::Error::other("line 3")),
        );
        assert_eq!(line_of(&error), "the response could not be read: line 3");
        let error = Layer("no way: line 3", Some(io::Error::other("line 3")));
        assert_eq!(line_of(&error), "no way: line 3");
    }

    #[test]
    fn uses_the_exit_codes_of_the_aws_cli() {
        let codes = [
            (ErrorKind::InvalidInput, 252),
            (ErrorKind::Config, 253),
            (ErrorKind::Credentials, 253),
            (ErrorKind::NoSuchDomainException, 254),
            (ErrorKind::NumberExportsLimitExceeded, 254),
            (ErrorKind::Service, 254),
            (ErrorKind::Connect, 255),
            (ErrorKind::Response, 255),
            (ErrorKind::ExportFailed, 255),
            (ErrorKind::WaitTimeout, 255),
        ];
        for (kind, code) in codes {
            assert_eq!(Exit::of(kind) as u8, code, "{kind:?}");
        }
    }

    #[test]
    fn puts_the_subject_first() {
        let failure = Failure::new(Exit::General, "no").about("Bo\noks");
        assert_eq!(failure, Failure::new(Exit::General, "Bo\\noks: no"));
    }
}

//! Help, version, and command lines that are wrong.

use std::io;

use clap::error::ErrorKind;

use super::failure::Exit;
use super::one_line::Spaced;
use super::stderr;

/// Writes what clap has to say instead of a command.
pub(crate) fn answer(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                stderr::error(&format!("cannot write to stdout: {error}"));
                Exit::General
            }
            _ => Exit::Success,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Written to stderr; where that fails, there is nowhere left to say so.
            let _ = error.print();
            Exit::Usage
        }
        _ => {
            stderr::error(&one_line(&error.render().to_string()));
            Exit::Usage
        }
    }
}

/// Clap's paragraphs as one line: the error, its tips, and the help that has more.
fn one_line(text: &str) -> String {
    let mut parts = Vec::new();
    let mut command = "simpledb-export".to_owned();
    for paragraph in text.split("\n\n") {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        match words.first() {
            None | Some(&"For") => {}
            Some(&"Usage:") => command = command_of(&words[1..]),
            Some(&"error:") => parts.push(words[1..].join(" ")),
            Some(_) => parts.push(words.join(" ")),
        }
    }
    parts.push(format!("try '{command} --help'"));
    Spaced(&parts.join("; ")).to_string()
}

/// The command that a usage begins with.
fn command_of(usage: &[&str]) -> String {
    let is_name = |word: &&&str| word.starts_with(|c: char| c.is_ascii_alphabetic());
    let names: Vec<_> = usage.iter().take_while(is_name).copied().collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_error_is_one_line_with_its_tip() {
        let text = "error: unexpected argument '--bucket' found\n\n  tip: a similar argument \
                    exists: '--s3-bucket'\n\nUsage: simpledb-export export --s3-bucket <BUCKET>\n\n\
                    For more information, try '--help'.\n";
        assert_eq!(
            one_line(text),
            "unexpected argument '--bucket' found; tip: a similar argument exists: \
             '--s3-bucket'; try 'simpledb-export export --help'"
        );
    }

    #[test]
    fn several_lines_become_one() {
        let text = "error: the following required arguments were not provided:\n  \
                    --domain-name <NAME>\n  --s3-bucket <BUCKET>\n\nUsage: simpledb-export \
                    start-domain-export --domain-name <NAME> --s3-bucket <BUCKET>\n\nFor more \
                    information, try '--help'.\n";
        assert_eq!(
            one_line(text),
            "the following required arguments were not provided: --domain-name <NAME> --s3-bucket \
             <BUCKET>; try 'simpledb-export start-domain-export --help'"
        );
    }
}

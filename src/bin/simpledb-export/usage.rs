//! Help, version, and command lines that are wrong.

use std::env;
use std::ffi::OsString;
use std::io;

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory};

use super::args::Cli;
use super::failure::Exit;
use super::stderr;
use simpledb_export::cli_support::Spaced;

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
            let command = command_among(&Cli::command(), env::args_os().skip(1));
            stderr::error(&one_line(&error.render().to_string(), command));
            Exit::Usage
        }
    }
}

/// Clap's paragraphs as one line: the error, its tips, and the help that has more: that of the
/// command in the usage, or else of the one that is given.
fn one_line(text: &str, mut command: String) -> String {
    let mut parts = Vec::new();
    for paragraph in text.split("\n\n") {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        match words.first() {
            None | Some(&"For") => {}
            Some(&"Usage:") => command = command_of(&words[1..]),
            Some(&"error:") => parts.push(words[1..].join(" ")),
            Some(_) => parts.push(with_other_tip(&words.join(" "), text)),
        }
    }
    parts.push(format!("try '{command} --help'"));
    Spaced(&parts.join("; ")).to_string()
}

/// The tip for `--domain`, of which clap finds one of two: the likelier comes first.
fn with_other_tip(tip: &str, text: &str) -> String {
    if text.contains("'--domain'") {
        tip.replace(
            "a similar argument exists: '--domains'",
            "similar arguments exist: '--domain-name' and '--domains'",
        )
    } else {
        tip.to_owned()
    }
}

/// The command that these arguments mean, as far as they name one.
fn command_among(program: &Command, arguments: impl Iterator<Item = OsString>) -> String {
    let takes_value = |flag: &str| {
        let is_it = |argument: &&Arg| argument.get_long() == Some(flag);
        let argument = program.get_arguments().find(is_it);
        argument.is_some_and(|argument| argument.get_action().takes_values())
    };
    let mut names = vec![program.get_name()];
    let mut command = program;
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if let Some(flag) = argument.to_str().and_then(|text| text.strip_prefix("--")) {
            if takes_value(flag) {
                arguments.next();
            }
        } else if let Some(below) = command.find_subcommand(&argument) {
            names.push(below.get_name());
            command = below;
        } else {
            break;
        }
    }
    names.join(" ")
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
            one_line(text, "simpledb-export".to_owned()),
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
            one_line(text, "simpledb-export".to_owned()),
            "the following required arguments were not provided: --domain-name <NAME> --s3-bucket \
             <BUCKET>; try 'simpledb-export start-domain-export --help'"
        );
    }

    #[test]
    fn the_command_is_found_among_its_flags() {
        for (line, command) in [
            ("", "simpledb-export"),
            ("--quiet", "simpledb-export"),
            (
                "--profile local list-exports --max-items 0",
                "simpledb-export list-exports",
            ),
            ("--profile=p local --port x", "simpledb-export local"),
            (
                "wait --quiet export-succeeded --max-wait x",
                "simpledb-export wait export-succeeded",
            ),
        ] {
            let words = line.split_whitespace().map(OsString::from);
            assert_eq!(command_among(&Cli::command(), words), command);
        }
    }
}

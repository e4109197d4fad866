//! Help, the version, and invalid command lines.

use std::env;
use std::io;

use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory};

use super::args::Cli;
use super::failure::Exit;
use super::stderr;

/// Sets whether clap and this program write colors.
pub(crate) fn set_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Prints clap's help, version or error.
pub(crate) fn print(error: &clap::Error) -> Exit {
    set_color(color_before_error());
    let printed = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                stderr::error(&format!("cannot write to stdout: {error}"));
                Exit::General
            }
            _ => Exit::Success,
        },
        _ => Exit::Usage,
    }
}

/// The `--color` of a command line that is not parsed to its end.
fn color_before_error() -> ColorChoice {
    let command = Cli::command().ignore_errors(true).disable_help_flag(true);
    let matches = command.try_get_matches_from(env::args_os()).ok();
    let color = matches.and_then(|matches| matches.get_one("color").copied());
    color.unwrap_or_default()
}

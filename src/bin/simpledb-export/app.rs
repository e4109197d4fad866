//! From the arguments to the exit code.

mod args;
mod commands;
mod conversion;
mod failure;
mod help;
mod hint;
mod interrupt;
mod log;
mod man;
mod mfa;
mod objects;
mod output;
mod parts;
mod progress;
mod results;
mod session;
mod stderr;
mod stdout;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use self::args::Cli;
use self::failure::Failure;

/// Parses the arguments, runs the command, and reports its failure.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::print(&error).into(),
    };
    usage::set_color(cli.global.color);
    log::start(&cli.global);
    match commands::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit().into()
        }
    }
}

/// The result of a command.
type Result<T> = std::result::Result<T, Failure>;

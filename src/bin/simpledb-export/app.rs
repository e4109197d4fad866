//! From the arguments to the exit code.

mod answers;
mod args;
mod color;
mod commands;
mod conversion;
mod debug_log;
mod failure;
mod help;
mod hint;
mod interrupt;
mod man;
mod output;
mod pagination;
mod progress;
mod session;
mod stderr;
mod stdout;
mod usage;

use std::env;
use std::process::ExitCode;

use clap::Parser;

use self::args::Cli;
use self::failure::Failure;

/// Parses the arguments, runs the command, and tells of what went wrong.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            color::choose(color::asked_for(env::args_os()));
            return usage::answer(&error).into();
        }
    };
    color::choose(cli.global.color);
    if cli.global.debug {
        debug_log::start();
    }
    match commands::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit().into()
        }
    }
}

/// What a command ends with.
type Result<T> = std::result::Result<T, Failure>;

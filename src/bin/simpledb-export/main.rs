//! The command line of `simpledb-export`: from the arguments to the exit code.

mod args;
mod commands;
mod conversion;
mod failure;
mod help;
mod hint;
mod interrupt;
mod log;
mod mfa;
mod output;
mod progress;
mod results;
mod session;
mod shell;
mod stderr;
mod stdout;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use self::args::Cli;
use self::failure::Failure;

/// Parses the arguments, runs the command, and reports its failure.
fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::print(&error).into(),
    };
    let global = &cli.global;
    usage::set_color(global.color);
    stderr::set_quiet(global.quiet);
    log::start(global.debug, global.quiet);
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

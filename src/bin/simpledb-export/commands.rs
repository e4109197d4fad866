//! The commands, one file each.

mod completions;
mod convert;
mod describe;
mod domain_metadata;
mod download;
mod export;
mod export_all;
mod files;
mod get_export;
mod list_domains;
mod list_exports;
mod local;
mod man;
mod objects;
mod paging;
mod proof;
mod space;
mod start_domain_export;
mod verify;
mod wait;
mod whoami;

use super::Result;
use super::args::{Cli, Command, WaitCommand};

/// Runs the command.
pub(crate) fn run(cli: &Cli) -> Result<()> {
    let global = &cli.global;
    match &cli.command {
        Command::Export(args) => export::run(global, args),
        Command::ExportAll(args) => export_all::run(global, args),
        Command::StartDomainExport(args) => start_domain_export::run(global, args),
        Command::GetExport(args) => get_export::run(global, args),
        Command::ListExports(args) => list_exports::run(global, args),
        Command::ListDomains(args) => list_domains::run(global, args),
        Command::DomainMetadata { domain_name } => domain_metadata::run(global, domain_name),
        Command::Wait(WaitCommand::ExportSucceeded(args)) => wait::run(global, args),
        Command::Download(args) => download::run(global, args),
        Command::Verify(args) => verify::run(global, args),
        Command::Describe(args) => describe::run(global, args),
        Command::Convert(args) => convert::run(global, args),
        Command::Local(args) => local::run(global, args),
        Command::Whoami => whoami::run(global),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man { to } => man::run(to.as_deref()),
    }
}

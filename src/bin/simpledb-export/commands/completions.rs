//! `completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::args::Cli;
use crate::app::{Result, stdout};

pub(super) fn run(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "simpledb-export", &mut script);
    stdout::print(&String::from_utf8_lossy(&script))
}

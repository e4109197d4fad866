//! `completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::{Result, stdout};

/// The program's name for bash: with a hyphen, the script of `clap_complete` 4.6 completes nothing
/// after a subcommand.
const BASH_NAME: &str = "simpledb__export";

pub(super) fn run(shell: Shell) -> Result<()> {
    let name = match shell {
        Shell::Bash => BASH_NAME,
        _ => "simpledb-export",
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), name, &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Bash {
        script += "complete -F _simpledb__export -o bashdefault -o default simpledb-export\n";
    }
    stdout::print(&script)
}

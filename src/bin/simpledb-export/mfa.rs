//! Codes of MFA devices, entered on a terminal.

use std::io::{self, IsTerminal};

use console::Term;

use simpledb_export::cli_support::Escaped;

/// Returns whether somebody can be asked.
pub(crate) fn can_prompt() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a code, and reads it without showing it.
pub(crate) fn prompt(serial: &str) -> io::Result<String> {
    let terminal = Term::stderr();
    terminal.write_str(&format!("Enter MFA code for {}: ", Escaped(serial)))?;
    terminal.read_secure_line()
}

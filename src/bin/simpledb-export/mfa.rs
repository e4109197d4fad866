//! Codes of MFA devices, entered on a terminal.

use std::io::{self, IsTerminal};
#[cfg(unix)]
use std::sync::{Mutex, MutexGuard, PoisonError};

use console::Term;
#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use simpledb_export::cli_support::Escaped;

use super::progress;

/// Returns whether a person can be asked.
pub(crate) fn can_prompt() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a code, and reads it without showing it.
pub(crate) fn prompt(serial: &str) -> io::Result<String> {
    progress::suspend(|| {
        let terminal = Term::stderr();
        terminal.write_str(&format!("Enter MFA code for {}: ", Escaped(serial)))?;
        #[cfg(unix)]
        {
            *before_prompt() = tcgetattr(io::stdin()).ok();
        }
        let code = terminal.read_secure_line();
        #[cfg(unix)]
        before_prompt().take();
        code
    })
}

/// Restores a terminal whose prompt was interrupted: it shows again what is typed.
pub(crate) fn restore_terminal() {
    #[cfg(unix)]
    if let Some(settings) = before_prompt().take() {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
    }
}

/// Returns the settings that the terminal had before the current prompt.
#[cfg(unix)]
fn before_prompt() -> MutexGuard<'static, Option<Termios>> {
    static SETTINGS: Mutex<Option<Termios>> = Mutex::new(None);
    SETTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

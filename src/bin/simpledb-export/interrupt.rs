//! Ctrl-C, SIGTERM and SIGHUP.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

use simpledb_export::cli_support::{abort_uploads, remove_temporary_files};

use super::failure::{Exit, Failure};
use super::{Result, mfa, stderr};

/// How to resume after an interruption.
static HINT: Mutex<Option<String>> = Mutex::new(None);

/// Starts to handle interruptions: they end the process with the last [hint](say).
pub(crate) fn watch() -> Result<()> {
    handle(|| {
        remove_temporary_files();
        mfa::restore_terminal();
        // The terminal shows ^C at the end of the progress line.
        if io::stderr().is_terminal() {
            let _ = writeln!(io::stderr());
        }
        let hint = HINT.lock().ok().and_then(|hint| hint.clone());
        match hint {
            Some(hint) => stderr::error(&format!("interrupted: {hint}")),
            None => stderr::error("interrupted"),
        }
        remove_temporary_files();
        abort_uploads();
        process::exit(Exit::Interrupted as i32);
    })
}

/// Sets the hint.
pub(crate) fn say(hint: impl Into<String>) {
    if let Ok(mut last) = HINT.lock() {
        *last = Some(hint.into());
    }
}

/// Returns a channel that receives a message for each interruption.
pub(crate) fn channel() -> Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    handle(move || {
        // The receiver is gone once the command ends.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

fn handle(handler: impl FnMut() + Send + 'static) -> Result<()> {
    ctrlc::set_handler(handler).map_err(|error| Failure::general(&error))
}

//! Ctrl-C, SIGTERM and SIGHUP.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use simpledb_export::cli_support::{abort_uploads, remove_temporary_files};

use super::Result;
use super::failure::{Exit, Failure};
use super::{mfa, stderr};

/// The message for an interrupted command: how to resume.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<Mutex<Option<String>>>);

impl Interrupt {
    /// Starts to handle interruptions: they end the process with the last [hint](Interrupt::say).
    pub(crate) fn watch() -> Result<Interrupt> {
        let interrupt = Interrupt::default();
        let last = interrupt.clone();
        handle(move || {
            remove_temporary_files();
            mfa::restore_terminal();
            // The terminal shows ^C at the end of the progress line.
            if io::stderr().is_terminal() {
                let _ = writeln!(io::stderr());
            }
            let hint = last.0.lock().ok().and_then(|hint| hint.clone());
            match hint {
                Some(hint) => stderr::error(&format!("interrupted: {hint}")),
                None => stderr::error("interrupted"),
            }
            remove_temporary_files();
            abort_uploads();
            process::exit(Exit::Interrupted as i32);
        })?;
        Ok(interrupt)
    }

    /// Sets the hint.
    pub(crate) fn say(&self, hint: String) {
        if let Ok(mut last) = self.0.lock() {
            *last = Some(hint);
        }
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

//! Ctrl-C, SIGTERM and SIGHUP.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use simpledb_export::cli_support::remove_temporary_files;

use super::Result;
use super::failure::{Exit, Failure};
use super::stderr;

/// What to say when the command is interrupted: how to go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<Mutex<Option<String>>>);

impl Interrupt {
    /// From now on an interruption ends the process with what was last [set](Interrupt::say).
    pub(crate) fn watch() -> Result<Interrupt> {
        let interrupt = Interrupt::default();
        let last = interrupt.clone();
        handle(move || {
            // The terminal shows ^C at the end of the progress line.
            if io::stderr().is_terminal() {
                let _ = writeln!(io::stderr());
            }
            match &*last.0.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(hint) => stderr::error(&format!("interrupted: {hint}")),
                None => stderr::error("interrupted"),
            }
            remove_temporary_files();
            process::exit(Exit::Interrupted as i32);
        })?;
        Ok(interrupt)
    }

    /// Sets what to say.
    pub(crate) fn say(&self, hint: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(hint);
    }
}

/// A channel that is told of each interruption, for a command that ends by one.
pub(crate) fn channel() -> Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    handle(move || {
        // Nobody listens any more once the command ends.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

fn handle(handler: impl FnMut() + Send + 'static) -> Result<()> {
    ctrlc::set_handler(handler).map_err(|error| Failure::general(&error))
}

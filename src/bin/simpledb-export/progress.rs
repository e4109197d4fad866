//! A line on the terminal that says how far it is.

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use simpledb_export::cli_support::Escaped;

/// A line that is drawn anew each second, so that it can be seen that nothing hangs; nothing at
/// all where stderr is no terminal. Cleared when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress(Option<Drawing>);

#[derive(Debug)]
struct Drawing {
    states: Sender<Order>,
    thread: JoinHandle<()>,
}

/// What the drawing thread is told.
#[derive(Debug)]
enum Order {
    Show(String),
    End,
}

impl Progress {
    /// Begins to draw, unless it is to be quiet.
    pub(crate) fn start(quiet: bool) -> Progress {
        if quiet || !io::stderr().is_terminal() {
            return Progress(None);
        }
        let (states, received) = mpsc::channel();
        let has_escapes = has_escapes(env::var_os("TERM").as_deref());
        let draw = move || {
            let started = Instant::now();
            let mut state = String::new();
            let mut drawn = String::new();
            loop {
                match received.recv_timeout(Duration::from_secs(1)) {
                    Ok(Order::Show(new)) => state = new,
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => break,
                }
                let line = line(&state, started.elapsed());
                write(&format!("{}{line}", clear(&drawn, has_escapes)));
                drawn = line;
            }
            write(&clear(&drawn, has_escapes));
        };
        let thread = thread::Builder::new().spawn(draw);
        Progress(thread.ok().map(|thread| Drawing { states, thread }))
    }

    /// What can be told the state from elsewhere, while the line is there.
    pub(crate) fn teller(&self) -> impl Fn(&str, &str) + Send + 'static {
        let states = self.0.as_ref().map(|drawing| drawing.states.clone());
        move |domain_name, status| {
            if let Some(states) = &states {
                // It only fails when the line is no longer there.
                let _ = states.send(Order::Show(state(domain_name, status)));
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Drawing { states, thread }) = self.0.take() {
            // Both fail only where the thread has panicked, which it has said then.
            let _ = states.send(Order::End);
            let _ = thread.join();
        }
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr();
    // Where stderr is gone, nobody looks at the progress.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// Whether a terminal knows escape sequences, by the variable `TERM`, which Windows does not have.
fn has_escapes(term: Option<&OsStr>) -> bool {
    term.map_or(cfg!(windows), |term| !term.is_empty() && term != "dumb")
}

/// Goes back to the beginning of the line, and clears what is drawn there.
fn clear(drawn: &str, has_escapes: bool) -> String {
    if has_escapes {
        "\r\x1b[K".to_owned()
    } else {
        format!("\r{}\r", " ".repeat(drawn.chars().count()))
    }
}

/// A domain and how its export stands, short enough for a line.
fn state(domain_name: &str, status: &str) -> String {
    const MOST: usize = 40;
    let mut domain = Escaped(domain_name).to_string();
    if domain.chars().count() > MOST {
        domain = domain.chars().take(MOST - 1).chain(['…']).collect();
    }
    format!("{domain}: {}", Escaped(status))
}

/// The line for a state and the time that has passed.
fn line(state: &str, passed: Duration) -> String {
    format!("{state} ({})", clock(passed))
}

/// A time as a clock that counts shows it: `1:05`, `3:02:01`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_domain_status_and_time() {
        let state = state("Books", "IN_PROGRESS");
        let at = |seconds| line(&state, Duration::from_secs(seconds));
        assert_eq!(at(0), "Books: IN_PROGRESS (0:00)");
        assert_eq!(at(65), "Books: IN_PROGRESS (1:05)");
        assert_eq!(at(3 * 3600 + 2 * 60 + 1), "Books: IN_PROGRESS (3:02:01)");
    }

    #[test]
    fn a_long_name_is_cut_and_nothing_drives_the_terminal() {
        let name = "é".repeat(255);
        let expected = format!("{}…: PENDING", "é".repeat(39));
        assert_eq!(state(&name, "PENDING"), expected);
        assert_eq!(state("a\x1b[2J", "x\ny"), "a\\u{1b}[2J: x\\ny");
    }

    #[test]
    fn a_terminal_that_knows_no_escape_sequence_gets_none() {
        for (term, expected) in [
            (None, cfg!(windows)),
            (Some(""), false),
            (Some("dumb"), false),
            (Some("xterm-256color"), true),
        ] {
            assert_eq!(has_escapes(term.map(OsStr::new)), expected, "{term:?}");
        }
        assert_eq!(clear("Büch", true), "\r\x1b[K");
        assert_eq!(clear("Büch", false), "\r    \r");
        assert_eq!(clear("", false), "\r\r");
    }
}

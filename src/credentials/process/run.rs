//! Running a command with a limit on its time and its output.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::http::slot::Slot;
use crate::system::start_thread;

/// More than this is no document with credentials.
const MAX_OUTPUT_BYTES: u64 = 256 * 1024;

/// How long a program that has closed its output is looked at before the next look.
const POLL: Duration = Duration::from_millis(5);

pub(super) enum Outcome {
    /// Standard output of a program that ended well.
    Success(Zeroizing<Vec<u8>>),
    Failure {
        status: ExitStatus,
        stderr: Vec<u8>,
    },
    TooMuch,
    TimedOut,
}

/// Runs a command. On a time-out the shell is killed; what it started in turn may live on, but
/// nobody waits for it.
pub(super) fn run(command: &str, limit: Duration) -> io::Result<Outcome> {
    let started = Instant::now();
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().map(|stream| Box::new(stream) as Stream);
    let stderr = child.stderr.take().map(|stream| Box::new(stream) as Stream);
    let result = follow(&mut child, [stdout, stderr], started, limit);
    if !matches!(result, Ok(Outcome::Success(_) | Outcome::Failure { .. })) {
        // It may have ended by itself meanwhile, which is as well.
        let _ = child.kill();
        let _ = child.wait();
    }
    result
}

type Stream = Box<dyn Read + Send>;

type Output = io::Result<Zeroizing<Vec<u8>>>;

fn follow(
    child: &mut Child,
    [stdout, stderr]: [Option<Stream>; 2],
    started: Instant,
    limit: Duration,
) -> io::Result<Outcome> {
    let left = || limit.saturating_sub(started.elapsed());
    // Both at once: a program that fills one pipe while the other is read would stand still.
    let stdout = read_aside(stdout)?;
    let stderr = read_aside(stderr)?;
    let output = stdout.wait(left()).take();
    let Some(output) = output.transpose()? else {
        return Ok(Outcome::TimedOut);
    };
    if output.len() as u64 > MAX_OUTPUT_BYTES {
        return Ok(Outcome::TooMuch);
    }
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if left().is_zero() {
            return Ok(Outcome::TimedOut);
        }
        thread::sleep(POLL.min(left()));
    };
    if status.success() {
        return Ok(Outcome::Success(output));
    }
    // A program in the background may hold this open; a failure is told without it then.
    let stderr = stderr.wait(left().min(Duration::from_secs(1))).take();
    let stderr = stderr.and_then(Result::ok).unwrap_or_default();
    Ok(Outcome::Failure {
        status,
        stderr: stderr.to_vec(),
    })
}

/// Reads a stream to its end, or a little beyond the limit, on a thread of its own.
fn read_aside(stream: Option<Stream>) -> io::Result<Arc<Slot<Output>>> {
    let slot = Arc::new(Slot::default());
    let to_fill = Arc::clone(&slot);
    let work = move || {
        // Space from the start, so that growing leaves no copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        let read = match stream {
            Some(stream) => stream.take(MAX_OUTPUT_BYTES + 1).read_to_end(&mut bytes),
            None => Ok(0),
        };
        to_fill.fill(read.map(|_| bytes));
    };
    start_thread("credential-process", Box::new(work))?;
    Ok(slot)
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd.exe");
    // The shell has rules of its own for quotes: the command goes to it as it is.
    shell.arg("/C").raw_arg(command);
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(60);

    #[test]
    fn standard_output_of_a_success_is_taken() {
        match run("printf hello; printf noise >&2", PATIENT).unwrap() {
            Outcome::Success(output) => assert_eq!(*output, b"hello"),
            _ => panic!("no success"),
        }
    }

    #[test]
    fn standard_error_of_a_failure_is_taken() {
        match run("printf why >&2; exit 7", PATIENT).unwrap() {
            Outcome::Failure { status, stderr } => {
                assert_eq!((status.code(), stderr.as_slice()), (Some(7), &b"why"[..]));
            }
            _ => panic!("no failure"),
        }
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let short = Duration::from_millis(50);
        for command in ["sleep 3600", "exec >&-; exec sleep 3600"] {
            assert!(matches!(run(command, short).unwrap(), Outcome::TimedOut));
        }
    }

    #[test]
    fn a_flood_is_cut_off() {
        let outcome = run("exec cat /dev/zero", PATIENT).unwrap();
        assert!(matches!(outcome, Outcome::TooMuch));
    }

    #[test]
    fn much_on_standard_error_blocks_nothing() {
        let command = "head -c 200000 /dev/zero >&2; printf done";
        assert!(matches!(
            run(command, PATIENT).unwrap(),
            Outcome::Success(_)
        ));
    }
}

//! Runs a command within limits on its time and its output.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use zeroize::Zeroizing;

use super::output::Output;
use crate::system::{Deadline, RealSystem, System};

/// No document with credentials is this long.
pub(super) const MAX_OUTPUT_BYTES: usize = 64 * 1024;

/// How long a read may wait before the child is checked: it may exit and leave its output open in
/// the hands of a program that it started in the background.
const READ_POLL: Duration = Duration::from_millis(50);

/// How often a child that has closed its output is checked.
const EXIT_POLL: Duration = Duration::from_millis(1);

pub(super) enum Outcome {
    /// The child exited within the time limit, having printed this.
    Exited(ExitStatus, Zeroizing<Vec<u8>>),
    TooMuchOutput,
    TimedOut,
}

/// Runs a command with a shell. After a timeout the command is killed; a program that it started in
/// turn may live on, but nothing here waits for it.
pub(super) fn run(command: &str, limit: Duration) -> io::Result<Outcome> {
    let deadline = Deadline::new(&RealSystem, limit);
    let mut shell = shell(command);
    let (mut child, output) = Output::of(shell.stdin(Stdio::null()))?;
    let outcome = follow(&mut child, output, &deadline);
    if !matches!(outcome, Ok(Outcome::Exited(..))) {
        // Killing fails only if it has exited by now.
        child.kill().ok();
        child.wait().ok();
    }
    outcome
}

fn follow(child: &mut Child, mut output: Output, deadline: &Deadline<'_>) -> io::Result<Outcome> {
    // One allocation, since growing would leave copies of secrets behind.
    let mut printed = Zeroizing::new(vec![0; MAX_OUTPUT_BYTES + 1]);
    let mut length = 0;
    loop {
        if deadline.has_passed() {
            return Ok(Outcome::TimedOut);
        }
        let has_exited = child.try_wait()?.is_some();
        match output.read(&mut printed[length..], READ_POLL.min(deadline.left())) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if is_temporary(&error) && !has_exited => {}
            Err(error) if is_temporary(&error) => break,
            Err(error) => return Err(error),
        }
        if length > MAX_OUTPUT_BYTES {
            return Ok(Outcome::TooMuchOutput);
        }
    }
    printed.truncate(length);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Outcome::Exited(status, printed));
        }
        if deadline.has_passed() {
            return Ok(Outcome::TimedOut);
        }
        RealSystem.sleep(EXIT_POLL);
    }
}

fn is_temporary(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(replacing_the_shell(command).as_ref());
    shell
}

/// Makes the shell `exec` a command that is a single program, so that killing the shell kills the
/// program. Builtins and compound commands stay as they are.
#[cfg(not(windows))]
fn replacing_the_shell(command: &str) -> std::borrow::Cow<'_, str> {
    let program = command.split_whitespace().next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-+./~$".contains(c);
    if command.contains([';', '&', '|', '\n', '\\']) || !program.chars().all(is_plain) {
        return command.into();
    }
    format!("case $(command -v {program}) in */*) exec {command}\nesac\n{command}").into()
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd.exe");
    // With /S, cmd.exe strips the outer quotes only and runs the command as it is.
    shell.args(["/S", "/C"]).raw_arg(format!("\"{command}\""));
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn exited(command: &str) -> (Option<i32>, String) {
        match run(command, LONG).unwrap() {
            Outcome::Exited(status, output) => {
                (status.code(), String::from_utf8_lossy(&output).into_owned())
            }
            _ => panic!("{command} did not exit"),
        }
    }

    #[test]
    fn returns_the_status_and_standard_output() {
        assert_eq!(exited("printf hello"), (Some(0), "hello".to_owned()));
        assert_eq!(exited("printf half; exit 7"), (Some(7), "half".to_owned()));
        assert_eq!(exited("exec >&-; sleep 0.01"), (Some(0), String::new()));
    }

    #[test]
    fn a_single_program_replaces_the_shell_and_anything_else_does_not() {
        for (command, output) in [
            (
                "sh -c 'echo $PPID' # comment",
                std::process::id().to_string() + "\n",
            ),
            ("echo 'a b'", "a b\n".to_owned()),
            ("A=1 sh -c 'printf $A'", "1".to_owned()),
            ("exec printf x", "x".to_owned()),
            ("printf a; printf b", "ab".to_owned()),
            ("printf a\nprintf b", "ab".to_owned()),
            ("printf abc | tr b x", "axc".to_owned()),
            ("'printf' x", "x".to_owned()),
            ("$SHELL_OF_NOBODY printf x", "x".to_owned()),
            ("", String::new()),
        ] {
            assert_eq!(exited(command), (Some(0), output), "{command}");
        }
        assert_eq!(exited("no-such-program 2>&1").0, Some(127));
    }

    #[test]
    fn does_not_wait_for_a_background_program_that_holds_the_output_open() {
        assert_eq!(
            exited("sleep 5 & printf done"),
            (Some(0), "done".to_owned())
        );
    }

    #[test]
    fn kills_a_command_that_runs_too_long() {
        let short = Duration::from_millis(50);
        for command in ["sleep 3600", "exec >&-; exec sleep 3600"] {
            assert!(matches!(run(command, short).unwrap(), Outcome::TimedOut));
        }
    }

    #[test]
    fn stops_reading_endless_output() {
        let outcome = run("exec cat /dev/zero", LONG).unwrap();
        assert!(matches!(outcome, Outcome::TooMuchOutput));
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_quotes_of_a_command() {
        for (command, printed) in [
            ("echo hello", "hello"),
            (r#""cmd.exe" /C "echo a b""#, "a b"),
        ] {
            match run(command, Duration::from_secs(60)).unwrap() {
                Outcome::Exited(status, output) => {
                    assert!(status.success(), "{command}");
                    assert_eq!(String::from_utf8_lossy(&output).trim_end(), printed);
                }
                _ => panic!("{command} did not exit"),
            }
        }
    }
}

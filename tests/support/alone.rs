//! A test in a process of its own: whose environment is known, and where nothing else logs.
//!
//! It is ignored among the others, does nothing where it is not [alone](is_alone), and is run by
//! another test.

use std::process::Command;

/// Set in the process of such a test.
pub(crate) const IS_ALONE: &str = "SIMPLEDB_EXPORT_TEST_IS_ALONE";

/// The command that runs a test, named by its path in this binary.
pub(crate) fn alone(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
    command.args([test, "--exact", "--ignored"]);
    command
}

/// Runs such a command, whose test has to pass.
#[track_caller]
pub(crate) fn assert_passes(command: &mut Command) {
    let output = command.env(IS_ALONE, "1").output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

/// Whether this process was made for one test.
pub(crate) fn is_alone() -> bool {
    std::env::var_os(IS_ALONE).is_some()
}

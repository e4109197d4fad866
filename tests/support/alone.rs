//! Tests in a separate process, with a known environment and without the log of others.
//!
//! Such a test is ignored among the others, does nothing unless it [is alone](is_alone), and is run
//! by another test.

use std::process::Command;

/// The variable that marks the process of such a test.
pub(crate) const IS_ALONE: &str = "SIMPLEDB_EXPORT_TEST_IS_ALONE";

/// Returns the command that runs a test, given its path in this binary.
pub(crate) fn alone(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
    command.args([test, "--exact", "--ignored"]);
    command
}

/// Runs such a command and asserts that the test passes.
#[track_caller]
pub(crate) fn assert_passes(command: &mut Command) {
    let output = command.env(IS_ALONE, "1").output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

/// Clears a command's environment, except for what a system needs to start it.
pub(crate) fn clear_environment(command: &mut Command) -> &mut Command {
    let kept = ["PATH", "SystemRoot"];
    let kept = kept.map(|name| (name, std::env::var_os(name)));
    let kept = kept
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(kept)
}

/// Returns whether this process runs a single test.
pub(crate) fn is_alone() -> bool {
    std::env::var_os(IS_ALONE).is_some()
}

//! Credentials from `credential_process`.

use std::time::Duration;

use simpledb_export::credentials::ProvideCredentials;

use super::{Home, assert_is};
use crate::support::alone::{IS_ALONE, alone, assert_passes, is_alone};

const PLACE: &str = "credential_process of profile \"default\" (~/.aws/config, line 2)";

fn home(command: &str) -> Home {
    Home::new().with_config(&format!("[default]\ncredential_process = {command}\n"))
}

#[test]
fn a_shell_runs_the_command() {
    let document = r#"{"Version":1,"AccessKeyId":"process","SecretAccessKey":"hidden-key",
        "SessionToken":"hidden-token","Expiration":"2026-02-16T18:00:00Z"}"#;
    let home = Home::new().with_file("output", document);
    let path = home.path("output").display().to_string();
    let config = format!("[default]\ncredential_process = cat '{path}' | cat\n");
    let home = home.with_config(&config);
    let source = PLACE.replace('~', &home.dir.path().display().to_string());
    assert_is(&home.credentials(), "process", &source);
}

#[test]
fn reports_the_status_but_nothing_that_was_printed() {
    for (command, status) in [
        ("echo hidden; echo hidden >&2; exit 3", 3),
        ("no-such-program --pin hidden", 127),
    ] {
        let expected = format!(
            "profile \"default\": {PLACE} failed (exit status: {status}): see what it printed to \
             standard error"
        );
        assert_eq!(home(command).broken(), expected);
    }
}

#[test]
fn does_not_repeat_output_that_is_not_a_document() {
    for (command, problem) in [
        ("echo hidden", "is not valid JSON (line 1, column 1)"),
        (
            "echo '{\"Version\":1,\"AccessKeyId\":\"hidden\"}'",
            "has no SecretAccessKey",
        ),
        ("true", "is not valid JSON (line 1, column 0)"),
    ] {
        let expected = format!("profile \"default\": the output of {PLACE} {problem}");
        assert_eq!(home(command).broken(), expected);
    }
    assert_eq!(
        home("cat /dev/zero").broken(),
        format!(
            "profile \"default\": {PLACE} printed more than 65536 bytes: expected one JSON document"
        )
    );
}

#[test]
fn kills_a_command_that_does_not_finish_in_time() {
    let home = home("sleep 3600");
    let short = Duration::from_millis(100);
    let error = home.chain().provide_credentials(short).expect_err("slow");
    assert!(error.is_timed_out());
    let text = home.text(&error);
    let expected =
        format!("profile \"default\": {PLACE} was killed because it did not finish within");
    assert!(text.starts_with(&expected), "{text}");
}

/// Standard error is the terminal's or the log's, as it is with the other SDKs.
#[test]
fn standard_error_is_passed_through() {
    let output = alone("credentials::process::prints_to_standard_error")
        .arg("--nocapture")
        .env(IS_ALONE, "1")
        .output()
        .expect("a process");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("the vault is sealed"), "{text}");
}

#[test]
#[ignore = "run by the test above in a separate process"]
fn prints_to_standard_error() {
    if is_alone() {
        home("echo the vault is sealed >&2; exit 1").broken();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_timeout_leaves_nothing_behind() {
    assert_passes(&mut alone("credentials::process::times_out_many_times"));
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by the test above in a separate process"]
fn times_out_many_times() {
    if !is_alone() {
        return;
    }
    let count = |what: &str| {
        let entries = std::fs::read_dir(format!("/proc/self/{what}")).expect("a directory");
        entries.count()
    };
    // A program that outlives the shell holds its output open.
    let lingering = home("sleep 20 2>/dev/null & wait; true");
    let simple = home("sleep 3600");
    let before = (count("fd"), count("task"));
    for home in [&lingering, &simple, &lingering, &simple] {
        let short = Duration::from_millis(50);
        let error = home.chain().provide_credentials(short).expect_err("slow");
        assert!(error.is_timed_out(), "{error}");
    }
    assert_eq!((count("fd"), count("task")), before);
    let children = std::fs::read_to_string("/proc/thread-self/children").expect("a list");
    assert_eq!(children, "");
}

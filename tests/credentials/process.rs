//! Credentials that a program prints.

use std::time::Duration;

use simpledb_export::ProvideCredentials;

use super::{Home, assert_is};

const PLACE: &str = "credential_process of profile \"default\" (~/.aws/config, line 2)";

fn home(command: &str) -> Home {
    Home::new().with_config(&format!("[default]\ncredential_process = {command}\n"))
}

#[test]
fn the_program_is_run_by_a_shell() {
    let document = r#"{"Version":1,"AccessKeyId":"process","SecretAccessKey":"hidden-key",
        "SessionToken":"hidden-token","Expiration":"2026-02-16T18:00:00Z"}"#;
    let home = Home::new().with_file("output", document);
    let path = home.path("output").display().to_string();
    let config = format!("[default]\ncredential_process = cat '{path}' | cat\n");
    let home = home.with_config(&config);
    let source = PLACE.replace('~', &home.folder.path().display().to_string());
    assert_is(&home.credentials(), "process", &source);
}

#[test]
fn a_failure_is_told_by_its_status_and_a_clean_reason() {
    for (script, told) in [
        (
            "echo hidden; echo no vault >&2; exit 3",
            "(exit status: 3); it said: no vault",
        ),
        (
            "echo SecretAccessKey=hidden >&2; exit 1",
            "(exit status: 1); it said nothing about it",
        ),
        (
            "set -x; test hidden = x",
            "(exit status: 1); it said nothing about it",
        ),
        (
            "echo $1 is no pin >&2; exit 1",
            "(exit status: 1); it said: *** is no pin",
        ),
    ] {
        let home = Home::new().with_file("tool", script);
        let path = home.path("tool").display().to_string();
        let config = format!("[default]\ncredential_process = sh {path} hidden\n");
        let text = home.with_config(&config).broken();
        let expected = format!("profile \"default\": the program of {PLACE} failed {told}");
        assert_eq!(text, expected);
    }
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let text = home("no-such-program --pin hidden").broken();
    let start =
        format!("profile \"default\": the program of {PLACE} failed (exit status: 127); it said: ");
    // Shells differ in how they say it.
    assert!(text.starts_with(&start), "{text}");
    assert!(text.contains("no-such-program"), "{text}");
}

#[test]
fn what_is_printed_is_not_repeated() {
    for (command, told) in [
        ("echo hidden", "is not valid JSON (line 1, column 1)"),
        (
            "echo '{\"Version\":1,\"AccessKeyId\":\"hidden\"}'",
            "has no SecretAccessKey",
        ),
        ("true", "is not valid JSON (line 1, column 0)"),
    ] {
        let text = home(command).broken();
        let expected = format!("profile \"default\": the output of the program of {PLACE} {told}");
        assert_eq!(text, expected);
    }
}

#[test]
fn a_program_that_does_not_end_is_ended() {
    let home = home("exec sleep 3600");
    let short = Duration::from_millis(100);
    let error = home.chain().provide_credentials(short).expect_err("slow");
    assert!(error.is_timed_out());
    let text = home.text(&error);
    let expected = format!(
        "profile \"default\": the program of {PLACE} was ended, since it had not finished within"
    );
    assert!(text.starts_with(&expected), "{text}");
}

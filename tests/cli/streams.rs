//! Streams that are closed or cannot be written.

#[cfg(target_os = "linux")]
use std::fs::OpenOptions;

use super::{Home, Ran};
#[cfg(target_os = "linux")]
use crate::support::{ARN, SECRET, STARTED, Server, export_body, json_response};

#[test]
fn succeeds_if_the_reader_leaves() {
    let home = Home::new();
    for arguments in [
        &["--help"][..],
        &["completions", "bash"],
        &["export", "--local"],
    ] {
        let mut child = home.start(arguments);
        drop(child.stdout.take());
        Ran::from(child.wait_with_output().unwrap()).assert(0, "", "");
    }
}

#[test]
fn keeps_the_exit_code_if_nobody_reads_the_error() {
    let home = Home::new();
    let mut child = home.start(&["list-exports"]);
    drop(child.stderr.take());
    Ran::from(child.wait_with_output().unwrap()).assert(253, "", "");
}

#[cfg(target_os = "linux")]
#[test]
fn reports_a_full_disk() {
    let home = Home::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = home.command(&["completions", "bash"]);
    let output = command.stdout(full).output().unwrap();
    Ran::from(output).assert(
        255,
        "",
        "simpledb-export: cannot write to stdout: No space left on device (os error 28)\n",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn shows_a_started_export_on_stderr_if_stdout_is_full() {
    let home = Home::new();
    let server = Server::with_responses(vec![
        json_response(200, STARTED),
        json_response(200, STARTED),
        json_response(200, &export_body("SUCCEEDED", "")),
    ]);
    let run = |arguments: &[&str]| {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", SECRET), arguments);
        Ran::from(command.stdout(full).output().unwrap())
    };
    let start = [
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--client-token=token",
        "--region=eu-west-1",
    ];
    let shown = |arn: &str| {
        format!(
            "simpledb-export: cannot write to stdout: No space left on device (os error 28)\n\
             simpledb-export: the export was started with client token token; to show it: \
             simpledb-export get-export --export-arn {arn} --region eu-west-1\n"
        )
    };
    run(&start).assert(255, "", &shown(ARN));
    let export = [&["export", "--min-delay=1"], &start[1..]].concat();
    run(&export).assert(255, "", &shown(ARN));
}

//! Streams that nobody reads or that cannot be written.

#[cfg(target_os = "linux")]
use std::fs::OpenOptions;
use std::process::Stdio;

use super::{Home, Ran};

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let home = Home::new();
    for arguments in [
        &["--help"][..],
        &["completions", "bash"],
        &["export", "--local"],
    ] {
        let mut command = home.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        Ran::from(child.wait_with_output().unwrap()).assert(0, "", "");
    }
}

#[test]
fn errors_that_nobody_reads_keep_their_code() {
    let home = Home::new();
    let mut command = home.command(&["list-exports"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    Ran::from(child.wait_with_output().unwrap()).assert(253, "", "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
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

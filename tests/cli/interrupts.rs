//! Ctrl-C while a command runs.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Home, Ran};
use crate::support::{ARN, SECRET, STARTED, Server, Step, json_response};

pub(super) fn send(signal: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

/// Interrupts a command when the server has so many of its requests, the last without a response.
fn interrupt(arguments: &[&str], server: &Server, requests: usize) -> Ran {
    let home = Home::new();
    let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", SECRET), arguments);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    interrupt_when(child, || server.requests().len() >= requests)
}

fn interrupt_when(mut child: Child, is_time: impl Fn() -> bool) -> Ran {
    while !is_time() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(5));
    }
    send("INT", &child);
    Ran::from(child.wait_with_output().unwrap())
}

/// A server that never responds.
fn silent() -> Server {
    Server::scripted(vec![vec![Step::Request, Step::Silence]])
}

#[test]
fn shows_how_to_resume_a_wait() {
    let arguments = ["wait", "export-succeeded", "--export-arn", ARN];
    interrupt(&arguments, &silent(), 1).assert(
        130,
        "",
        &format!(
            "simpledb-export: interrupted: the export keeps running; to keep waiting: \
             simpledb-export wait export-succeeded --export-arn {ARN}\n"
        ),
    );
}

#[test]
fn shows_how_to_check_a_start() {
    let arguments = [
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
    ];
    interrupt(&arguments, &silent(), 1).assert(
        130,
        "",
        "simpledb-export: interrupted: the export may have been started; to check: simpledb-export \
         list-exports --domain-name Books\n",
    );
}

#[test]
fn shows_the_arn_of_a_started_export() {
    let server = Server::scripted(vec![vec![
        Step::Request,
        Step::Send(json_response(200, STARTED)),
        Step::Request,
        Step::Silence,
    ]]);
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    interrupt(&arguments, &server, 2).assert(
        130,
        "",
        "simpledb-export: interrupted: the export keeps running; to keep waiting: \
         simpledb-export wait export-succeeded --export-arn arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a\n",
    );
}

#[test]
fn shows_the_download_that_was_to_follow() {
    let server = Server::scripted(vec![vec![
        Step::Request,
        Step::Send(json_response(200, STARTED)),
        Step::Request,
        Step::Silence,
    ]]);
    let arguments = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--to=my out",
        "--format=csv",
    ];
    interrupt(&arguments, &server, 2).assert(
        130,
        "",
        "simpledb-export: interrupted: the export keeps running; to resume: simpledb-export \
         wait export-succeeded --export-arn arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a && simpledb-export download \
         --export-arn arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a --to 'my out'; then convert the directory it reports, with \
         --format csv\n",
    );
}

#[test]
fn an_interrupted_conversion_leaves_nothing() {
    let home = Home::new();
    home.write(
        "Books/manifest-file.json",
        r#"[{"dataFileS3Key":"data/dataFile_1_1.json"}]"#,
    );
    // Long enough to be interrupted.
    let items = vec![r#"{"itemName":"i","attributes":[]}"#; 500_000];
    home.write(
        "Books/data/dataFile_1_1.json",
        &format!("[{}]", items.join(",")),
    );
    let count = || home.path().read_dir().unwrap().count();
    let before = count();
    let mut command = home.command(&[
        "convert",
        "Books",
        "--format=jsonl",
        "--to=books.jsonl",
        "--skip-md5",
    ]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    interrupt_when(child, || count() > before).assert(
        130,
        "",
        "simpledb-export: interrupted: books.jsonl was not written; run the same command again\n",
    );
    assert_eq!(count(), before);
}

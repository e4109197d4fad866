//! Ctrl-C while something is under way.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Home, Ran};
use crate::support::{ARN, SECRET, STARTED, Server, Step, json_answer};

pub(super) fn send(signal: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

/// Interrupts a command when the server has so many of its requests, the last without an answer.
fn interrupt(arguments: &[&str], server: &Server, requests: usize) -> Ran {
    let home = Home::new();
    let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", SECRET), arguments);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while server.requests().len() < requests {
        thread::sleep(Duration::from_millis(5));
    }
    send("INT", &child);
    Ran::from(child.wait_with_output().unwrap())
}

/// A server that never answers.
fn silent() -> Server {
    Server::scripted(vec![vec![Step::Request, Step::Silence]])
}

#[test]
fn a_wait_says_how_to_go_on() {
    let arguments = ["wait", "export-succeeded", "--export-arn", ARN];
    interrupt(&arguments, &silent(), 1).assert(
        130,
        "",
        &format!(
            "simpledb-export: interrupted: the export goes on by itself; to go on waiting: \
             simpledb-export wait export-succeeded --export-arn {ARN}\n"
        ),
    );
}

#[test]
fn a_start_says_where_to_look() {
    let arguments = [
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
    ];
    interrupt(&arguments, &silent(), 1).assert(
        130,
        "",
        "simpledb-export: interrupted: the export may have been started; to see: simpledb-export \
         list-exports --domain-name Books\n",
    );
}

#[test]
fn an_export_that_was_started_says_its_arn() {
    let server = Server::scripted(vec![vec![
        Step::Request,
        Step::Send(json_answer(200, STARTED)),
        Step::Request,
        Step::Silence,
    ]]);
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    interrupt(&arguments, &server, 2).assert(
        130,
        "",
        "simpledb-export: interrupted: the export goes on by itself; to go on waiting: \
         simpledb-export wait export-succeeded --export-arn arn:of-the-export\n",
    );
}

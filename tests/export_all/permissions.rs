//! Services that refuse some of the requests, played by a script.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use simpledb_export::export_all::{self, ExportAll, Report};
use simpledb_export::{Client, Credentials};

use super::{inputs, noon};
use crate::local_service::support::TempDir;
use crate::support::{FakeSystem, Server, Step, config, json_response, new_client};

const DENIED: &str = r#"{"__type":"AccessDeniedException","message":"not allowed"}"#;

const MISSING: &str = r#"{"__type":"NoSuchDomainException","message":"no such domain"}"#;

/// What the script is given of a request.
struct Call {
    operation: String,
    input: Value,
    /// How many requests of the operation came before.
    number: usize,
}

/// Returns what the script sends; nothing closes the connection.
fn server(script: impl Fn(&Call) -> Option<(u16, String)> + Send + Sync + 'static) -> Server {
    let seen: Mutex<Vec<String>> = Mutex::default();
    Server::responding(move |_, request| {
        let operation = request.path.rsplit('/').next().unwrap().to_owned();
        let mut seen = seen.lock().unwrap();
        let number = seen.iter().filter(|name| **name == operation).count();
        seen.push(operation.clone());
        let input = request.json();
        let call = Call {
            operation,
            input,
            number,
        };
        match script(&call) {
            Some((status, body)) => vec![Step::Send(json_response(status, &body))],
            None => vec![Step::Reset],
        }
    })
}

fn arn(domain: &str) -> String {
    format!("arn:aws:sdb:us-east-1:111122223333:domain/{domain}/export/0e1e2f9a")
}

/// A page with one export, which was requested at noon.
fn page(domain: &str) -> (u16, String) {
    let export = json!({
        "exportArn": arn(domain),
        "exportStatus": "SUCCEEDED",
        "requestedAt": noon().unix_timestamp(),
        "domainName": domain,
    });
    (200, json!({ "exportSummaries": [export] }).to_string())
}

fn run(
    server: &Server,
    dir: &TempDir,
    names: &[&str],
) -> (Result<Report, export_all::Error>, Vec<String>) {
    run_by(
        new_client(config(&server.url(), &FakeSystem::new())),
        dir,
        names,
    )
}

fn run_by(
    client: Client,
    dir: &TempDir,
    names: &[&str],
) -> (Result<Report, export_all::Error>, Vec<String>) {
    let mut lines = Vec::new();
    let report = ExportAll::new(client, inputs(names), dir.path().join("state.json"))
        .max_wait(Duration::ZERO)
        .on_event(|event| {
            lines.push(event.to_string());
            ControlFlow::Continue(())
        })
        .run();
    (report, lines)
}

#[test]
fn derives_the_quotas_domain_by_domain_if_only_that_is_allowed() {
    let server = server(|call| {
        Some(
            match (call.operation.as_str(), call.input["domainName"].as_str()) {
                ("StartDomainExport", _) => {
                    (409, r#"{"__type":"NumberExportsLimitExceeded"}"#.to_owned())
                }
                ("ListExports", None | Some("Films")) => (403, DENIED.to_owned()),
                ("ListExports", Some("Books")) => (400, MISSING.to_owned()),
                ("ListExports", Some(domain)) => page(domain),
                _ => unreachable!(),
            },
        )
    });
    let (report, lines) = run(&server, &TempDir::new(), &["Books", "Films", "Music"]);
    assert_eq!(
        lines,
        ["the account's quota is used up until 2026-02-17T12:00:01.000Z"]
    );
    let next_run = report.unwrap().next_run.unwrap();
    assert_eq!(next_run - noon(), time::Duration::seconds(24 * 3600 + 1));
}

#[test]
fn knows_a_quota_of_the_domain_by_its_code() {
    let quota = r#"{"__type":"NumberDomainExportsExceeded","message":"too many"}"#;
    let server = server(move |call| {
        Some(match call.operation.as_str() {
            "StartDomainExport" => (409, quota.to_owned()),
            _ => page("Books"),
        })
    });
    let (report, lines) = run(&server, &TempDir::new(), &["Books", "Films"]);
    assert_eq!(
        lines,
        [
            "Books: the domain's quota is used up until 2026-02-17T12:00:01.000Z",
            "Films: the domain's quota is used up until 2026-02-16T13:00:00.000Z"
        ]
    );
    let report = report.unwrap();
    assert_eq!(report.waiting(), 2);
    assert!(report.stopped_by.is_none(), "{report:?}");
}

#[test]
fn derives_the_account_domain_by_domain_if_only_that_is_allowed() {
    let server =
        server(|call| {
            Some(match (call.operation.as_str(), call.input["domainName"].as_str()) {
            ("StartDomainExport", Some(domain)) => {
                let token = &call.input["clientToken"];
                (
                    200,
                    json!({"clientToken": token, "exportArn": arn(domain), "requestedAt": 0})
                        .to_string(),
                )
            }
            ("GetExport", _) => (
                200,
                json!({
                    "exportArn": call.input["exportArn"], "clientToken": "t", "requestedAt": 0,
                    "exportStatus": "IN_PROGRESS", "domainName": "Books", "s3Bucket": "bucket",
                })
                .to_string(),
            ),
            ("ListExports", Some("Books")) => page("Books"),
            _ => (403, DENIED.to_owned()),
        })
        });
    let dir = TempDir::new();
    let (report, _) = run(&server, &dir, &["Books"]);
    assert_eq!(report.unwrap().in_progress(), 1);
    // The second run has to find out that the account is still the same.
    let (report, _) = run(&server, &dir, &["Books"]);
    let report = report.unwrap();
    assert!(report.stopped_by.is_none(), "{report:?}");
    assert_eq!(report.in_progress(), 1);
    let other = Credentials::builder("AKIDEXAMPLE", "secret").account_id("444455556666");
    let config = config(&server.url(), &FakeSystem::new()).credentials(other.build());
    let (report, _) = run_by(new_client(config), &dir, &["Books"]);
    assert_eq!(
        report.unwrap_err().kind(),
        export_all::ErrorKind::OtherAccount
    );
}

/// The first response is lost, and the domain is deleted before the request is sent again.
#[test]
fn finds_the_export_of_a_domain_that_was_deleted_since() {
    let token = Arc::new(Mutex::new(Value::Null));
    let server =
        server(move |call| {
            let mut token = token.lock().unwrap();
            Some(match (call.operation.as_str(), call.input["domainName"].as_str()) {
            ("StartDomainExport", _) if call.number == 0 => {
                *token = call.input["clientToken"].clone();
                return None;
            }
            ("StartDomainExport" | "ListExports", Some("Books")) => (400, MISSING.to_owned()),
            ("ListExports", None) => page("Books"),
            ("GetExport", _) => (
                200,
                json!({
                    "exportArn": arn("Books"), "clientToken": *token, "requestedAt": 0,
                    "exportStatus": "SUCCEEDED", "domainName": "Books", "s3Bucket": "bucket",
                })
                .to_string(),
            ),
            _ => unreachable!(),
        })
        });
    let (report, lines) = run(&server, &TempDir::new(), &["Books"]);
    assert_eq!(report.unwrap().done(), 1, "{lines:?}");
    assert_eq!(
        lines,
        [
            format!("Books: started as {}", arn("Books")),
            "Books: done".to_owned()
        ]
    );
}

#[test]
fn a_domain_that_is_missing_fails_permanently_once_its_token_was_searched_for() {
    let server = server(|call| {
        Some(
            match (call.operation.as_str(), call.input["domainName"].as_str()) {
                ("StartDomainExport", _) if call.number == 0 => return None,
                ("ListExports", None) => (200, r#"{"exportSummaries":[]}"#.to_owned()),
                _ => (400, MISSING.to_owned()),
            },
        )
    });
    let (report, lines) = run(&server, &TempDir::new(), &["Books"]);
    let text = "Books: failed: NoSuchDomainException: no such domain; it is not retried";
    assert_eq!(lines, [text]);
    assert_eq!(report.unwrap().failed_permanently(), 1);
}

#[test]
fn a_missing_domain_whose_token_cannot_be_searched_for_is_left_to_a_later_run() {
    let server = server(|call| {
        Some(
            match (call.operation.as_str(), call.input["domainName"].as_str()) {
                ("StartDomainExport", _) if call.number == 0 => return None,
                ("ListExports", None) => (403, DENIED.to_owned()),
                _ => (400, MISSING.to_owned()),
            },
        )
    });
    let (report, lines) = run(&server, &TempDir::new(), &["Books"]);
    let begin = "Books: a later run checks whether an export was started: ";
    assert!(lines[0].starts_with(begin), "{lines:?}");
    let report = report.unwrap();
    assert_eq!((report.waiting(), report.failed_permanently()), (1, 0));
}

//! `wait export-succeeded`, and `export` against a service.

use simpledb_export::local::LocalService;

use super::Home;
use crate::support::{ARN, STARTED, Server, export_body, json_response};

const FAILED: &str = r#","failureCode":"AccessDenied","failureMessage":"The bucket is closed.""#;

#[test]
fn writes_nothing_after_success() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, &export_body("SUCCEEDED", ""))]);
    home.run_for(
        &server.url(),
        &["wait", "export-succeeded", "--export-arn", ARN],
    )
    .assert(0, "", "");
}

#[test]
fn reports_why_an_export_failed() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, &export_body("FAILED", FAILED))]);
    home.run_for(
        &server.url(),
        &["wait", "export-succeeded", "--export-arn", ARN],
    )
    .assert(
        255,
        "",
        &format!("simpledb-export: export {ARN} FAILED: AccessDenied: The bucket is closed.\n"),
    );
}

#[test]
fn shows_how_to_resume_after_a_timeout() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, &export_body("IN_PROGRESS", ""))]);
    let arguments = [
        "wait",
        "export-succeeded",
        "--export-arn",
        ARN,
        "--max-wait=0",
        "--region=eu-west-1",
    ];
    home.run_for(&server.url(), &arguments).assert(
        255,
        "",
        &format!(
            "simpledb-export: export {ARN} is still IN_PROGRESS after 1 poll; it keeps \
             running: wait again with the same ARN\n\
             simpledb-export: to keep waiting: simpledb-export wait \
             export-succeeded --export-arn {ARN} --region eu-west-1\n"
        ),
    );
}

#[test]
fn reports_the_errors_of_the_service() {
    let home = Home::new();
    let body = r#"{"__type":"NoSuchExportException","message":"no"}"#;
    let server = Server::with_responses(vec![json_response(400, body)]);
    home.run_for(
        &server.url(),
        &["wait", "export-succeeded", "--export-arn", ARN],
    )
    .assert(
        254,
        "",
        "simpledb-export: GetExport failed: NoSuchExportException: no (HTTP status 400, 1 attempt)\n\
         simpledb-export: check the name; to see the region and the account in use: \
         simpledb-export whoami\n",
    );
}

#[test]
fn starts_waits_and_reports() {
    let home = Home::new();
    let server = Server::with_responses(vec![
        json_response(200, STARTED),
        json_response(200, &export_body("PENDING", "")),
        json_response(200, &export_body("SUCCEEDED", r#","itemsCount":40"#)),
    ]);
    let arguments = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--min-delay=1",
        "--max-wait=60",
        "--output=text",
    ];
    let text =
        format!("token\tBooks\t{ARN}\tSUCCEEDED\t40\t2026-02-16T16:56:43.659000+00:00\tbucket\n");
    home.run_for(&server.url(), &arguments).assert(0, &text, "");
    let paths: Vec<_> = server.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(
        paths,
        ["/v2/StartDomainExport", "/v2/GetExport", "/v2/GetExport"]
    );
    let asked = server.requests().pop().unwrap().json();
    assert_eq!(
        asked["exportArn"],
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a"
    );
}

#[test]
fn fails_without_the_bucket() {
    let home = Home::new();
    let service = LocalService::builder()
        .root(home.path().join("root"))
        .sample_domain()
        .start()
        .unwrap();
    let arguments = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=nobucket",
        "--min-delay=1",
    ];
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
    assert!(
        ran.stderr.ends_with(
            " FAILED: S3NoSuchBucket: the bucket does not exist: create a directory of its \
             name in the root\n"
        ),
        "{ran:?}"
    );
}

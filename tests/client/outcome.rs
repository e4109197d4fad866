//! Whether a StartDomainExport that failed may have started the export.

use std::error::Error as _;
use std::io;
use std::net::TcpListener;

use simpledb_export::{Error, ErrorKind, ExportStatus, GetExportInput, StartDomainExportInput};

use crate::support::{
    ARN, Server, Step, client, client_without_retries, export_body, json_response, response,
};

const REFUSAL: &str = r#"{"__type":"NoSuchDomainException","message":"no"}"#;

fn start(url: &str) -> Error {
    let input = StartDomainExportInput::new("Books", "bucket");
    client(url)
        .start_domain_export(&input)
        .expect_err("an error")
}

fn error_after(responses: Vec<Vec<u8>>) -> Error {
    start(&Server::with_responses(responses).url())
}

/// An address at which nothing listens.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[test]
fn knows_the_outcome_of_a_refusal_and_of_a_request_that_was_not_sent() {
    let quota = r#"{"__type":"NumberExportsLimitExceeded"}"#;
    let slow = r#"{"__type":"ThrottlingException"}"#;
    let known = [
        (
            error_after(vec![json_response(409, REFUSAL)]),
            ErrorKind::NoSuchDomainException,
        ),
        (
            error_after(vec![json_response(409, quota)]),
            ErrorKind::NumberExportsLimitExceeded,
        ),
        (
            error_after(vec![json_response(400, slow), json_response(409, REFUSAL)]),
            ErrorKind::NoSuchDomainException,
        ),
        (
            error_after(vec![response(307, &[], b"")]),
            ErrorKind::Service,
        ),
        (start(&closed()), ErrorKind::Connect),
    ];
    for (error, kind) in known {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.is_outcome_unknown(), "{error}");
        assert!(error.client_token().is_some(), "{error}");
    }
    let unsent = client_without_retries(&closed())
        .start_domain_export(&StartDomainExportInput::new("", "bucket"))
        .expect_err("an error");
    assert!(!unsent.is_outcome_unknown());
}

#[test]
fn does_not_know_the_outcome_of_a_request_that_was_sent_and_not_refused() {
    let reset = Server::scripted(vec![vec![Step::Request, Step::Reset]]);
    let unknown = [
        (
            error_after(vec![response(500, &[], b"")]),
            ErrorKind::Service,
        ),
        (
            error_after(vec![json_response(200, "{")]),
            ErrorKind::Response,
        ),
        (start(&reset.url()), ErrorKind::Io),
        // Only the second attempt is refused.
        (
            error_after(vec![response(503, &[], b""), json_response(409, REFUSAL)]),
            ErrorKind::NoSuchDomainException,
        ),
    ];
    for (error, kind) in unknown {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.is_outcome_unknown(), "{error}");
    }
}

#[test]
fn says_first_that_the_export_may_have_been_started() {
    let quota = r#"{"__type":"NumberExportsLimitExceeded","message":"no more"}"#;
    let lost = vec![Step::Request, Step::Reset];
    let refused = vec![Step::Request, Step::Send(json_response(409, quota))];
    let server = Server::scripted(vec![lost, refused]);
    let input = StartDomainExportInput::new("Books", "bucket").client_token("the-token");
    let error = client(&server.url())
        .start_domain_export(&input)
        .expect_err("an error");
    assert!(error.is_outcome_unknown());
    assert_eq!(error.client_token(), Some("the-token"));
    assert_eq!(
        error.to_string(),
        "StartDomainExport failed but may have started the export (retry with client token \
         the-token): NumberExportsLimitExceeded: no more (HTTP status 409, 2 attempts)"
    );
}

#[test]
fn rejects_a_response_to_another_request() {
    let other = r#"{"clientToken":"other","exportArn":"arn:x","requestedAt":0}"#;
    let input = StartDomainExportInput::new("Books", "bucket").client_token("the-token");
    let server = Server::with_responses(vec![json_response(200, other)]);
    let error = client(&server.url())
        .start_domain_export(&input)
        .expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(error.is_outcome_unknown());
    assert_eq!(
        error.to_string(),
        "StartDomainExport failed but may have started the export (retry with client token \
         the-token): the response belongs to another request (its clientToken differs): is \
         something else responding in place of the service? (HTTP status 200, 3 attempts)"
    );

    let server = Server::with_responses(vec![
        json_response(
            200,
            &export_body("PENDING", "").replace(ARN, "arn:of-another"),
        ),
        json_response(200, &export_body("SUCCEEDED", "")),
    ]);
    let export = client(&server.url())
        .get_export(&GetExportInput::new(ARN))
        .expect("an export");
    assert_eq!(export.export_status, ExportStatus::Succeeded);
}

#[test]
fn has_no_unknown_outcome_for_operations_that_only_read() {
    let server = Server::with_responses(vec![response(500, &[], b"")]);
    let error = client(&server.url())
        .get_export(&GetExportInput::new(ARN))
        .expect_err("an error");
    assert!(!error.is_outcome_unknown());
}

#[test]
fn keeps_the_operating_systems_error_as_the_source() {
    let error = start(&closed());
    let source = error.source().expect("a source");
    let source: &io::Error = source.downcast_ref().expect("an error of the system");
    assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);
    assert_ne!(source.to_string(), error.to_string());
}

#[test]
fn a_refusal_of_a_request_that_was_sent_twice_is_an_unknown_outcome() {
    let refusal = || Step::Send(json_response(409, REFUSAL));
    let server = Server::scripted(vec![
        // The second request gets no response.
        vec![Step::Request, refusal(), Step::Request],
        vec![Step::Request, refusal()],
    ]);
    let client = client_without_retries(&server.url());
    let input = StartDomainExportInput::new("Books", "bucket");
    let start = || client.start_domain_export(&input).expect_err("a refusal");
    assert!(!start().is_outcome_unknown());
    let error = start();
    assert_eq!(error.kind(), ErrorKind::NoSuchDomainException);
    assert_eq!(error.attempts(), 1);
    assert!(error.is_outcome_unknown());
}

//! A wrong clock, and what the client learns from responses.

use simpledb_export::config::ConfigBuilder;
use simpledb_export::{ErrorKind, GetExportInput};

use crate::support::{ARN, FakeSystem, Request, Server, config, export_body, new_client, response};

/// An hour after it is now for the tests.
const DATE: &str = "Mon, 16 Feb 2026 13:00:00 GMT";

/// A service that is an hour ahead and refuses the first request with this code.
fn server(code: &'static str, more: &'static [(&str, &str)]) -> Server {
    let headers = [&[("date", DATE), ("x-amzn-errortype", code)], more].concat();
    Server::with_responses(vec![
        response(403, &headers, b"{}"),
        response(200, &[], export_body("PENDING", "").as_bytes()),
    ])
}

/// Calls GetExport; returns when its requests were signed.
fn signed_at(
    server: &Server,
    configure: impl Fn(ConfigBuilder) -> ConfigBuilder,
) -> (bool, Vec<String>) {
    let config = config(&server.url(), &FakeSystem::new().random(0));
    let client = new_client(configure(config));
    let result = client.get_export(&GetExportInput::new(ARN));
    if let Err(error) = &result {
        assert_eq!(error.kind(), ErrorKind::Service);
        assert!(!error.is_retryable());
    }
    let date = |request: &Request| request.header("x-amz-date").expect("a date").to_owned();
    (result.is_ok(), server.requests().iter().map(date).collect())
}

#[test]
fn signs_a_request_with_the_wrong_time_again() {
    for code in [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "RequestTimeTooSkewed",
        "RequestExpired",
        "AccessDeniedException",
    ] {
        let found = signed_at(&server(code, &[]), |config| config);
        let expected = ["20260216T120000Z", "20260216T130000Z"].map(str::to_owned);
        assert_eq!(found, (true, expected.to_vec()), "{code}");
    }
}

#[test]
fn uses_the_skew_in_the_next_call() {
    let server = server("InvalidSignatureException", &[]);
    let client = new_client(config(&server.url(), &FakeSystem::new().random(0)));
    for _ in 0..2 {
        let input = GetExportInput::new(ARN);
        client.get_export(&input).expect("an export");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[2].header("x-amz-date"), Some("20260216T130000Z"));
}

#[test]
fn does_not_blame_other_errors_on_the_clock() {
    let found = signed_at(&server("NoSuchExport", &[]), |config| config);
    assert_eq!(found, (false, vec!["20260216T120000Z".to_owned()]));
}

#[test]
fn ignores_the_date_of_a_cached_response() {
    let server = server("InvalidSignatureException", &[("age", "3600")]);
    let found = signed_at(&server, |config| config);
    assert_eq!(found, (false, vec!["20260216T120000Z".to_owned()]));
}

#[test]
fn does_not_correct_the_clock_if_switched_off() {
    let server = server("InvalidSignatureException", &[]);
    let found = signed_at(&server, |config| config.clock_skew_correction(false));
    assert_eq!(found, (false, vec!["20260216T120000Z".to_owned()]));
}

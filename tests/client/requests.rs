//! Headers, and what stays the same from attempt to attempt.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simpledb_export::credentials::{CredentialsCache, CredentialsError, ProvideCredentials};
use simpledb_export::{
    Client, Credentials, ErrorKind, GetExportInput, RetryConfig, StartDomainExportInput,
};

use crate::support::{
    ARN, FakeSystem, Request, SECRET, STARTED, Server, client, config, export_body, json_response,
    new_client, response,
};

fn books() -> StartDomainExportInput {
    StartDomainExportInput::new("Books", "bucket")
}

/// The requests of a call that succeeds at its third attempt.
fn three_attempts(input: &StartDomainExportInput) -> Vec<Request> {
    let responses = vec![
        response(500, &[], b""),
        response(503, &[], b""),
        json_response(200, STARTED),
    ];
    let server = Server::with_responses(responses);
    let client = client(&server.url());
    client.start_domain_export(input).expect("a success");
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    requests
}

fn headers<'a>(requests: &'a [Request], name: &str) -> Vec<&'a str> {
    let values = requests.iter().map(|request| request.header(name));
    values.map(|value| value.expect("the header")).collect()
}

fn is_uuid_v4(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.chars().all(is_hex))
        && groups[2].starts_with('4')
        && groups[3].starts_with(['8', '9', 'a', 'b'])
}

#[test]
fn sends_exactly_these_headers() {
    let request = &three_attempts(&books())[0];
    let mut names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "amz-sdk-invocation-id",
            "amz-sdk-request",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "x-amz-date",
        ]
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-amz-date"), Some("20260216T120000Z"));
    let user_agent = request.header("user-agent").expect("a user agent");
    let product = concat!(
        "simpledb-export/",
        env!("CARGO_PKG_VERSION"),
        " ua/2.1 api/simpledbv2#"
    );
    assert!(user_agent.starts_with(product), "{user_agent}");
}

#[test]
fn names_key_scope_and_headers_in_the_signature() {
    let request = &three_attempts(&books())[0];
    let authorization = request.header("authorization").expect("a signature");
    let signature = authorization
        .strip_prefix(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260216/us-east-1/sdb/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature=",
        )
        .unwrap_or_else(|| panic!("{authorization}"));
    assert_eq!(signature.len(), 64);
    assert!(signature.chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn counts_attempts_under_one_invocation_id() {
    let requests = three_attempts(&books());
    let attempts = headers(&requests, "amz-sdk-request");
    assert_eq!(
        attempts,
        ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]
    );
    let ids = headers(&requests, "amz-sdk-invocation-id");
    assert!(is_uuid_v4(ids[0]), "{ids:?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let others = three_attempts(&books());
    assert_ne!(headers(&others, "amz-sdk-invocation-id")[0], ids[0]);
}

#[test]
fn generates_a_client_token_once_per_call() {
    let tokens = |requests: &[Request]| -> Vec<String> {
        let tokens = requests
            .iter()
            .map(|request| request.json()["clientToken"].clone());
        tokens
            .map(|token| token.as_str().expect("a token").to_owned())
            .collect()
    };
    let first = tokens(&three_attempts(&books()));
    assert!(is_uuid_v4(&first[0]), "{first:?}");
    assert!(first.iter().all(|token| *token == first[0]), "{first:?}");
    let second = tokens(&three_attempts(&books()));
    assert_ne!(first[0], second[0]);

    let requests = three_attempts(&books().client_token("the caller's"));
    assert_eq!(tokens(&requests), ["the caller's"; 3]);
}

#[test]
fn reports_a_generated_token_in_the_error() {
    let server = Server::with_responses(vec![response(500, &[], b"")]);
    let error = client(&server.url())
        .start_domain_export(&books())
        .expect_err("an error");
    assert_eq!(error.attempts(), 3);
    let sent = server.requests()[2].json()["clientToken"].clone();
    assert_eq!(error.client_token(), sent.as_str());
    assert!(error.client_token().is_some_and(is_uuid_v4));
}

#[test]
fn accepts_the_longest_timeouts() {
    let statuses = [response(503, &[], b""), json_response(200, STARTED)];
    let server = Server::with_responses(statuses.to_vec());
    let retry = RetryConfig::standard()
        .initial_backoff(Duration::MAX)
        .max_backoff(Duration::from_secs(1));
    let config = config(&server.url(), &FakeSystem::new())
        .connect_timeout(Duration::MAX)
        .attempt_timeout(Duration::MAX)
        .operation_timeout(Duration::MAX)
        .retry_config(retry);
    let started = new_client(config).start_domain_export(&books());
    assert_eq!(
        started.expect("a start").export_arn,
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a"
    );
}

#[test]
fn rejects_a_timeout_of_zero() {
    let config = config("http://127.0.0.1:9", &FakeSystem::new()).attempt_timeout(Duration::ZERO);
    let error = config.build().expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "attempt_timeout must be greater than zero (Duration::MAX means no limit)"
    );
}

#[test]
fn makes_at_most_the_configured_number_of_attempts() {
    for max_attempts in [1, 2, 5] {
        let server = Server::with_responses(vec![response(500, &[], b"")]);
        let retry = RetryConfig::standard().max_attempts(max_attempts);
        let config = config(&server.url(), &FakeSystem::new()).retry_config(retry);
        let error = new_client(config)
            .get_export(&GetExportInput::new(ARN))
            .expect_err("an error");
        assert_eq!(error.attempts(), max_attempts);
        let requests = server.requests();
        let last = requests
            .last()
            .and_then(|request| request.header("amz-sdk-request"));
        let expected = format!("attempt={max_attempts}; max={max_attempts}");
        assert_eq!(last, Some(expected.as_str()));
    }
}

/// Provides other keys each time.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl ProvideCredentials for Rotating {
    fn provide_credentials(&self, _: Duration) -> Result<Credentials, CredentialsError> {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let credentials = Credentials::builder(format!("KEY{n}"), SECRET);
        Ok(credentials.session_token(format!("token-{n}")).build())
    }
}

#[test]
fn signs_each_attempt_with_fresh_credentials() {
    let failure = response(500, &[], b"");
    let server = Server::with_responses(vec![
        failure,
        json_response(200, &export_body("PENDING", "")),
    ]);
    let config = config(&server.url(), &FakeSystem::new()).credentials(Rotating::default());
    let input = GetExportInput::new(ARN);
    new_client(config).get_export(&input).expect("an export");
    let requests = server.requests();
    assert_eq!(
        headers(&requests, "x-amz-security-token"),
        ["token-0", "token-1"]
    );
    for (n, authorization) in headers(&requests, "authorization").iter().enumerate() {
        let is_expected = authorization.contains(&format!("Credential=KEY{n}/"))
            && authorization
                .contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,");
        assert!(is_expected, "{authorization}");
    }
}

/// Provides these results, one after the other.
#[derive(Debug)]
struct Scripted(Mutex<Vec<Result<Credentials, CredentialsError>>>);

impl ProvideCredentials for Scripted {
    fn provide_credentials(&self, _: Duration) -> Result<Credentials, CredentialsError> {
        self.0.lock().expect("no panic before").remove(0)
    }
}

fn client_with(url: &str, results: Vec<Result<Credentials, CredentialsError>>) -> Client {
    let credentials = Scripted(Mutex::new(results));
    new_client(config(url, &FakeSystem::new()).credentials(credentials))
}

#[test]
fn fails_without_credentials() {
    let server = Server::with_responses(vec![response(500, &[], b"")]);
    let failed = || Err(CredentialsError::failed("the vault is sealed"));
    let error = client_with(&server.url(), vec![failed()])
        .start_domain_export(&books())
        .expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.attempts(), 0);
    assert_eq!(error.client_token(), None);
    assert_eq!(
        error.to_string(),
        "StartDomainExport failed: no credentials: the vault is sealed"
    );
    assert_eq!(server.requests().len(), 0);

    // After an attempt the export may have been started: the token is needed.
    let good = Ok(Credentials::new("AKIDEXAMPLE", SECRET));
    let error = client_with(&server.url(), vec![good, failed()])
        .start_domain_export(&books())
        .expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.attempts(), 1);
    assert!(error.client_token().is_some());
}

/// With a slow clock, expired credentials look valid to the cache.
#[test]
fn drops_credentials_that_the_service_refuses_as_expired() {
    for code in ["ExpiredToken", "ExpiredTokenException"] {
        let expired = json_response(403, &format!(r#"{{"__type":"{code}"}}"#));
        let export = json_response(200, &export_body("PENDING", ""));
        let server = Server::with_responses(vec![expired.clone(), export, expired]);
        let cache = CredentialsCache::new(Rotating::default());
        let client = new_client(config(&server.url(), &FakeSystem::new()).credentials(cache));
        let input = GetExportInput::new(ARN);
        client.get_export(&input).expect("an export");
        // New credentials that are refused too are not replaced again in the same call.
        let error = client.get_export(&input).expect_err("an error");
        assert_eq!((error.code(), error.attempts()), (Some(code), 2));
        assert_eq!(
            headers(&server.requests(), "x-amz-security-token"),
            ["token-0", "token-1", "token-1", "token-2"]
        );
    }
}

#[test]
fn does_not_retry_expired_credentials_without_a_cache() {
    let server = Server::with_responses(vec![json_response(403, r#"{"__type":"ExpiredToken"}"#)]);
    let error = client(&server.url())
        .get_export(&GetExportInput::new(ARN))
        .expect_err("an error");
    assert_eq!((error.code(), error.attempts()), (Some("ExpiredToken"), 1));
}

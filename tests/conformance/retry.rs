//! The standard retry mode, end to end: a server gives each response, and the client must wait as
//! long, and end as, the case says.

use std::time::Duration;

use serde_json::Value;
use simpledb_export::{Error, GetExportInput, RetryConfig};

use crate::support::suites::{json, ran};
use crate::support::{ARN, FakeSystem, Server, config, export_body, new_client, response};

const SUITE: &str = "retry-spec/standard-v2.1.json";

#[test]
fn waits_and_ends_as_every_case_expects() {
    let Some(suite) = json(SUITE) else {
        return;
    };
    let mut ran_cases = 0;
    for group in [
        "newStandardRetryIntegrationTestCases",
        "newStandardRetryMultiInvocationTestCases",
    ] {
        for (name, case) in suite[group].as_object().expect("an object") {
            let responses = case["responses"].as_array().expect("an array");
            run(name, &case["given"], responses);
            ran_cases += 1;
        }
    }
    ran("retry-spec", ran_cases, 13);
}

fn run(name: &str, given: &Value, mut responses: &[Value]) {
    let server = Server::with_responses(responses.iter().map(response_of).collect());
    let system = FakeSystem::new().random(0xff);
    let client = new_client(config(&server.url(), &system).retry_config(retry_config(given)));
    let expected_sleeps: Vec<Duration> = responses
        .iter()
        .filter_map(|response| response["expected"]["delay"].as_f64())
        .map(Duration::from_secs_f64)
        .collect();
    let count = responses.len();
    while !responses.is_empty() {
        let result = client.get_export(&GetExportInput::new(ARN));
        let last = responses
            .iter()
            .position(|response| response["expected"]["outcome"] != "retry_request")
            .expect("an end of the call");
        check_outcome(name, &responses[last], result.map(drop), last + 1);
        responses = &responses[last + 1..];
    }
    assert_eq!(server.requests().len(), count, "{name}");
    assert_eq!(system.sleeps(), expected_sleeps, "{name}");
}

fn retry_config(given: &Value) -> RetryConfig {
    let number = |name: &str| {
        let number = given[name].as_u64()?;
        u32::try_from(number).ok()
    };
    let mut retry = RetryConfig::standard();
    if let Some(max_attempts) = number("max_attempts") {
        retry = retry.max_attempts(max_attempts);
    }
    if let Some(tokens) = number("initial_retry_tokens") {
        retry = retry.quota(tokens);
    }
    if let Some(seconds) = given["max_backoff_time"].as_f64() {
        retry = retry.max_backoff(Duration::from_secs_f64(seconds));
    }
    retry
}

fn response_of(case: &Value) -> Vec<u8> {
    let given = &case["response"];
    let status = given["status_code"].as_u64().expect("a status");
    let mut headers = Vec::new();
    for (name, value) in given["headers"].as_object().into_iter().flatten() {
        headers.push((name.as_str(), value.as_str().expect("a string")));
    }
    if let Some(code) = given["error_code"].as_str() {
        headers.push(("x-amzn-errortype", code));
    }
    let body = match status {
        200 => export_body("PENDING", ""),
        _ => "{}".to_owned(),
    };
    response(
        status.try_into().expect("a status"),
        &headers,
        body.as_bytes(),
    )
}

fn check_outcome(name: &str, last: &Value, result: Result<(), Error>, attempts: usize) {
    let outcome = last["expected"]["outcome"].as_str();
    match (outcome, result) {
        (Some("success"), Ok(())) => {}
        (Some("max_attempts_exceeded" | "retry_quota_exceeded"), Err(error)) => {
            assert_eq!(
                last["response"]["status_code"],
                error.status().unwrap(),
                "{name}"
            );
            assert_eq!(usize::try_from(error.attempts()), Ok(attempts), "{name}");
            assert!(error.is_retryable(), "{name}");
        }
        (outcome, result) => panic!("{name}: {outcome:?} was expected, and it is {result:?}"),
    }
}

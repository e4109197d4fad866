//! The suite of the retry specification, played without a network, one response at a time.

use std::time::Duration;

use serde_json::Value;

use super::tests::{attempts, frozen};
use super::{Failure, Quota, RetryConfig};
use crate::tests::suites::{json, ran};

#[test]
fn waits_and_takes_tokens_as_every_case_expects() {
    let Some(suite) = json("retry-spec/standard-v2.1.json") else {
        return;
    };
    let mut cases = 0;
    // The fifth group is about long polling, which this service does not have.
    for group in [
        "newStandardRetryIntegrationTestCases",
        "newStandardRetryMultiInvocationTestCases",
    ] {
        for (name, case) in suite[group].as_object().expect("an object") {
            let responses = array(&case["responses"]);
            play(
                name,
                &case["given"],
                &[responses],
                &vec![0; responses.len()],
            );
            cases += 1;
        }
    }
    let threads = &suite["newStandardRetryMultiThreadedTestCases"];
    for (name, case) in threads.as_object().expect("an object") {
        let scripts: Vec<&[Value]> = array(&case["threads"]).iter().map(array).collect();
        // The tokens that the case expects after each response follow from this order only.
        let tokens = play(name, &case["given"], &scripts, &[0, 0, 1, 1, 0]);
        assert_eq!(case["expected_final_quota"], tokens, "{name}");
        cases += 1;
    }
    ran("retry-spec", cases, 14);
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

/// Plays the responses of as many threads as there are scripts, in the order of `turns`; returns
/// the tokens at the end.
fn play(name: &str, given: &Value, scripts: &[&[Value]], turns: &[usize]) -> u32 {
    let config = retry_config(given);
    let quota = Quota::new(&config);
    let system = frozen();
    let new_call = || attempts(&system, &config, &quota, Duration::MAX);
    let mut calls: Vec<_> = scripts.iter().map(|_| new_call()).collect();
    let mut rest: Vec<_> = scripts.iter().map(|responses| responses.iter()).collect();
    for &thread in turns {
        let case = rest[thread].next().expect("a response");
        let (response, expected) = (&case["response"], &case["expected"]);
        let call = &mut calls[thread];
        call.begin();
        let status = response["status_code"].as_u64().expect("a status");
        let delay = if status == 200 {
            call.succeeded();
            None
        } else {
            let status = status.try_into().expect("a status");
            let failure = Failure::of_response(status, response["error_code"].as_str());
            let retry_after = response["headers"]["x-amz-retry-after"].as_str();
            call.delay(failure.expect("a retryable failure"), retry_after, 1.0)
        };
        let expected_delay = expected["delay"].as_f64().map(Duration::from_secs_f64);
        if expected["outcome"] == "retry_request" {
            assert!(delay.is_some(), "{name}");
            // The case of several threads says nothing about delays.
            assert!(
                expected_delay.is_none() || delay == expected_delay,
                "{name}: {delay:?}"
            );
        } else {
            assert_eq!(delay, None, "{name}");
            *call = new_call();
        }
        assert_eq!(expected["retry_quota"], quota.tokens(), "{name}");
    }
    quota.tokens()
}

fn retry_config(given: &Value) -> RetryConfig {
    let number = |name: &str| {
        given[name]
            .as_u64()
            .and_then(|number| number.try_into().ok())
    };
    let standard = RetryConfig::standard();
    let max_backoff = given["max_backoff_time"].as_f64();
    standard
        .clone()
        .max_attempts(number("max_attempts").unwrap_or(standard.max_attempts))
        .quota(number("initial_retry_tokens").unwrap_or(standard.quota))
        .max_backoff(max_backoff.map_or(standard.max_backoff, Duration::from_secs_f64))
}

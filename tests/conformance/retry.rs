//! The standard retry mode, end to end: a server gives each response in its turn, and the client
//! must take the tokens, and wait as long, as the case says.

use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use simpledb_export::{Client, Error, GetExportInput, RetryConfig};

use super::{json, ran};
use crate::support::{FakeSystem, Request, Server, Step, answer, config, export_body, new_client};

const SUITE: &str = "retry-spec/standard-v2.1.json";

#[test]
fn every_case_waits_takes_tokens_and_ends_as_expected() {
    let Some(suite) = json(SUITE) else {
        return;
    };
    let mut ran_cases = 0;
    // The fifth group is about long polling, which this service does not have.
    for group in [
        "newStandardRetryIntegrationTestCases",
        "newStandardRetryMultiInvocationTestCases",
    ] {
        for (name, case) in suite[group].as_object().expect("an object") {
            let responses = array(&case["responses"]);
            let turns = vec![0; responses.len()];
            let (_, sleeps) = run(name, &case["given"], &[responses.to_vec()], turns);
            let expected: Vec<Duration> = responses
                .iter()
                .filter_map(|response| response["expected"]["delay"].as_f64())
                .map(Duration::from_secs_f64)
                .collect();
            assert_eq!(sleeps, expected, "{name}");
            ran_cases += 1;
        }
    }
    let threads = &suite["newStandardRetryMultiThreadedTestCases"];
    for (name, case) in threads.as_object().expect("an object") {
        let scripts: Vec<Vec<Value>> = array(&case["threads"])
            .iter()
            .map(|responses| array(responses).to_vec())
            .collect();
        // The tokens that the case expects after each response follow from this order only.
        let (quota, _) = run(name, &case["given"], &scripts, vec![0, 0, 1, 1, 0]);
        assert_eq!(case["expected_final_quota"], quota, "{name}");
        ran_cases += 1;
    }
    ran("retry-spec", ran_cases, 14);
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

/// Runs a case: as many threads as it has scripts, which are answered in the order of `turns`.
/// Gives the tokens and the sleeps at the end.
fn run(
    name: &str,
    given: &Value,
    scripts: &[Vec<Value>],
    turns: Vec<usize>,
) -> (u32, Vec<Duration>) {
    let stage = Arc::new(Stage {
        name: name.to_owned(),
        client: OnceLock::new(),
        scripts: scripts.to_vec(),
        turns,
        state: Mutex::default(),
        changed: Condvar::new(),
    });
    let server = {
        let stage = Arc::clone(&stage);
        Server::answering(move |_, request| vec![Step::Send(stage.respond(request))])
    };
    let system = FakeSystem::new().random(0xff);
    let config = config(&server.url(), &system).retry_config(retry_config(given));
    let client = stage.client.get_or_init(|| new_client(config));

    thread::scope(|scope| {
        for (index, script) in scripts.iter().enumerate() {
            let stage = &stage;
            scope.spawn(move || {
                let mut rest = script.as_slice();
                while !rest.is_empty() {
                    let result = client.get_export(&GetExportInput::new(index.to_string()));
                    stage.settle(index);
                    let used = rest
                        .iter()
                        .position(|response| response["expected"]["outcome"] != "retry_request")
                        .expect("an end of the call");
                    check_outcome(name, &rest[used], result.map(drop), used + 1);
                    rest = &rest[used + 1..];
                }
            });
        }
    });
    let responses: usize = scripts.iter().map(Vec::len).sum();
    assert_eq!(server.requests().len(), responses, "{name}");
    (client.retry_quota(), system.sleeps())
}

fn retry_config(given: &Value) -> RetryConfig {
    let number = |name: &str| {
        let number = given[name].as_u64()?;
        u32::try_from(number).ok()
    };
    let mut retry = RetryConfig::standard();
    if let Some(max_attempts) = number("max_attempts") {
        retry = retry.with_max_attempts(max_attempts);
    }
    if let Some(tokens) = number("initial_retry_tokens") {
        retry = retry.with_quota(tokens);
    }
    if let Some(seconds) = given["max_backoff_time"].as_f64() {
        retry = retry.with_max_backoff(Duration::from_secs_f64(seconds));
    }
    retry
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

/// Whose turn it is, and what is still to be seen of the turn before.
struct Stage {
    name: String,
    client: OnceLock<Client>,
    scripts: Vec<Vec<Value>>,
    turns: Vec<usize>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    turn: usize,
    /// A response is out, and the client has not shown yet what it made of it.
    is_open: bool,
}

impl Stage {
    /// The next response for the thread that the request comes from, once it is its turn.
    fn respond(&self, request: &Request) -> Vec<u8> {
        let body = request.json();
        let thread = body["exportArn"].as_str().and_then(|arn| arn.parse().ok());
        let thread = thread.expect("the number of a thread");
        self.settle(thread);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self
            .changed
            .wait_timeout_while(state, Duration::from_secs(30), |state| {
                state.is_open || self.turns.get(state.turn) != Some(&thread)
            });
        let (mut state, timeout) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "{}: it is never {thread}'s turn",
            self.name
        );
        state.is_open = true;
        let given = &self.response(state.turn)["response"];

        let status = given["status_code"]
            .as_u64()
            .and_then(|status| status.try_into().ok());
        let mut headers = Vec::new();
        if let Some(given) = given["headers"].as_object() {
            headers.extend(
                given
                    .iter()
                    .map(|(name, value)| (name.as_str(), text(value))),
            );
        }
        if let Some(code) = given["error_code"].as_str() {
            headers.push(("x-amzn-errortype", code));
        }
        let body = match status {
            Some(200) => export_body("PENDING", ""),
            _ => "{}".to_owned(),
        };
        answer(status.expect("a status"), &headers, body.as_bytes())
    }

    /// What the client made of the last response to this thread is now to be seen.
    fn settle(&self, thread: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_open && self.turns[state.turn] == thread {
            let expected = &self.response(state.turn)["expected"]["retry_quota"];
            let client = self.client.get().expect("a client");
            assert_eq!(
                *expected,
                client.retry_quota(),
                "{} {}",
                self.name,
                state.turn
            );
            state.is_open = false;
            state.turn += 1;
            self.changed.notify_all();
        }
    }

    fn response(&self, turn: usize) -> &Value {
        let thread = self.turns[turn];
        let before = self.turns[..turn].iter().filter(|t| **t == thread).count();
        &self.scripts[thread][before]
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

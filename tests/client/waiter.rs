//! Waiting for an export to end.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use simpledb_export::{Error, ErrorKind, ExportStatus, GetExportOutput};

use crate::support::{
    ARN, FakeSystem, Server, config, export_body, json_response, new_client, response,
};

fn seconds(seconds: &[u64]) -> Vec<Duration> {
    seconds.iter().copied().map(Duration::from_secs).collect()
}

/// A server that reports these statuses, one per poll.
fn server(statuses: &[&str]) -> Server {
    let responses = statuses
        .iter()
        .map(|status| json_response(200, &export_body(status, "")));
    Server::with_responses(responses.collect())
}

fn wait(
    server: &Server,
    system: &FakeSystem,
    max_wait: Duration,
) -> Result<GetExportOutput, Error> {
    let client = new_client(config(&server.url(), system));
    client.wait_for_export(ARN).timeout(max_wait).wait()
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn returns_at_once_if_the_export_has_succeeded() {
    let (server, system) = (server(&["SUCCEEDED"]), FakeSystem::new());
    let export = wait(&server, &system, Duration::ZERO).expect("an export");
    assert_eq!(export.export_status, ExportStatus::Succeeded);
    assert_eq!(server.request().json()["exportArn"], ARN);
    assert!(system.sleeps().is_empty());
}

#[test]
fn polls_ever_less_often() {
    let statuses = [
        "PENDING",
        "PENDING",
        "IN_PROGRESS",
        "PAUSED",
        "IN_PROGRESS",
        "SUCCEEDED",
    ];
    let longest = FakeSystem::new().random(0xff);
    wait(&server(&statuses), &longest, HOUR).expect("an export");
    assert_eq!(longest.sleeps(), seconds(&[30, 60, 120, 120, 120]));

    let least = FakeSystem::new().random(0);
    wait(&server(&statuses), &least, HOUR).expect("an export");
    assert_eq!(least.sleeps(), seconds(&[30; 5]));
}

#[test]
fn respects_the_configured_delays() {
    let (server, system) = (
        server(&["PENDING", "PENDING", "PENDING", "SUCCEEDED"]),
        FakeSystem::new().random(0xff),
    );
    let client = new_client(config(&server.url(), &system));
    let waiter = client
        .wait_for_export(ARN)
        .min_delay(Duration::from_secs(2))
        .max_delay(Duration::from_secs(5));
    waiter.wait().expect("an export");
    assert_eq!(system.sleeps(), seconds(&[2, 4, 5]));
}

#[test]
fn polls_at_most_every_100_milliseconds() {
    let (server, system) = (
        server(&["PENDING", "PENDING", "SUCCEEDED"]),
        FakeSystem::new().random(0xff),
    );
    let client = new_client(config(&server.url(), &system));
    let waiter = client
        .wait_for_export(ARN)
        .min_delay(Duration::ZERO)
        .max_delay(Duration::ZERO);
    waiter.wait().expect("an export");
    assert_eq!(system.sleeps(), [Duration::from_millis(100); 2]);
}

#[test]
fn waits_without_a_limit() {
    let (server, system) = (server(&["PENDING", "SUCCEEDED"]), FakeSystem::new());
    let client = new_client(config(&server.url(), &system));
    let waiter = client.wait_for_export(ARN).max_delay(Duration::MAX);
    waiter.timeout(Duration::MAX).wait().expect("an export");
    assert_eq!(system.sleeps(), seconds(&[30]));
}

#[test]
fn reports_a_failed_export_with_its_reason() {
    let reason = r#","failureCode":"AccessDenied","failureMessage":"The bucket is not yours.""#;
    let server = Server::with_responses(vec![
        json_response(200, &export_body("IN_PROGRESS", "")),
        json_response(200, &export_body("FAILED", reason)),
    ]);
    let error = wait(&server, &FakeSystem::new(), HOUR).expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::ExportFailed);
    assert_eq!(error.code(), Some("AccessDenied"));
    assert_eq!(error.message(), Some("The bucket is not yours."));
    assert_eq!(
        error.to_string(),
        format!("export {ARN} FAILED: AccessDenied: The bucket is not yours.")
    );
    assert!(!error.is_retryable());
}

#[test]
fn polls_once_more_at_the_end_of_the_time() {
    let (server, system) = (server(&["IN_PROGRESS"]), FakeSystem::new().random(0));
    let error = wait(&server, &system, Duration::from_secs(100)).expect_err("an error");
    let slept: Duration = system.sleeps().iter().sum();
    assert!(slept <= Duration::from_secs(100), "{slept:?}");
    assert!(slept > Duration::from_secs(99), "{slept:?}");
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let polls = server.requests().len();
    assert_eq!(
        error.to_string(),
        format!(
            "export {ARN} is still IN_PROGRESS after {polls} polls in 100s; it keeps running: wait \
             again with the same ARN"
        )
    );
}

#[test]
fn ends_at_an_error_of_the_service() {
    let refusal = json_response(
        400,
        r#"{"__type":"NoSuchExportException","message":"No such."}"#,
    );
    let server = Server::with_responses(vec![
        json_response(200, &export_body("PENDING", "")),
        refusal,
    ]);
    let error = wait(&server, &FakeSystem::new(), HOUR).expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::NoSuchExportException);
    assert_eq!(
        error.to_string(),
        "GetExport failed: NoSuchExportException: No such. (HTTP status 400, 1 attempt)"
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn keeps_waiting_after_a_failure_that_passes() {
    let server = Server::with_responses(vec![
        json_response(200, &export_body("PENDING", "")),
        response(503, &[], b""),
        json_response(200, &export_body("SUCCEEDED", "")),
    ]);
    wait(&server, &FakeSystem::new(), HOUR).expect("an export");
}

#[test]
fn shows_every_response_to_the_caller_who_may_cancel() {
    let (server, system) = (server(&["PENDING", "IN_PROGRESS"]), FakeSystem::new());
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let on_poll = {
        let seen = Arc::clone(&seen);
        move |export: &GetExportOutput| {
            let mut seen = seen.lock().expect("no panic before");
            seen.push(export.export_status.to_string());
            match export.export_status {
                ExportStatus::Pending => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        }
    };
    let client = new_client(config(&server.url(), &system));
    let waiter = client.wait_for_export(ARN).on_poll(on_poll);
    let error = waiter.wait().expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::WaitCancelled);
    assert_eq!(
        error.to_string(),
        format!("export {ARN} is IN_PROGRESS; wait cancelled after 2 polls")
    );
    assert_eq!(
        *seen.lock().expect("no panic before"),
        ["PENDING", "IN_PROGRESS"]
    );
    assert_eq!(system.sleeps().len(), 1);
}

#[test]
fn returns_an_export_that_has_ended_even_if_cancelled() {
    let server = server(&["SUCCEEDED"]);
    let client = new_client(config(&server.url(), &FakeSystem::new()));
    let waiter = client
        .wait_for_export(ARN)
        .on_poll(|_| ControlFlow::Break(()));
    assert!(waiter.wait().is_ok());
}

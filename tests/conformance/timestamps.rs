//! Times in all forms, read from a server's responses.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use simpledb_export::{GetExportInput, ListExportsInput};
use time::OffsetDateTime;

use crate::support::suites::{json, ran};
use crate::support::{
    ARN, FakeSystem, Server, Step, client_without_retries, config, json_response, new_client,
    response,
};

fn cases(section: &str) -> Option<Vec<Value>> {
    let mut suite = json("timestamps/date_time_format_test_suite.json")?;
    let cases = suite[section].take();
    Some(cases.as_array().expect("an array").clone())
}

fn text(case: &Value) -> &str {
    case["smithy_format_value"].as_str().expect("a string")
}

fn nanoseconds(case: &Value) -> i128 {
    let seconds: i128 = case["canonical_seconds"]
        .as_str()
        .and_then(|seconds| seconds.parse().ok())
        .expect("seconds");
    let nanoseconds = case["canonical_nanos"].as_u64().expect("nanoseconds");
    seconds * 1_000_000_000 + i128::from(nanoseconds)
}

/// Reads these JSON values as the `requestedAt` of as many exports.
fn read_as_members(values: impl Iterator<Item = String>) -> Vec<i128> {
    let summaries: Vec<String> = values
        .map(|value| {
            format!(
                r#"{{"exportArn":"a","exportStatus":"PENDING","domainName":"d","requestedAt":{value}}}"#
            )
        })
        .collect();
    let body = format!(r#"{{"exportSummaries":[{}]}}"#, summaries.join(","));
    let server = Server::with_responses(vec![json_response(200, &body)]);
    let page = client_without_retries(&server.url())
        .list_exports(&ListExportsInput::new())
        .expect("a page");
    let times = page.export_summaries.iter();
    times
        .map(|summary| summary.requested_at.unix_timestamp_nanos())
        .collect()
}

fn assert_all_read(cases: &[Value], found: &[i128]) {
    assert_eq!(cases.len(), found.len());
    for (case, found) in cases.iter().zip(found) {
        assert_eq!(*found, nanoseconds(case), "{}", text(case));
    }
}

#[test]
fn reads_epoch_seconds_exactly() {
    let Some(mut cases) = cases("parse_epoch_seconds") else {
        return;
    };
    assert_eq!(cases.len(), 122);
    // In negative times the suite takes the fraction for positive.
    cases.retain(|case| !(text(case).starts_with('-') && text(case).contains('.')));
    let found = read_as_members(cases.iter().map(|case| text(case).to_owned()));
    assert_all_read(&cases, &found);
    ran("timestamps: epoch seconds", cases.len(), 63);
}

#[test]
fn reads_date_times_exactly() {
    let Some(cases) = cases("parse_date_time") else {
        return;
    };
    let found = read_as_members(cases.iter().map(|case| format!("{:?}", text(case))));
    assert_all_read(&cases, &found);
    ran("timestamps: date-time", cases.len(), 86);
}

/// The client learns the service's time from an HTTP date: the next request must be signed with it,
/// to the second.
#[test]
fn reads_http_dates_to_the_second() {
    let Some(cases) = cases("parse_http_date") else {
        return;
    };
    let date = Arc::new(Mutex::new(String::new()));
    let server = {
        let date = Arc::clone(&date);
        Server::responding(move |_, _| {
            let date = date.lock().unwrap_or_else(PoisonError::into_inner);
            vec![Step::Send(response(400, &[("date", &date)], b"{}"))]
        })
    };
    for case in &cases {
        text(case).clone_into(&mut date.lock().unwrap_or_else(PoisonError::into_inner));
        let system = FakeSystem::new();
        system.set_now(OffsetDateTime::UNIX_EPOCH);
        let client = new_client(config(&server.url(), &system));
        for _ in 0..2 {
            let input = GetExportInput::new(ARN);
            client.get_export(&input).expect_err("an error");
        }
        let requests = server.requests();
        let signed_at = requests
            .last()
            .and_then(|request| request.header("x-amz-date"));
        let seconds = i64::try_from(nanoseconds(case).div_euclid(1_000_000_000)).expect("seconds");
        let expected = OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
        let expected = format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            expected.year(),
            u8::from(expected.month()),
            expected.day(),
            expected.hour(),
            expected.minute(),
            expected.second()
        );
        assert_eq!(signed_at, Some(expected.as_str()), "{}", text(case));
    }
    ran("timestamps: http-date", cases.len(), 86);
}

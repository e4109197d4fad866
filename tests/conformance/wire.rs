//! The service's requests, responses and errors, as another AWS SDK writes and reads them.

use std::path::Path;

use serde_json::Value;
use simpledb_export::{
    Client, Error, ErrorKind, ExportStatus, GetExportInput, ListExportsInput, S3SseAlgorithm,
    StartDomainExportInput,
};
use time::OffsetDateTime;

use crate::support::suites::{find, ran};
use crate::support::{
    ARN, STARTED, Server, client_without_retries, export_body, json_response, response,
};

#[test]
fn writes_every_request_and_reads_every_response() {
    let Some(suite) = find("wire-snapshots") else {
        return;
    };
    let mut cases = 0;
    for directory in ["serde_snapshot", "response_snapshot"] {
        for entry in std::fs::read_dir(suite.join(directory)).expect("a readable directory") {
            check(&entry.expect("an entry").path());
            cases += 1;
        }
    }
    ran("wire-snapshots", cases, 10);
}

fn check(path: &Path) {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut parts = text.splitn(3, "\n\n");
    let mut part = || parts.next().unwrap_or_default();
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if name.ends_with(".request.snap") => {
            check_request(name, part(), part(), part());
        }
        Some(name) => {
            let (head, body) = text.split_once("\n\n").expect("a head and a body");
            check_response(name, head, body);
        }
        None => panic!("{}: not a name", path.display()),
    }
}

fn check_request(name: &str, first_line: &str, headers: &str, body: &str) {
    let responses = [
        STARTED.to_owned(),
        export_body("PENDING", "").replace(ARN, "__ExportArn__"),
        r#"{"exportSummaries":[]}"#.to_owned(),
    ];
    let operations = [
        "StartDomainExport.request.snap",
        "GetExport.request.snap",
        "ListExports.request.snap",
    ];
    let operation = operations.iter().position(|operation| *operation == name);
    let operation = operation.unwrap_or_else(|| panic!("{name}: an unknown operation"));
    let server = Server::with_responses(vec![json_response(200, &responses[operation])]);
    let client = client_without_retries(&server.url());
    call(&client, name).expect("a response");

    let request = server.request();
    assert_eq!(format!("{} {}", request.method, request.path), first_line);
    for line in headers.lines() {
        let (header, value) = line.split_once(": ").expect("a header");
        let found = request.header(&header.to_ascii_lowercase());
        assert_eq!(found, Some(value), "{name}: {header}");
    }
    let expected: Value = serde_json::from_str(body).expect("valid JSON");
    assert_eq!(request.json(), expected, "{name}");
}

/// Calls the operation that a snapshot's name starts with, with every member set as there.
fn call(client: &Client, name: &str) -> Result<(), Error> {
    match name.split('.').next() {
        Some("StartDomainExport") => {
            let input = StartDomainExportInput::new("__DomainName__", "__S3Bucket__")
                .client_token("__ClientToken__")
                .s3_key_prefix("__S3KeyPrefix__")
                .s3_sse_algorithm(S3SseAlgorithm::Aes256)
                .s3_sse_kms_key_id("__S3SseKmsKeyId__")
                .s3_bucket_owner("__S3BucketOwner__");
            client.start_domain_export(&input).map(drop)
        }
        Some("GetExport") => {
            let input = GetExportInput::new("__ExportArn__");
            client.get_export(&input).map(drop)
        }
        _ => {
            let input = ListExportsInput::new()
                .domain_name("__DomainName__")
                .max_results(1)
                .next_token("__NextToken__");
            client.list_exports(&input).map(drop)
        }
    }
}

fn check_response(name: &str, head: &str, body: &str) {
    let (status, headers) = head.split_once('\n').expect("a status and headers");
    let headers: Vec<(&str, &str)> = headers
        .lines()
        .map(|line| line.split_once(": ").expect("a header"))
        .collect();
    let status: u16 = status.parse().expect("a status");
    let server = Server::with_responses(vec![response(status, &headers, body.as_bytes())]);
    let client = client_without_retries(&server.url());
    match name {
        "StartDomainExport.response.snap" => check_start_domain_export(&client),
        "GetExport.response.snap" => check_get_export(&client),
        "ListExports.response.snap" => check_list_exports(&client),
        _ => check_error(&client, name, status),
    }
}

fn in_2000() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(946_684_800).expect("a time")
}

fn check_start_domain_export(client: &Client) {
    let input = StartDomainExportInput::new("d", "b").client_token("__ClientToken__");
    let output = client.start_domain_export(&input).expect("a success");
    assert_eq!(output.client_token, "__ClientToken__");
    assert_eq!(output.export_arn, "__ExportArn__");
    assert_eq!(output.requested_at, in_2000());
}

fn check_get_export(client: &Client) {
    let output = client
        .get_export(&GetExportInput::new("__ExportArn__"))
        .expect("a success");
    assert_eq!(output.export_arn, "__ExportArn__");
    assert_eq!(output.client_token, "__ClientToken__");
    assert_eq!(output.export_status, ExportStatus::Pending);
    assert_eq!(output.domain_name, "__DomainName__");
    assert_eq!(output.requested_at, in_2000());
    assert_eq!(output.s3_bucket, "__S3Bucket__");
    assert_eq!(output.s3_key_prefix.as_deref(), Some("__S3KeyPrefix__"));
    assert_eq!(output.s3_sse_algorithm, Some(S3SseAlgorithm::Aes256));
    let key_id = output.s3_sse_kms_key_id.as_deref();
    assert_eq!(key_id, Some("__S3SseKmsKeyId__"));
    assert_eq!(output.s3_bucket_owner.as_deref(), Some("__S3BucketOwner__"));
    assert_eq!(output.failure_code.as_deref(), Some("__FailureCode__"));
    let message = output.failure_message.as_deref();
    assert_eq!(message, Some("__FailureMessage__"));
    let manifest = output.export_manifest.as_deref();
    assert_eq!(manifest, Some("__ExportManifest__"));
    assert_eq!(output.items_count, Some(1));
    assert_eq!(output.export_data_cutoff_time, Some(in_2000()));
}

fn check_list_exports(client: &Client) {
    let output = client
        .list_exports(&ListExportsInput::new())
        .expect("a success");
    assert_eq!(output.export_summaries.len(), 2);
    for summary in &output.export_summaries {
        assert_eq!(summary.export_arn, "__ExportArn__");
        assert_eq!(summary.export_status, ExportStatus::Pending);
        assert_eq!(summary.requested_at, in_2000());
        assert_eq!(summary.domain_name, "__DomainName__");
    }
    assert_eq!(output.next_token.as_deref(), Some("__NextToken__"));
}

fn check_error(client: &Client, name: &str, status: u16) {
    let code = name.strip_suffix(".error.snap").expect("an error");
    let error = call(client, "StartDomainExport").expect_err("an error");
    let kinds = [
        ErrorKind::InvalidParameterValueException,
        ErrorKind::NoSuchDomainException,
        ErrorKind::NoSuchExportException,
        ErrorKind::NumberExportsLimitExceeded,
    ];
    assert!(kinds.contains(&error.kind()), "{name}: {error:?}");
    assert_eq!(format!("{:?}", error.kind()), code);
    assert_eq!(error.code(), Some(code));
    assert_eq!(error.message(), Some("__Message__"), "{name}");
    assert_eq!(error.status(), Some(status), "{name}");
}

//! The three operations, from the input to the output or the error.

use simpledb_export::{
    Error, ErrorKind, ExportStatus, GetExportInput, ListExportsInput, S3SseAlgorithm,
    StartDomainExportInput,
};

use crate::support::{ARN, STARTED, client, client_without_retries, export_body};

fn responding(
    server: &mut mockito::Server,
    operation: &str,
    status: usize,
    body: &str,
) -> mockito::Mock {
    server
        .mock("POST", format!("/v2/{operation}").as_str())
        .with_status(status)
        .with_header("x-amzn-requestid", "id-1")
        .with_body(body)
        .expect(1)
        .create()
}

#[test]
fn starts_an_export() {
    let mut server = mockito::Server::new();
    let mock = server
        .mock("POST", "/v2/StartDomainExport")
        .match_header("content-type", "application/json")
        .match_body(mockito::Matcher::JsonString(
            r#"{"domainName":"Books","s3Bucket":"bucket","clientToken":"token",
            "s3KeyPrefix":"p","s3SseAlgorithm":"KMS","s3SseKmsKeyId":"key",
            "s3BucketOwner":"111122223333"}"#
                .to_owned(),
        ))
        .with_header("x-amzn-requestid", "id-1")
        .with_body(STARTED.replace("00000000-0000-4000-8000-000000000000", "token"))
        .create();
    let input = StartDomainExportInput::new("Books", "bucket")
        .client_token("token")
        .s3_key_prefix("p")
        .s3_sse_algorithm(S3SseAlgorithm::Kms)
        .s3_sse_kms_key_id("key")
        .s3_bucket_owner("111122223333");
    let client = client(&server.url());
    let started = client.start_domain_export(&input).expect("a start");
    mock.assert();
    assert_eq!(started.client_token, "token");
    assert_eq!(
        started.export_arn,
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a"
    );
    let requested_at = started.requested_at.unix_timestamp_nanos();
    assert_eq!(requested_at, 1_771_261_003_659_000_000);
    assert_eq!(started.request_id(), Some("id-1"));
}

#[test]
fn returns_an_export() {
    let mut server = mockito::Server::new();
    let body = export_body("SUCCEEDED", r#","itemsCount":4650"#);
    let mock = responding(&mut server, "GetExport", 200, &body);
    let client = client(&server.url());
    let export = client
        .get_export(&GetExportInput::new(ARN))
        .expect("an export");
    mock.assert();
    assert_eq!(export.export_arn, ARN);
    assert_eq!(export.export_status, ExportStatus::Succeeded);
    assert_eq!(export.items_count, Some(4650));
    assert_eq!(export.request_id(), Some("id-1"));
}

#[test]
fn lists_exports() {
    let mut server = mockito::Server::new();
    let body = r#"{"exportSummaries":[{"exportArn":"arn","exportStatus":"IN_PROGRESS",
        "requestedAt":1771261003,"domainName":"Books"}],"nextToken":"next"}"#;
    let mock = responding(&mut server, "ListExports", 200, body);
    let client = client(&server.url());
    let page = client
        .list_exports(&ListExportsInput::new())
        .expect("a page");
    mock.assert();
    assert_eq!(page.export_summaries.len(), 1);
    assert_eq!(
        page.export_summaries[0].export_status,
        ExportStatus::InProgress
    );
    assert_eq!(page.next_token.as_deref(), Some("next"));
    assert_eq!(page.request_id(), Some("id-1"));
}

#[test]
fn reports_each_modeled_error_by_its_kind_without_a_retry() {
    let errors = [
        (400, "ConflictException", ErrorKind::ConflictException),
        (
            400,
            "InvalidNextTokenException",
            ErrorKind::InvalidNextTokenException,
        ),
        (
            400,
            "InvalidParameterCombinationException",
            ErrorKind::InvalidParameterCombinationException,
        ),
        (
            400,
            "InvalidParameterValueException",
            ErrorKind::InvalidParameterValueException,
        ),
        (
            400,
            "NoSuchDomainException",
            ErrorKind::NoSuchDomainException,
        ),
        (
            400,
            "NoSuchExportException",
            ErrorKind::NoSuchExportException,
        ),
        (
            409,
            "NumberExportsLimitExceeded",
            ErrorKind::NumberExportsLimitExceeded,
        ),
        (403, "OptInRequired", ErrorKind::Service),
    ];
    for (status, code, kind) in errors {
        let mut server = mockito::Server::new();
        let body = format!(r#"{{"__type":"{code}","message":"because"}}"#);
        let mock = responding(&mut server, "StartDomainExport", status, &body);
        let input = StartDomainExportInput::new("Books", "bucket").client_token("token");
        let client = client(&server.url());
        let error = client.start_domain_export(&input).expect_err(code);
        mock.assert();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.message(), Some("because"));
        assert_eq!(error.request_id(), Some("id-1"));
        assert_eq!(error.status().map(usize::from), Some(status));
        assert_eq!(error.attempts(), 1);
        assert!(!error.is_retryable());
        assert_eq!(error.client_token(), Some("token"));
        assert_eq!(
            error.to_string(),
            format!(
                "StartDomainExport failed: {code}: because \
                 (HTTP status {status}, request id id-1, 1 attempt)"
            )
        );
    }
}

#[test]
fn reads_the_request_id_of_either_header() {
    let mut server = mockito::Server::new();
    server
        .mock("POST", "/v2/GetExport")
        .with_status(400)
        .with_header("x-amz-request-id", "id-2")
        .create();
    let error = client(&server.url())
        .get_export(&GetExportInput::new(ARN))
        .expect_err("an error");
    assert_eq!(error.request_id(), Some("id-2"));
    assert_eq!(
        error.to_string(),
        "GetExport failed (HTTP status 400, request id id-2, 1 attempt)"
    );
}

#[test]
fn rejects_an_empty_member_before_anything_is_sent() {
    // Nothing listens there: a request would be another error.
    let client = client_without_retries("http://127.0.0.1:9");
    let start = |domain: &str, bucket: &str| {
        let input = StartDomainExportInput::new(domain, bucket);
        client.start_domain_export(&input).expect_err("an error")
    };
    let get = client
        .get_export(&GetExportInput::new(""))
        .expect_err("an error");
    let expected = [
        (
            start("", "bucket"),
            "StartDomainExport failed: domainName is required and must not be empty",
        ),
        (
            start("Books", ""),
            "StartDomainExport failed: s3Bucket is required and must not be empty",
        ),
        (
            get,
            "GetExport failed: exportArn is required and must not be empty",
        ),
    ];
    for (error, text) in expected {
        assert_nothing_sent(&error);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), text);
    }
}

fn assert_nothing_sent(error: &Error) {
    assert_eq!(error.attempts(), 0);
    assert_eq!(error.status(), None);
    assert_eq!(error.client_token(), None);
    assert!(!error.is_retryable());
}

//! The protocol's own cases, transposed to this service's operations.

use std::collections::BTreeSet;

use serde_json::{Value, json as value};
use simpledb_export::{
    Error, ErrorKind, ExportStatus, GetExportInput, GetExportOutput, ListExportsInput,
    ListExportsOutput, S3SseAlgorithm, StartDomainExportInput, StartDomainExportOutput,
};

use crate::support::suites::{json, ran};
use crate::support::{
    ARN, FakeSystem, Request, STARTED, Server, client_without_retries, config, export_body,
    json_response, new_client, response,
};

#[test]
fn reports_every_error_by_its_code() {
    let Some(suite) = json("restjson1/errors-extracted.json") else {
        return;
    };
    let cases = suite["cases"].as_array().expect("an array");
    for case in cases {
        let id = case["id"].as_str().expect("a string");
        let headers = case["headers"].as_object().expect("an object");
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("a string")))
            .collect();
        let status = case["code"].as_u64().and_then(|code| code.try_into().ok());
        let status = status.expect("a status");
        let body = case["body"].as_str().expect("a string");
        let response_bytes = response(status, &headers, body.as_bytes());
        let error = get_export_of(response_bytes).expect_err(id);
        assert_eq!(error.status(), Some(status), "{id}");
        let code = match id {
            // A success without its required members is not an error of the service.
            "RestJsonGreetingWithErrors" | "RestJsonGreetingWithErrorsNoPayload" => {
                assert_eq!(error.kind(), ErrorKind::Response, "{id}");
                None
            }
            "RestJsonInvalidGreetingError" => {
                assert_eq!(error.message(), Some("Hi"));
                Some("InvalidGreeting")
            }
            "RestJsonComplexErrorWithNoMessage" | "RestJsonEmptyComplexErrorWithNoMessage" => {
                assert_eq!(error.message(), None, "{id}");
                Some("ComplexError")
            }
            _ => Some("FooError"),
        };
        assert_eq!(error.code(), code, "{id}");
    }
    ran("restjson1 errors", cases.len(), 16);
}

#[test]
fn passes_every_case_of_json_operations() {
    let Some(suite) = json("restjson1/applicable.json") else {
        return;
    };
    let cases = suite["cases"].as_array().expect("an array");
    let mut checked = 0;
    let mut elsewhere = BTreeSet::new();
    for case in cases {
        let id = case["id"].as_str().expect("a string");
        let holds = match case["kind"].as_str().expect("a string") {
            "request" => check_request(id),
            "response" => check_response(id),
            _ => check_error(id),
        };
        if holds {
            checked += 1;
        } else {
            elsewhere.insert(id);
        }
    }
    // Every request of this service has a body.
    let expected = BTreeSet::from(["RestJsonHttpPostWithNoModeledBody"]);
    assert_eq!(elsewhere, expected, "cases that nothing here checks");
    ran("restjson1 applicable", checked, 42);
}

fn get_export_of(response: Vec<u8>) -> Result<GetExportOutput, Error> {
    let server = Server::with_responses(vec![response]);
    client_without_retries(&server.url()).get_export(&GetExportInput::new(ARN))
}

fn get_export(body: &str) -> Result<GetExportOutput, Error> {
    get_export_of(json_response(200, body))
}

fn list_exports(body: &str) -> Result<ListExportsOutput, Error> {
    let server = Server::with_responses(vec![json_response(200, body)]);
    client_without_retries(&server.url()).list_exports(&ListExportsInput::new())
}

fn started(body: &str) -> Result<StartDomainExportOutput, Error> {
    let server = Server::with_responses(vec![json_response(200, body)]);
    client_without_retries(&server.url()).start_domain_export(&input())
}

fn input() -> StartDomainExportInput {
    StartDomainExportInput::new("Books", "bucket")
}

fn summary(status: &str) -> String {
    format!(
        r#"{{"exportArn":"arn","exportStatus":"{status}","requestedAt":1,"domainName":"Books"}}"#
    )
}

/// Returns the request of a StartDomainExport with this input.
fn start_request(input: &StartDomainExportInput) -> Request {
    let server = Server::with_responses(vec![json_response(200, STARTED)]);
    let client = client_without_retries(&server.url());
    client.start_domain_export(input).expect("a success");
    server.request()
}

fn list_request(input: &ListExportsInput) -> Request {
    let server = Server::with_responses(vec![json_response(200, r#"{"exportSummaries":[]}"#)]);
    let client = client_without_retries(&server.url());
    client.list_exports(input).expect("a success");
    server.request()
}

/// The further members of a case in GetExport's response: nulls for all optional ones.
const ALL_OPTIONAL_NULL: &str = r#","s3KeyPrefix":null,"s3SseAlgorithm":null,"s3SseKmsKeyId":null,
    "s3BucketOwner":null,"failureCode":null,"failureMessage":null,"exportManifest":null,
    "itemsCount":null,"exportDataCutoffTime":null"#;

fn check_request(id: &str) -> bool {
    match id {
        "RestJsonDoesntSerializeNullStructureValues" => {
            let body = start_request(&input().client_token("t")).json();
            let expected =
                value!({"domainName": "Books", "s3Bucket": "bucket", "clientToken": "t"});
            assert_eq!(body, expected);
            assert_eq!(list_request(&ListExportsInput::new()).body, b"{}");
        }
        "RestJsonJsonEnums" => {
            for algorithm in ["AES256", "KMS"] {
                let input = input().s3_sse_algorithm(S3SseAlgorithm::from(algorithm));
                assert_eq!(start_request(&input).json()["s3SseAlgorithm"], algorithm);
            }
        }
        "RestJsonQueryIdempotencyTokenAutoFill" => check_token_auto_fill(),
        "RestJsonQueryIdempotencyTokenAutoFillIsSet" => {
            let body = start_request(&input().client_token("the caller's")).json();
            assert_eq!(body["clientToken"], "the caller's");
        }
        "RestJsonHttpWithEmptyBody" => {
            let request = list_request(&ListExportsInput::new());
            assert_eq!(request.body, b"{}");
            assert_eq!(request.header("content-type"), Some("application/json"));
            assert_eq!(request.header("content-length"), Some("2"));
        }
        "RestJsonTestBodyStructure" => {
            let request = start_request(&input());
            assert!(request.json().is_object());
            assert_eq!(request.header("content-type"), Some("application/json"));
            let length = request.body.len().to_string();
            assert_eq!(request.header("content-length"), Some(length.as_str()));
        }
        "RestJsonSimpleScalarProperties" => {
            let body = list_request(&ListExportsInput::new().max_results(7)).json();
            assert_eq!(body, value!({"maxResults": 7}));
        }
        "RestJsonHostWithPath" => {
            let server =
                Server::with_responses(vec![json_response(200, &export_body("PENDING", ""))]);
            let client = client_without_retries(&(server.url() + "/custom"));
            let input = GetExportInput::new(ARN);
            client.get_export(&input).expect("a success");
            assert_eq!(server.request().path, "/custom/v2/GetExport");
        }
        _ => return false,
    }
    true
}

fn check_token_auto_fill() {
    let failure = response(500, &[], b"");
    let server = Server::with_responses(vec![failure, json_response(200, STARTED)]);
    let system = FakeSystem::new().random(0);
    let client = new_client(config(&server.url(), &system));
    client.start_domain_export(&input()).expect("a success");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let token = &request.json()["clientToken"];
        assert_eq!(token, "00000000-0000-4000-8000-000000000000");
    }
    let body = start_request(&input()).json();
    let token = body["clientToken"].as_str().expect("a string");
    assert_eq!(token.len(), 36);
    assert_eq!(&token[14..15], "4");
}

fn check_response(id: &str) -> bool {
    match id {
        "RestJsonGreetingWithErrors" => {
            let error = get_export("{}").expect_err("no export");
            assert_eq!(error.kind(), ErrorKind::Response);
        }
        "RestJsonGreetingWithErrorsNoPayload" => {
            let error = get_export("").expect_err("no export");
            assert_eq!(error.kind(), ErrorKind::Response);
        }
        "RestJsonJsonTimestamps"
        | "RestJsonJsonTimestampsWithEpochSecondsFormat"
        | "RestJsonJsonTimestampsWithEpochSecondsOnTargetFormat" => {
            check_times("1398796238", 1_398_796_238_000);
        }
        "java: Timestamp member in payload is unmarshalled correctly" => {
            check_times("1398796238.123", 1_398_796_238_123);
        }
        "RestJsonDateTimeWithNegativeOffset" => {
            check_times(r#""2019-12-16T22:48:18-01:00""#, 1_576_540_098_000);
        }
        "RestJsonDateTimeWithPositiveOffset" => {
            check_times(r#""2019-12-17T00:48:18+01:00""#, 1_576_540_098_000);
        }
        "RestJsonDateTimeWithFractionalSeconds" => {
            check_times(r#""2000-01-02T20:34:56.123Z""#, 946_845_296_123);
        }
        "RestJsonDoesntDeserializeNullStructureValues" => check_nulls(),
        "RestJsonDeserializeIgnoreType" => {
            let more = r#","__type":"x#Y","other":{"exportArn":[{"a":null}]}"#;
            get_export(&export_body("PENDING", more)).expect("an export");
        }
        "java: Unmodeled data is ignored" => {
            get_export(&export_body("PENDING", r#","foo":"bar""#)).expect("an export");
        }
        "RestJsonIgnoreQueryParamsInResponse" | "RestJsonListsEmpty" => {
            let page = list_exports(r#"{"exportSummaries":[]}"#).expect("a page");
            assert!(page.export_summaries.is_empty());
            assert_eq!(page.next_token, None);
        }
        "RestJsonLists" => {
            let summaries = [summary("PENDING"), summary("FAILED")].join(",");
            let page = list_exports(&format!(r#"{{"exportSummaries":[{summaries}]}}"#));
            assert_eq!(page.expect("a page").export_summaries.len(), 2);
        }
        "RestJsonJsonEnums" => {
            for status in ["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED"] {
                let export = get_export(&export_body(status, "")).expect("an export");
                assert_eq!(export.export_status.as_str(), status);
                assert!(!matches!(export.export_status, ExportStatus::Unknown(_)));
            }
        }
        "java: Enum with unknown values unmarshalled correctly" => {
            let body = export_body("XXXXX", r#","s3SseAlgorithm":"XXXXX""#);
            let export = get_export(&body).expect("an export");
            assert_eq!(export.export_status, ExportStatus::from("XXXXX"));
            let algorithm = export.s3_sse_algorithm;
            assert_eq!(algorithm, Some(S3SseAlgorithm::from("XXXXX")));
        }
        "java: Enum list with unknown values unmarshalled correctly" => {
            let body = format!(r#"{{"exportSummaries":[{}]}}"#, summary("XXXXX"));
            let page = list_exports(&body).expect("a page");
            let status = &page.export_summaries[0].export_status;
            assert_eq!(*status, ExportStatus::from("XXXXX"));
        }
        "java: List of structs in payload is unmarshalled correctly" => {
            let good = summary("PENDING");
            let page = list_exports(&format!(r#"{{"exportSummaries":[{good},null]}}"#));
            assert_eq!(page.expect("a page").export_summaries.len(), 1);
            let page = list_exports(&format!(r#"{{"exportSummaries":[{good},null,{{}}]}}"#));
            assert_eq!(page.expect_err("no summary").kind(), ErrorKind::Response);
        }
        "RestJsonSimpleScalarProperties" => {
            let body = export_body("SUCCEEDED", r#","itemsCount":18446744073709551615"#);
            let export = get_export(&body).expect("an export");
            assert_eq!(export.items_count, Some(u64::MAX));
        }
        _ => return false,
    }
    true
}

fn check_times(json: &str, milliseconds: i128) {
    let expected = milliseconds * 1_000_000;
    let body = export_body("PENDING", &format!(r#","exportDataCutoffTime":{json}"#));
    let export = get_export(&body.replace("1771261003.659", json)).expect("an export");
    assert_eq!(export.requested_at.unix_timestamp_nanos(), expected);
    let cutoff = export.export_data_cutoff_time.expect("a time");
    assert_eq!(cutoff.unix_timestamp_nanos(), expected);
    let started = started(&STARTED.replace("1771261003.659", json)).expect("a start");
    assert_eq!(started.requested_at.unix_timestamp_nanos(), expected);
}

fn check_nulls() {
    let without = get_export(&export_body("PENDING", "")).expect("an export");
    let with = get_export(&export_body("PENDING", ALL_OPTIONAL_NULL)).expect("an export");
    assert_eq!(with, without);
    assert_eq!(with.items_count, None);

    let body: Value = serde_json::from_str(&export_body("PENDING", "")).expect("valid JSON");
    for required in body.as_object().expect("an object").keys() {
        let mut body = body.clone();
        body[required] = Value::Null;
        let null = get_export(&body.to_string()).expect_err(required);
        body.as_object_mut().expect("an object").remove(required);
        let missing = get_export(&body.to_string()).expect_err(required);
        assert_eq!(null.kind(), ErrorKind::Response, "{required}");
        assert_eq!(missing.kind(), ErrorKind::Response, "{required}");
    }
}

/// Cases without a request or response in the suite are checked with the extracted ones.
fn check_error(id: &str) -> bool {
    let header = |body: &[u8]| {
        let headers = [("x-amzn-errortype", "NoSuchExportException")];
        get_export_of(response(400, &headers, body)).expect_err(id)
    };
    let body = |code: &str| get_export_of(json_response(400, code)).expect_err(id);
    let namespace = "com.amazon.x#NoSuchExportException";
    let uri = "http://internal.amazon.com/coral/";
    let error = match id {
        "RestJsonFooErrorUsingXAmznErrorType"
        | "RestJsonFooErrorUsingXAmznErrorTypeWithUri"
        | "RestJsonFooErrorUsingXAmznErrorTypeWithUriAndNamespace"
        | "RestJsonFooErrorUsingXAmznErrorTypeWithUriAndDifferentNamespace" => {
            let code = match id.strip_prefix("RestJsonFooErrorUsingXAmznErrorType") {
                Some("") => "NoSuchExportException".to_owned(),
                Some("WithUri") => format!("NoSuchExportException:{uri}"),
                _ => format!("{namespace}:{uri}"),
            };
            let headers = [("x-amzn-errortype", code.as_str())];
            get_export_of(response(400, &headers, b"")).expect_err(id)
        }
        "RestJsonFooErrorUsingCode" => body(r#"{"code":"NoSuchExportException"}"#),
        "RestJsonFooErrorUsingCodeAndNamespace" => body(&value!({"code": namespace}).to_string()),
        "RestJsonFooErrorUsingCodeUriAndNamespace" => {
            body(&value!({"code": format!("{namespace}:{uri}")}).to_string())
        }
        "RestJsonFooErrorWithDunderType" => body(r#"{"__type":"NoSuchExportException"}"#),
        "RestJsonFooErrorWithDunderTypeAndNamespace" => {
            body(&value!({"__type": namespace}).to_string())
        }
        "RestJsonFooErrorWithDunderTypeUriAndNamespace" => {
            body(&value!({"__type": format!("{namespace}:{uri}")}).to_string())
        }
        "RestJsonFooErrorWithNestedTypeProperty" => {
            let details = value!([{"__type": "com.amazon.internal#ErrorDetails"}]);
            body(&value!({"__type": namespace, "ErrorDetails": details}).to_string())
        }
        "RestJsonInvalidGreetingError" => {
            let error = header(br#"{"Message":"Hi"}"#);
            assert_eq!(error.message(), Some("Hi"));
            error
        }
        "RestJsonComplexErrorWithNoMessage" => {
            let error = header(br#"{"TopLevel":"Top level","Nested":{"Fooooo":"bar"}}"#);
            assert_eq!(error.message(), None);
            error
        }
        "RestJsonEmptyComplexErrorWithNoMessage" => {
            let error = header(b"{}");
            assert_eq!(error.message(), None);
            error
        }
        _ => return false,
    };
    assert_eq!(error.kind(), ErrorKind::NoSuchExportException, "{id}");
    true
}

//! The three operations, in each form of answer.

use super::Home;
use crate::support::{ARN, Request, STARTED, Server, Step, answer, export_body, json_answer};

#[test]
fn a_start_sends_every_option_and_answers_as_the_aws_cli_does() {
    let home = Home::new();
    let server = Server::with_answers(vec![json_answer(200, STARTED)]);
    let arguments = [
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--client-token=token",
        "--s3-key-prefix=backups",
        "--s3-sse-algorithm=KMS",
        "--s3-sse-kms-key-id=alias/key",
        "--s3-bucket-owner=111122223333",
    ];
    home.run_for(&server.url(), &arguments).assert(
        0,
        r#"{
    "clientToken": "token",
    "exportArn": "arn:of-the-export",
    "requestedAt": "2026-02-16T16:56:43.659000+00:00"
}
"#,
        "",
    );
    let expected = serde_json::json!({
        "domainName": "Books",
        "s3Bucket": "bucket",
        "clientToken": "token",
        "s3KeyPrefix": "backups",
        "s3SseAlgorithm": "KMS",
        "s3SseKmsKeyId": "alias/key",
        "s3BucketOwner": "111122223333",
    });
    assert_eq!(server.request().json(), expected);
}

#[test]
fn an_export_is_shown_in_each_form() {
    let home = Home::new();
    let body = export_body("SUCCEEDED", r#","itemsCount":40"#);
    let server = Server::with_answers(vec![json_answer(200, &body)]);
    let show = |form| {
        let arguments = ["--output", form, "get-export", "--export-arn", ARN];
        home.run_for(&server.url(), &arguments)
    };
    let json = r#"{
    "exportArn": "ARN",
    "clientToken": "token",
    "exportStatus": "SUCCEEDED",
    "domainName": "Books",
    "requestedAt": "2026-02-16T16:56:43.659000+00:00",
    "s3Bucket": "bucket",
    "itemsCount": 40
}
"#;
    show("json").assert(0, &json.replace("ARN", ARN), "");
    let text =
        format!("token\tBooks\t{ARN}\tSUCCEEDED\t40\t2026-02-16T16:56:43.659000+00:00\tbucket\n");
    show("text").assert(0, &text, "");
    let table = "\
+------------------------------------------------------------------------------------+
|                                     GetExport                                      |
+----------------+-------------------------------------------------------------------+
|  clientToken   |  token                                                            |
|  domainName    |  Books                                                            |
|  exportArn     |  arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a  |
|  exportStatus  |  SUCCEEDED                                                        |
|  itemsCount    |  40                                                               |
|  requestedAt   |  2026-02-16T16:56:43.659000+00:00                                 |
|  s3Bucket      |  bucket                                                           |
+----------------+-------------------------------------------------------------------+
";
    show("table").assert(0, table, "");
}

/// A page of ListExports with exports named like these letters.
fn page(names: &str, next_token: &str) -> Vec<u8> {
    let summaries: Vec<_> = names
        .chars()
        .map(|name| {
            format!(
                r#"{{"exportArn":"arn:{name}","exportStatus":"PENDING","requestedAt":0,
                "domainName":"Books"}}"#
            )
        })
        .collect();
    let list = summaries.join(",");
    let body = format!(r#"{{"exportSummaries":[{list}],"nextToken":{next_token}}}"#);
    json_answer(200, &body)
}

#[test]
fn a_list_has_all_pages() {
    let home = Home::new();
    let server = Server::with_answers(vec![page("ab", r#""2""#), page("c", "null")]);
    let arguments = ["list-exports", "--domain-name", "Books", "--page-size", "2"];
    let ran = home.run_for(
        &server.url(),
        &[&arguments[..], &["--output=text"]].concat(),
    );
    let line =
        |name| format!("EXPORTSUMMARIES\tBooks\tarn:{name}\tPENDING\t1970-01-01T00:00:00+00:00\n");
    ran.assert(0, &["a", "b", "c"].map(line).concat(), "");
    let sent: Vec<_> = server.requests().iter().map(Request::json).collect();
    let expected = [
        serde_json::json!({"domainName": "Books", "maxResults": 2}),
        serde_json::json!({"domainName": "Books", "maxResults": 2, "nextToken": "2"}),
    ];
    assert_eq!(sent, expected);
}

#[test]
fn a_list_that_was_cut_goes_on_where_it_was() {
    let home = Home::new();
    let server = Server::with_answers(vec![page("abc", r#""2""#)]);
    let ran = home.run_for(&server.url(), &["list-exports", "--max-items", "1"]);
    // {"nextToken":null,"boto_truncate_amount":1}
    let token = "eyJuZXh0VG9rZW4iOm51bGwsImJvdG9fdHJ1bmNhdGVfYW1vdW50IjoxfQ==";
    let expected = r#"{
    "exportSummaries": [
        {
            "exportArn": "arn:a",
            "exportStatus": "PENDING",
            "requestedAt": "1970-01-01T00:00:00+00:00",
            "domainName": "Books"
        }
    ],
    "NextToken": "TOKEN"
}
"#;
    ran.assert(0, &expected.replace("TOKEN", token), "");

    let arguments = [
        "list-exports",
        "--starting-token",
        token,
        "--max-items",
        "2",
    ];
    let rest = home.run_for(&server.url(), &arguments).json();
    let arns: Vec<_> = rest["exportSummaries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|summary| summary["exportArn"].as_str().unwrap())
        .collect();
    assert_eq!(arns, ["arn:b", "arn:c"]);
}

#[test]
fn no_exports_are_an_empty_list() {
    let home = Home::new();
    let server = Server::with_answers(vec![page("", "null")]);
    home.run_for(&server.url(), &["list-exports"]).assert(
        0,
        "{\n    \"exportSummaries\": []\n}\n",
        "",
    );
}

#[test]
fn a_refusal_is_one_line_and_254() {
    let home = Home::new();
    let body = r#"{"__type":"NoSuchExportException","message":"There is no\nsuch export."}"#;
    let server = Server::with_answers(vec![json_answer(400, body)]);
    home.run_for(&server.url(), &["get-export", "--export-arn", ARN])
        .assert(
            254,
            "",
            "simpledb-export: GetExport: NoSuchExportException: There is no such export. (HTTP \
             status 400, 1 attempt)\n",
        );
}

#[test]
fn a_start_that_is_refused_needs_no_token_and_one_that_broke_does() {
    let home = Home::new();
    let body = r#"{"__type":"InternalFailure","message":"try again"}"#;
    let start = |status| {
        let server = Server::with_answers(vec![json_answer(status, body)]);
        let arguments = [
            "start-domain-export",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--client-token=token",
        ];
        home.run_for(&server.url(), &arguments)
    };
    start(400).assert(
        254,
        "",
        "simpledb-export: StartDomainExport: InternalFailure: try again (HTTP status 400, 1 \
         attempt)\n",
    );
    start(500).assert(
        254,
        "",
        "simpledb-export: StartDomainExport: InternalFailure: try again (HTTP status 500, 1 \
         attempt)\n\
         simpledb-export: the export may have been started; to go on without starting a second \
         one, run the same command within 8 hours with --client-token token\n",
    );
}

#[test]
fn a_quota_that_is_used_up_says_what_the_quotas_are() {
    let home = Home::new();
    let body = r#"{"__type":"NumberExportsLimitExceeded","message":"no more"}"#;
    let server = Server::with_answers(vec![json_answer(409, body)]);
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    home.run_for(&server.url(), &arguments).assert(
        254,
        "",
        "simpledb-export: StartDomainExport: NumberExportsLimitExceeded: no more (HTTP status \
         409, 1 attempt)\n\
         simpledb-export: the service starts 5 exports of a domain and 25 of an account within 24 \
         hours; export-all keeps count, and each of its runs starts what is allowed\n",
    );
}

#[test]
fn an_answer_that_is_none_is_told_with_its_fault() {
    let home = Home::new();
    let server = Server::with_answers(vec![json_answer(200, r#"{"exportSummaries":7}"#)]);
    let ran = home.run_for(&server.url(), &["list-exports"]);
    assert_eq!(ran.code, Some(255));
    assert!(
        ran.stderr.starts_with(
            "simpledb-export: ListExports: the answer could not be understood: invalid type: \
             integer `7`"
        ),
        "{ran:?}"
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

#[test]
fn debug_shows_every_request_and_no_secrets() {
    let home = Home::new();
    let id = [("x-amzn-requestid", "id-of-the-request")];
    let server = Server::answering(move |n, _| {
        let status = if n == 0 { 500 } else { 400 };
        vec![Step::Send(answer(status, &id, b"{}"))]
    });
    let arguments = ["--debug", "list-exports"];
    let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", "hidden-key"), &arguments);
    command
        .env("AWS_SESSION_TOKEN", "hidden-token")
        .env("AWS_MAX_ATTEMPTS", "2");
    let ran = super::Ran::from(command.output().unwrap());
    let host = server.url();
    let host = host.strip_prefix("http://").unwrap();
    let lines: Vec<_> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("DEBUG ")?.split_once(": ListExports: "))
        .map(|(_module, text)| text)
        .collect();
    assert_eq!(lines.len(), 6, "{ran:?}");
    for (line, begin) in lines.iter().zip([
        &format!("attempt 1 of 2: POST {host}/v2/ListExports"),
        "attempt 1: HTTP status 500, request id id-of-the-request",
        "attempt 1 failed, retry in ",
        &format!("attempt 2 of 2: POST {host}/v2/ListExports"),
        "attempt 2: HTTP status 400, request id id-of-the-request",
        "attempt 2 failed, no retry: ",
    ]) {
        assert!(line.starts_with(begin), "{ran:?}");
    }
    for secret in ["hidden", "ignature", "ureq"] {
        assert!(!ran.stderr.contains(secret), "{ran:?}");
    }
    assert_eq!(ran.code, Some(254));
}

//! The three operations, in each output format.

use serde_json::{Value, json};

use super::Home;
use crate::support::{
    ARN, Request, SECRET, STARTED, Server, Step, export_body, json_response, response,
};

#[test]
fn sends_every_option_of_a_start_and_prints_as_the_aws_cli_does() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, STARTED)]);
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
    "exportArn": "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a",
    "requestedAt": "2026-02-16T16:56:43.659000+00:00"
}
"#,
        "",
    );
    let expected = json!({
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
fn shows_an_export_in_each_format() {
    let home = Home::new();
    let body = export_body("SUCCEEDED", r#","itemsCount":40"#);
    let server = Server::with_responses(vec![json_response(200, &body)]);
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
+--------------+-----------------------------------------------------------------+
| exportArn    | arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a |
| clientToken  | token                                                           |
| exportStatus | SUCCEEDED                                                       |
| domainName   | Books                                                           |
| requestedAt  | 2026-02-16T16:56:43.659000+00:00                                |
| s3Bucket     | bucket                                                          |
| itemsCount   | 40                                                              |
+--------------+-----------------------------------------------------------------+
";
    show("table").assert(0, table, "");
}

/// Returns a page of ListExports with exports named by these letters.
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
    json_response(200, &body)
}

#[test]
fn lists_all_pages() {
    let home = Home::new();
    let server = Server::with_responses(vec![page("ab", r#""2""#), page("c", "null")]);
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
        json!({"domainName": "Books", "maxResults": 2}),
        json!({"domainName": "Books", "maxResults": 2, "nextToken": "2"}),
    ];
    assert_eq!(sent, expected);
}

/// Runs list-exports, and returns the output and the pages asked for.
fn list(pages: Vec<Vec<u8>>, arguments: &[&str]) -> (Value, Vec<Value>) {
    let home = Home::new();
    let server = Server::with_responses(pages);
    let arguments = [&["list-exports"], arguments].concat();
    let output = home.run_for(&server.url(), &arguments).json();
    (
        output,
        server.requests().iter().map(Request::json).collect(),
    )
}

fn arns(output: &Value) -> Vec<&str> {
    let exports = output["exportSummaries"].as_array().unwrap();
    exports
        .iter()
        .map(|export| export["exportArn"].as_str().unwrap())
        .collect()
}

#[test]
fn lists_at_most_so_many_and_resumes_there() {
    let pages = vec![page("ab", r#""2""#), page("c", r#""3""#)];
    let (output, sent) = list(pages, &["--max-items=3", "--page-size=2"]);
    assert_eq!(arns(&output), ["arn:a", "arn:b", "arn:c"]);
    assert_eq!(output["NextToken"], "3");
    assert_eq!(
        sent,
        [
            json!({"maxResults": 2}),
            json!({"maxResults": 1, "nextToken": "2"})
        ]
    );
    let (output, sent) = list(vec![page("d", "null")], &["--starting-token=3"]);
    assert_eq!(output.get("NextToken"), None);
    assert_eq!(sent, [json!({"nextToken": "3"})]);
}

#[test]
fn fills_a_list_from_short_and_empty_pages() {
    let pages = vec![
        page("", r#""2""#),
        page("a", r#""3""#),
        page("", r#""4""#),
        page("b", r#""5""#),
    ];
    let (output, sent) = list(pages, &["--max-items=2"]);
    assert_eq!(arns(&output), ["arn:a", "arn:b"]);
    assert_eq!(output["NextToken"], "5");
    let sizes: Vec<_> = sent.iter().map(|page| &page["maxResults"]).collect();
    assert_eq!(sizes, [2, 2, 1, 1]);
}

#[test]
fn lists_a_single_page_with_the_options_of_the_api() {
    let (output, sent) = list(vec![page("ab", r#""2""#)], &["--max-results=2"]);
    assert_eq!(arns(&output), ["arn:a", "arn:b"]);
    assert_eq!(output["nextToken"], "2");
    assert_eq!(sent, [json!({"maxResults": 2})]);
    let (_, sent) = list(
        vec![page("c", r#""3""#)],
        &["--next-token=2", "--no-paginate"],
    );
    assert_eq!(sent, [json!({"nextToken": "2"})]);
    let (_, sent) = list(vec![page("a", r#""2""#)], &["--no-paginate"]);
    assert_eq!(sent, [json!({})]);
    let ran = Home::new().run(&["list-exports", "--no-paginate", "--max-items=1"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
}

#[test]
fn lists_no_exports() {
    let home = Home::new();
    let server = Server::with_responses(vec![page("", "null")]);
    home.run_for(&server.url(), &["list-exports"]).assert(
        0,
        "{\n    \"exportSummaries\": []\n}\n",
        "",
    );
}

#[test]
fn reports_an_error_of_the_service_in_one_line() {
    let home = Home::new();
    let body = r#"{"__type":"NoSuchExportException","message":"There is no\nsuch export."}"#;
    let server = Server::with_responses(vec![json_response(400, body)]);
    home.run_for(&server.url(), &["get-export", "--export-arn", ARN])
        .assert(
            254,
            "",
            "simpledb-export: GetExport failed: NoSuchExportException: There is no such export. (HTTP \
             status 400, 1 attempt)\n\
             simpledb-export: check the name; to see the region and the account in use: \
             simpledb-export whoami\n",
        );
}

#[test]
fn shows_the_next_step_after_an_error_of_the_service() {
    let home = Home::new();
    for (status, code, next_step) in [
        (
            400,
            "ConflictException",
            "the client token was used with other options within 8 hours: repeat them, or use \
             another --client-token",
        ),
        (
            400,
            "InvalidNextTokenException",
            "list from the beginning: omit --starting-token and --next-token",
        ),
        (
            403,
            "AccessDeniedException",
            "check the permissions; to see the credentials in use: simpledb-export whoami",
        ),
    ] {
        let body = format!(r#"{{"__type":"{code}","message":"no"}}"#);
        let server = Server::with_responses(vec![json_response(status, &body)]);
        let ran = home.run_for(&server.url(), &["list-exports"]);
        let hint = format!("\nsimpledb-export: {next_step}\n");
        assert!(ran.stderr.ends_with(&hint), "{ran:?}");
    }
    let ran = home.run_for("http://127.0.0.1:1", &["list-exports"]);
    let hint = "\nsimpledb-export: check the network and the proxy; to see the endpoint in use: \
                simpledb-export whoami\n";
    assert!(ran.stderr.ends_with(hint), "{ran:?}");
}

#[test]
fn shows_the_token_only_if_the_outcome_is_unknown() {
    let home = Home::new();
    let body = r#"{"__type":"InternalFailure","message":"try again"}"#;
    let start = |status| {
        let server = Server::with_responses(vec![json_response(status, body)]);
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
        "simpledb-export: StartDomainExport failed: InternalFailure: try again (HTTP status 400, 1 \
         attempt)\n",
    );
    start(500).assert(
        254,
        "",
        "simpledb-export: StartDomainExport failed but may have started the export (retry with \
         client token token): InternalFailure: try again (HTTP status 500, 1 attempt)\n\
         simpledb-export: the export may have been started; to retry without starting a second \
         one, run the same command within 8 hours with --client-token token\n",
    );
}

#[test]
fn explains_the_quotas() {
    let home = Home::new();
    let body = r#"{"__type":"NumberExportsLimitExceeded","message":"no more"}"#;
    let server = Server::with_responses(vec![json_response(409, body)]);
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    home.run_for(&server.url(), &arguments).assert(
        254,
        "",
        "simpledb-export: StartDomainExport failed: NumberExportsLimitExceeded: no more (HTTP status \
         409, 1 attempt)\n\
         simpledb-export: the service starts at most 5 exports per domain and 25 per account in 24 \
         hours; export-all stays within these quotas over several runs\n",
    );
}

#[test]
fn shows_the_token_before_the_quotas_if_the_outcome_is_unknown() {
    let home = Home::new();
    let quota = r#"{"__type":"NumberExportsLimitExceeded","message":"no more"}"#;
    let server = Server::with_responses(vec![json_response(500, "{}"), json_response(409, quota)]);
    let arguments = [
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--client-token=token",
    ];
    let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", SECRET), &arguments);
    command.env("AWS_MAX_ATTEMPTS", "2");
    let ran = super::Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(254), "{ran:?}");
    let hint = "simpledb-export: the export may have been started; to retry without starting a \
                second one, run the same command within 8 hours with --client-token token\n";
    assert!(ran.stderr.ends_with(hint), "{ran:?}");
}

#[test]
fn reports_an_invalid_response() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, r#"{"exportSummaries":7}"#)]);
    let ran = home.run_for(&server.url(), &["list-exports"]);
    assert_eq!(ran.code, Some(255));
    assert!(
        ran.stderr.starts_with(
            "simpledb-export: ListExports failed: the response could not be parsed: invalid type: \
             integer `7`"
        ),
        "{ran:?}"
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

#[test]
fn logs_every_request_and_no_secrets() {
    let home = Home::new();
    let id = [("x-amzn-requestid", "id-of-the-request")];
    let server = Server::responding(move |n, _| {
        let status = if n == 0 { 500 } else { 400 };
        vec![Step::Send(response(status, &id, b"{}"))]
    });
    let arguments = ["--debug", "list-exports"];
    let mut command = home.command_for(&server.url(), ("AKIDEXAMPLE", "hidden-key"), &arguments);
    command
        .env("AWS_SESSION_TOKEN", "hidden-token")
        .env("AWS_MAX_ATTEMPTS", "2");
    let ran = super::Ran::from(command.output().unwrap());
    let url = server.url();
    let lines: Vec<_> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("DEBUG ")?.split_once(": ListExports: "))
        .map(|(_module, text)| text)
        .collect();
    assert_eq!(lines.len(), 6, "{ran:?}");
    for (line, begin) in lines.iter().zip([
        &format!("attempt 1 of 2: POST {url}/v2/ListExports"),
        "attempt 1: HTTP status 500, request id id-of-the-request",
        "attempt 1 failed, retry in ",
        &format!("attempt 2 of 2: POST {url}/v2/ListExports"),
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

#[test]
fn limits_the_time_for_a_response() {
    let home = Home::new();
    let server = Server::scripted(vec![vec![Step::Request, Step::Silence]]);
    let arguments = ["list-exports", "--cli-read-timeout=1"];
    let ran = home.run_for(&server.url(), &arguments);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(ran.stderr.contains("1s"), "{ran:?}");
    let ran = home.run(&["list-exports", "--cli-connect-timeout=1.5"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    let error = "error: invalid value '1.5' for '--cli-connect-timeout <SECONDS>': expected whole \
                 seconds, or 0 for no limit\n";
    assert!(ran.stderr.starts_with(error), "{ran:?}");
}

#[test]
fn trusts_the_certificates_of_the_option() {
    let home = Home::new();
    home.write("ca.pem", "");
    let arguments = ["list-exports", "--ca-bundle=ca.pem"];
    home.run_for("https://127.0.0.1:1", &arguments).assert(
        253,
        "",
        "simpledb-export: invalid ca_bundle \"ca.pem\": the file is empty; expected a file with PEM \
         certificates\n",
    );
}

//! The three operations and their errors.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use simpledb_export::local::{LocalService, LocalServiceBuilder, ManualClock, Pace, Quotas};
use simpledb_export::{
    Credentials, GetExportInput, Item, ListExportsInput, StartDomainExportInput,
};
use time::OffsetDateTime;

use super::support::{Caller, Response, TempDir};

fn builder(dir: &TempDir) -> LocalServiceBuilder {
    LocalService::builder()
        .root(dir.path())
        .bucket("bucket")
        .sample_domain()
        .domain("Cars", [Item::new("a"), Item::new("b"), Item::new("c")])
        .pace(Pace::instant())
}

fn start(domain: &str) -> Value {
    json!({ "domainName": domain, "s3Bucket": "bucket" })
}

#[track_caller]
fn assert_error(response: &Response, status: u16, code: &str, message: &str) {
    assert_eq!(response.status, status, "{}", response.text());
    assert_eq!(response.header("x-amzn-errortype"), Some(code));
    assert_eq!(
        response.json(),
        json!({ "__type": code, "message": message })
    );
    assert_eq!(response.header("x-amzn-requestid").map(str::len), Some(36));
}

#[test]
fn starts_finds_and_lists_an_export() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let caller = Caller::new(&service);
    let mut input = start("Cars");
    input["clientToken"] = json!("token");
    input["s3KeyPrefix"] = json!("pre/fix");
    input["s3SseAlgorithm"] = json!("AES256");
    input["s3BucketOwner"] = json!("123456789012");
    let started = caller.call("StartDomainExport", &input);
    assert_eq!(started.status, 200, "{}", started.text());
    assert_eq!(started.header("content-type"), Some("application/json"));
    assert_eq!(started.header("x-amzn-requestid").map(str::len), Some(36));
    assert!(started.header("date").is_some());
    let started = started.json();
    assert_eq!(started["clientToken"], "token");
    let arn = started["exportArn"].as_str().unwrap();
    let id = arn
        .strip_prefix("arn:aws:sdb:us-east-1:123456789012:domain/Cars/export/")
        .unwrap();

    let mut export = caller
        .call("GetExport", &json!({ "exportArn": arn }))
        .json();
    let cutoff = export["exportDataCutoffTime"].take().as_f64().unwrap();
    assert!(cutoff >= started["requestedAt"].as_f64().unwrap());
    let manifest = format!("pre/fix/AWSSimpleDB/{id}/Cars/manifest-summary.json");
    assert_eq!(
        export,
        json!({
            "exportArn": arn,
            "clientToken": "token",
            "exportStatus": "SUCCEEDED",
            "domainName": "Cars",
            "requestedAt": started["requestedAt"],
            "s3Bucket": "bucket",
            "s3KeyPrefix": "pre/fix",
            "s3SseAlgorithm": "AES256",
            "s3BucketOwner": "123456789012",
            "exportManifest": manifest,
            "itemsCount": 3,
            "exportDataCutoffTime": null,
        })
    );
    let list = caller.call("ListExports", &json!({ "domainName": "Cars" }));
    assert_eq!(
        list.json(),
        json!({ "exportSummaries": [{
            "exportArn": arn,
            "exportStatus": "SUCCEEDED",
            "requestedAt": started["requestedAt"],
            "domainName": "Cars",
        }]})
    );
    assert!(dir.path().join("bucket").join(manifest).is_file());
}

#[test]
fn returns_each_of_the_seven_errors() {
    let dir = TempDir::new();
    let service = builder(&dir)
        .quotas(Quotas {
            per_domain: 2,
            per_account: 3,
        })
        .start()
        .unwrap();
    let caller = Caller::new(&service);
    let call = |operation: &str, input: Value| caller.call(operation, &input);

    for name in ["", "ab", "Bücher"] {
        for (operation, input) in [
            ("StartDomainExport", start(name)),
            ("ListExports", json!({ "domainName": name })),
        ] {
            assert_error(
                &call(operation, input),
                400,
                "InvalidParameterValueException",
                &format!(
                    "domainName must be 3 to 255 letters, digits, '_', '-' and '.', not {name:?}"
                ),
            );
        }
    }
    let mut input = start("Cars");
    input["s3SseKmsKeyId"] = json!("key");
    assert_error(
        &call("StartDomainExport", input),
        400,
        "InvalidParameterCombinationException",
        "s3SseKmsKeyId requires s3SseAlgorithm KMS",
    );
    for (operation, input) in [
        ("StartDomainExport", start("Nope")),
        ("ListExports", json!({ "domainName": "Nope" })),
    ] {
        assert_error(
            &call(operation, input),
            400,
            "NoSuchDomainException",
            "no domain \"Nope\"",
        );
    }
    let mut input = start("Cars");
    input["clientToken"] = json!("token");
    assert_eq!(call("StartDomainExport", input.clone()).status, 200);
    assert_eq!(call("StartDomainExport", input.clone()).status, 200);
    input["domainName"] = json!("Nope");
    assert_error(
        &call("StartDomainExport", input),
        400,
        "ConflictException",
        "this clientToken was used with other parameters within the last 8 hours; use a new one \
         for a new export",
    );
    assert_eq!(call("StartDomainExport", start("Cars")).status, 200);
    assert_error(
        &call("StartDomainExport", start("Cars")),
        409,
        "NumberExportsLimitExceeded",
        "a domain may start 2 exports within 24 hours; try again later",
    );
    assert_eq!(call("StartDomainExport", start("Books")).status, 200);
    assert_error(
        &call("StartDomainExport", start("Books")),
        409,
        "NumberExportsLimitExceeded",
        "an account may start 3 exports within 24 hours; try again later",
    );
    assert_error(
        &call(
            "GetExport",
            json!({ "exportArn": "arn:aws:sdb:us-east-1:123456789012:domain/Cars/export/x" }),
        ),
        400,
        "NoSuchExportException",
        "no export with ARN \"arn:aws:sdb:us-east-1:123456789012:domain/Cars/export/x\"",
    );
    assert_error(
        &call("ListExports", json!({ "nextToken": "made up" })),
        400,
        "InvalidNextTokenException",
        "nextToken was not returned by this service for the same domainName; start again from \
         the first page",
    );
    assert_error(
        &call("DeleteExport", json!({})),
        404,
        "UnknownOperationException",
        "POST /v2/DeleteExport is not an operation: expected POST to /v2/StartDomainExport, /v2/GetExport \
         or /v2/ListExports",
    );
}

#[test]
fn pages_lead_from_one_to_the_next() {
    let dir = TempDir::new();
    let service = builder(&dir).page_size(2).start().unwrap();
    let caller = Caller::new(&service);
    let arns: Vec<Value> = (0..5)
        .map(|_| caller.call("StartDomainExport", &start("Cars")).json()["exportArn"].take())
        .collect();
    let (mut listed, mut pages) = (Vec::new(), 0);
    let mut input = json!({ "maxResults": 100 });
    loop {
        let page = caller.call("ListExports", &input).json();
        pages += 1;
        for summary in page["exportSummaries"].as_array().unwrap() {
            listed.push(summary["exportArn"].clone());
        }
        match page.get("nextToken") {
            Some(token) => input["nextToken"] = token.clone(),
            None => break,
        }
    }
    listed.reverse();
    assert_eq!((listed, pages), (arns, 3));
}

#[test]
fn accepts_only_requests_signed_with_its_keys() {
    let dir = TempDir::new();
    let temporary = Credentials::builder("temporary", "key")
        .session_token("token")
        .build();
    let service = builder(&dir)
        .credentials(temporary.clone())
        .region("eu-west-1")
        .start()
        .unwrap();
    let mut caller = Caller::new(&service);
    let list = |caller: &Caller| caller.call("ListExports", &json!({}));
    assert_eq!(list(&caller).status, 200);
    caller.credentials = temporary;
    assert_eq!(list(&caller).status, 200);

    caller.credentials = Credentials::new("local", "guess");
    assert_error(
        &list(&caller),
        403,
        "InvalidSignatureException",
        "the signature does not match the request; check the secret access key, and that no proxy \
         changes the request",
    );
    caller.credentials = Credentials::new("stranger", "local");
    assert_error(
        &list(&caller),
        403,
        "UnrecognizedClientException",
        "unknown access key ID \"stranger\"",
    );
    caller.credentials = service.credentials();
    caller.region = "us-east-1";
    assert_error(
        &list(&caller),
        403,
        "InvalidSignatureException",
        "the request is signed for region \"us-east-1\"; expected \"eu-west-1\"",
    );
    caller.region = "eu-west-1";
    caller.time -= time::Duration::minutes(16);
    let response = list(&caller);
    assert_eq!(response.status, 403);
    assert_eq!(
        response.header("x-amzn-errortype"),
        Some("InvalidSignatureException")
    );
}

#[test]
fn a_manual_clock_controls_statuses_tokens_and_quotas() {
    let dir = TempDir::new();
    let clock = ManualClock::new(OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap());
    let service = builder(&dir)
        .clock(clock.clone())
        .pace(Pace {
            pending: Duration::from_secs(60),
            in_progress: Duration::from_secs(600),
        })
        .quotas(Quotas {
            per_domain: 1,
            ..Quotas::default()
        })
        .start()
        .unwrap();
    let client = service.client();
    let input = StartDomainExportInput::new("Cars", "bucket");
    let started = client.start_domain_export(&input).unwrap();
    assert_eq!(started.requested_at, clock.now());
    let get = || {
        let export = client.get_export(&GetExportInput::new(&started.export_arn));
        export.unwrap().export_status.to_string()
    };
    assert_eq!(get(), "PENDING");
    clock.advance(Duration::from_secs(60));
    assert_eq!(get(), "IN_PROGRESS");
    clock.advance(Duration::from_secs(600));
    assert_eq!(get(), "SUCCEEDED");

    let refused = client.start_domain_export(&input).unwrap_err();
    assert_eq!(refused.code(), Some("NumberExportsLimitExceeded"));
    clock.advance(Duration::from_secs(24 * 3600 - 660));
    let before = clock.now();
    let second = client.start_domain_export(&input).unwrap();
    // The client advances the clock instead of sleeping.
    let hour = Duration::from_secs(3600);
    client
        .wait_for_export(&second.export_arn)
        .timeout(hour)
        .wait()
        .unwrap();
    assert!(clock.now() - before >= Duration::from_secs(660));

    clock.advance(Duration::from_secs(90 * 24 * 3600));
    let list = client.list_exports(&ListExportsInput::new()).unwrap();
    assert!(list.export_summaries.is_empty());
}

#[test]
fn an_export_runs_in_the_background_by_default() {
    let dir = TempDir::new();
    let service = builder(&dir)
        .pace(Pace {
            pending: Duration::ZERO,
            in_progress: Duration::from_millis(1),
        })
        .start()
        .unwrap();
    let client = service.client();
    let input = StartDomainExportInput::new("Books", "missing");
    let arn = client.start_domain_export(&input).unwrap().export_arn;
    let export = loop {
        let export = client.get_export(&GetExportInput::new(&arn)).unwrap();
        match export.export_status.to_string().as_str() {
            "PENDING" | "IN_PROGRESS" => std::thread::yield_now(),
            _ => break export,
        }
    };
    assert_eq!(export.export_status.to_string(), "FAILED");
    assert_eq!(export.failure_code.as_deref(), Some("S3NoSuchBucket"));
    assert_eq!(
        export.failure_message.as_deref(),
        Some("the bucket does not exist: create a directory of its name in the root")
    );
}

#[test]
fn an_export_can_be_served_as_domains_again() {
    let (dir, again) = (TempDir::new(), TempDir::new());
    let service = builder(&dir).items_per_file(15).start().unwrap();
    let input = StartDomainExportInput::new("Books", "bucket");
    let arn = service.client().start_domain_export(&input).unwrap();
    let (_, id) = arn.export_arn.rsplit_once('/').unwrap();
    let export = dir.path().join("bucket/AWSSimpleDB").join(id);
    assert_eq!(fs::read_dir(export.join("Books/data")).unwrap().count(), 3);

    let service = LocalService::builder()
        .root(again.path())
        .create_buckets(true)
        .domains_directory(export)
        .pace(Pace::instant())
        .start()
        .unwrap();
    let client = service.client();
    let arn = client.start_domain_export(&input).unwrap().export_arn;
    let export = client.get_export(&GetExportInput::new(arn)).unwrap();
    assert_eq!(export.items_count, Some(40));
}

#[test]
fn start_reports_what_is_wrong() {
    let dir = TempDir::new();
    let error = |builder: LocalServiceBuilder| builder.start().unwrap_err().to_string();
    assert_eq!(
        error(LocalService::builder()),
        "the local service needs a root directory; set `root`"
    );
    assert_eq!(
        error(builder(&dir).account_id("12")),
        "invalid account ID \"12\": expected 12 digits"
    );
    for name in ["../x", "b", "b2"] {
        assert_eq!(
            error(builder(&dir).bucket(name)),
            format!(
                "cannot create bucket {name:?}: expected 3 to 63 letters, digits, '.', '-' and \
                 '_', with a letter or digit at either end"
            )
        );
    }
    for name in ["", "x y/", "xy"] {
        assert_eq!(
            error(builder(&dir).domain(name, [])),
            format!(
                "invalid domain name {name:?}: expected 3 to 255 letters, digits, '_', '-' and '.'"
            )
        );
    }
    let running = builder(&dir).start().unwrap();
    let taken = error(builder(&dir).port(running.address().port()));
    let expected = format!("cannot listen on {}: ", running.address());
    assert!(taken.starts_with(&expected), "{taken}");
    assert_eq!(
        format!("{running:?}"),
        format!(
            "LocalService {{ endpoint_url: \"http://{}\", region: \"us-east-1\", .. }}",
            running.address()
        )
    );
}

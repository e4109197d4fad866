//! `export-all`.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use simpledb_export::Item;
use simpledb_export::local::Quotas;

use super::{Home, Ran};
use crate::support::server::{Server, Step, json_response};

const BOOKS_AND_FILMS: [&str; 4] = [
    "export-all",
    "--domain-name=Books",
    "--domain-name=Films",
    "--state=state.json",
];

#[test]
fn exports_a_domain_only_once() {
    let home = Home::new();
    let arguments = ["export-all", "--local", "--state", "state.json"];
    let first = home.run(&arguments);
    assert_eq!(first.code, Some(0), "{first:?}");
    let lines: Vec<_> = first.stderr.lines().collect();
    let begin = "simpledb-export: Books: started as arn:aws:sdb:us-east-1:123456789012:domain/";
    assert!(lines[0].starts_with(begin), "{first:?}");
    assert_eq!(lines[2], "simpledb-export: Books: done, 40 items");
    assert_eq!(lines[3], "simpledb-export: 1 of 1 domains are done");
    let again = home.run(&arguments);
    again.assert(
        0,
        &first.stdout,
        "simpledb-export: 1 of 1 domains are done\n",
    );
    let output = Ran {
        stderr: String::new(),
        ..again
    }
    .json();
    assert_eq!(output["nextRun"], Value::Null);
    assert_eq!(output["domains"][0]["state"], "DONE");
    assert_eq!(output["domains"][0]["itemsCount"], 40);
    let exports = home.path().join("simpledb-local/exports/AWSSimpleDB");
    assert_eq!(exports.read_dir().unwrap().count(), 1);
}

#[test]
fn reports_work_left_by_the_exit_code() {
    let home = Home::new();
    let service = home
        .service()
        .domain("Books", [Item::new("book1")])
        .domain("Films", [])
        .quotas(Quotas {
            per_account: 1,
            ..Quotas::default()
        })
        .start()
        .unwrap();
    home.write("domains.txt", "# the shop's\nBooks\nNowhere\n\nFilms\n");
    let run = |more: &[&str]| {
        let arguments = [
            "export-all",
            "--domains-file=domains.txt",
            "--s3-bucket=bucket",
            "--no-wait",
            "--quiet",
            "--output=text",
        ];
        let arguments: Vec<_> = arguments.iter().chain(more).copied().collect();
        home.run_local(service.endpoint_url(), &arguments)
    };
    let ran = run(&["--state=state.json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(10), ""), "{ran:?}");
    let line = ran.stdout.lines().next().unwrap();
    assert!(
        line.starts_with("1\t1\t0\t20") && line.ends_with("\t0\t1"),
        "{ran:?}"
    );

    home.write("domains.txt", "Books\nNowhere\n");
    let ran = run(&["--state=state.json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(11), ""), "{ran:?}");

    home.write("domains.txt", "# none\n");
    run(&["--state=state.json"]).assert(
        255,
        "",
        "simpledb-export: domains.txt: contains no domains: name at least one\n",
    );
    home.write("domains.txt", "Books\n");
    let other_settings = [
        "--state=state.json",
        "--s3-key-prefix=p",
        "--s3-sse-algorithm=KMS",
        "--s3-sse-kms-key-id=k",
        "--s3-bucket-owner=111122223333",
    ];
    run(&other_settings).assert(
        252,
        "",
        "simpledb-export: Books is in the state file with s3Bucket bucket, not with s3Bucket \
         bucket, s3BucketOwner 111122223333, s3KeyPrefix p, s3SseAlgorithm KMS, s3SseKmsKeyId k: \
         name another state file for that\n",
    );
}

#[test]
fn rejects_a_state_file_of_another_account() {
    let home = Home::new();
    let service = home
        .service()
        .domain("Books", [Item::new("book1")])
        .start()
        .unwrap();
    let run = |account_id: &str| {
        let arguments = [
            "export-all",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--state=state.json",
            "--no-wait",
            "--quiet",
        ];
        let mut command = home.command_for(service.endpoint_url(), ("local", "local"), &arguments);
        Ran::from(command.env("AWS_ACCOUNT_ID", account_id).output().unwrap())
    };
    let ran = run("123456789012");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    run("444455556666").assert(
        252,
        "",
        "simpledb-export: the state file belongs to account 123456789012, but the credentials \
         belong to account 444455556666: use credentials of account 123456789012, or name another \
         state file\n",
    );
}

#[test]
fn reports_an_error_of_the_service_after_the_output() {
    let home = Home::new();
    let ran = home.run_for(
        "http://127.0.0.1:1",
        &[
            "export-all",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--state=state.json",
        ],
    );
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(ran.stdout.contains(r#""state": "WAITING""#), "{ran:?}");
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(
        lines[0].starts_with("simpledb-export: StartDomainExport failed: "),
        "{ran:?}"
    );
    assert_eq!(
        lines[1..],
        ["simpledb-export: nothing is lost; run the same command again to resume"]
    );
}

#[test]
fn downloads_once_and_converts() {
    let home = Home::new();
    let service = home
        .service()
        .domain("Books", [Item::new("book1").attribute("pages", ["7"])])
        .domain("Films", [])
        .start()
        .unwrap();
    let begin = [&BOOKS_AND_FILMS[..], &["--s3-bucket=bucket", "--no-count"]].concat();
    let files = ["--to=out", "--format=csv"];
    let arguments = [&begin, &files[..]].concat();
    let run = |url: &str| home.run_local(url, &[&arguments[..], &["--quiet"]].concat());
    // Polls are 30 seconds apart, so a later run does the waiting.
    home.run_local(
        service.endpoint_url(),
        &[&begin[..], &["--no-wait"]].concat(),
    );

    let first = run(service.endpoint_url()).json();
    let books = &first["domains"][0];
    assert_eq!(books["artifacts"]["verified"], true, "{books}");
    assert_eq!(books["artifacts"]["items"], 1);
    assert_eq!(books["convertedFile"], "out/Books.csv");
    assert_eq!(
        home.read("out/Books.csv").trim_end(),
        "itemName,pages\nbook1,7"
    );
    assert_eq!(first["domains"][1]["convertedFile"], "out/Films.csv");
    let directory = books["artifacts"]["directory"].as_str().unwrap();

    // A file that is not what the conversion made is written again.
    let films = home.read("out/Films.csv");
    home.write("out/Films.csv", "changed");
    assert_eq!(
        domains_of(&run(service.endpoint_url()).json()),
        domains_of(&first)
    );
    assert_eq!(home.read("out/Films.csv"), films);

    // Damaged files are downloaded again.
    let data = fs::read_dir(home.path().join(directory).join("data")).unwrap();
    let data = data.map(|file| file.unwrap().path()).next().unwrap();
    fs::write(&data, "[]").unwrap();
    assert_eq!(
        domains_of(&run(service.endpoint_url()).json()),
        domains_of(&first)
    );

    // A failed download is an error of its domain.
    fs::remove_dir_all(home.path().join("out")).unwrap();
    fs::remove_dir_all(home.path().join("root/bucket/AWSSimpleDB")).unwrap();
    let ran = run(service.endpoint_url());
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    for (line, name) in ran.stderr.lines().zip(["Books", "Films"]) {
        let begin = format!("simpledb-export: {name}: s3://bucket/AWSSimpleDB/");
        assert!(line.starts_with(&begin), "{ran:?}");
    }
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    let error = output["domains"][0]["filesError"].as_str().unwrap();
    assert!(error.starts_with("Books: s3://bucket/"), "{error}");
    assert_eq!(output["domains"][0]["state"], "DONE");
    assert_eq!(
        home.run_local(service.endpoint_url(), &arguments)
            .stderr
            .lines()
            .last(),
        Some(
            "simpledb-export: 2 of 2 domains are done, 2 without all of their files; run the same \
             command again"
        )
    );
}

#[test]
fn reads_domains_from_stdin() {
    let home = Home::new();
    let arguments = [
        "export-all",
        "--local",
        "--domains-file=-",
        "--state=s",
        "--quiet",
    ];
    let mut command = home.command(&arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"# all\nBooks\n").unwrap();
    drop(stdin);
    let output = Ran::from(child.wait_with_output().unwrap()).json();
    assert_eq!(output["done"], 1);
    assert_eq!(output["domains"][0]["domainName"], "Books");
}

#[test]
fn rejects_a_list_of_domains_that_is_too_large_or_not_text() {
    let home = Home::new();
    let run = |file: &str| {
        let file = format!("--domains-file={file}");
        home.run(&["export-all", "--local", "--state=s", &file])
    };
    #[cfg(target_os = "linux")]
    run("/dev/zero").assert(
        255,
        "",
        "simpledb-export: /dev/zero: larger than the limit of 1048576 bytes\n",
    );
    fs::write(home.path().join("utf16"), b"B\0o\0\xff\xfe").unwrap();
    run("utf16").assert(
        255,
        "",
        "simpledb-export: utf16: is not UTF-8 text at byte 4: save the file as UTF-8\n",
    );
}

#[test]
fn repeats_a_local_run_with_its_files() {
    let home = Home::new();
    let arguments = [
        "export-all",
        "--local",
        "--state=state.json",
        "--to=out",
        "--format=jsonl",
        "--quiet",
    ];
    let run = || {
        let mut report = home.run(&arguments).json();
        // When the domain was counted differs.
        report["domains"][0]["artifacts"]["domain"]["metadataTime"].take();
        report
    };
    let first = run();
    assert_eq!(first["domains"][0]["artifacts"]["items"], 40);
    assert_eq!(home.read("out/Books.jsonl").lines().count(), 40);
    // The service of the second run does not know the export; its files are enough.
    assert_eq!(run(), first);
}

/// The domains of a report.
fn domains_of(output: &Value) -> &Value {
    &output["domains"]
}

#[test]
fn starts_nothing_if_the_files_cannot_be_written() {
    let home = Home::new();
    home.write("file", "");
    let arguments = [
        "export-all",
        "--local",
        "--state=state.json",
        "--to=file/out",
    ];
    let failed = home.run(&arguments);
    assert_eq!(failed.code, Some(255), "{failed:?}");
    assert!(
        failed.stderr.ends_with("; no export was started\n"),
        "{failed:?}"
    );
    assert!(!home.path().join("state.json").exists());
}

#[test]
fn a_wrong_bucket_is_one_error_that_says_what_to_correct() {
    let home = Home::new();
    let service = home
        .service()
        .domain("Books", [Item::new("book1")])
        .domain("Films", [])
        .start()
        .unwrap();
    let arguments = [&BOOKS_AND_FILMS[..], &["--s3-bucket=missing", "--quiet"]].concat();
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    let end = "no further exports are started: correct the bucket (missing), its policy or the key, \
               and run again\n";
    assert!(ran.stderr.contains("/export/"), "{ran:?}");
    assert!(ran.stderr.contains(" FAILED: S3NoSuchBucket: "), "{ran:?}");
    assert!(ran.stderr.ends_with(end), "{ran:?}");
    assert!(ran.stdout.contains(r#""waiting": 1"#), "{ran:?}");
}

#[test]
fn writes_nothing_outside_the_directory_whatever_a_domain_is_called() {
    const DATA: &str = r#"[{"itemName":"a"}]"#;
    const ARN: &str = "arn:aws:sdb:us-east-1:123456789012:domain/x/export/c0ffee";
    for (name, converted) in [
        ("../../x", "%2E.%2F..%2Fx.csv"),
        ("/x", "%2Fx.csv"),
        (r"..\..\x", "%2E.%5C..%5Cx.csv"),
    ] {
        let home = Home::new();
        let server = Server::responding(move |_, request| {
            let mut body = match request.path.rsplit('/').next() {
                Some("StartDomainExport") => json!({"clientToken": request.json()["clientToken"]}),
                Some("GetExport") => json!({"clientToken": "t", "exportStatus": "SUCCEEDED"}),
                Some("manifest-summary.json") => json!({"itemsCount": 1}),
                Some("manifest-file.json") => json!([{
                    "md5Checksum": STANDARD.encode(Md5::digest(DATA)),
                    "dataFileS3Key": "data/one.json",
                    "dataFileItemCount": 1,
                }]),
                _ => serde_json::from_str(DATA).unwrap(),
            };
            if request.path.starts_with("/v2/") {
                body["exportArn"] = json!(ARN);
                body["domainName"] = json!(name);
                body["s3Bucket"] = json!("bucket");
                body["requestedAt"] = json!(1_771_243_200);
            }
            vec![Step::Send(json_response(200, &body.to_string()))]
        });
        let domain = format!("--domain-name={name}");
        let arguments = [
            "export-all",
            &domain,
            "--s3-bucket=bucket",
            "--state=state.json",
            "--to=deep/out",
            "--format=csv",
            "--quiet",
        ];
        let report = home.run_for(&server.url(), &arguments).json();
        assert_eq!(
            report["domains"][0]["convertedFile"],
            format!("deep/out/{converted}")
        );
        let names = |dir: &str| {
            let files = fs::read_dir(home.path().join(dir)).unwrap();
            let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
            names.retain(|name| !name.to_string_lossy().starts_with("state.json"));
            names
        };
        assert_eq!(names("."), ["deep"]);
        assert_eq!(names("deep"), ["out"]);
    }
}

//! `download`, and `export --to`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use simpledb_export::local::LocalService;

use super::{Home, Ran};
use crate::support::{ARN, SECRET, Server, export_body, json_response};

fn service(home: &Home) -> LocalService {
    home.service()
        .domain(
            "Books",
            [simpledb_export::Item::new("a").attribute("b", ["c", "d"])],
        )
        .start()
        .unwrap()
}

const EXPORT: [&str; 5] = [
    "export",
    "--domain-name=Books",
    "--s3-bucket=bucket",
    "--min-delay=1",
    "--s3-key-prefix=deep/down",
];

#[track_caller]
fn assert_is_complete(home: &Home, directory: &Value) {
    let directory = Path::new(directory.as_str().unwrap());
    assert!(
        directory.starts_with("out/AWSSimpleDB"),
        "{}",
        directory.display()
    );
    let directory = home.path().join(directory);
    assert!(directory.join("manifest-summary.json").exists());
    assert!(directory.join("manifest-file.json").exists());
    assert_eq!(fs::read_dir(directory.join("data")).unwrap().count(), 1);
}

#[test]
fn downloads_an_export_by_its_arn() {
    let home = Home::new();
    let service = service(&home);
    let export = home.run_local(service.endpoint_url(), &EXPORT).json();
    let arn = export["exportArn"].as_str().unwrap();
    let download = ["download", "--export-arn", arn, "--to=out"];
    let first = home.run_local(service.endpoint_url(), &download).json();
    assert_is_complete(&home, &first["directory"]);
    assert_eq!((&first["files"], &first["items"]), (&1.into(), &1.into()));
    assert_eq!(
        (&first["fetchedFiles"], &first["keptFiles"]),
        (&1.into(), &0.into())
    );
    let again = home.run_local(service.endpoint_url(), &download).json();
    assert_eq!(
        (&again["fetchedFiles"], &again["keptFiles"]),
        (&0.into(), &1.into())
    );
}

#[test]
fn exports_downloads_and_converts_in_one_command() {
    let home = Home::new();
    let service = service(&home);
    let arguments = [&EXPORT[..], &["--to=out", "--format=jsonl"]].concat();
    let export = home.run_local(service.endpoint_url(), &arguments).json();
    assert_is_complete(&home, &export["artifacts"]["directory"]);
    assert_eq!(export["artifacts"]["verified"], true);
    assert_eq!(export["converted"]["file"], "out/Books.jsonl");
    assert_eq!(home.read("out/Books.jsonl").lines().count(), 1);
}

#[test]
fn downloads_from_a_local_service_in_the_same_process() {
    let home = Home::new();
    let export = home.run(&["export", "--local", "--to=out"]).json();
    assert_is_complete(&home, &export["artifacts"]["directory"]);
    assert_eq!(export["artifacts"]["items"], 40);
    assert_eq!(export.get("converted"), None);
}

#[test]
fn shows_how_to_resume_a_failed_download() {
    let home = Home::new();
    let service = service(&home);
    home.write("out/AWSSimpleDB", "a file");
    let arguments = [&EXPORT[..], &["--to=out"]].concat();
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(
        lines[0].ends_with("; fix this and download again to resume"),
        "{ran:?}"
    );
    assert!(
        lines[1].starts_with(
            "simpledb-export: the export is in its bucket; to resume the download: \
             simpledb-export download --export-arn arn:"
        ),
        "{ran:?}"
    );
    assert!(lines[1].ends_with(" --to out"), "{ran:?}");
}

#[test]
fn logs_the_requests_to_s3() {
    let home = Home::new();
    let service = service(&home);
    let export = home.run_local(service.endpoint_url(), &EXPORT).json();
    let arn = export["exportArn"].as_str().unwrap();
    let download = ["download", "--export-arn", arn, "--to=out", "--debug"];
    let ran = home.run_local(service.endpoint_url(), &download);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let url = service.endpoint_url();
    let begin = "DEBUG simpledb_export::data::";
    for line in [
        &format!("s3::bucket: GET {url}/bucket/deep/down/AWSSimpleDB/"),
        "s3::bucket: HTTP status 200, request id ",
        "s3::bucket: s3://bucket/deep/down/AWSSimpleDB/",
    ] {
        assert!(ran.stderr.contains(&format!("{begin}{line}")), "{ran:?}");
    }
    assert!(!ran.stderr.contains("ignature"), "{ran:?}");
}

#[test]
fn explains_that_an_endpoint_is_not_for_s3() {
    let home = Home::new();
    let server = Server::with_responses(vec![json_response(200, &export_body("SUCCEEDED", ""))]);
    let run = |more: &[&str]| {
        let url = server.url();
        let arguments = ["download", "--export-arn", ARN, "--to=out"];
        let arguments = [&arguments[..], &["--endpoint-url", &url], more].concat();
        let mut command = home.command_for(&url, ("AKIDEXAMPLE", SECRET), &arguments);
        // No request reaches S3.
        command
            .env_remove("AWS_ENDPOINT_URL")
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("NO_PROXY", "127.0.0.1");
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, Some(255), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        ran.stderr
    };
    let explained = "; the request was sent to AWS, since --endpoint-url covers the export service only: \
                set AWS_ENDPOINT_URL, which covers both, or use --s3-endpoint-url as well\n";
    let of_s3 = run(&[]);
    assert!(of_s3.ends_with(explained), "{of_s3}");
    let of_another = run(&["--s3-endpoint-url=http://127.0.0.1:1"]);
    assert!(
        !of_another.contains("--endpoint-url covers"),
        "{of_another}"
    );
}

#[test]
fn starts_nothing_if_the_files_cannot_be_written() {
    let home = Home::new();
    let service = service(&home);
    let ran = |arguments: &[&str]| {
        home.run_local(service.endpoint_url(), &[&EXPORT[..], arguments].concat())
    };
    home.write("file", "");
    let failed = ran(&["--to=file/out"]);
    assert_eq!(failed.code, Some(255), "{failed:?}");
    assert!(
        failed
            .stderr
            .starts_with("simpledb-export: file/out: cannot write to this directory: "),
        "{failed:?}"
    );
    assert!(
        failed.stderr.ends_with("; no export was started\n"),
        "{failed:?}"
    );

    fs::create_dir_all(home.path().join("out/Books.csv")).unwrap();
    ran(&["--to=out", "--format=csv"]).assert(
        255,
        "",
        "simpledb-export: out/Books.csv: is a directory; expected a file name; no export was started\n",
    );
    home.run(&[
        "export",
        "--local",
        "--domain-name=Books",
        "--to=out",
        "--format=csv",
    ])
    .assert(
        255,
        "",
        "simpledb-export: out/Books.csv: is a directory; expected a file name; no export was started\n",
    );
    let listed = home.run_local(service.endpoint_url(), &["list-exports"]);
    assert_eq!(listed.json()["exportSummaries"], Value::Array(Vec::new()));

    ran(&["--to=new/out"]).json();
    let left: Vec<_> = fs::read_dir(home.path().join("new/out")).unwrap().collect();
    assert_eq!(left.len(), 1, "the export alone: {left:?}");
}

#[test]
fn a_conversion_that_fails_leaves_the_report_and_says_how_to_convert() {
    let home = Home::new();
    let service = service(&home);
    let arguments = [&EXPORT[..], &["--to=out", "--format=csv", "--key-name=b"]].concat();
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["exportStatus"], "SUCCEEDED");
    assert_is_complete(&home, &report["artifacts"]["directory"]);
    assert_eq!(report.get("converted"), None);
    let directory = report["artifacts"]["directory"].as_str().unwrap();
    assert_eq!(
        ran.stderr,
        format!(
            "simpledb-export: an attribute is named b, like the column of the item names; \
             choose another name for that column\n\
             simpledb-export: to convert: simpledb-export convert {directory} --format csv --key-name \
             NAME --to out/Books.csv\n"
        )
    );
}

#[test]
fn converts_the_other_domains_if_one_fails() {
    let home = Home::new();
    home.write(
        "domains/One.json",
        r#"[{"itemName":"a","attributes":[{"name":"itemName","values":["b"]}]}]"#,
    );
    home.write("domains/Two.json", "[]");
    let arguments = [
        "export",
        "--local",
        "--domains=domains",
        "--to=out",
        "--format=csv",
    ];
    let ran = home.run(&arguments);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["exports"][0].get("converted"), None);
    assert_eq!(report["exports"][1]["converted"]["file"], "out/Two.csv");
    assert!(
        ran.stderr
            .starts_with("simpledb-export: One: an attribute is named itemName"),
        "{ran:?}"
    );
    assert!(ran.stderr.ends_with("--to out/One.csv\n"), "{ran:?}");
}

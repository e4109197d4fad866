//! Exports that are read in their bucket, and converted files that are written to one.

use std::fs;
#[cfg(unix)]
use std::thread;
#[cfg(unix)]
use std::time::Duration;

use simpledb_export::Item;
use simpledb_export::local::LocalService;

use super::{Home, Ran};

fn service(home: &Home, items: usize) -> LocalService {
    let item = |n: usize| {
        Item::new(format!("item{n}"))
            .attribute("number", [n.to_string()])
            .attribute("words", ["lorem", "ipsum"])
    };
    home.service()
        .domain("Books", (0..items).map(item))
        .start()
        .unwrap()
}

/// Exports the domain, and returns the export's ARN.
fn export(home: &Home, service: &LocalService) -> String {
    let arguments = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--min-delay=1",
    ];
    let export = home.run_local(service.endpoint_url(), &arguments).json();
    export["exportArn"].as_str().unwrap().to_owned()
}

fn convert(home: &Home, service: &LocalService, arguments: &[&str]) -> Ran {
    let command = [&["convert", "--quiet"], arguments].concat();
    home.run_local(service.endpoint_url(), &command)
}

const FORMATS: [&[&str]; 6] = [
    &["--format=parquet"],
    &["--format=jsonl"],
    &["--format=jsonl", "--flat", "--types=auto"],
    &["--format=csv", "--gzip"],
    &["--format=dynamodb", "--sets"],
    &["--format=sql", "--dialect=sqlite", "--types=auto"],
];

#[test]
fn converts_without_a_local_copy_as_with_one() {
    let home = Home::new();
    let service = service(&home, 2500);
    let arn = export(&home, &service);
    let download = ["download", "--export-arn", &arn, "--to=out"];
    home.run_local(service.endpoint_url(), &download).json();
    for format in FORMATS {
        let from_disk = [&["out", "--to=from-disk"], format].concat();
        convert(&home, &service, &from_disk).json();
        let expected = fs::read(home.path().join("from-disk")).unwrap();

        let remote = ["--export-arn", &arn];
        let to_file = [&remote[..], &["--to=from-bucket"], format].concat();
        convert(&home, &service, &to_file).json();
        let written = fs::read(home.path().join("from-bucket")).unwrap();
        assert!(written == expected, "{format:?}");

        let to_object = [&remote[..], &["--to=s3://bucket/made/it"], format].concat();
        let report = convert(&home, &service, &to_object).json();
        assert_eq!(report["file"], "s3://bucket/made/it");
        assert_eq!(report["items"], 2500);
        let written = fs::read(service.object_path("bucket", "made/it")).unwrap();
        assert!(written == expected, "{format:?}");
    }
    let ran = convert(
        &home,
        &service,
        &["out", "--format=csv", "--gzip", "--to=s3://bucket/tables/"],
    );
    assert_eq!(ran.json()["file"], "s3://bucket/tables/Books.csv.gz");
    let to_stdout = ["--export-arn", &arn, "--format=jsonl"];
    let ran = convert(&home, &service, &to_stdout);
    assert_eq!(ran.stdout.lines().count(), 2500);
}

#[test]
fn describes_without_a_local_copy_as_with_one() {
    let home = Home::new();
    let service = service(&home, 30);
    let arn = export(&home, &service);
    let run = |arguments: &[&str]| home.run_local(service.endpoint_url(), arguments).json();
    run(&["download", "--export-arn", &arn, "--to=out"]);
    let expected = run(&["describe", "out"]);
    assert_eq!(expected["items"], 30);
    assert_eq!(run(&["describe", "--export-arn", &arn]), expected);
}

#[test]
fn explains_what_cannot_be_read_or_written() {
    let home = Home::new();
    let service = service(&home, 10);
    let arn = export(&home, &service);
    let remote = ["--export-arn", &arn, "--format=jsonl"];
    let to = |to| [&remote[..], &[to]].concat();

    let ran = convert(&home, &service, &to("--to=s3://missing/key"));
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let expected = "simpledb-export: s3://missing/key: ListMultipartUploads failed: NoSuchBucket: ";
    assert!(ran.stderr.starts_with(expected), "{ran:?}");
    let ran = convert(&home, &service, &to("--to=s3://x"));
    assert_eq!(ran.code, Some(252), "{ran:?}");
    let ran = convert(&home, &service, &["--format=jsonl"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    let both = [&["out"], &remote[..]].concat();
    assert_eq!(convert(&home, &service, &both).code, Some(252));

    // A file that is missing in the manifest is a gap, although every checksum is right.
    let prefix = arn.rsplit('/').next().unwrap();
    let key = format!("AWSSimpleDB/{prefix}/Books/manifest-file.json");
    let manifest = service.object_path("bucket", &key);
    fs::write(manifest, "[]").unwrap();
    let ran = convert(&home, &service, &to("--to=s3://bucket/gap"));
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(
        ran.stderr.contains(
            "/Books: contains 0 items, expected 10, and was not converted: files are missing in its \
             manifest; start a new export"
        ),
        "{ran:?}"
    );
    assert!(!service.object_path("bucket", "gap").exists());
}

const EXPORT: [&str; 4] = [
    "export",
    "--domain-name=Books",
    "--s3-bucket=bucket",
    "--min-delay=1",
];

#[test]
fn exports_to_an_object_without_a_local_copy() {
    let home = Home::new();
    let service = service(&home, 2500);
    let export = |arguments: &[&str]| {
        let command = [&EXPORT, arguments].concat();
        home.run_local(service.endpoint_url(), &command)
    };
    let report = export(&["--to=s3://bucket/tables", "--format=csv"]).json();
    assert_eq!(report["exportStatus"], "SUCCEEDED");
    assert_eq!(report["converted"]["file"], "s3://bucket/tables/Books.csv");
    assert_eq!(report["converted"]["items"], 2500);
    let object = service.object_path("bucket", "tables/Books.csv");
    assert_eq!(fs::read_to_string(object).unwrap().lines().count(), 2501);
    let entries = fs::read_dir(home.path()).unwrap().count();
    assert_eq!(entries, 1, "buckets only");

    export(&["--to=s3://bucket/tables"]).assert(
        252,
        "",
        "simpledb-export: --to s3:// needs --format: the exported files themselves are in S3 already\n",
    );
    let ran = export(&["--to=s3://missing/tables", "--format=csv"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(ran.stderr.ends_with("; no export was started\n"), "{ran:?}");
    let list = home.run_local(service.endpoint_url(), &["list-exports"]);
    let list = list.json();
    assert_eq!(list["exportSummaries"].as_array().unwrap().len(), 1);
}

#[test]
fn says_that_an_object_is_text_because_the_types_file_does_not_name_its_domain() {
    let home = Home::new();
    let service = service(&home, 1);
    home.write("types.json", "{\"Films\": {}}");
    let to = ["--to=s3://bucket", "--format=csv", "--types=types.json"];
    let command = [&EXPORT[..], &to, &["--no-count"]].concat();
    let ran = home.run_local(service.endpoint_url(), &command);
    let note = "simpledb-export: types.json does not name the domain Books: its values are text\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), note), "{ran:?}");
}

#[test]
fn export_all_writes_each_object_once() {
    let home = Home::new();
    let service = service(&home, 100);
    let export_all = |arguments: &[&str]| {
        let command = [
            "export-all",
            "--quiet",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--state=state.json",
            "--to=s3://bucket/tables/",
            "--format=jsonl",
        ];
        let command = [&command, arguments].concat();
        home.run_local(service.endpoint_url(), &command).json()
    };
    let object = service.object_path("bucket", "tables/Books.jsonl");
    let modified = || fs::metadata(&object).unwrap().modified().unwrap();
    let report = export_all(&[]);
    let domain = &report["domains"][0];
    assert_eq!(domain["convertedFile"], "s3://bucket/tables/Books.jsonl");
    assert_eq!(domain["artifacts"]["items"], 100);
    let first = modified();
    export_all(&[]);
    assert_eq!(modified(), first);
    // Other options make another object.
    export_all(&["--flat"]);
    assert_ne!(modified(), first);
    let second = modified();
    // What another program wrote is replaced.
    fs::write(&object, "other").unwrap();
    export_all(&["--flat"]);
    assert_ne!(modified(), second);
    assert_eq!(fs::read_to_string(&object).unwrap().lines().count(), 100);
}

/// Starts a conversion of some 20 MB to an object, and waits until a part of it is in the bucket.
#[cfg(unix)]
fn uploading(home: &Home, service: &LocalService, arn: &str) -> std::process::Child {
    let arguments = [
        "convert",
        "--export-arn",
        arn,
        "--format=jsonl",
        "--to=s3://bucket/large.jsonl",
    ];
    let keys = ("local", "local");
    let mut command = home.command_for(service.endpoint_url(), keys, &arguments);
    let child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !unfinished(home).iter().any(|file| file == "00001") {
        thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The files of all unfinished uploads.
#[cfg(unix)]
fn unfinished(home: &Home) -> Vec<String> {
    let uploads = home.path().join("root/bucket/.simpledb-export/uploads");
    let uploads = fs::read_dir(uploads).into_iter().flatten().flatten();
    let files = uploads.flat_map(|upload| fs::read_dir(upload.path()).into_iter().flatten());
    files
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect()
}

#[cfg(unix)]
#[test]
fn an_interrupted_upload_leaves_nothing_and_a_killed_one_is_removed_by_the_next() {
    let home = Home::new();
    let service = service(&home, 250_000);
    let arn = export(&home, &service);
    let object = service.object_path("bucket", "large.jsonl");

    let child = uploading(&home, &service, &arn);
    super::interrupts::send("INT", &child);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(
        ran.stderr,
        "simpledb-export: interrupted: s3://bucket/large.jsonl was not written; run the same command \
         again\n"
    );
    assert_eq!(unfinished(&home), [""; 0]);
    assert!(!object.exists());

    let mut child = uploading(&home, &service, &arn);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!unfinished(&home).is_empty());
    assert!(!object.exists());

    let child = uploading(&home, &service, &arn);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.json()["items"], 250_000);
    assert_eq!(unfinished(&home), [""; 0]);
    assert!(object.exists());
}

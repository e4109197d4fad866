//! Conversions to several files or objects of limited size.

use std::fs;
use std::path::{Path, PathBuf};

use simpledb_export::Item;
use simpledb_export::local::LocalService;

use super::{Home, Ran};

const ITEMS: usize = 3000;

fn items() -> Vec<Item> {
    let text = |n: usize| format!("{n}, \"x\"\n{}", "y".repeat(800 + n % 7));
    let item = |n| Item::new(format!("item{n}")).attribute("text", [text(n)]);
    (0..ITEMS).map(item).collect()
}

fn service(home: &Home) -> LocalService {
    home.service()
        .domain("Books", items())
        .items_per_file(700)
        .start()
        .unwrap()
}

fn run(home: &Home, service: &LocalService, arguments: &[&str]) -> Ran {
    home.run_local(
        service.endpoint_url(),
        &[arguments, &["--quiet"][..]].concat(),
    )
}

/// Exports the domain, downloads it to `out`, and returns the export's ARN.
fn export(home: &Home, service: &LocalService) -> String {
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    let export = run(home, service, &[&arguments[..], &["--to=out"]].concat());
    export.json()["exportArn"].as_str().unwrap().to_owned()
}

/// The parts in a directory, in order.
fn parts(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut parts: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.to_string_lossy().contains("Books-0"))
        .collect();
    parts.sort();
    parts
}

fn contents(parts: &[PathBuf]) -> Vec<Vec<u8>> {
    parts.iter().map(|part| fs::read(part).unwrap()).collect()
}

/// The formats whose parts are those of the whole, after a header of this many bytes.
const FORMATS: [(&[&str], usize); 4] = [
    (&["--format=jsonl"], 0),
    (&["--format=jsonl", "--flat"], 0),
    (&["--format=csv"], "itemName,text\n".len()),
    (&["--format=dynamodb"], 0),
];

#[test]
fn writes_complete_parts_to_the_disk_and_to_a_bucket() {
    let home = Home::new();
    let service = service(&home);
    let arn = export(&home, &service);
    let bucket = service.object_path("bucket", "made");
    for (format, header) in FORMATS {
        let whole = [&["convert", "out", "--to=whole"], format].concat();
        run(&home, &service, &whole).json();
        let whole = fs::read(home.path().join("whole")).unwrap();

        let split = [
            &["convert", "out", "--to=made/Books.x", "--split=1MB"],
            format,
        ]
        .concat();
        fs::create_dir(home.path().join("made")).unwrap();
        let report = run(&home, &service, &split).json();
        assert_eq!(report["file"], "made/Books-*.x");
        assert_eq!(
            (&report["files"], &report["items"]),
            (&3.into(), &ITEMS.into())
        );
        let files = parts(&home.path().join("made"));
        assert!(
            files[0].ends_with("Books-00001.x") && files.len() == 3,
            "{files:?}"
        );
        let on_disk = contents(&files);
        assert!(on_disk.iter().all(|part| part.len() <= 1_000_000));
        let mut joined = whole[..header].to_vec();
        for part in &on_disk {
            assert_eq!(part[..header], whole[..header], "{format:?}");
            joined.extend(&part[header..]);
        }
        assert!(joined == whole, "{format:?}");
        fs::remove_dir_all(home.path().join("made")).unwrap();

        let split = [
            "convert",
            "--export-arn",
            &arn,
            "--to=s3://bucket/made/Books.x",
        ];
        let split = [&split[..], &["--split=1MB"], format].concat();
        let report = run(&home, &service, &split).json();
        assert_eq!(report["file"], "s3://bucket/made/Books-*.x");
        assert_eq!(report["files"], 3);
        assert!(contents(&parts(&bucket)) == on_disk, "{format:?}");
        fs::remove_dir_all(&bucket).unwrap();
    }
}

#[test]
fn parts_are_compressed_one_by_one() {
    let home = Home::new();
    let service = service(&home);
    export(&home, &service);
    let split = [
        "convert",
        "out",
        "--format=csv",
        "--gzip",
        "--to=Books.csv.gz",
        "--split=1MB",
    ];
    run(&home, &service, &split).json();
    let files = parts(home.path());
    assert!(files[2].ends_with("Books-00003.csv.gz"), "{files:?}");
    for part in contents(&files) {
        assert_eq!(part[..2], [0x1f, 0x8b]);
    }
}

#[test]
fn rejects_what_cannot_be_split_or_would_be_mixed() {
    let home = Home::new();
    let service = service(&home);
    let arn = export(&home, &service);
    let sql = [
        "convert",
        "out",
        "--format=sql",
        "--dialect=sqlite",
        "--to=x",
        "--split",
    ];
    run(&home, &service, &sql).assert(
        252,
        "",
        "simpledb-export: --split does not apply to the format sql, whose script creates the table \
         and loads it in one transaction\n",
    );
    #[cfg(unix)]
    let to_stdout = [
        "convert",
        "out",
        "--format=csv",
        "--to=/dev/stdout",
        "--split",
    ];
    #[cfg(unix)]
    run(&home, &service, &to_stdout).assert(
        252,
        "",
        "simpledb-export: --split needs the name of a file in --to\n",
    );
    let split = |more: &[&str]| {
        let split = [
            "convert",
            "--export-arn",
            &arn,
            "--to=s3://bucket/Books.csv",
        ];
        let split = [&split[..], &["--format=csv", "--split=1MB"], more].concat();
        run(&home, &service, &split)
    };
    split(&[]).json();
    // The same is written again; anything else is in the way.
    split(&[]).json();
    split(&["--delimiter=;"]).assert(
        255,
        "",
        "simpledb-export: s3://bucket/Books-00001.csv: exists: objects of another conversion would \
         be mixed with the new ones; remove Books-*.csv or choose another name\n",
    );
}

#[test]
fn no_part_appears_before_every_checksum_was_right() {
    let home = Home::new();
    let service = service(&home);
    let arn = export(&home, &service);
    let id = arn.rsplit('/').next().unwrap();
    let data = service.object_path("bucket", &format!("AWSSimpleDB/{id}/Books/data"));
    let mut files: Vec<_> = fs::read_dir(data)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let last = files.last().unwrap();
    fs::write(
        last,
        fs::read_to_string(last).unwrap().replace("yyy", "zzz"),
    )
    .unwrap();
    for to in ["s3://bucket/made/Books.csv", "Books.csv"] {
        let split = [
            "convert",
            "--export-arn",
            &arn,
            "--format=csv",
            "--split=1MB",
            "--to",
            to,
        ];
        let ran = run(&home, &service, &split);
        assert_eq!(ran.code, Some(255), "{ran:?}");
        assert!(ran.stderr.contains("MD5 checksum is "), "{ran:?}");
    }
    assert!(parts(home.path()).is_empty());
    assert!(parts(&service.object_path("bucket", "made")).is_empty());
    assert_eq!(unfinished(&home), 0);
    let names = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

/// Counts the unfinished uploads.
fn unfinished(home: &Home) -> usize {
    let uploads = home.path().join("root/bucket/.simpledb-export/uploads");
    fs::read_dir(uploads).into_iter().flatten().count()
}

#[cfg(unix)]
#[test]
fn interrupted_uploads_leave_nothing_and_killed_ones_are_removed_by_the_next() {
    let home = Home::new();
    let text = "x".repeat(900);
    let item = |n| Item::new(format!("item{n}")).attribute("text", [&text]);
    let service = home
        .service()
        .domain("Books", (0..20_000).map(item))
        .start()
        .unwrap();
    let arguments = ["export", "--domain-name=Books", "--s3-bucket=bucket"];
    let export = run(&home, &service, &arguments).json();
    let arn = export["exportArn"].as_str().unwrap();
    let convert = |size: &str| {
        let to = "--to=s3://bucket/made/Books.jsonl";
        let arguments = [
            "convert",
            "--export-arn",
            arn,
            "--format=jsonl",
            to,
            size,
            "--quiet",
        ];
        let mut command = home.command_for(service.endpoint_url(), ("local", "local"), &arguments);
        let command = command.stdout(std::process::Stdio::piped());
        command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let uploading = || {
        let child = convert("--split=1MB");
        while unfinished(&home) < 5 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        child
    };
    let child = uploading();
    super::interrupts::send("INT", &child);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let line = "simpledb-export: interrupted: s3://bucket/made/Books-*.jsonl was not written; run \
                the same command again\n";
    assert_eq!(ran.stderr, line);
    assert_eq!(unfinished(&home), 0);

    let mut child = uploading();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(unfinished(&home) >= 5);
    // With fewer parts than before.
    let ran = Ran::from(convert("--split=8MB").wait_with_output().unwrap());
    assert_eq!(ran.json()["files"], 3);
    assert_eq!(unfinished(&home), 0);
    assert_eq!(parts(&service.object_path("bucket", "made")).len(), 3);
}

#[test]
fn exports_to_parts_and_replaces_its_own() {
    let home = Home::new();
    let service = service(&home);
    let export = |more: &[&str]| {
        let arguments = [
            "export",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--to=tables",
        ];
        let arguments = [&arguments[..], &["--format=csv"], more].concat();
        run(&home, &service, &arguments)
    };
    let directory = home.path().join("tables");
    let report = export(&["--split=1MB"]).json();
    assert_eq!(report["converted"]["files"], 3);
    assert_eq!(parts(&directory).len(), 3);
    let report = export(&["--split=2MB"]).json();
    assert_eq!(report["converted"]["file"], "tables/Books-*.csv");
    assert_eq!(parts(&directory).len(), 2);

    // Not its own.
    fs::write(directory.join("Books-20251231.csv"), "").unwrap();
    let ran = export(&["--split=2MB"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    assert!(ran.stderr.ends_with("; no export was started\n"), "{ran:?}");
    assert!(
        ran.stderr.contains("Books-20251231.csv: exists: "),
        "{ran:?}"
    );
    let list = run(&home, &service, &["list-exports"]).json();
    assert_eq!(list["exportSummaries"].as_array().unwrap().len(), 2);
}

#[test]
fn export_all_writes_parts_once() {
    let home = Home::new();
    let service = service(&home);
    for to in ["tables", "s3://bucket/tables"] {
        let state = format!("--state={}", to.len());
        let export_all = |more: &[&str]| {
            let arguments = [
                "export-all",
                "--domain-name=Books",
                "--s3-bucket=bucket",
                &state,
            ];
            let arguments = [&arguments[..], &["--format=csv", "--to", to], more].concat();
            run(&home, &service, &arguments)
        };
        let directory = match to {
            "tables" => home.path().join(to),
            _ => service.object_path("bucket", "tables"),
        };
        let written = || {
            let parts = parts(&directory);
            assert_eq!(parts.len(), 3, "{parts:?}");
            let metadata = parts.iter().map(|part| fs::metadata(part).unwrap());
            metadata
                .map(|found| found.modified().unwrap())
                .collect::<Vec<_>>()
        };
        let report = export_all(&["--split=1MB"]).json();
        let name = report["domains"][0]["convertedFile"].as_str().unwrap();
        assert!(
            name.starts_with(to) && name.ends_with("Books-*.csv"),
            "{name}"
        );
        let first = written();
        export_all(&["--split=1MB"]).json();
        assert_eq!(written(), first);
        fs::remove_file(&parts(&directory)[0]).unwrap();
        export_all(&["--split=1MB"]).json();
        assert_ne!(written(), first);
    }
    // Before an export is started.
    let other = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--format=csv",
    ];
    let other = [&other[..], &["--split", "--to=s3://bucket/tables"]].concat();
    let ran = run(&home, &service, &other);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(
        ran.stderr
            .ends_with("choose another name; no export was started\n"),
        "{ran:?}"
    );
}

//! `export --local`: all steps, without a service.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Home;

const DOMAIN: &str = r#"[{"itemName":"a","attributes":[{"name":"b","values":["c","d"]}]},
    {"itemName":"e","attributes":[{"name":"f","values":["g"]}]}]"#;

/// Checks the files that a report names.
#[track_caller]
fn assert_on_disk(home: &Home, export: &Value, directory: &str, domain: &str, items: u64) {
    assert_eq!(export["domainName"], domain);
    assert_eq!(export["exportStatus"], "SUCCEEDED");
    assert_eq!(export["itemsCount"], items);
    let artifacts = &export["artifacts"];
    assert_eq!(artifacts["verified"], true);
    assert_eq!(artifacts["items"], items);
    assert_eq!(artifacts["files"], 1);
    let named = Path::new(artifacts["directory"].as_str().unwrap());
    assert!(named.starts_with(directory), "{}", named.display());
    let summary = fs::read(home.path().join(named).join("manifest-summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["itemsCount"], items);
    assert_eq!(summary["exportArn"], export["exportArn"]);
}

#[test]
fn exports_the_sample_by_default() {
    let home = Home::new();
    let export = home.run(&["export", "--local"]).json();
    assert_on_disk(&home, &export, "simpledb-local/exports", "Books", 40);
    assert_eq!(export["s3Bucket"], "exports");
}

#[test]
fn exports_every_domain_in_a_directory() {
    let home = Home::new();
    home.write("domains/Second.json", DOMAIN);
    home.write("domains/First/1.json", "[]");
    home.write("domains/README.md", "not a domain");
    home.write("domains/empty/README.md", "not a domain either");
    let arguments = [
        "export",
        "--local",
        "--domains=domains",
        "--root=out",
        "--s3-bucket=mine",
    ];
    let report = home.run(&arguments).json();
    let exports = report["exports"].as_array().unwrap();
    assert_eq!(exports.len(), 2);
    assert_on_disk(&home, &exports[0], "out/mine", "First", 0);
    assert_on_disk(&home, &exports[1], "out/mine", "Second", 2);
}

#[test]
fn exports_one_domain_with_its_options() {
    let home = Home::new();
    home.write("domains/Second.json", DOMAIN);
    home.write("domains/First.json", "[]");
    let arguments = [
        "export",
        "--local",
        "--domains=domains",
        "--domain-name=Second",
        "--s3-key-prefix=deep/down",
        "--client-token=token",
        "--region=eu-west-1",
    ];
    let export = home.run(&arguments).json();
    assert_on_disk(
        &home,
        &export,
        "simpledb-local/exports/deep/down",
        "Second",
        2,
    );
    assert_eq!(export["clientToken"], "token");
    let arn = export["exportArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:sdb:eu-west-1:"), "{arn}");
}

#[test]
fn encodes_prefixes_that_no_directory_can_have() {
    let home = Home::new();
    for (prefix, directory) in [
        ("../up", "%2E%2E/up"),
        ("a//b", "a/%/b"),
        ("/first", "%/first"),
        ("a%b:c", "a%25b%3Ac"),
        ("CON/nul.txt", "%43ON/%6Eul.txt"),
        ("Dot./a?b*c|d", "Dot%2E/a%3Fb%2Ac%7Cd"),
    ] {
        let prefix = format!("--s3-key-prefix={prefix}");
        let export = home.run(&["export", "--local", &prefix]).json();
        let directory = format!("simpledb-local/exports/{directory}/AWSSimpleDB");
        assert_on_disk(&home, &export, &directory, "Books", 40);
    }
}

#[test]
fn rejects_a_directory_without_valid_domains() {
    let home = Home::new();
    fs::create_dir(home.path().join("none")).unwrap();
    home.run(&["export", "--local", "--domains=none"]).assert(
        255,
        "",
        "simpledb-export: none: contains no domains: expected NAME.json, each an array of \
         items like an export's data files\n",
    );
    home.write("torn/Books.json", r#"[{"itemName":"#);
    let ran = home.run(&["export", "--local", "--domains=torn"]);
    assert_eq!(ran.code, Some(255));
    assert!(
        ran.stderr
            .starts_with("simpledb-export: cannot read items from torn/Books.json: "),
        "{ran:?}"
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

#[test]
fn reports_a_domain_that_does_not_exist() {
    let home = Home::new();
    let ran = home.run(&["export", "--local", "--domain-name=Nobody"]);
    assert_eq!(ran.code, Some(254), "{ran:?}");
    assert!(
        ran.stderr.starts_with(
            "simpledb-export: StartDomainExport failed: NoSuchDomainException: no domain \"Nobody\" \
             (HTTP status 400, request id "
        ),
        "{ran:?}"
    );
    let hint = "\nsimpledb-export: the local domains are: Books\n";
    assert!(ran.stderr.ends_with(hint), "{ran:?}");
}

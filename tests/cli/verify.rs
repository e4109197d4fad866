//! `verify`.

use std::fs;

use super::Home;

/// Exports two items, and returns the directory of their export.
fn export(home: &Home) -> String {
    home.export_local(
        "Two",
        r#"[{"itemName":"a","attributes":[]},
        {"itemName":"b","attributes":[]}]"#,
    )
}

#[test]
fn reports_an_intact_export_in_numbers() {
    let home = Home::new();
    let directory = export(&home);
    let report = home.run(&["verify", &directory]).json();
    assert_eq!(report["directory"], directory);
    assert_eq!((&report["files"], &report["items"]), (&1.into(), &2.into()));
    assert_eq!(report["verified"], true);
    assert_eq!(report.get("problems"), None);
}

#[test]
fn reports_a_changed_file_on_stdout_and_stderr() {
    let home = Home::new();
    let directory = export(&home);
    home.write(
        &format!("{directory}/data/dataFile_1_1.json"),
        r#"[{"itemName":"a","attributes":[]},{"itemName":"c","attributes":[]}]"#,
    );
    let ran = home.run(&["verify", &directory]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["verified"], false);
    let problem = report["problems"][0].as_str().unwrap();
    assert!(problem.contains("MD5 checksum is"), "{problem}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(
        lines[0],
        format!("simpledb-export: {directory}: the export is damaged: {problem}")
    );
    let begin = "simpledb-export: to download missing and damaged files again: simpledb-export \
                 download --export-arn arn:";
    assert!(lines[1].starts_with(begin), "{ran:?}");
    assert!(
        lines[1].ends_with(" --to simpledb-local/exports"),
        "{ran:?}"
    );
    assert_eq!(lines.len(), 2, "{ran:?}");
}

#[test]
fn rejects_a_directory_without_an_export() {
    let home = Home::new();
    let directory = export(&home);
    for no_export in ["nowhere", "domains", "simpledb-local"] {
        let explained = format!(
            "simpledb-export: {no_export}: contains no manifest-file.json; expected the \
             directory of a complete export, AWSSimpleDB/<id>/<domain> (an export that failed or \
             was not downloaded completely has no manifests)\n"
        );
        home.run(&["verify", no_export]).assert(255, "", &explained);
        home.run(&["convert", no_export, "--format=csv"])
            .assert(255, "", &explained);
    }
    let file = format!("{directory}/manifest-file.json");
    let explained = format!(
        "simpledb-export: {file}: is a file; expected the directory that contains manifest-file.json\n"
    );
    home.run(&["verify", &file]).assert(255, "", &explained);
    home.run(&["convert", &file, "--format=csv"])
        .assert(255, "", &explained);
}

#[test]
fn reports_a_missing_manifest() {
    let home = Home::new();
    let directory = export(&home);
    fs::remove_file(home.path().join(&directory).join("manifest-file.json")).unwrap();
    let ran = home.run(&["verify", &directory]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let begin = format!(
        "simpledb-export: {directory}: contains no manifest-file.json; expected the directory of a \
         complete export"
    );
    assert!(ran.stderr.starts_with(&begin), "{ran:?}");
    assert!(
        ran.stderr
            .contains("simpledb-export download --export-arn arn:"),
        "{ran:?}"
    );
}

#[test]
fn suggests_no_download_that_would_not_help() {
    let home = Home::new();
    let directory = export(&home);
    home.write(&format!("{directory}/data/more.json"), "[]");
    let ran = home.run(&["verify", &directory]);
    assert_eq!(
        ran.stderr,
        format!(
            "simpledb-export: {directory}: the export is damaged: {directory}/data/more.json: not \
             listed in the manifest, so not part of this export\n"
        )
    );
}

#[test]
fn finds_the_only_export_in_a_directory() {
    let home = Home::new();
    let export = |name: &str| {
        let domain_name = format!("--domain-name={name}");
        home.write(&format!("domains/{name}.json"), "[]");
        let arguments = [
            "export",
            "--local",
            "--domains=domains",
            "--to=out",
            &domain_name,
        ];
        let report = home.run(&arguments).json();
        report["artifacts"]["directory"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let books = export("Books");
    for directory in ["out", "out/AWSSimpleDB"] {
        let report = home.run(&["verify", directory]).json();
        assert_eq!(report["directory"], books, "{directory}");
        home.run(&["convert", directory, "--format=jsonl"])
            .assert(0, "", "");
    }
    let films = export("Films");
    let mut both = [books, films];
    both.sort();
    home.run(&["convert", "out", "--format=jsonl"]).assert(
        255,
        "",
        &format!(
            "simpledb-export: out: contains 2 exports; expected one of {}, {}\n",
            both[0], both[1]
        ),
    );
    fs::remove_file(home.path().join(&both[0]).join("data/dataFile_1_1.json")).unwrap();
    let ran = home.run(&["verify", "out"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let reports = serde_json::Deserializer::from_str(&ran.stdout).into_iter();
    let reports: Vec<serde_json::Value> = reports.map(Result::unwrap).collect();
    let verified: Vec<_> = reports
        .iter()
        .map(|report| (&report["directory"], &report["verified"]))
        .collect();
    assert_eq!(
        verified,
        [
            (&both[0].as_str().into(), &false.into()),
            (&both[1].as_str().into(), &true.into())
        ]
    );
}

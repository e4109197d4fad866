//! `verify`.

use std::fs;

use super::Home;

/// Exports two items, and gives the folder of their export.
fn export(home: &Home) -> String {
    home.write(
        "domains/Two.json",
        r#"[{"itemName":"a","attributes":[]},
        {"itemName":"b","attributes":[]}]"#,
    );
    let arguments = [
        "export",
        "--local",
        "--domains=domains",
        "--domain-name=Two",
    ];
    let export = home.run(&arguments).json();
    export["artifacts"]["folder"].as_str().unwrap().to_owned()
}

#[test]
fn an_export_that_is_whole_is_told_in_numbers() {
    let home = Home::new();
    let folder = export(&home);
    let report = home.run(&["verify", &folder]).json();
    assert_eq!(report["folder"], folder);
    assert_eq!((&report["files"], &report["items"]), (&1.into(), &2.into()));
    assert_eq!(report["verified"], true);
    assert_eq!(report.get("problems"), None);
}

#[test]
fn a_file_that_was_changed_is_told_of_in_the_report_and_in_a_line() {
    let home = Home::new();
    let folder = export(&home);
    home.write(
        &format!("{folder}/data/dataFile_1_1.json"),
        r#"[{"itemName":"a","attributes":[]},{"itemName":"c","attributes":[]}]"#,
    );
    let ran = home.run(&["verify", &folder]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["verified"], false);
    let problem = report["problems"][0].as_str().unwrap();
    assert!(problem.contains("has the MD5 checksum"), "{problem}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(
        lines[0],
        format!("simpledb-export: {folder}: the export is not whole: {problem}")
    );
    let begin = "simpledb-export: to fetch only what is missing or wrong: simpledb-export download \
                 --export-arn arn:";
    assert!(lines[1].starts_with(begin), "{ran:?}");
    assert!(
        lines[1].ends_with(" --to simpledb-local/exports"),
        "{ran:?}"
    );
    assert_eq!(lines.len(), 2, "{ran:?}");
}

#[test]
fn a_folder_without_an_export_is_told_of() {
    let home = Home::new();
    let folder = export(&home);
    for no_export in ["nowhere", "domains", "simpledb-local/exports"] {
        let explained = format!(
            "simpledb-export: {no_export}: there is no manifest-file.json here; give the folder \
             that holds it, AWSSimpleDB/<id>/<domain> (an export that has not succeeded, or has \
             not been fetched whole, has none)\n"
        );
        home.run(&["verify", no_export]).assert(255, "", &explained);
        home.run(&["convert", no_export, "--format=csv"])
            .assert(255, "", &explained);
    }
    let file = format!("{folder}/manifest-file.json");
    let explained = format!(
        "simpledb-export: {file}: is a file; give the folder that holds manifest-file.json\n"
    );
    home.run(&["verify", &file]).assert(255, "", &explained);
    home.run(&["convert", &file, "--format=csv"])
        .assert(255, "", &explained);
}

#[test]
fn an_export_without_one_of_its_manifests_is_not_whole() {
    let home = Home::new();
    let folder = export(&home);
    fs::remove_file(home.path().join(&folder).join("manifest-file.json")).unwrap();
    let ran = home.run(&["verify", &folder]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let begin = format!(
        "simpledb-export: {folder}: the export is not whole: {folder}/manifest-file.json: is \
         missing"
    );
    assert!(ran.stderr.starts_with(&begin), "{ran:?}");
}

#[test]
fn what_no_download_mends_is_told_without_one() {
    let home = Home::new();
    let folder = export(&home);
    home.write(&format!("{folder}/data/more.json"), "[]");
    let ran = home.run(&["verify", &folder]);
    assert_eq!(
        ran.stderr,
        format!(
            "simpledb-export: {folder}: the export is not whole: {folder}/data/more.json: is not \
             in the manifest; it is no part of this export\n"
        )
    );
}

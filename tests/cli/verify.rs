//! `verify`.

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
    assert_eq!(
        ran.stderr,
        format!("simpledb-export: {folder}: the export is not whole: {problem}\n")
    );
}

#[test]
fn a_folder_without_an_export_is_told_of() {
    let home = Home::new();
    let ran = home.run(&["verify", "nowhere"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert_eq!(
        ran.stderr,
        "simpledb-export: nowhere: the export is not whole, 2 problems, the first: \
         nowhere/manifest-summary.json: is missing; the export has not succeeded, or has not been \
         fetched whole\n"
    );
}

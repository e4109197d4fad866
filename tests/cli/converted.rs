//! The converted files of `export` and `export-all`: their names, and when they are written.

use std::fs;

use super::{Home, Ran};

fn domain(item: &str) -> String {
    format!(r#"[{{"itemName":"{item}","attributes":[{{"name":"x","values":["1","2"]}}]}}]"#)
}

fn export_all(home: &Home, more: &[&str]) -> Ran {
    let arguments = ["export-all", "--local", "--domains=domains", "--to=out"];
    home.run(&[&arguments[..], more].concat())
}

/// The names of the files in a directory, sorted.
fn names(home: &Home, directory: &str) -> Vec<String> {
    let files = home.path().join(directory).read_dir().unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

// On Windows the files of these domains would be one.
#[cfg(not(windows))]
#[test]
fn gives_domains_whose_names_differ_in_case_only_different_files() {
    for command in ["export", "export-all"] {
        let home = Home::new();
        for name in ["Books", "books", "Films"] {
            home.write(&format!("domains/{name}.json"), &domain(name));
        }
        let state = ["--state=state.json"];
        let state = if command == "export" { &[][..] } else { &state };
        let arguments = [
            command,
            "--local",
            "--domains=domains",
            "--to=out",
            "--format=csv",
        ];
        let ran = home.run(&[&arguments[..], state].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            names(&home, "out"),
            ["%42ooks.csv", "AWSSimpleDB", "Films.csv", "books.csv"]
        );
        assert!(home.read("out/%42ooks.csv").contains("\nBooks,"));
        assert!(home.read("out/books.csv").contains("\nbooks,"));
        assert!(ran.stdout.contains(r#": "out/%42ooks.csv""#), "{ran:?}");
        let note = "simpledb-export: Books: is converted to %42ooks.csv, because another domain's \
                    name differs in case only\n";
        assert!(ran.stderr.contains(note), "{ran:?}");
    }
}

#[test]
fn gives_such_domains_different_files_even_if_they_are_exported_one_after_the_other() {
    let home = Home::new();
    for name in ["Books", "books"] {
        home.write(&format!("domains/{name}.json"), &domain(name));
        let name = format!("--domain-name={name}");
        let ran = export_all(&home, &[&name, "--state=state.json", "--format=csv"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        fs::remove_dir_all(home.path().join("domains")).unwrap();
    }
    assert_eq!(
        names(&home, "out"),
        ["%42ooks.csv", "AWSSimpleDB", "books.csv"]
    );
    assert!(home.read("out/%42ooks.csv").contains("\nBooks,"));
    assert!(home.read("out/books.csv").contains("\nbooks,"));
}

#[test]
fn refuses_to_replace_its_own_files_before_an_export_is_started() {
    let home = Home::new();
    for name in ["exports", "names", "Books"] {
        home.write(&format!("domains/{name}.json"), &domain(name));
    }
    home.write("names.json", "exports\nnames\n");
    let cases = [
        (
            vec!["--to=.", "--state=exports.json", "--domain-name=exports"],
            "./exports.json: the converted file of the domain exports would replace the state file",
        ),
        (
            vec![
                "--to=new",
                "--state=new/Exports.json",
                "--domain-name=exports",
            ],
            "new/exports.json: the converted file of the domain exports would replace the state file",
        ),
        (
            vec!["--to=.", "--state=s", "--domains-file=names.json"],
            "./names.json: the converted file of the domain names would replace the list of domains",
        ),
        (
            vec!["--to=domains", "--state=s", "--domain-name=Books"],
            "domains/Books.json: the converted file of the domain Books would replace the file that \
             it is read from",
        ),
    ];
    for (more, text) in cases {
        let arguments = [
            "export-all",
            "--local",
            "--domains=domains",
            "--format=dynamodb",
        ];
        let line = format!(
            "simpledb-export: {text}; name another directory with --to; no export was started\n"
        );
        home.run(&[&arguments[..], &more].concat())
            .assert(252, "", &line);
    }
    assert!(
        !home
            .path()
            .join("simpledb-local/exports/AWSSimpleDB")
            .exists()
    );
    assert_eq!(home.read("domains/Books.json"), domain("Books"));
}

#[test]
fn converts_again_with_other_options_or_if_the_file_was_changed() {
    let home = Home::new();
    home.write("domains/Films.json", &domain("m"));
    let run = |more: &[&str]| {
        let arguments = ["--state=state.json", "--format=csv"];
        let ran = export_all(&home, &[&arguments[..], more].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        home.read("out/Films.csv").replace("\r\n", "\n")
    };
    let modified = || {
        let metadata = home.path().join("out/Films.csv").metadata().unwrap();
        metadata.modified().unwrap()
    };
    let json = "itemName,x\nm,\"[\"\"1\"\",\"\"2\"\"]\"\n";
    assert_eq!(run(&[]), json);
    let first = modified();
    assert_eq!(run(&[]), json);
    assert_eq!(modified(), first, "an unchanged file was written again");

    assert_eq!(run(&["--separator=|", "--key-name=id"]), "id,x\nm,1|2\n");
    assert_eq!(run(&[]), json);
    home.write("out/Films.csv", "");
    assert_eq!(run(&[]), json);
    fs::remove_file(home.path().join("out/AWSSimpleDB/.converted.json")).unwrap();
    home.write("out/Films.csv", "old");
    assert_eq!(run(&[]), json);
}

// wine 8 fails on paths that are longer than 260 characters.
#[cfg(not(windows))]
#[test]
fn shortens_a_name_that_is_too_long_for_a_file() {
    let home = Home::new();
    for (length, kept) in [(246, 246), (250, 250), (251, 251), (255, 217)] {
        let name = "d".repeat(length);
        home.write("names.txt", &name);
        let file = home.path().join("domains");
        fs::create_dir_all(file.join(&name)).unwrap();
        fs::write(file.join(&name).join("1.json"), domain("m")).unwrap();
        let arguments = [
            "export-all",
            "--local",
            "--domains=domains",
            "--domains-file=names.txt",
            "--to=out",
            "--format=csv",
            "--state=state.json",
            "--quiet",
        ];
        let report = home.run(&arguments).json();
        let converted = report["domains"][0]["convertedFile"].as_str().unwrap();
        assert!(home.read(converted).contains("\nm,"));
        let converted = converted.strip_prefix("out/").unwrap();
        assert!(converted.len() <= 255, "{converted}");
        let stem = converted.trim_start_matches('d');
        assert_eq!(converted.len() - stem.len(), kept, "{converted}");
    }
}

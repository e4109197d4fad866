//! `convert`, and `export --local --to`.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(unix)]
use std::process::Command;
use std::process::Stdio;

use super::{Home, Ran};

const DOMAIN: &str = r#"[
    {"itemName":"e1","attributes":[{"name":"age","values":["30"]},
        {"name":"skill","values":["rust","sql"]}]},
    {"itemName":"e2","attributes":[{"name":"age","values":[""]}]}
]"#;

const LINES: &str = "\
{\"itemName\":\"e1\",\"attributes\":{\"age\":[\"30\"],\"skill\":[\"rust\",\"sql\"]}}
{\"itemName\":\"e2\",\"attributes\":{\"age\":[\"\"]}}
";

/// Exports two items, and returns the directory of their export.
fn export(home: &Home) -> String {
    home.export_local("Staff", DOMAIN)
}

#[test]
fn writes_items_to_stdout_in_each_format() {
    let home = Home::new();
    let directory = export(&home);
    let convert = |arguments: &[&str]| home.run(&[&["convert", &directory], arguments].concat());
    convert(&["--format=jsonl"]).assert(0, LINES, "");
    convert(&["--format=csv"]).assert(
        0,
        "itemName,age,skill\n\
         e1,30,\"[\"\"rust\"\",\"\"sql\"\"]\"\n\
         e2,\"\",\n",
        "",
    );
    convert(&["--format=dynamodb", "--key-name=pk", "--lists"]).assert(
        0,
        "\
{\"Item\":{\"pk\":{\"S\":\"e1\"},\"age\":{\"S\":\"30\"},\"skill\":{\"L\":[{\"S\":\"rust\"},{\"S\":\"sql\"}]}}}
{\"Item\":{\"pk\":{\"S\":\"e2\"},\"age\":{\"S\":\"\"}}}
",
        "",
    );
}

#[test]
fn reports_a_file_and_its_losses() {
    let home = Home::new();
    let directory = export(&home);
    let arguments = [
        "convert",
        &directory,
        "--format=csv",
        "--to=staff.csv",
        "--key-name=id",
        "--columns=age",
        "--separator=|",
        "--delimiter=;",
        "--bom",
        "--formula-guard",
    ];
    home.run(&arguments).assert(
        0,
        r#"{
    "file": "staff.csv",
    "format": "csv",
    "items": 2,
    "bytes": 22,
    "losses": [
        {
            "reason": "the attribute has no column and was omitted",
            "count": 1
        }
    ]
}
"#,
        "simpledb-export: lost 1 time, first: item e1, attribute skill: the attribute has no \
         column and was omitted\n",
    );
    assert_eq!(home.read("staff.csv"), "\u{feff}id;age\ne1;30\ne2;\"\"\n");
    let quiet = home.run(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn writes_typed_values() {
    let home = Home::new();
    let directory = export(&home);
    let types = r#"{"Staff": {
        "age": {"type": "integer", "encoding": "padded", "width": 2},
        "skill": {"type": "text", "multiValued": true}
    }}"#;
    home.write("types.json", types);
    let convert = |arguments: &[&str]| home.run(&[&["convert", &directory], arguments].concat());
    let replace = ["--types=types.json", "--on-error=replace"];
    let note = "simpledb-export: lost 1 time, first: item e2, attribute age: a value does not fit \
                the column's type and was omitted\n";
    let flat = [&["--format=jsonl", "--flat"], &replace[..]].concat();
    convert(&flat).assert(
        0,
        "{\"itemName\":\"e1\",\"age\":30,\"skill\":[\"rust\",\"sql\"]}\n{\"itemName\":\"e2\"}\n",
        note,
    );
    let dynamodb = [&["--format=dynamodb"], &replace[..]].concat();
    convert(&dynamodb).assert(
        0,
        "{\"Item\":{\"itemName\":{\"S\":\"e1\"},\"age\":{\"N\":\"30\"},\
         \"skill\":{\"SS\":[\"rust\",\"sql\"]}}}\n\
         {\"Item\":{\"itemName\":{\"S\":\"e2\"}}}\n",
        note,
    );
    let failed = convert(&["--format=csv", "--types=types.json"]);
    assert_eq!(failed.code, Some(255));
    assert!(
        failed
            .stderr
            .ends_with(": --types FILE, --on-error skip or --on-error replace\n"),
        "{}",
        failed.stderr
    );
    home.write("types.json", "{");
    let unreadable = convert(&["--format=csv", "--types=types.json"]);
    assert_eq!(unreadable.code, Some(252));
}

#[test]
fn says_that_a_domain_stays_text_because_the_types_file_does_not_name_it() {
    let home = Home::new();
    let directory = export(&home);
    home.write("types.json", "{\"Books\": {}}");
    let convert = || {
        let arguments = ["--format=jsonl", "--flat", "--types=types.json"];
        home.run(&[&["convert", &directory], &arguments[..]].concat())
    };
    convert().assert(
        0,
        "{\"itemName\":\"e1\",\"age\":\"30\",\"skill\":[\"rust\",\"sql\"]}\n\
         {\"itemName\":\"e2\",\"age\":\"\"}\n",
        "simpledb-export: types.json does not name the domain Staff: its values are text\n",
    );
    home.write("types.json", "{\"*\": \"auto\"}");
    assert_eq!(convert().stderr, "");
}

#[cfg(unix)]
#[test]
fn reads_the_types_from_a_pipe() {
    let home = Home::new();
    let directory = export(&home);
    let arguments = [
        "--format=csv",
        "--types=/dev/stdin",
        "--on-error=skip",
        "--quiet",
    ];
    let mut child = home
        .command(&[&["convert", &directory], &arguments[..]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let types = "{\"Staff\": {\"age\": \"integer\"}}";
    let mut stdin = child.stdin.take().unwrap();
    io::Write::write_all(&mut stdin, types.as_bytes()).unwrap();
    drop(stdin);
    Ran::from(child.wait_with_output().unwrap()).assert(0, "itemName,age\ne1,30\n", "");
}

#[test]
fn splits_files_for_dynamodb() {
    let home = Home::new();
    let text = "x".repeat(900);
    let items: Vec<_> = (0..3000)
        .map(|number| {
            format!(
                r#"{{"itemName":"{number}","attributes":[{{"name":"t","values":["{text}"]}}]}}"#
            )
        })
        .collect();
    let directory = home.export_local("Staff", &format!("[{}]", items.join(",")));
    let split = |arguments: &[&str]| {
        let convert = [
            "convert",
            &directory,
            "--format=dynamodb",
            "--to=Staff.json",
        ];
        home.run(&[&convert, arguments].concat())
    };
    let report = split(&["--split=1MB", "--quiet"]).json();
    assert_eq!(report["file"], "Staff-*.json");
    assert_eq!(report["files"], 3);
    assert_eq!(report["items"], 3000);
    let mut names = Vec::new();
    let mut total = 0;
    for number in 1..=3 {
        let part = home.read(&format!("Staff-0000{number}.json"));
        assert!(part.len() <= 1_000_000, "{}", part.len());
        assert!(part.ends_with("}}\n"));
        total += part.len();
        let lines = part.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["Item"]["itemName"]["S"].as_str().unwrap().to_owned()
        });
        names.extend(lines);
    }
    assert_eq!(report["bytes"], total);
    names.sort_by_key(|name| name.parse::<u32>().unwrap());
    assert!(
        names
            .into_iter()
            .eq((0..3000).map(|number| number.to_string()))
    );

    split(&["--split"]).assert(
        252,
        "",
        "simpledb-export: Staff-00001.json: exists: files of another conversion would be mixed \
         with the new ones; remove Staff-*.json or choose another name\n",
    );
}

#[test]
fn guesses_types_on_request_and_makes_sets_of_text() {
    let home = Home::new();
    let domain = r#"[{"itemName":"a","attributes":[{"name":"n","values":["7"]},
        {"name":"tag","values":["x"]}]},
        {"itemName":"b","attributes":[{"name":"tag","values":["x","y"]}]}]"#;
    let directory = home.export_local("Staff", domain);
    let convert = |arguments: &[&str]| home.run(&[&["convert", &directory], arguments].concat());
    convert(&["--format=jsonl", "--flat", "--types=auto"]).assert(
        0,
        "{\"itemName\":\"a\",\"n\":7,\"tag\":[\"x\"]}\n{\"itemName\":\"b\",\"tag\":[\"x\",\"y\"]}\n",
        "",
    );
    convert(&["--format=dynamodb", "--sets"]).assert(
        0,
        "{\"Item\":{\"itemName\":{\"S\":\"a\"},\"n\":{\"S\":\"7\"},\"tag\":{\"SS\":[\"x\"]}}}\n\
         {\"Item\":{\"itemName\":{\"S\":\"b\"},\"tag\":{\"SS\":[\"x\",\"y\"]}}}\n",
        "",
    );
}

#[test]
fn converts_after_an_export() {
    let home = Home::new();
    home.write("domains/Staff.json", DOMAIN);
    home.write("domains/Empty.json", "[]");
    let arguments = [
        "export",
        "--local",
        "--domains=domains",
        "--to=out/data",
        "--format=jsonl",
    ];
    let report = home.run(&arguments).json();
    let converted = |index: usize| &report["exports"][index]["converted"];
    assert_eq!(converted(0)["file"], "out/data/Empty.jsonl");
    assert_eq!(converted(1)["file"], "out/data/Staff.jsonl");
    assert_eq!(converted(1)["items"], 2);
    assert_eq!(home.read("out/data/Empty.jsonl"), "");
    assert_eq!(home.read("out/data/Staff.jsonl"), LINES);
    let left: Vec<_> = home.path().join("out/data").read_dir().unwrap().collect();
    assert_eq!(left.len(), 3, "the export, and two files: {left:?}");
}

#[test]
fn leaves_nothing_behind_after_a_failure() {
    let home = Home::new();
    let directory = export(&home);
    home.write(&format!("{directory}/data/dataFile_1_1.json"), "[{");
    let ran = home.run(&["convert", &directory, "--format=jsonl", "--to=out.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
    let expected = format!("simpledb-export: {directory}/data/dataFile_1_1.json: ");
    assert!(ran.stderr.starts_with(&expected), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    assert!(!home.path().join("out.jsonl").exists());
    let left = home.path().read_dir().unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.contains(".tmp")));

    let no_directory = io::Error::from_raw_os_error(if cfg!(windows) { 3 } else { 2 });
    let arguments = ["convert", &directory, "--format=jsonl", "--to=no/where"];
    home.run(&arguments).assert(
        255,
        "",
        &format!("simpledb-export: no/where: {no_directory}\n"),
    );
}

#[test]
fn converts_a_changed_file_only_with_skip_md5() {
    let home = Home::new();
    let directory = export(&home);
    let file = format!("{directory}/data/dataFile_1_1.json");
    let changed = home.read(&file).replace("30", "31");
    home.write(&file, &changed);
    for format in ["--format=jsonl", "--format=csv", "--format=dynamodb"] {
        let ran = home.run(&["convert", &directory, format, "--to=out"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
        let lines: Vec<&str> = ran.stderr.lines().collect();
        let begin = format!("simpledb-export: {file}: MD5 checksum is ");
        assert!(lines[0].starts_with(&begin), "{ran:?}");
        let begin = "simpledb-export: to download missing and damaged files again: \
                     simpledb-export download --export-arn arn:";
        assert!(lines[1].starts_with(begin), "{ran:?}");
        assert!(
            lines[1].ends_with(" --to simpledb-local/exports"),
            "{ran:?}"
        );
        assert!(!home.path().join("out").exists());
    }
    let ran = home.run(&["convert", &directory, "--format=csv", "--columns=age"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let ran = home.run(&["convert", &directory, "--format=jsonl", "--skip-md5"]);
    ran.assert(0, &LINES.replace("30", "31"), "");
}

#[test]
fn converts_a_file_without_a_checksum_only_with_skip_md5() {
    let home = Home::new();
    home.write(
        "Books/manifest-file.json",
        r#"[{"dataFileS3Key":"data/one.json"}]"#,
    );
    home.write("Books/data/one.json", "[]");
    let arguments = ["convert", "Books", "--format=jsonl"];
    home.run(&arguments).assert(
        255,
        "",
        "simpledb-export: Books/data/one.json: cannot be checked: the manifest has no checksum \
         for it; to convert it anyway, use --skip-md5\n",
    );
    home.run(&[&arguments[..], &["--skip-md5"]].concat())
        .assert(0, "", "");
}

#[cfg(unix)]
#[test]
fn replaces_a_link_rather_than_what_it_leads_to_and_refuses_a_directory() {
    let home = Home::new();
    let directory = export(&home);
    let to = |file: &str| home.run(&["convert", &directory, "--format=jsonl", "--to", file]);
    home.write("kept/old.jsonl", "old");
    symlink("kept/old.jsonl", home.path().join("old.jsonl")).unwrap();
    symlink("kept/new.jsonl", home.path().join("new.jsonl")).unwrap();
    for name in ["old.jsonl", "new.jsonl"] {
        assert_eq!(to(name).json()["file"], name);
        assert!(!home.path().join(name).is_symlink());
        assert_eq!(home.read(name), LINES);
    }
    assert_eq!(home.read("kept/old.jsonl"), "old");
    assert!(!home.path().join("kept/new.jsonl").exists());
    to("kept").assert(
        255,
        "",
        "simpledb-export: kept: is a directory; expected a file name\n",
    );
}

#[test]
fn rejects_a_target_among_the_files_of_the_export() {
    let home = Home::new();
    let directory = export(&home);
    let data = format!("{directory}/data/dataFile_1_1.json");
    let before = home.read(&data);
    for target in [&data, &format!("{directory}/staff.jsonl")] {
        home.run(&["convert", &directory, "--format=jsonl", "--to", target])
            .assert(
                252,
                "",
                &format!(
                    "simpledb-export: {target}: is in the export's own directory; expected a file \
                     elsewhere\n"
                ),
            );
    }
    assert_eq!(home.read(&data), before);
    assert_eq!(home.run(&["verify", &directory]).code, Some(0));
}

#[test]
fn leaves_a_complete_file_if_several_commands_write_it() {
    let home = Home::new();
    let directory = export(&home);
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = home.command(&["convert", &directory, "--format=jsonl", "--to=out"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.json()["items"], 2);
    }
    assert_eq!(home.read("out"), LINES);
    let entries = home.path().read_dir().unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains(".tmp")));
}

#[cfg(unix)]
#[test]
fn writes_to_a_pipe() {
    let home = Home::new();
    let directory = export(&home);
    let pipe = home.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    let ran = home.run(&["convert", &directory, "--format=jsonl", "--to=pipe"]);
    assert_eq!(ran.json()["items"], 2);
    assert_eq!(reader.join().unwrap(), LINES);
    assert!(!pipe.symlink_metadata().unwrap().is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn writes_to_a_device() {
    let home = Home::new();
    let directory = export(&home);
    symlink("/dev/full", home.path().join("full")).unwrap();
    home.run(&["convert", &directory, "--format=jsonl", "--to=full"])
        .assert(
            255,
            "",
            "simpledb-export: full: cannot write output: No space left \
             on device (os error 28)\n",
        );
    let full = home.path().join("full");
    assert!(!full.metadata().unwrap().is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn recognizes_stdout_by_its_name() {
    let home = Home::new();
    let directory = export(&home);
    let arguments = ["convert", &directory, "--format=jsonl", "--to=/dev/stdout"];
    home.run(&arguments).assert(0, LINES, "");
    let file = File::create(home.path().join("out")).unwrap();
    let status = home.command(&arguments).stdout(file).status().unwrap();
    assert!(status.success());
    assert_eq!(home.read("out"), LINES);
}

#[test]
fn rejects_options_of_another_format() {
    let home = Home::new();
    home.run(&["convert", "x", "--format=jsonl", "--separator=;"])
        .assert(
            252,
            "",
            "simpledb-export: --separator does not apply to the format jsonl\n",
        );
    home.run(&["export", "--local", "--to=out", "--format=csv", "--lists"])
        .assert(
            252,
            "",
            "simpledb-export: --lists does not apply to the format csv\n",
        );
    let ran = home.run(&["export", "--local", "--format=csv"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
}

#[test]
fn reports_columns_that_may_be_misspelled() {
    let home = Home::new();
    let directory = export(&home);
    let arguments = [
        "convert",
        &directory,
        "--format=csv",
        "--columns=age,skil,skill",
    ];
    let note = "simpledb-export: no item has the attribute skil; its column is empty\n";
    let ran = home.run(&[&arguments[..], &["--to=out.csv"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), note), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["unusedColumns"], serde_json::json!(["skil"]));
    assert!(
        home.read("out.csv")
            .starts_with("itemName,age,skil,skill\n")
    );
    assert_eq!(home.run(&arguments).stderr, note);

    let wrong = |columns| home.run(&["convert", "x", "--format=csv", "--columns", columns]);
    for columns in ["title,,year", "title,", ""] {
        wrong(columns).assert(
            252,
            "",
            "simpledb-export: --columns contains an empty name (stray comma?)\n",
        );
    }
    wrong("title,year,title").assert(252, "", "simpledb-export: --columns contains title twice\n");
}

#[test]
fn succeeds_if_the_reader_leaves() {
    let home = Home::new();
    let directory = export(&home);
    for format in ["--format=jsonl", "--format=csv", "--format=dynamodb"] {
        let mut child = home.start(&["convert", &directory, format]);
        drop(child.stdout.take());
        Ran::from(child.wait_with_output().unwrap()).assert(0, "", "");
    }
}

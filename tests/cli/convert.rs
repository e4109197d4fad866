//! `convert`, and `export --local --to`.

mod targets;

#[cfg(unix)]
use std::io;
use std::process::{Child, Command, Stdio};

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

/// An export on the disk.
struct Exported {
    home: Home,
    directory: String,
}

impl Exported {
    /// Exports two items.
    fn staff() -> Exported {
        Exported::new(DOMAIN)
    }

    fn new(items: &str) -> Exported {
        let home = Home::new();
        let directory = home.export_local("Staff", items);
        Exported { home, directory }
    }

    /// Returns the path of its only data file.
    fn data_file(&self) -> String {
        format!("{}/data/dataFile_1_1.json", self.directory)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let arguments = [&["convert", &self.directory], arguments].concat();
        self.home.command(&arguments)
    }

    /// Starts the program with pipes for its output.
    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().unwrap()
    }

    fn convert(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }
}

#[test]
fn writes_items_to_stdout_in_each_format() {
    let export = Exported::staff();
    export.convert(&["--format=jsonl"]).assert(0, LINES, "");
    export.convert(&["--format=csv"]).assert(
        0,
        "itemName,age,skill\n\
         e1,30,\"[\"\"rust\"\",\"\"sql\"\"]\"\n\
         e2,\"\",\n",
        "",
    );
    export.convert(&["--format=dynamodb", "--key-name=pk", "--lists"]).assert(
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
    let export = Exported::staff();
    let home = &export.home;
    let arguments = [
        "--format=csv",
        "--to=staff.csv",
        "--key-name=id",
        "--columns=age",
        "--separator=|",
        "--delimiter=;",
        "--bom",
        "--formula-guard",
    ];
    export.convert(&arguments).assert(
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
    let quiet = export.convert(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn writes_typed_values() {
    let export = Exported::staff();
    let home = &export.home;
    let types = r#"{"Staff": {
        "age": {"type": "integer", "encoding": "padded", "width": 2},
        "skill": {"type": "text", "multiValued": true}
    }}"#;
    home.write("types.json", types);
    let replace = ["--types=types.json", "--on-error=replace"];
    let note = "simpledb-export: lost 1 time, first: item e2, attribute age: a value does not fit \
                the column's type and was omitted\n";
    let flat = [&["--format=jsonl", "--flat"], &replace[..]].concat();
    export.convert(&flat).assert(
        0,
        "{\"itemName\":\"e1\",\"age\":30,\"skill\":[\"rust\",\"sql\"]}\n{\"itemName\":\"e2\"}\n",
        note,
    );
    let dynamodb = [&["--format=dynamodb"], &replace[..]].concat();
    export.convert(&dynamodb).assert(
        0,
        "{\"Item\":{\"itemName\":{\"S\":\"e1\"},\"age\":{\"N\":\"30\"},\
         \"skill\":{\"SS\":[\"rust\",\"sql\"]}}}\n\
         {\"Item\":{\"itemName\":{\"S\":\"e2\"}}}\n",
        note,
    );
    let failed = export.convert(&["--format=csv", "--types=types.json"]);
    assert_eq!(failed.code, Some(255));
    assert!(
        failed
            .stderr
            .ends_with(": --types FILE, --on-error skip or --on-error replace\n"),
        "{}",
        failed.stderr
    );
    home.write("types.json", "{");
    let unreadable = export.convert(&["--format=csv", "--types=types.json"]);
    assert_eq!(unreadable.code, Some(252));
}

#[test]
fn says_that_a_domain_stays_text_because_the_types_file_does_not_name_it() {
    let export = Exported::staff();
    let home = &export.home;
    home.write("types.json", "{\"Books\": {}}");
    let convert = || export.convert(&["--format=jsonl", "--flat", "--types=types.json"]);
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
    let export = Exported::staff();
    let arguments = [
        "--format=csv",
        "--types=/dev/stdin",
        "--on-error=skip",
        "--quiet",
    ];
    let mut child = export
        .command(&arguments)
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
    let text = "x".repeat(900);
    let items: Vec<_> = (0..3000)
        .map(|number| {
            format!(
                r#"{{"itemName":"{number}","attributes":[{{"name":"t","values":["{text}"]}}]}}"#
            )
        })
        .collect();
    let export = Exported::new(&format!("[{}]", items.join(",")));
    let split = |arguments: &[&str]| {
        let convert = ["--format=dynamodb", "--to=Staff.json"];
        export.convert(&[&convert, arguments].concat())
    };
    let report = split(&["--split=1MB", "--quiet"]).json();
    assert_eq!(report["file"], "Staff-*.json");
    assert_eq!(report["files"], 3);
    assert_eq!(report["items"], 3000);
    let mut names = Vec::new();
    let mut total = 0;
    for number in 1..=3 {
        let part = export.home.read(&format!("Staff-0000{number}.json"));
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
    let domain = r#"[{"itemName":"a","attributes":[{"name":"n","values":["7"]},
        {"name":"tag","values":["x"]}]},
        {"itemName":"b","attributes":[{"name":"tag","values":["x","y"]}]}]"#;
    let export = Exported::new(domain);
    export.convert(&["--format=jsonl", "--flat", "--types=auto"]).assert(
        0,
        "{\"itemName\":\"a\",\"n\":7,\"tag\":[\"x\"]}\n{\"itemName\":\"b\",\"tag\":[\"x\",\"y\"]}\n",
        "",
    );
    export.convert(&["--format=dynamodb", "--sets"]).assert(
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
fn converts_a_changed_file_only_with_skip_md5() {
    let export = Exported::staff();
    let home = &export.home;
    let file = export.data_file();
    let changed = home.read(&file).replace("30", "31");
    home.write(&file, &changed);
    for format in ["--format=jsonl", "--format=csv", "--format=dynamodb"] {
        let ran = export.convert(&[format, "--to=out"]);
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
    let ran = export.convert(&["--format=csv", "--columns=age"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let ran = export.convert(&["--format=jsonl", "--skip-md5"]);
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
    let export = Exported::staff();
    let home = &export.home;
    let arguments = ["--format=csv", "--columns=age,skil,skill"];
    let note = "simpledb-export: no item has the attribute skil; its column is empty\n";
    let ran = export.convert(&[&arguments[..], &["--to=out.csv"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), note), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["unusedColumns"], serde_json::json!(["skil"]));
    assert!(
        home.read("out.csv")
            .starts_with("itemName,age,skil,skill\n")
    );
    assert_eq!(export.convert(&arguments).stderr, note);

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

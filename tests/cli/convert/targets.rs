//! Where `convert` writes to.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(unix)]
use std::process::Command;

use super::{Exported, LINES};
use crate::cli::Ran;

#[test]
fn leaves_nothing_behind_after_a_failure() {
    let export = Exported::staff();
    let home = &export.home;
    let file = export.data_file();
    home.write(&file, "[{");
    let ran = export.convert(&["--format=jsonl", "--to=out.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
    let expected = format!("simpledb-export: {file}: ");
    assert!(ran.stderr.starts_with(&expected), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    assert!(!home.path().join("out.jsonl").exists());
    let left = home.path().read_dir().unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.contains(".tmp")));

    let no_directory = io::Error::from_raw_os_error(if cfg!(windows) { 3 } else { 2 });
    export.convert(&["--format=jsonl", "--to=no/where"]).assert(
        255,
        "",
        &format!("simpledb-export: no/where: {no_directory}\n"),
    );
}

#[cfg(unix)]
#[test]
fn replaces_a_link_rather_than_what_it_leads_to_and_refuses_a_directory() {
    let export = Exported::staff();
    let home = &export.home;
    let to = |file: &str| export.convert(&["--format=jsonl", "--to", file]);
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
    let export = Exported::staff();
    let home = &export.home;
    let directory = &export.directory;
    let data = export.data_file();
    let before = home.read(&data);
    for target in [&data, &format!("{directory}/staff.jsonl")] {
        export.convert(&["--format=jsonl", "--to", target]).assert(
            252,
            "",
            &format!(
                "simpledb-export: {target}: is in the export's own directory; expected a file \
                     elsewhere\n"
            ),
        );
    }
    assert_eq!(home.read(&data), before);
    assert_eq!(home.run(&["verify", directory]).code, Some(0));
}

#[test]
fn leaves_a_complete_file_if_several_commands_write_it() {
    let export = Exported::staff();
    let home = &export.home;
    let children: Vec<_> = (0..4)
        .map(|_| export.start(&["--format=jsonl", "--to=out"]))
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
    let export = Exported::staff();
    let home = &export.home;
    let pipe = home.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    let ran = export.convert(&["--format=jsonl", "--to=pipe"]);
    assert_eq!(ran.json()["items"], 2);
    assert_eq!(reader.join().unwrap(), LINES);
    assert!(!pipe.symlink_metadata().unwrap().is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn writes_to_a_device() {
    let export = Exported::staff();
    let home = &export.home;
    symlink("/dev/full", home.path().join("full")).unwrap();
    export.convert(&["--format=jsonl", "--to=full"]).assert(
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
    let export = Exported::staff();
    let home = &export.home;
    let arguments = ["--format=jsonl", "--to=/dev/stdout"];
    export.convert(&arguments).assert(0, LINES, "");
    let file = File::create(home.path().join("out")).unwrap();
    let status = export.command(&arguments).stdout(file).status().unwrap();
    assert!(status.success());
    assert_eq!(home.read("out"), LINES);
}

#[test]
fn succeeds_if_the_reader_leaves() {
    let export = Exported::staff();
    for format in ["--format=jsonl", "--format=csv", "--format=dynamodb"] {
        let mut child = export.start(&[format]);
        drop(child.stdout.take());
        Ran::from(child.wait_with_output().unwrap()).assert(0, "", "");
    }
}

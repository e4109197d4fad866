//! Progress on a terminal.
#![cfg(target_os = "linux")]

use std::process::Command;

use super::Home;

/// Runs a command in a terminal of 40 columns, and returns what it draws.
fn draw(home: &Home, command: &str) -> Vec<String> {
    let program = env!("CARGO_BIN_EXE_simpledb-export");
    let mut script = Command::new("script");
    let inner = format!("stty cols 40 rows 10; {program} {command} > result");
    script
        .args(["--quiet", "--return", "--command", &inner, "/dev/null"])
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", home.path())
        .env("TERM", "xterm")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(home.path());
    let output = script.output().expect("script, of util-linux");
    let drawn = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{drawn}");
    let frames = drawn.split(['\r', '\n']);
    frames.map(|frame| frame.replace("\x1b[2K", "")).collect()
}

#[test]
fn is_cut_to_the_width_of_the_terminal() {
    let home = Home::new();
    let name = "LongName".repeat(10);
    home.write(&format!("domains/{name}.json"), "[]");
    let frames = draw(&home, "export --local --domains domains --no-count");
    for status in [
        "loading domains",
        "PENDING LongName",
        "IN_PROGRESS LongName",
    ] {
        let is_drawn = frames.iter().any(|frame| frame.contains(status));
        assert!(is_drawn, "{status}: {frames:?}");
    }
    for frame in &frames {
        assert!(frame.chars().count() <= 40, "{frame:?}");
    }
    assert_eq!(frames.last().map(String::as_str), Some(""), "cleared");
}

#[test]
fn is_not_drawn_if_it_is_quiet() {
    let home = Home::new();
    let frames = draw(&home, "export --local --quiet");
    assert_eq!(frames, [""]);
}

#[test]
fn is_drawn_for_verifications_and_conversions() {
    let home = Home::new();
    let items: Vec<_> = (0..2_500)
        .map(|n| format!(r#"{{"itemName":"i{n}","attributes":[]}}"#))
        .collect();
    home.write("domains/Books.json", &format!("[{}]", items.join(",")));
    home.run(&["export", "--local", "--domains=domains", "--to=out"]);
    let frames = draw(&home, "verify out");
    let status = " % Books: ";
    assert!(
        frames.iter().any(|frame| frame.contains(status)),
        "{frames:?}"
    );
    let frames = draw(&home, "convert out --format=csv --to=books.csv");
    for text in [" % columns of Books: ", " % Books: "] {
        assert!(
            frames.iter().any(|frame| frame.contains(text)),
            "{text}: {frames:?}"
        );
    }
}

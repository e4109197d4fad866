//! The manual pages.

use std::collections::BTreeSet;
use std::fs;

use super::Home;

/// Every command, by the name of its page.
const PAGES: [&str; 18] = [
    "simpledb-export",
    "simpledb-export-completions",
    "simpledb-export-convert",
    "simpledb-export-describe",
    "simpledb-export-download",
    "simpledb-export-export",
    "simpledb-export-export-all",
    "simpledb-export-get-export",
    "simpledb-export-list-domains",
    "simpledb-export-domain-metadata",
    "simpledb-export-list-exports",
    "simpledb-export-local",
    "simpledb-export-man",
    "simpledb-export-start-domain-export",
    "simpledb-export-verify",
    "simpledb-export-wait",
    "simpledb-export-wait-export-succeeded",
    "simpledb-export-whoami",
];

/// A page as it reads: its escapes and fonts gone, a line each.
fn plain(page: &str) -> Vec<String> {
    let mut text = page.replace(r"\-", "-").replace(r"\*(Aq", "'");
    for font in [r"\fB", r"\fI", r"\fR"] {
        text = text.replace(font, "");
    }
    text.lines().map(str::to_owned).collect()
}

fn sections(page: &[String]) -> Vec<&str> {
    page.iter()
        .filter_map(|line| line.strip_prefix(".SH "))
        .map(|title| title.trim_matches('"'))
        .collect()
}

#[track_caller]
fn assert_holds(page: &[String], lines: &[&str]) {
    let is_here = page.windows(lines.len()).any(|window| window == lines);
    assert!(is_here, "{lines:?} in {page:#?}");
}

#[test]
fn writes_the_main_page_to_stdout() {
    let ran = Home::new().run(&["man"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let page = plain(&ran.stdout);
    assert_eq!(
        sections(&page),
        [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "GLOBAL OPTIONS",
            "SUBCOMMANDS",
            "EXAMPLES",
            "EXIT STATUS",
            "ENVIRONMENT",
            "FILES",
        ]
    );
    let version = env!("CARGO_PKG_VERSION");
    let title =
        format!(".TH simpledb-export 1 \" \" \"simpledb-export {version}\" \"User Commands\"");
    assert_holds(&page, &[&title]);
    let name = "simpledb-export - Export domains from Amazon SimpleDB, and verify, download and convert the exported data";
    assert_holds(&page, &[".SH NAME", name]);
    assert_holds(&page, &["simpledb-export-export-all(1)"]);
    for line in [
        "  254  the service returned an error",
        "      Show the credentials, region and endpoint in use",
        "  HTTPS_PROXY, NO_PROXY        proxy, and the hosts that bypass it",
    ] {
        assert_holds(&page, &[line]);
    }
}

#[test]
fn writes_a_page_for_each_command_to_a_directory() {
    let home = Home::new();
    home.run(&["man", "--to", "share/man1"]).assert(0, "", "");
    let names: BTreeSet<String> = fs::read_dir(home.path().join("share/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, PAGES.map(|name| format!("{name}.1")).into());
    for name in &PAGES[1..] {
        let page = plain(&home.read(&format!("share/man1/{name}.1")));
        let sections = sections(&page);
        for section in ["SYNOPSIS", "GLOBAL OPTIONS", "EXAMPLES", "SEE ALSO"] {
            assert!(sections.contains(&section), "{name}: {sections:?}");
        }
        assert_holds(&page, &["simpledb-export(1)"]);
    }
    let main = home.read("share/man1/simpledb-export.1");
    assert_eq!(main, home.run(&["man"]).stdout);
    let page = plain(&home.read("share/man1/simpledb-export-export-all.1"));
    assert_holds(
        &page,
        &[
            ".SH \"EXIT STATUS\"",
            ".nf",
            "  0    all domains are exported",
        ],
    );
    assert!(sections(&page).contains(&"NOTES"), "{page:#?}");
    assert_holds(&page, &["--state <FILE>"]);
}

#[cfg(unix)]
#[test]
fn reports_a_directory_that_cannot_be_created() {
    let home = Home::new();
    home.write("file", "");
    home.run(&["man", "--to", "file"]).assert(
        255,
        "",
        "simpledb-export: file: File exists (os error 17)\n",
    );
}

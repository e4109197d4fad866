//! Colors.

use super::{Home, Ran};
use crate::support::{Server, json_response};

/// Runs the program with these options and variables, with pipes.
fn run(flags: &[&str], variables: &[(&str, &str)]) -> Ran {
    let home = Home::new();
    let mut command = home.command(flags);
    command.envs(variables.iter().copied());
    Ran::from(command.output().unwrap())
}

/// Help, an invalid command line, and a failing command.
const COMMANDS: [&[&str]; 4] = [
    &["--help"],
    &["export", "--help"],
    &["who"],
    &["list-exports"],
];

fn has_colors(flags: &[&str], variables: &[(&str, &str)]) -> [bool; COMMANDS.len()] {
    COMMANDS.map(|command| {
        let ran = run(&[flags, command].concat(), variables);
        let written = format!("{}{}", ran.stdout, ran.stderr);
        assert!(written.contains("simpledb-export"), "{ran:?}");
        written.contains('\x1b')
    })
}

#[test]
fn writes_no_colors_to_a_pipe() {
    assert_eq!(has_colors(&[], &[]), [false; 4]);
    assert_eq!(has_colors(&[], &[("TERM", "xterm-256color")]), [false; 4]);
    assert_eq!(has_colors(&["--color=auto"], &[]), [false; 4]);
}

#[test]
fn can_be_forced_and_disabled() {
    let force = ("CLICOLOR_FORCE", "1");
    let forbid = ("NO_COLOR", "1");
    assert_eq!(has_colors(&["--color", "always"], &[]), [true; 4]);
    assert_eq!(has_colors(&[], &[force]), [true; 4]);
    assert_eq!(has_colors(&[], &[force, forbid]), [false; 4]);
    assert_eq!(has_colors(&["--color=never"], &[force]), [false; 4]);
    assert_eq!(has_colors(&["--color=always"], &[forbid]), [true; 4]);
}

#[test]
fn styles_errors_but_not_hints() {
    let server = Server::with_responses(vec![json_response(500, r#"{"message":"later"}"#)]);
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", crate::support::SECRET),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", &server.url()),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let arguments = [
        "--color=always",
        "start-domain-export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--client-token=token",
    ];
    let ran = run(&arguments, &keys);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let [error, hint] = lines[..] else {
        panic!("{ran:?}")
    };
    let begin = "\x1b[1m\x1b[31msimpledb-export:\x1b[0m StartDomainExport failed ";
    let error = error.strip_prefix(begin);
    assert!(error.is_some_and(|rest| !rest.contains('\x1b')), "{ran:?}");
    let begin = "simpledb-export: the export may have been started; ";
    assert!(hint.starts_with(begin), "{ran:?}");
}

#[test]
fn styles_all_headings_alike() {
    let help = run(&["--color=always", "--help"], &[]).stdout;
    for heading in ["Usage", "Commands", "Options", "Examples", "Environment"] {
        let is_here = help.contains(&format!("\x1b[1m\x1b[4m{heading}"));
        assert!(is_here, "{heading}: {help}");
    }
}

#[test]
fn writes_no_colors_to_manual_pages() {
    let page = run(&["--color=always", "man"], &[]).stdout;
    assert!(!page.contains('\x1b'), "{page}");
}

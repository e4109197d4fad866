//! Help, completions, and command lines that are wrong.

use super::Home;

#[test]
fn a_wrong_command_line_is_one_line_and_252() {
    let home = Home::new();
    let cases: [(&[&str], &str); 15] = [
        (
            &["get-export"],
            "the following required arguments were not provided: --export-arn <ARN>; try \
             'simpledb-export get-export --help'",
        ),
        (
            &["export", "--s3-bucket=b"],
            "the following required arguments were not provided: --domain-name <NAME>; try \
             'simpledb-export export --help'",
        ),
        (
            &["who"],
            "unrecognized subcommand 'who'; tip: a similar subcommand exists: 'whoami'; try \
             'simpledb-export --help'",
        ),
        (
            &["list-exports", "--max-items=0"],
            "invalid value '0' for '--max-items <COUNT>': 0 is not in 1..=4294967295; try \
             'simpledb-export list-exports --help'",
        ),
        (
            &["list-exports", "--output=yaml"],
            "invalid value 'yaml' for '--output <FORM>' [possible values: json, text, table]; try \
             'simpledb-export list-exports --help'",
        ),
        (
            &["list-exports", "--starting-token=x"],
            "--starting-token is not the NextToken of a list; leave it out to list from the \
             beginning",
        ),
        (
            &["export", "--root=x", "--domain-name=d", "--s3-bucket=b"],
            "the following required arguments were not provided: --local; try 'simpledb-export \
             export --help'",
        ),
        (
            &["export", "--local", "--endpoint-url=http://localhost:1"],
            "the argument '--local' cannot be used with '--endpoint-url <URL>'; try \
             'simpledb-export export --help'",
        ),
        (
            &["export", "--domain=Books", "--s3-bucket=b"],
            "unexpected argument '--domain' found; tip: similar arguments exist: '--domain-name' \
             and '--domains'; try 'simpledb-export export --help'",
        ),
        (
            &["get-export", "--export-arn=foo"],
            "invalid value 'foo' for '--export-arn <ARN>': expected an ARN as list-exports shows \
             them, like arn:aws:sdb:us-east-1:111122223333:domain/Books/export/ID; try \
             'simpledb-export get-export --help'",
        ),
        (
            &["export", "--domain-name=d", "--s3-bucket=s3://b/x"],
            "invalid value 's3://b/x' for '--s3-bucket <BUCKET>': give the name only; the rest is \
             --s3-key-prefix; try 'simpledb-export export --help'",
        ),
        (
            &["list-exports", "--region="],
            "invalid value '' for '--region <REGION>': it is empty; leave it out for that of the \
             environment; try 'simpledb-export list-exports --help'",
        ),
        (
            &["--profile=x", "local", "--port=x"],
            "invalid value 'x' for '--port <PORT>': invalid digit found in string; try \
             'simpledb-export local --help'",
        ),
        (
            &["download", "--threads=0"],
            "invalid value '0' for '--threads <COUNT>': expected a whole number from 1; try \
             'simpledb-export download --help'",
        ),
        (
            &["convert", "x", "--format=xml"],
            "invalid value 'xml' for '--format <FORMAT>' [possible values: jsonl, csv, dynamodb]; \
             try 'simpledb-export convert --help'",
        ),
    ];
    for (arguments, line) in cases {
        let ran = home.run(arguments);
        ran.assert(252, "", &format!("simpledb-export: {line}\n"));
    }
}

#[test]
fn an_empty_name_is_refused_before_anything_is_sent() {
    let home = Home::new();
    let arguments = ["start-domain-export", "--domain-name=", "--s3-bucket=b"];
    home.run_local("http://127.0.0.1:1", &arguments).assert(
        252,
        "",
        "simpledb-export: StartDomainExport: domainName is required and must not be empty\n",
    );
}

#[test]
fn a_region_that_is_missing_can_be_given_by_a_flag() {
    Home::new().run(&["list-exports"]).assert(
        253,
        "",
        "simpledb-export: no region is set: set AWS_REGION, or region in the profile, or give \
         --region\n",
    );
}

#[test]
fn help_names_every_command_and_every_exit_code() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    let commands = [
        "export",
        "export-all",
        "start-domain-export",
        "get-export",
        "list-exports",
        "wait",
        "download",
        "verify",
        "convert",
        "local",
        "whoami",
        "completions",
        "man",
    ];
    let codes = ["0", "10", "11", "130", "252", "253", "254", "255"];
    for name in commands.into_iter().chain(codes) {
        let is_there = help
            .stdout
            .lines()
            .any(|line| line.starts_with(&format!("  {name} ")));
        assert!(is_there, "{name}: {}", help.stdout);
    }
    assert!(!help.stdout.contains('\x1b'), "colours without a terminal");

    let nothing = home.run(&[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(252), ""));
    assert!(
        nothing
            .stderr
            .contains("Usage: simpledb-export [OPTIONS] <COMMAND>")
    );
}

#[test]
fn the_version_is_the_packages() {
    let expected = format!("simpledb-export {}\n", env!("CARGO_PKG_VERSION"));
    Home::new().run(&["--version"]).assert(0, &expected, "");
}

#[test]
fn completions_know_the_commands_and_their_flags() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run(&["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""));
        for word in ["start-domain-export", "s3-key-prefix", "export-succeeded"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
}

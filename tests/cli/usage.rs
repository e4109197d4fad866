//! Help, completions, and invalid command lines.

use super::Home;

#[test]
fn reports_an_invalid_command_line_with_the_next_step() {
    let home = Home::new();
    home.run(&["get-export"]).assert(
        252,
        "",
        "error: the following required arguments were not provided:\n  --export-arn <ARN>\n\n\
         Usage: simpledb-export get-export --export-arn <ARN>\n\n\
         For more information, try '--help'.\n",
    );
    home.run(&["who"]).assert(
        252,
        "",
        "error: unrecognized subcommand 'who'\n\n  \
         tip: a similar subcommand exists: 'whoami'\n\n\
         Usage: simpledb-export [OPTIONS] <COMMAND>\n\n\
         For more information, try '--help'.\n",
    );
}

#[test]
fn rejects_invalid_values() {
    let home = Home::new();
    let cases: [(&[&str], &str); 11] = [
        (
            &["export", "--s3-bucket=bucket"],
            "the following required arguments were not provided:\n  --domain-name <NAME>\n",
        ),
        (
            &["list-exports", "--max-items=0"],
            "invalid value '0' for '--max-items <N>': 0 is not in 1..=4294967295\n",
        ),
        (
            &["list-exports", "--output=yaml"],
            "invalid value 'yaml' for '--output <FORMAT>'\n  [possible values: json, text, \
             table]\n",
        ),
        (
            &[
                "export",
                "--root=x",
                "--domain-name=d",
                "--s3-bucket=bucket",
            ],
            "the following required arguments were not provided:\n  --local\n",
        ),
        (
            &["export", "--local", "--endpoint-url=http://localhost:1"],
            "the argument '--local' cannot be used with '--endpoint-url <URL>'\n",
        ),
        (
            &["get-export", "--export-arn=foo"],
            "invalid value 'foo' for '--export-arn <ARN>': expected an ARN as shown by \
             list-exports, such as arn:aws:sdb:us-east-1:111122223333:domain/Books/export/ID\n",
        ),
        (
            &["export", "--domain-name=d", "--s3-bucket=s3://b/x"],
            "invalid value 's3://b/x' for '--s3-bucket <BUCKET>': expected a bucket name; the \
             rest belongs to --s3-key-prefix\n",
        ),
        (
            &["list-exports", "--region="],
            "invalid value '' for '--region <REGION>': must not be empty; omit the option to use \
             the environment's\n",
        ),
        (
            &["--profile=x", "local", "--port=x"],
            "invalid value 'x' for '--port <PORT>': invalid digit found in string\n",
        ),
        (
            &["download", "--threads=0"],
            "invalid value '0' for '--threads <N>': expected an integer of at least 1\n",
        ),
        (
            &["convert", "x", "--format=csv", "--on-error=ignore"],
            "invalid value 'ignore' for '--on-error <ACTION>'\n  [possible values: fail, skip, \
             replace]\n",
        ),
    ];
    for (arguments, error) in cases {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(252), ""), "{ran:?}");
        let error = format!("error: {error}");
        assert!(ran.stderr.starts_with(&error), "{ran:?}");
        let ends_with_help = ran
            .stderr
            .ends_with("\nFor more information, try '--help'.\n");
        assert!(ends_with_help, "{ran:?}");
    }
}

#[test]
fn accepts_domain_for_domain_name() {
    let home = Home::new();
    let arguments = ["export", "--local", "--domain=Nobody"];
    let ran = home.run(&arguments);
    assert_eq!(ran.code, Some(254), "{ran:?}");
    assert!(ran.stderr.contains("\"Nobody\""), "{ran:?}");
}

#[test]
fn rejects_an_empty_name_before_a_request() {
    let home = Home::new();
    let arguments = [
        "start-domain-export",
        "--domain-name=",
        "--s3-bucket=bucket",
    ];
    home.run_local("http://127.0.0.1:1", &arguments).assert(
        252,
        "",
        "simpledb-export: StartDomainExport failed: domainName is required and must not be empty\n",
    );
}

#[test]
fn names_the_option_for_a_missing_region() {
    Home::new().run(&["list-exports"]).assert(
        253,
        "",
        "simpledb-export: no region is set: use --region, or set AWS_REGION or the profile's \
         region\n",
    );
}

#[test]
fn lists_every_command_and_exit_code_in_the_help() {
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
    assert!(!help.stdout.contains('\x1b'), "colors without a terminal");

    let nothing = home.run(&[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(252), ""));
    assert!(
        nothing
            .stderr
            .contains("Usage: simpledb-export [OPTIONS] <COMMAND>")
    );
}

#[test]
fn prints_the_version_of_the_package() {
    let expected = format!("simpledb-export {}\n", env!("CARGO_PKG_VERSION"));
    Home::new().run(&["--version"]).assert(0, &expected, "");
}

#[test]
fn writes_completions_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run(&["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""));
        for word in ["start-domain-export", "s3-key-prefix", "export-succeeded"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
}

//! MFA codes, entered on a terminal.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use super::Home;
use crate::support::{Server, response};

const CONFIG: &str = "[default]\nregion = us-east-1\n\
    role_arn = arn:aws:iam::111122223333:role/Export\nsource_profile = base\n\
    mfa_serial = arn:aws:iam::111122223333:mfa/ana\n\
    [profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";

fn sts() -> Server {
    let xml = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
        <AccessKeyId>AKIDASSUMED</AccessKeyId><SecretAccessKey>hidden-key</SecretAccessKey>\
        <SessionToken>hidden-token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
        </Credentials></AssumeRoleResult></AssumeRoleResponse>";
    Server::with_responses(vec![response(200, &[], xml.as_bytes())])
}

/// Returns whether a terminal shows what is typed; one that is gone does not.
fn echoes(terminal: &str) -> bool {
    let stty = Command::new("stty").args(["-F", terminal, "-a"]).output();
    let stty = stty.expect("stty");
    let settings = String::from_utf8(stty.stdout).expect("UTF-8");
    stty.status.success()
        && !settings
            .split_ascii_whitespace()
            .any(|word| word == "-echo")
}

/// Runs a command in a terminal, types this when it asks for a code, and returns what is shown.
fn type_code(home: &Home, server: &Server, command: &str, typed: &str) -> String {
    let program = env!("CARGO_BIN_EXE_simpledb-export");
    let mut script = Command::new("script")
        .args(["--quiet", "--command"])
        // The shell outlives an interruption.
        .arg(format!(
            "trap : INT; tty; {program} {command} > result; echo; stty -a"
        ))
        .arg("/dev/null")
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", home.path())
        .env("TERM", "xterm")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL_STS", server.url())
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, of util-linux");
    let mut stdin = script.stdin.take().expect("a pipe");
    let mut shown = BufReader::new(script.stdout.take().expect("a pipe"));
    let mut terminal = String::new();
    shown.read_line(&mut terminal).expect("the terminal's name");
    while echoes(terminal.trim()) {
        std::thread::yield_now();
    }
    stdin.write_all(typed.as_bytes()).expect("a terminal");
    let mut rest = String::new();
    shown.read_to_string(&mut rest).expect("a terminal");
    script.wait().expect("an end");
    rest.replace('\r', "")
}

#[test]
fn is_entered_once_and_not_shown() {
    let home = Home::new();
    home.write(".aws/config", CONFIG);
    let server = sts();
    let shown = type_code(&home, &server, "whoami", "123456\n");
    let prompt = "Enter MFA code for arn:aws:iam::111122223333:mfa/ana: \n";
    assert!(shown.starts_with(&format!("{prompt}\nspeed ")), "{shown}");
    assert!(home.read("result").contains("****************UMED"));
    let body = String::from_utf8(server.request().body).expect("a form");
    assert!(body.ends_with("&TokenCode=123456"), "{body}");

    // The next command takes the session from the cache, without a terminal, too.
    let ran = home.run(&["whoami"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("****************UMED"));
}

#[test]
fn an_interrupted_prompt_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    home.write(".aws/config", CONFIG);
    let server = sts();
    let command = "export --domain-name Books --s3-bucket bucket";
    let shown = type_code(&home, &server, command, "12\u{3}");
    assert!(shown.contains(" interrupted\n"), "{shown}");
    assert!(shown.contains(" echo "), "{shown}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn cannot_be_entered_without_a_terminal() {
    let home = Home::new();
    home.write(".aws/config", CONFIG);
    let ran = home.run(&["whoami"]);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    let expected = "simpledb-export: no credentials: profile \"default\": mfa_serial of profile \
                    \"default\" (";
    assert!(ran.stderr.starts_with(expected), "{ran:?}");
    let reason = "requires an MFA code, which can be entered only on a terminal";
    assert!(ran.stderr.contains(reason), "{ran:?}");
}

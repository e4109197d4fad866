//! Token and cache files that are pipes or have no end.

use std::process::Command;
use std::time::{Duration, Instant};

use simpledb_export::credentials::ProvideCredentials;

use super::{Home, LATER, PATIENT, assert_is, document};
use crate::support::{Server, json_response};

const SSO: &str = ".aws/sso/cache/a9993e364706816aba3e25717850c26c9cd0d89d.json";
const LOGIN: &str =
    ".aws/login/cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json";

/// A home for every source that reads a file, and the path of that file.
fn homes() -> [(Home, &'static str); 4] {
    let home = |config: &str| Home::new().with_config(config);
    let unreachable = "http://127.0.0.1:1";
    [
        (
            home("[default]\nrole_arn = arn:r\nweb_identity_token_file = ~/token\n")
                .with("AWS_ENDPOINT_URL_STS", unreachable),
            "token",
        ),
        (
            home(
                "[default]\nsso_session = abc\nsso_account_id = 111122223333\nsso_role_name = R\n\
                 [sso-session abc]\nsso_start_url = u\nsso_region = eu-west-1\n",
            ),
            SSO,
        ),
        (home("[default]\nlogin_session = abc\n"), LOGIN),
        (
            home("")
                .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", unreachable)
                .with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/token"),
            "token",
        ),
    ]
}

/// Runs a command such as `mkfifo` with the path of a file in a home directory.
fn make(home: &Home, file: &str, command: &str, arguments: &[&str]) {
    let path = home.path(file);
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    let status = Command::new(command).args(arguments).arg(&path).status();
    assert!(status.expect("a command").success());
}

#[test]
fn an_endless_file_is_read_up_to_a_limit() {
    for (home, file) in homes() {
        make(&home, file, "ln", &["-s", "/dev/zero"]);
        let text = home.broken();
        let end = "larger than the limit of 1048576 bytes";
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_pipe_without_a_writer_is_read_until_the_deadline() {
    for (home, file) in homes() {
        make(&home, file, "mkfifo", &[]);
        let started = Instant::now();
        let error = home.chain().provide_credentials(Duration::from_millis(50));
        let error = error.expect_err("no content");
        assert!(started.elapsed() < PATIENT);
        let text = home.text(&error);
        assert!(text.contains("no end of file after"), "{text}");
        assert!(error.is_timed_out(), "{text}");
    }
}

#[test]
fn a_token_may_come_from_a_pipe() {
    let server = Server::with_responses(vec![json_response(200, &document("container", LATER))]);
    let home = Home::new()
        .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &server.url())
        .with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/token");
    make(&home, "token", "mkfifo", &[]);
    std::thread::scope(|scope| {
        scope.spawn(|| home.write("token", "hidden"));
        assert_is(&home.credentials(), "container", "container");
    });
    let request = server.request();
    assert_eq!(request.header("authorization"), Some("hidden"));
}

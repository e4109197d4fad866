//! Roles that require the code of an MFA device, and the cache that they share with the AWS CLI.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use simpledb_export::Credentials;
use simpledb_export::config::ConfigLoader;
use simpledb_export::credentials::{CredentialsCache, CredentialsError, ProvideCredentials};

use super::sts::{body, good, refusal};
use super::{EARLIER, Home, LATER, PATIENT, assert_is, unix};
use crate::support::Server;

const CONFIG: &str = "[default]\nrole_arn = arn:aws:iam::111122223333:role/Export\n\
    source_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/ana\n\
    [profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";

/// The name that botocore gives to the role's session.
const FILE: &str = ".aws/cli/cache/0aa7586e016bc0a23e42f584132aafd315e2b872.json";

const SOURCE: &str = "profile \"default\" (role arn:aws:iam::111122223333:role/Export)";

/// The start of errors about the code.
const PLACE: &str =
    "profile \"default\": mfa_serial of profile \"default\" (~/.aws/config, line 4)";

fn home(server: &Server) -> Home {
    Home::new()
        .with_config(CONFIG)
        .with("AWS_ENDPOINT_URL_STS", &server.url())
}

/// What the AWS CLI caches.
fn session(id: &str, expiration: &str) -> String {
    format!(
        r#"{{"Credentials": {{"AccessKeyId": "{id}", "SecretAccessKey": "hidden-key",
        "SessionToken": "hidden-token", "Expiration": "{expiration}"}},
        "AssumedRoleUser": {{"AssumedRoleId": "x:s", "Arn": "arn:x"}}}}"#
    )
}

fn provide(loader: ConfigLoader) -> Result<Credentials, CredentialsError> {
    let chain = loader.load_credentials().expect("valid settings");
    chain.provide_credentials(PATIENT)
}

/// Provides credentials with this code, and returns how often it was asked for.
fn with_code(home: &Home, code: &'static str) -> (Result<Credentials, CredentialsError>, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let loader = home.loader().mfa_code(move |serial| {
        assert_eq!(serial, "arn:aws:iam::111122223333:mfa/ana");
        count.fetch_add(1, Ordering::SeqCst);
        Ok(code.to_owned())
    });
    let provided = provide(loader);
    (provided, asked.load(Ordering::SeqCst))
}

#[track_caller]
fn first_line(home: &Home, provided: Result<Credentials, CredentialsError>) -> String {
    let text = home.text(&provided.expect_err("no credentials"));
    let line = text.lines().next().unwrap_or_default();
    line.trim_end_matches(';').to_owned()
}

#[test]
fn assumes_a_role_with_a_code_and_caches_the_session() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let home = home(&server);
    let (provided, asked) = with_code(&home, " 123456\n");
    let credentials = provided.expect("credentials");
    assert_is(&credentials, "assumed", SOURCE);
    assert_eq!(asked, 1);
    let request = server.request();
    assert_eq!(
        body(&request),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FExport\
         &RoleSessionName=simpledb-export-1771243200\
         &SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2Fana&TokenCode=123456"
    );
    let cached: Value = serde_json::from_str(&home.read(FILE)).expect("JSON");
    assert_eq!(
        cached,
        json!({"Credentials": {
            "AccessKeyId": "assumed",
            "SecretAccessKey": "hidden-key",
            "SessionToken": "hidden-token",
            "Expiration": LATER,
            "AccountId": "444455556666",
        }})
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| {
            let metadata = std::fs::metadata(home.path(path)).expect("a file");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(FILE), 0o600);
        assert_eq!(mode(".aws/cli/cache"), 0o700);
    }

    let (provided, asked) = with_code(&home, "123456");
    let again = provided.expect("credentials");
    assert_eq!((&again, asked), (&credentials, 0));
    assert_eq!(home.credentials(), credentials, "without a callback");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn uses_a_session_that_the_aws_cli_has_cached() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    for expiration in [LATER, "2026-02-16T18:00:00UTC", "2026-02-16T19:00:00+01:00"] {
        let home = home(&server).with_file(FILE, &session("cached", expiration));
        let credentials = home.credentials();
        assert_is(&credentials, "cached", SOURCE);
        assert_eq!(unix(credentials.expiration()), 1_771_264_800);
        assert_eq!(credentials.account_id(), Some("111122223333"));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn asks_for_a_code_once_the_session_is_about_to_expire_or_unreadable() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let home = home(&server);
    let id = |home: &Home| {
        let (provided, asked) = with_code(home, "123456");
        let id = provided.expect("credentials").access_key_id().to_owned();
        (id, asked)
    };
    for content in [
        session("cached", EARLIER),
        session("cached", "2026-02-16T12:05:00Z"),
        "hidden".to_owned(),
        "{}".to_owned(),
    ] {
        home.write(FILE, &content);
        assert_eq!(id(&home), ("assumed".to_owned(), 1), "{content}");
        assert!(home.read(FILE).contains("assumed"));
    }
    home.write(FILE, &session("cached", "2026-02-16T12:05:01Z"));
    assert_eq!(id(&home), ("cached".to_owned(), 0));
    // Without a callback a session is used until it expires.
    home.write(FILE, &session("cached", "2026-02-16T12:00:01Z"));
    assert_eq!(home.credentials().access_key_id(), "cached");
}

#[test]
fn a_cached_session_replaces_the_steps_before_it() {
    let server = Server::with_responses(vec![good("AssumeRole", "top")]);
    let config = CONFIG
        .replace("[default]", "[profile export]")
        .replace("source_profile = base", "source_profile = gone")
        + "[profile gone]\ncredential_process = exit 1\n\
           [default]\nrole_arn = arn:top\nsource_profile = export\n";
    let home = home(&server)
        .with_config(&config)
        .with_file(FILE, &session("cached", LATER));
    assert_eq!(home.credentials().access_key_id(), "top");
    let request = server.request();
    let authorization = request.header("authorization").unwrap_or_default();
    assert!(
        authorization.contains("Credential=cached/"),
        "{authorization}"
    );
}

#[test]
fn reports_that_nobody_can_enter_a_code_before_it_does_any_work() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let home = home(&server);
    assert_eq!(
        home.broken(),
        format!(
            "{PLACE} requires an MFA code, which can be entered only on a terminal: run \"aws sts \
             get-caller-identity --profile default\" there first, or use a session from another \
             tool, for example with credential_process"
        )
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn rejects_a_code_that_is_not_six_digits_without_repeating_it() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let home = home(&server);
    for code in ["", "12345", "1234567", "hidden", "１２３４５６"] {
        let (provided, _) = with_code(&home, code);
        assert_eq!(
            first_line(&home, provided),
            format!("{PLACE}: invalid MFA code: expected six digits")
        );
    }
    let loader = home.loader();
    let provided = provide(loader.mfa_code(|_| Err(io::Error::other("cancelled"))));
    assert_eq!(
        first_line(&home, provided),
        format!("{PLACE}: no MFA code: cancelled")
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn caches_nothing_if_the_code_is_wrong() {
    let server = Server::with_responses(vec![refusal(403, "AccessDenied")]);
    let home = home(&server);
    let (provided, _) = with_code(&home, "123456");
    assert_eq!(
        first_line(&home, provided),
        "profile \"default\": role arn:aws:iam::111122223333:role/Export (role_arn of profile \
         \"default\" (~/.aws/config, line 2)): STS responded to AssumeRole with HTTP 403: \
         AccessDenied: not you (request id r-1)"
    );
    assert!(!home.path(FILE).exists());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn caches_no_session_that_began_without_a_code() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let config = CONFIG.replace("mfa_serial", "other");
    home(&server).with_config(&config).credentials();
    let home = home(&server).with_config(&config);
    home.credentials();
    assert!(!home.path(".aws/cli").exists());
}

#[test]
fn replaces_a_cached_session_that_a_service_refuses_as_expired() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let home = home(&server).with_file(FILE, &session("cached", LATER));
    let loader = home.loader().mfa_code(|_| Ok("123456".to_owned()));
    let chain = loader.load_credentials().expect("valid settings");
    let cache = CredentialsCache::new(chain).system(home.system.clone());
    let provide = || cache.provide_credentials(PATIENT).expect("credentials");
    let cached = provide();
    assert_eq!(cached.access_key_id(), "cached");
    assert!(cache.reject(&cached));
    assert_eq!(provide().access_key_id(), "assumed");
}

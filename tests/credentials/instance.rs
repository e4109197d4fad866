//! Credentials of an EC2 instance.

use std::net::TcpListener;

use simpledb_export::{CredentialsError, ProvideCredentials};

use super::{EARLIER, Home, LATER, PATIENT, assert_is, document, unix};
use crate::support::{Request, Server, Step, answer};

const NOON: i64 = 1_771_243_200;

fn home(endpoint: &str) -> Home {
    Home::new()
        .with("AWS_EC2_METADATA_DISABLED", "false")
        .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
}

fn text(status: u16, body: &str) -> Vec<Step> {
    vec![Step::Send(answer(status, &[], body.as_bytes()))]
}

/// What an instance with a role answers.
fn usual(request: &Request, expiration: &str) -> Vec<Step> {
    let path = request.path.strip_prefix("/latest/");
    match (request.method.as_str(), path.expect("the latest version")) {
        ("PUT", "api/token") => text(200, "session"),
        ("GET", "meta-data/iam/security-credentials/") => text(200, "Role\n"),
        ("GET", "meta-data/iam/security-credentials/Role") => {
            text(200, &document("instance", expiration))
        }
        ("GET", "meta-data/placement/region") => text(200, "eu-west-3"),
        other => panic!("{other:?} was asked for"),
    }
}

/// The region that a config without one gets.
fn region(home: Home) -> Option<String> {
    let config = home.with("AWS_REGION", "").loader().load();
    config.expect("good settings").region().map(str::to_owned)
}

fn not_configured(home: &Home) -> String {
    let error = home.provide().expect_err("nothing");
    assert!(error.is_not_configured(), "{error}");
    let text = home.text(&error);
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("5. instance metadata: ")
        .unwrap_or_else(|| panic!("{text}"))
        .to_owned()
}

#[test]
fn a_session_comes_before_the_role_and_its_credentials() {
    let server = Server::answering(|_, request| usual(request, LATER));
    let home = home(&server.url()).with("HTTP_PROXY", "http://127.0.0.1:1");
    let credentials = home.credentials();
    assert_is(&credentials, "instance", "instance metadata (role Role)");
    assert_eq!(unix(credentials.expiration()), NOON + 6 * 3_600);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    let ttl = requests[0].header("x-aws-ec2-metadata-token-ttl-seconds");
    assert_eq!(ttl, Some("21600"));
    for request in &requests[1..] {
        assert_eq!(request.header("x-aws-ec2-metadata-token"), Some("session"));
    }
}

#[test]
fn the_region_is_known_too() {
    let server = Server::answering(|_, request| usual(request, LATER));
    let found = region(home(&server.url()));
    assert_eq!(found.as_deref(), Some("eu-west-3"));
    let server = Server::answering(|_, request| match request.method.as_str() {
        "PUT" => text(200, "session"),
        _ => text(200, "<html>"),
    });
    let found = region(home(&server.url()));
    assert_eq!(found, None);
}

#[test]
fn nobody_is_asked_once_credentials_are_found_or_it_is_forbidden() {
    let server = Server::answering(|_, request| usual(request, LATER));
    let home = home(&server.url())
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", "hidden");
    assert_eq!(home.credentials().source(), "environment variables");
    let home = self::home(&server.url()).with("AWS_EC2_METADATA_DISABLED", "true");
    assert_eq!(not_configured(&home), "AWS_EC2_METADATA_DISABLED is true");
    assert_eq!(region(home), None);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_session_that_ended_is_begun_anew() {
    let server = Server::answering(|n, request| match n {
        1 => text(401, ""),
        _ => usual(request, LATER),
    });
    assert_is(
        &home(&server.url()).credentials(),
        "instance",
        "instance metadata (role Role)",
    );
    let methods: Vec<String> = server.requests().into_iter().map(|r| r.method).collect();
    assert_eq!(methods, ["PUT", "GET", "PUT", "GET", "GET"]);
}

#[test]
fn trouble_is_tried_three_times() {
    let server = Server::answering(|n, request| match n {
        0 | 2 => text(500, ""),
        _ => usual(request, LATER),
    });
    home(&server.url()).credentials();
    let server = Server::answering(|_, _| text(503, ""));
    assert_eq!(
        home(&server.url()).broken(),
        "instance metadata: the instance metadata service refuses: HTTP 503"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_machine_that_is_no_instance_is_found_out_by_one_try() {
    let silent = Server::answering(|_, _| vec![Step::Silence]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let closed = format!("http://{}", closed.expect("an address"));
    for endpoint in [silent.url(), closed] {
        let home = home(&endpoint);
        assert_eq!(
            not_configured(&home),
            format!(
                "the instance metadata service does not answer at {endpoint}: this is no EC2 \
                 instance, or it is a container that the instance's hop limit keeps out"
            )
        );
        assert!(home.system.sleeps().is_empty());
    }
    assert_eq!(silent.connections(), 1);
}

#[test]
fn no_sessions_and_no_role_are_not_configured() {
    for status in [403, 404, 405] {
        let server = Server::answering(move |_, _| text(status, ""));
        assert_eq!(
            not_configured(&home(&server.url())),
            format!(
                "{} gives no token (HTTP {status}): it is turned off, or does not speak version 2",
                server.url()
            )
        );
        assert_eq!(server.requests().len(), 1);
    }
    let server = Server::answering(|_, request| match request.method.as_str() {
        "PUT" => text(200, "session"),
        _ => text(404, ""),
    });
    assert_eq!(
        not_configured(&home(&server.url())),
        "the instance has no IAM role"
    );
}

#[test]
fn garbage_is_told_and_not_repeated() {
    let server = |at: usize, garbage: &'static str| {
        Server::answering(move |n, request| {
            if n == at {
                text(200, garbage)
            } else {
                usual(request, LATER)
            }
        })
    };
    for (at, garbage, told) in [
        (
            0,
            "",
            "the instance metadata service gave something that is no token",
        ),
        (
            1,
            "<p>hidden</p>",
            "the instance metadata service gave something that is no role's name",
        ),
        (
            2,
            "hidden",
            "the answer of the instance metadata service is not valid JSON (line 1, column 1)",
        ),
        (
            2,
            r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"}"#,
            "the answer of the instance metadata service: AssumeRoleUnauthorizedAccess: no trust",
        ),
    ] {
        let server = server(at, garbage);
        let text = home(&server.url()).broken();
        assert_eq!(text, format!("instance metadata: {told}"));
    }
}

#[test]
fn a_slow_service_that_is_there_is_broken() {
    let server = Server::answering(|n, request| match n {
        1 => vec![Step::Silence],
        _ => usual(request, LATER),
    });
    let home = home(&server.url());
    let error: CredentialsError = home.provide().expect_err("no role");
    assert!(error.is_timed_out());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn expired_credentials_are_used_on_for_some_minutes() {
    let server = Server::answering(|n, request| match n {
        0..=2 => usual(request, EARLIER),
        _ => text(500, ""),
    });
    let mut home = home(&server.url());
    home.system = home.system.clone().random(0);
    let chain = home.chain();
    let credentials = chain.provide_credentials(PATIENT).expect("extended");
    assert_eq!(unix(credentials.expiration()), NOON + 300);
    // The service is in trouble now, and the last credentials are still better than none.
    let credentials = chain.provide_credentials(PATIENT).expect("extended again");
    assert_eq!(credentials.access_key_id(), "instance");
    assert!(unix(credentials.expiration()) >= NOON + 300);
}

//! Credentials from the instance metadata service.

use std::net::TcpListener;

use simpledb_export::credentials::{CredentialsError, ProvideCredentials};

use super::{EARLIER, Home, LATER, PATIENT, assert_is, document, unix};
use crate::support::{Request, Server, Step, response};

const NOON: i64 = 1_771_243_200;

fn home(endpoint: &str) -> Home {
    Home::new()
        .with("AWS_EC2_METADATA_DISABLED", "false")
        .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
}

fn text(status: u16, body: &str) -> Vec<Step> {
    vec![Step::Send(response(status, &[], body.as_bytes()))]
}

/// The responses of an instance with a role.
fn usual(request: &Request, expiration: &str) -> Vec<Step> {
    let path = request.path.strip_prefix("/latest/");
    match (request.method.as_str(), path.expect("the latest version")) {
        ("PUT", "api/token") => text(200, "session"),
        ("GET", "meta-data/iam/security-credentials/") => text(200, "Role\n"),
        ("GET", "meta-data/iam/security-credentials/Role") => {
            text(200, &document("instance", expiration))
        }
        ("GET", "meta-data/placement/region") => text(200, "eu-west-3"),
        other => panic!("{other:?} was requested"),
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
    let (_, reason) = last
        .split_once(". instance metadata: ")
        .unwrap_or_else(|| panic!("{text}"));
    reason.to_owned()
}

#[test]
fn requests_a_token_then_the_role_and_its_credentials() {
    let server = Server::responding(|_, request| usual(request, LATER));
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
fn returns_the_region() {
    let server = Server::responding(|_, request| usual(request, LATER));
    let found = region(home(&server.url()));
    assert_eq!(found.as_deref(), Some("eu-west-3"));
    let server = Server::responding(|_, request| match request.method.as_str() {
        "PUT" => text(200, "session"),
        _ => text(200, "<html>"),
    });
    let found = region(home(&server.url()));
    assert_eq!(found, None);
}

#[test]
fn sends_nothing_if_credentials_are_found_or_it_is_disabled() {
    let server = Server::responding(|_, request| usual(request, LATER));
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
fn requests_a_new_token_after_status_401() {
    let server = Server::responding(|n, request| match n {
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
fn retries_temporary_failures_up_to_three_attempts() {
    let server = Server::responding(|n, request| match n {
        0 | 2 => text(500, ""),
        _ => usual(request, LATER),
    });
    home(&server.url()).credentials();
    // The token is still good after a failure that is the service's own.
    let methods: Vec<String> = server.requests().into_iter().map(|r| r.method).collect();
    assert_eq!(methods, ["PUT", "PUT", "GET", "GET", "GET"]);
    let server = Server::responding(|_, _| text(503, ""));
    assert_eq!(
        home(&server.url()).broken(),
        "instance metadata: the instance metadata service responded with HTTP 503"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn one_attempt_shows_that_this_is_not_an_instance() {
    let silent = Server::responding(|_, _| vec![Step::Silence]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let closed = format!("http://{}", closed.expect("an address"));
    for endpoint in [silent.url(), closed] {
        let home = home(&endpoint);
        assert_eq!(
            not_configured(&home),
            format!(
                "no response from the instance metadata service at {endpoint}: this is not an EC2 \
                 instance, or a container that the instance's hop limit excludes"
            )
        );
        assert!(home.system.sleeps().is_empty());
    }
    assert_eq!(silent.connections(), 1);
}

#[test]
fn an_instance_without_tokens_or_a_role_is_not_configured() {
    for status in [403, 404, 405] {
        let server = Server::responding(move |_, _| text(status, ""));
        assert_eq!(
            not_configured(&home(&server.url())),
            format!(
                "{} issues no token (HTTP {status}): it is disabled or does not support version 2",
                server.url()
            )
        );
        assert_eq!(server.requests().len(), 1);
    }
    let server = Server::responding(|_, request| match request.method.as_str() {
        "PUT" => text(200, "session"),
        _ => text(404, ""),
    });
    assert_eq!(
        not_configured(&home(&server.url())),
        "the instance has no IAM role"
    );
}

#[test]
fn reports_an_invalid_response_without_repeating_it() {
    let server = |at: usize, garbage: &'static str| {
        Server::responding(move |n, request| {
            if n == at {
                text(200, garbage)
            } else {
                usual(request, LATER)
            }
        })
    };
    for (at, garbage, reason) in [
        (
            0,
            "",
            "the instance metadata service returned an invalid token",
        ),
        (
            1,
            "<p>hidden</p>",
            "the instance metadata service returned an invalid role name",
        ),
        (
            2,
            "hidden",
            "the response from the instance metadata service is not valid JSON (line 1, column 1)",
        ),
        (
            2,
            r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"}"#,
            "the response from the instance metadata service: AssumeRoleUnauthorizedAccess: no trust",
        ),
    ] {
        let server = server(at, garbage);
        let text = home(&server.url()).broken();
        assert_eq!(text, format!("instance metadata: {reason}"));
    }
}

#[test]
fn a_timeout_after_the_token_is_a_failure() {
    let server = Server::responding(|n, request| match n {
        1 => vec![Step::Silence],
        _ => usual(request, LATER),
    });
    let home = home(&server.url());
    let error: CredentialsError = home.provide().expect_err("no role");
    assert!(error.is_timed_out());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn extends_expired_credentials_by_a_few_minutes() {
    let server = Server::responding(|n, request| match n {
        0..=2 => usual(request, EARLIER),
        _ => text(500, ""),
    });
    let mut home = home(&server.url());
    home.system = home.system.clone().random(0);
    let chain = home.chain();
    let credentials = chain.provide_credentials(PATIENT).expect("extended");
    assert_eq!(unix(credentials.expiration()), NOON + 300);
    // The service fails now, and the last credentials are still better than none.
    let credentials = chain.provide_credentials(PATIENT).expect("extended again");
    assert_eq!(credentials.access_key_id(), "instance");
    assert!(unix(credentials.expiration()) >= NOON + 300);
}

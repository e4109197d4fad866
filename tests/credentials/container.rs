//! Credentials from a container endpoint.

use std::time::Duration;

use simpledb_export::credentials::ProvideCredentials;

use super::{HIDDEN, Home, LATER, assert_is, document, unix};
use crate::support::{Server, Step, json_response, response};

fn home(server: &Server) -> Home {
    let url = format!("{}/v2/credentials?id=1", server.url());
    Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
}

fn good() -> Vec<u8> {
    json_response(200, &document("container", LATER))
}

#[test]
fn returns_the_credentials_of_the_endpoint() {
    let server = Server::with_responses(vec![good()]);
    // Metadata requests never go through a proxy.
    let home = home(&server).with("HTTP_PROXY", "http://127.0.0.1:1");
    let credentials = home.credentials();
    assert_is(&credentials, "container", "container");
    assert_eq!(credentials.account_id(), Some("111122223333"));
    assert_eq!(unix(credentials.expiration()), 1_771_264_800);
    let request = server.request();
    assert_eq!(request.method, "GET");
    assert_eq!(request.path, "/v2/credentials?id=1");
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn allows_a_host_name_of_the_loopback_address() {
    let server = Server::with_responses(vec![good()]);
    let url = format!("http://localhost:{}/", server.address().port());
    let home = Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    assert_is(&home.credentials(), "container", "container");
}

#[test]
fn reads_the_token_each_time_and_sends_it_unchanged() {
    let server = Server::with_responses(vec![good()]);
    let home = home(&server).with_file("token", "Basic one ");
    let path = home.path("token").display().to_string();
    let home = home
        .with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &path)
        .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "never");
    let chain = home.chain();
    for token in ["Basic one", "Basic two"] {
        home.write("token", token);
        chain
            .provide_credentials(super::PATIENT)
            .expect("credentials");
    }
    let requests = server.requests();
    let sent: Vec<_> = requests.iter().map(|r| r.header("authorization")).collect();
    assert_eq!(sent, [Some("Basic one"), Some("Basic two")]);
}

#[test]
fn rejects_a_token_that_is_missing_or_cannot_be_a_header() {
    let server = Server::with_responses(vec![good()]);
    let missing = home(&server).with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nonexistent/t");
    assert!(missing.broken().starts_with(
        "container: cannot read /nonexistent/t (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE): "
    ));
    let broken = home(&server).with(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        &format!("{HIDDEN}\r\nx: y"),
    );
    assert_eq!(
        broken.broken(),
        "container: the authorization token in AWS_CONTAINER_AUTHORIZATION_TOKEN contains a \
         line break, which a header cannot: remove it"
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn retries_temporary_failures_up_to_three_attempts() {
    let failing = |status| json_response(status, "{}");
    let server = Server::with_responses(vec![failing(500), failing(429), good()]);
    let home = home(&server);
    assert_is(&home.credentials(), "container", "container");
    assert_eq!(home.system.sleeps().len(), 2);

    let server = Server::with_responses(vec![failing(503)]);
    let home = self::home(&server);
    assert_eq!(
        home.broken(),
        "container: the container credentials endpoint responded with HTTP 503"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn does_not_retry_a_permanent_failure() {
    for status in [400, 401, 403, 404] {
        let body = r#"{"code":"Denied","message":"not\nyou"}"#;
        let server = Server::with_responses(vec![json_response(status, body)]);
        assert_eq!(
            home(&server).broken(),
            format!(
                "container: the container credentials endpoint responded with HTTP {status}: Denied: \
                 not you"
            )
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn does_not_follow_a_redirect() {
    let elsewhere = Server::with_responses(vec![good()]);
    let redirect = response(302, &[("location", &elsewhere.url())], b"");
    let server = Server::with_responses(vec![redirect]);
    assert_eq!(
        home(&server).broken(),
        "container: the container credentials endpoint responded with HTTP 302"
    );
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn does_not_repeat_an_invalid_response() {
    for (body, text) in [
        ("hidden", "is not valid JSON (line 1, column 1)"),
        (r#"["hidden"]"#, "is not a JSON object"),
        (r#"{"Token":"hidden"}"#, "has no AccessKeyId"),
    ] {
        let server = Server::with_responses(vec![json_response(200, body)]);
        let text =
            format!("container: the response from the container credentials endpoint {text}");
        assert_eq!(home(&server).broken(), text);
    }
}

#[test]
fn gives_up_at_the_deadline() {
    let server = Server::responding(|_, _| vec![Step::Silence]);
    let home = home(&server);
    let error = home
        .chain()
        .provide_credentials(Duration::from_millis(100))
        .expect_err("no response");
    assert!(error.is_timed_out());
    let text = home.text(&error);
    assert!(
        text.starts_with("container: request to the container credentials endpoint failed: "),
        "{text}"
    );
}

#[test]
fn sends_nothing_to_another_host() {
    let home = Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/");
    let text = home.broken();
    assert!(text.contains("the host 192.0.2.1, which is not allowed over http"));
}

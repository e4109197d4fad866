//! Single sign-on: the token in the cache, its refresh, and the role's credentials.

use super::{EARLIER, HIDDEN, Home, LATER, assert_is, unix};
use crate::support::{Server, Step, json_response};

/// The SHA-1 of `abc`, from its standard.
const FILE: &str = ".aws/sso/cache/a9993e364706816aba3e25717850c26c9cd0d89d.json";

const CONFIG: &str = "[default]\nsso_session = abc\nsso_account_id = 111122223333\n\
    sso_role_name = Read Only\n[sso-session abc]\nsso_start_url = https://example.com/start\n\
    sso_region = eu-west-1\n";

/// The start of every error.
const PLACE: &str =
    "profile \"default\": sso_session of profile \"default\" (~/.aws/config, line 2): ";

const ROLE: &str = r#"{"roleCredentials":{"accessKeyId":"sso","secretAccessKey":"hidden-key",
    "sessionToken":"hidden-token","expiration":1771264800000}}"#;

const CREATED: &str = r#"{"accessToken":"hidden-new","expiresIn":28800,"tokenType":"Bearer",
    "refreshToken":"hidden-next"}"#;

fn home(server: &Server) -> Home {
    Home::new()
        .with_config(CONFIG)
        .with("AWS_ENDPOINT_URL_SSO", &server.url())
        .with("AWS_ENDPOINT_URL_SSO_OIDC", &server.url())
}

fn token(expires_at: &str) -> String {
    format!(r#"{{"accessToken":"hidden-old","expiresAt":"{expires_at}"}}"#)
}

fn refreshable(expires_at: &str) -> String {
    format!(
        r#"{{"startUrl":"https://example.com/start","region":"eu-west-1",
        "accessToken":"hidden-old","expiresAt":"{expires_at}","refreshToken":"hidden-again",
        "clientId":"client","clientSecret":"hidden-secret",
        "registrationExpiresAt":"2026-03-01T00:00:00Z"}}"#
    )
}

/// The portal returns the role's credentials; the token service responds with this.
fn with_token_service(status: u16, body: &'static str) -> Server {
    Server::responding(move |_, request| {
        let response = match request.method.as_str() {
            "POST" => json_response(status, body),
            _ => json_response(200, ROLE),
        };
        vec![Step::Send(response)]
    })
}

#[test]
fn exchanges_the_token_for_the_credentials_of_a_role() {
    let server = Server::with_responses(vec![json_response(200, ROLE)]);
    let credentials = home(&server).with_file(FILE, &token(LATER)).credentials();
    assert_is(
        &credentials,
        "sso",
        "profile \"default\" (SSO role Read Only)",
    );
    assert_eq!(credentials.account_id(), Some("111122223333"));
    assert_eq!(unix(credentials.expiration()), 1_771_264_800);
    let request = server.request();
    assert_eq!(
        request.path,
        "/federation/credentials?role_name=Read%20Only&account_id=111122223333"
    );
    assert_eq!(request.header("x-amz-sso_bearer_token"), Some("hidden-old"));
}

#[test]
fn finds_the_endpoint_urls_as_for_every_other_service() {
    let server = with_token_service(200, CREATED);
    let services = format!(
        "[services s]\nsso =\n  endpoint_url = {url}\nsso_oidc =\n  endpoint_url = {url}\n",
        url = server.url()
    );
    let config = CONFIG.replacen("[default]\n", "[default]\nservices = s\n", 1) + &services;
    Home::new()
        .with_config(&config)
        .with_file(FILE, &refreshable(EARLIER))
        .credentials();
    Home::new()
        .with_config(CONFIG)
        .with_file(FILE, &refreshable(EARLIER))
        .with("AWS_ENDPOINT_URL", &server.url())
        .credentials();
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn the_older_form_finds_its_token_by_the_start_url() {
    let server = Server::with_responses(vec![json_response(200, ROLE)]);
    let config = "[default]\nsso_start_url = abc\nsso_region = eu-west-1\n\
                  sso_account_id = 111122223333\nsso_role_name = R\n";
    let home = home(&server)
        .with_config(config)
        .with_file(FILE, &token(LATER));
    assert_is(
        &home.credentials(),
        "sso",
        "profile \"default\" (SSO role R)",
    );
    home.write(FILE, &refreshable(EARLIER));
    assert_eq!(
        home.broken(),
        "profile \"default\": sso_start_url of profile \"default\" (~/.aws/config, line 2): the \
         SSO token has expired: run \"aws sso login --profile default\""
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn refreshes_an_expired_token_and_caches_it() {
    let server = with_token_service(200, CREATED);
    let home = home(&server).with_file(FILE, &refreshable(EARLIER));
    home.credentials();
    let requests = server.requests();
    assert_eq!(requests[0].path, "/token");
    assert_eq!(
        requests[0].json(),
        serde_json::json!({
            "clientId": "client",
            "clientSecret": "hidden-secret",
            "grantType": "refresh_token",
            "refreshToken": "hidden-again",
        })
    );
    let shown = requests[1].header("x-amz-sso_bearer_token");
    assert_eq!(shown, Some("hidden-new"));
    let kept: serde_json::Value = serde_json::from_str(&home.read(FILE)).expect("JSON");
    assert_eq!(
        kept,
        serde_json::json!({
            "startUrl": "https://example.com/start",
            "region": "eu-west-1",
            "accessToken": "hidden-new",
            "expiresAt": "2026-02-16T20:00:00Z",
            "refreshToken": "hidden-next",
            "clientId": "client",
            "clientSecret": "hidden-secret",
            "registrationExpiresAt": "2026-03-01T00:00:00Z",
        })
    );
    // The new token is valid for hours.
    home.credentials();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_failed_refresh_matters_only_after_the_token_has_expired() {
    let refusal = r#"{"error":"invalid_grant","error_description":"no more"}"#;
    let server = with_token_service(400, refusal);
    let home = home(&server).with_file(FILE, &refreshable("2026-02-16T12:04:00Z"));
    home.credentials();
    assert_eq!(
        server.requests()[1].header("x-amz-sso_bearer_token"),
        Some("hidden-old")
    );
    home.write(FILE, &refreshable(EARLIER));
    assert_eq!(
        home.broken(),
        format!(
            "{PLACE}the SSO token service responded with HTTP 400: invalid_grant: no more: run \
             \"aws sso login --sso-session abc\""
        )
    );
}

#[test]
fn does_not_repeat_an_invalid_response_of_the_token_service() {
    for (body, reason) in [
        (HIDDEN, "is not valid JSON (line 1, column 1)"),
        (r#"{"expiresIn":1}"#, "has no accessToken"),
        (r#"{"accessToken":"hidden"}"#, "has no expiresIn in seconds"),
    ] {
        let server = with_token_service(200, body);
        let home = home(&server).with_file(FILE, &refreshable(EARLIER));
        let text = format!("{PLACE}the response from the SSO token service {reason}");
        assert_eq!(home.broken(), text);
        assert_eq!(home.read(FILE), refreshable(EARLIER));
    }
}

#[test]
fn advises_a_login_if_the_token_is_missing_or_expired() {
    let server = Server::with_responses(vec![json_response(200, ROLE)]);
    let home = home(&server);
    let log_in = "run \"aws sso login --sso-session abc\"";
    assert_eq!(
        home.broken(),
        format!("{PLACE}no SSO token (~/{FILE} does not exist): {log_in}")
    );
    home.write(FILE, &token(EARLIER));
    assert_eq!(
        home.broken(),
        format!("{PLACE}the SSO token has expired: {log_in}")
    );
    home.write(FILE, "hidden");
    assert_eq!(
        home.broken(),
        format!("{PLACE}~/{FILE} is not valid JSON (line 1, column 1)")
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn advises_what_to_do_about_an_error_response() {
    for (status, advice) in [
        (401, ": run \"aws sso login --sso-session abc\""),
        (
            403,
            ": check sso_account_id and sso_role_name, and that the role is assigned to you",
        ),
        (
            404,
            ": check sso_account_id and sso_role_name, and that the role is assigned to you",
        ),
        (400, ""),
    ] {
        let server = Server::with_responses(vec![json_response(status, r#"{"message":"no"}"#)]);
        let home = home(&server).with_file(FILE, &token(LATER));
        assert_eq!(
            home.broken(),
            format!("{PLACE}the SSO portal responded with HTTP {status}: no{advice}")
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn retries_temporary_failures_up_to_three_attempts() {
    let server = Server::with_responses(vec![
        json_response(500, ""),
        json_response(429, "{}"),
        json_response(200, ROLE),
    ]);
    home(&server).with_file(FILE, &token(LATER)).credentials();
    let server = Server::with_responses(vec![json_response(502, "<html>")]);
    let home = home(&server).with_file(FILE, &token(LATER));
    assert_eq!(
        home.broken(),
        format!("{PLACE}the SSO portal responded with HTTP 502")
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_session_without_a_role_has_no_credentials() {
    let server = Server::with_responses(vec![json_response(200, ROLE)]);
    let config = CONFIG
        .replace("sso_account_id = 111122223333\n", "")
        .replace("sso_role_name = Read Only\n", "");
    assert_eq!(
        home(&server).with_config(&config).broken(),
        format!(
            "{PLACE}profile \"default\" has neither sso_account_id nor sso_role_name: set both"
        )
    );
}

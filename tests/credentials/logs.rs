//! No source logs a secret, even at the finest level.
//!
//! The bytes of HTTP itself are left out: the HTTP library dumps them at level trace, as the
//! documentation of the credentials warns.
//!
//! These tests run in a separate process, where no other test logs.

use super::{EARLIER, HIDDEN, Home, LATER, document};
use crate::support::alone::{alone, assert_passes, is_alone};
use crate::support::{Server, Step, json_response, log, response};

#[test]
fn no_source_logs_a_secret() {
    assert_passes(&mut alone("credentials::logs::in_a_child"));
}

#[test]
#[ignore = "run by the test above in a separate process"]
fn in_a_child() {
    if !is_alone() {
        return;
    }
    log::keep();
    for home in homes() {
        // Other tests check whether it succeeds.
        let _ = home.0.provide();
    }
    let lines = log::kept();
    assert!(lines.contains("credentials: from container"), "{lines}");
    for line in lines.lines() {
        assert!(!line.contains(HIDDEN), "{line}");
    }
}

/// Returns a home directory for every source, and the server that it needs.
fn homes() -> Vec<(Home, Server)> {
    let server = || {
        Server::responding(|n, request| {
            let path = request.path.as_str();
            let body = match (request.method.as_str(), path) {
                ("POST", "/token") => {
                    r#"{"accessToken":"hidden-new","expiresIn":60,"refreshToken":"hidden"}"#
                        .to_owned()
                }
                ("PUT", _) => format!("{HIDDEN}-session"),
                _ if path.starts_with("/federation") => r#"{"roleCredentials":{"accessKeyId":"sso",
                    "secretAccessKey":"hidden","sessionToken":"hidden","expiration":1}}"#
                    .to_owned(),
                _ if path.ends_with("security-credentials/") => "Role".to_owned(),
                ("POST", _) if n == 0 => "<ErrorResponse>hidden".to_owned(),
                _ => document("good", LATER),
            };
            vec![Step::Send(response(200, &[], body.as_bytes()))]
        })
    };
    let keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";
    let role = format!(
        "[default]\nrole_arn = arn:r\nsource_profile = b\nexternal_id = hidden\n[profile b]\n{keys}"
    );
    let sso = "[default]\nsso_session = abc\nsso_account_id = 111122223333\nsso_role_name = R\n\
               [sso-session abc]\nsso_start_url = u\nsso_region = eu-west-1\n";
    let token = format!(
        r#"{{"accessToken":"hidden","expiresAt":"{EARLIER}","refreshToken":"hidden",
        "clientId":"c","clientSecret":"hidden"}}"#
    );
    let login = format!(
        r#"{{"accessToken":{{"accessKeyId":"login","secretAccessKey":"hidden",
        "sessionToken":"hidden","expiresAt":"{EARLIER}"}},"clientId":"hidden",
        "refreshToken":"hidden","dpopKey":"hidden"}}"#
    );
    let configs = [
        format!("[default]\n{keys}"),
        role,
        sso.to_owned(),
        "[default]\nrole_arn = arn:r\nweb_identity_token_file = ~/jwt\n".to_owned(),
        "[default]\ncredential_process = echo hidden >&2; echo hidden; exit 1\n".to_owned(),
        "[default]\ncredential_process = echo hidden\n".to_owned(),
        "[default]\nlogin_session = abc\n".to_owned(),
        "[default]\nrole_arn = arn:r\ncredential_source = Ec2InstanceMetadata\n".to_owned(),
        String::new(),
    ];
    let mut homes = Vec::new();
    for config in configs {
        let server = server();
        let url = server.url();
        let home = Home::new()
            .with_config(&config)
            .with_file("jwt", HIDDEN)
            .with_file(
                ".aws/sso/cache/a9993e364706816aba3e25717850c26c9cd0d89d.json",
                &token,
            )
            .with_file(
                ".aws/login/cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json",
                &login,
            )
            .with("AWS_EC2_METADATA_DISABLED", "false")
            .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)
            .with("AWS_ENDPOINT_URL_STS", &url)
            .with("AWS_ENDPOINT_URL_SSO", &url)
            .with("AWS_ENDPOINT_URL_SSO_OIDC", &url)
            .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
            .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", HIDDEN);
        homes.push((home, server));
    }
    let garbage = Server::with_responses(vec![json_response(200, r#"{"Token":["hidden"]}"#)]);
    let home = Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &garbage.url());
    homes.push((home, garbage));
    homes
}

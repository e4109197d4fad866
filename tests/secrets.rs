//! No secret leaks: not into logs at the finest level, nor into `Debug`, `Display` and the sources
//! of errors, nor into requests, except as a signature.
//!
//! These tests run in a separate process, where no other test logs and the environment is known.

use std::error::Error as StdError;
use std::fmt::{Debug, Write};
use std::time::Duration;

use base64_of::base64;
use simpledb_export::config::ConfigBuilder;
use simpledb_export::{
    Client, Config, Credentials, Error, GetExportInput, ListExportsInput, RetryConfig,
    StartDomainExportInput,
};

use crate::support::alone::{alone, assert_passes, clear_environment, is_alone};
use crate::support::log;
use crate::support::temp_dir::TempDir;
use crate::support::{
    ARN, FakeSystem, STARTED, Server, Step, config, export_body, json_response, new_client,
    response,
};

mod base64_of;

/// Contains characters that encodings change.
const KEY: &str = "hidden+key/of=the~test-1";
const TOKEN: &str = "hidden+token/of=the~test-2";
const PASSWORD: &str = "hiddenpassword3";

#[test]
fn no_flow_leaks_a_secret() {
    let missing = std::env::temp_dir().join("simpledb-export-test-no-such-file");
    assert_passes(
        clear_environment(&mut alone("secrets::in_a_child"))
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", KEY)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .env("AWS_CONFIG_FILE", &missing)
            .env("AWS_SHARED_CREDENTIALS_FILE", &missing)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", "http://localhost:1"),
    );
}

#[test]
#[ignore = "run by the test above in a separate process"]
fn in_a_child() {
    if !is_alone() {
        return;
    }
    log::keep();
    let mut seen = String::new();
    for credentials in [
        Credentials::new("AKIDEXAMPLE", KEY),
        Credentials::builder("AKIDEXAMPLE", KEY)
            .session_token(TOKEN)
            .build(),
    ] {
        every_flow(&mut seen, |config| config.credentials(credentials.clone()));
    }
    let from_env = Config::from_env().expect("the environment's settings");
    show(&mut seen, &from_env);
    let client = Client::new(from_env).expect("a client");
    let credentials = client.credentials().expect("credentials");
    assert_eq!(credentials.secret_access_key(), KEY);
    assert_eq!(credentials.session_token(), Some(TOKEN));
    every_flow(&mut seen, |config| config.credentials(credentials.clone()));
    every_source(&mut seen);
    through_a_proxy(&mut seen);

    let log = log::kept();
    assert!(
        log.contains("attempt 1 failed, retry in"),
        "lines of this crate"
    );
    assert!(log.contains("ureq"), "lines of the layers below");
    assert_clean("the log", &log);
    assert_clean("what was shown", &seen);
}

/// Calls that succeed, that are refused, that break, and that are retried.
fn every_flow(seen: &mut String, configure: impl Fn(ConfigBuilder) -> ConfigBuilder) {
    let scripts: [(&str, Vec<Vec<u8>>); 6] = [
        ("started", vec![json_response(200, STARTED)]),
        (
            "retried",
            vec![response(500, &[], b""), json_response(200, STARTED)],
        ),
        ("unavailable", vec![response(503, &[], b"<html>no</html>")]),
        (
            "refused",
            vec![json_response(403, r#"{"__type":"AccessDeniedException"}"#)],
        ),
        ("not understood", vec![json_response(200, "{}")]),
        ("no HTTP", vec![b"nothing\r\n\r\n".to_vec()]),
    ];
    for (name, responses) in scripts {
        let server = Server::with_responses(responses);
        let client = new_client(configure(config(&server.url(), &FakeSystem::new())));
        show(seen, &client);
        show(seen, client.config());
        let input = StartDomainExportInput::new("Books", "bucket");
        show_result(seen, client.start_domain_export(&input));
        show_result(seen, client.get_export(&GetExportInput::new(ARN)));
        for page in client.list_exports_pages(ListExportsInput::new()) {
            show_result(seen, page);
        }
        #[cfg(feature = "domains")]
        older_api(seen, &client);
        let waiter = client.wait_for_export(ARN).timeout(Duration::from_secs(1));
        show(seen, &waiter);
        show_result(seen, waiter.wait());
        assert!(!server.requests().is_empty(), "{name}");
        assert_requests_clean(&server);
    }
    let scripts = vec![
        vec![Step::Request],
        vec![Step::Request, Step::Reset],
        vec![],
    ];
    let broken = Server::scripted(scripts);
    for url in [
        broken.url(),
        broken.url().replace("http:", "https:"),
        "http://127.0.0.1:9".to_owned(),
    ] {
        // Without TLS there is no client for https, but an error.
        let client = configure(config(&url, &FakeSystem::new()))
            .build()
            .and_then(Client::new);
        let result = client.and_then(|client| client.get_export(&GetExportInput::new(ARN)));
        show_result(seen, result);
    }
    let server = Server::with_responses(vec![json_response(200, &export_body("SUCCEEDED", ""))]);
    let retry = RetryConfig::disabled();
    let config = configure(config(&server.url(), &FakeSystem::new())).retry_config(retry);
    show_result(
        seen,
        new_client(config)
            .wait_for_export(ARN)
            .timeout(Duration::ZERO)
            .wait(),
    );
    assert_requests_clean(&server);
}

/// Sources that work, and sources with secrets in the wrong places.
fn every_source(seen: &mut String) {
    let dir = TempDir::new();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    };
    let keys = format!(
        r#""AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"{KEY}","Expiration":"2099-01-01T00:00:00Z""#
    );
    let good = write(
        "good.json",
        &format!(r#"{{"Version":1,{keys},"SessionToken":"{TOKEN}"}}"#),
    );
    let broken = write("broken.json", &format!(r#"{{"Version":1,{keys},{TOKEN}"#));
    let credentials = write(
        "credentials",
        &format!(
            "[static]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {KEY}\n\
             aws_session_token = {TOKEN}\n[half]\naws_secret_access_key = {KEY}\n"
        ),
    );
    let config = write(
        "config",
        &format!(
            "[profile process]\ncredential_process = cat {good}\n\
             [profile broken]\ncredential_process = cat {broken}\n\
             [profile arguments]\ncredential_process = false {PASSWORD}\n"
        ),
    );
    let task = json_response(200, &format!(r#"{{{keys},"Token":"{TOKEN}"}}"#));
    let task = Server::with_responses(vec![task]);
    let refusing = json_response(403, &format!(r#"{{"code":"No","secret":"{KEY}"}}"#));
    let refusing = Server::with_responses(vec![refusing]);
    let sources = [
        (true, ("AWS_PROFILE", "static".to_owned())),
        (false, ("AWS_PROFILE", "half".to_owned())),
        (cfg!(unix), ("AWS_PROFILE", "process".to_owned())),
        (false, ("AWS_PROFILE", "broken".to_owned())),
        (false, ("AWS_PROFILE", "arguments".to_owned())),
        (true, (CONTAINER, task.url() + "/keys")),
        (false, (CONTAINER, refusing.url() + "/keys")),
    ];
    for (works, (variable, value)) in sources {
        let loader = Config::loader().environment([
            ("AWS_REGION", "us-east-1"),
            ("AWS_CONFIG_FILE", config.as_str()),
            ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", PASSWORD),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            (variable, value.as_str()),
        ]);
        let service = Server::with_responses(vec![json_response(200, &export_body("PENDING", ""))]);
        show(seen, &loader);
        let config = loader.load().expect("good settings").to_builder();
        let client = new_client(config.endpoint_url(service.url()).system(FakeSystem::new()));
        let result = client.get_export(&GetExportInput::new(ARN));
        assert_eq!(result.is_ok(), works, "{variable}={value}: {result:?}");
        show_result(seen, result);
        show(seen, &client);
        assert_requests_clean(&service);
    }
    let token = task.requests()[0]
        .header("authorization")
        .map(str::to_owned);
    assert_eq!(token.as_deref(), Some(PASSWORD), "the container's own");
}

const CONTAINER: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

fn through_a_proxy(seen: &mut String) {
    through_a_proxy_to("http://sdb.invalid", seen);
    if cfg!(any(feature = "rustls", feature = "native-tls")) {
        through_a_proxy_to("https://sdb.invalid", seen);
    }
}

fn through_a_proxy_to(endpoint: &str, seen: &mut String) {
    let refusal = vec![Step::Request, Step::Send(response(407, &[], b""))];
    let proxy = Server::scripted(vec![refusal]);
    let url = proxy.url().replace("//", &format!("//user:{PASSWORD}@"));
    let config = config(endpoint, &FakeSystem::new())
        .credentials(
            Credentials::builder("AKIDEXAMPLE", KEY)
                .session_token(TOKEN)
                .build(),
        )
        .proxy(url);
    show(seen, &config);
    let client = new_client(config);
    show(seen, &client);
    show_result(seen, client.get_export(&GetExportInput::new(ARN)));
    let sent = proxy.requests()[0].clone();
    assert!(
        sent.header("proxy-authorization").is_some(),
        "the proxy's own"
    );
    // A request for a tunnel does not contain the request.
    let is_forwarded = endpoint.starts_with("http://");
    assert_eq!(sent.header("authorization").is_some(), is_forwarded);
}

fn show(seen: &mut String, value: &impl Debug) {
    writeln!(seen, "{value:?} {value:#?}").expect("text can be appended");
}

fn show_result<T: Debug>(seen: &mut String, result: Result<T, Error>) {
    match result {
        Ok(value) => show(seen, &value),
        Err(error) => {
            show(seen, &error);
            let mut cause: Option<&dyn StdError> = Some(&error);
            while let Some(error) = cause {
                writeln!(seen, "{error} {error:?}").expect("text can be appended");
                cause = error.source();
            }
        }
    }
}

/// Checks that the session token is sent in its header and nowhere else.
/// Calls the older API, which responds with what it does not understand.
#[cfg(feature = "domains")]
fn older_api(seen: &mut String, client: &Client) {
    use simpledb_export::domains::{DomainMetadataInput, Domains, ListDomainsInput};

    let domains = Domains::new(client).expect("an endpoint");
    show(seen, &domains);
    let pages = domains.list_domains_pages(ListDomainsInput::new());
    show(seen, &pages);
    for page in pages {
        show_result(seen, page);
    }
    let input = DomainMetadataInput::new("Books");
    show_result(seen, domains.domain_metadata(&input));
}

fn assert_requests_clean(server: &Server) {
    for request in server.requests() {
        let mut text = format!("{} {}\n", request.method, request.path);
        for (name, value) in &request.headers {
            if name != "x-amz-security-token" {
                writeln!(text, "{name}: {value}").expect("text can be appended");
            }
        }
        // The older API has no header for the token.
        let body = String::from_utf8_lossy(&request.body);
        let parameters = body
            .split('&')
            .filter(|part| !part.starts_with("SecurityToken="));
        text.extend(parameters);
        assert_clean("a request", &text);
    }
}

fn assert_clean(place: &str, text: &str) {
    for secret in [KEY, TOKEN, PASSWORD] {
        for form in forms(secret) {
            if let Some(at) = text.find(&form) {
                let around: String = text[..at].chars().rev().take(300).collect();
                let around: String = around.chars().rev().collect();
                panic!("{place} has {form:?} after: {around}");
            }
        }
    }
}

/// Returns the forms in which a secret could leak. In base64 it has one of three alignments, so the
/// middle part of each is searched for.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let escaped = |is_plain: fn(&u8) -> bool| -> String {
        let escape = |byte: &u8| {
            if is_plain(byte) {
                char::from(*byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        bytes.iter().map(escape).collect()
    };
    let listed: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let mut forms = vec![
        secret.to_owned(),
        hex.to_ascii_uppercase(),
        hex,
        escaped(u8::is_ascii_alphanumeric),
        escaped(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)),
        // The `Debug` form of a list of bytes.
        listed.join(", "),
    ];
    forms.extend((0..3).map(|skipped| {
        let length = (bytes.len() - skipped) / 3 * 3;
        base64(&bytes[skipped..skipped + length])
    }));
    forms
}

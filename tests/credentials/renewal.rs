//! Credentials that expire while a client is in use.

use simpledb_export::credentials::{CredentialsCache, ProvideCredentials};
use simpledb_export::{Client, Config, GetExportInput};

use super::{Home, LATER, PATIENT, document};
use crate::support::{ARN, Server, Step, config, export_body, json_response, new_client, response};

/// An endpoint that is never used and needs no TLS.
const NOWHERE: (&str, &str) = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");

fn key_id(authorization: Option<&str>) -> &str {
    let rest = authorization.and_then(|value| value.split_once("Credential="));
    rest.map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""))
}

#[test]
fn replaces_credentials_that_expire_during_a_backoff() {
    let container = Server::with_responses(vec![
        json_response(200, &document("first", "2026-02-16T12:00:01Z")),
        json_response(200, &document("second", LATER)),
    ]);
    let service = Server::with_responses(vec![
        response(503, &[("x-amz-retry-after", "4000")], b""),
        json_response(200, &export_body("PENDING", "")),
    ]);
    let home = Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container.url());
    let cache = CredentialsCache::new(home.chain()).system(home.system.clone());
    let client = new_client(config(&service.url(), &home.system).credentials(cache));
    client
        .get_export(&GetExportInput::new(ARN))
        .expect("a second attempt");
    let requests = service.requests();
    let ids: Vec<&str> = requests
        .iter()
        .map(|request| key_id(request.header("authorization")))
        .collect();
    assert_eq!(ids, ["first", "second"]);
}

#[test]
fn requests_credentials_once_for_many_calls() {
    let container = Server::with_responses(vec![json_response(200, &document("only", LATER))]);
    let home = Home::new().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container.url());
    let cache = CredentialsCache::new(home.chain()).system(home.system.clone());
    for _ in 0..3 {
        let credentials = cache.provide_credentials(PATIENT).expect("credentials");
        assert_eq!(credentials.access_key_id(), "only");
    }
    assert_eq!(container.requests().len(), 1);
}

#[test]
fn the_error_of_a_call_names_every_source() {
    let service = Server::with_responses(vec![json_response(200, "{}")]);
    let home = Home::new();
    let client = new_client(config(&service.url(), &home.system).credentials(home.chain()));
    let error = client.credentials().expect_err("nothing is configured");
    let text = error.to_string();
    assert!(
        text.contains(
            "no credentials: no source is configured; tried in order: 1. environment variables: \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; 2. profile \"default\": "
        ),
        "{text}"
    );
    let block = std::error::Error::source(&error)
        .expect("the block")
        .to_string();
    assert!(text.ends_with(&block.replace('\n', " ")), "{text}");
    assert!(block.lines().count() > 2, "{block}");
    assert_eq!(service.connections(), 0);
}

#[test]
fn a_loaded_config_caches_the_credentials_of_the_chain() {
    let container = Server::with_responses(vec![json_response(
        200,
        &document("only", "9999-01-01T00:00:00Z"),
    )]);
    let config = Config::loader().environment([
        ("HOME", "/nonexistent"),
        ("AWS_REGION", "us-east-1"),
        NOWHERE,
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container.url()),
    ]);
    let client = Client::new(config.load().expect("good settings")).expect("a client");
    for _ in 0..2 {
        let credentials = client.credentials().expect("credentials");
        assert_eq!(credentials.source(), "container");
    }
    assert_eq!(container.requests().len(), 1);
}

#[test]
fn the_region_of_the_instance_is_the_last_resort() {
    let instance = Server::responding(|_, request| {
        let body = match request.path.as_str() {
            "/latest/api/token" => "session",
            "/latest/meta-data/placement/region" => "eu-west-3",
            other => panic!("{other} was requested"),
        };
        vec![Step::Send(response(200, &[], body.as_bytes()))]
    });
    let load = |region| {
        let config = Config::loader().environment([
            ("HOME", "/nonexistent"),
            ("AWS_REGION", region),
            NOWHERE,
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &instance.url()),
        ]);
        config.load().expect("good settings")
    };
    assert_eq!(load("us-west-2").region(), Some("us-west-2"));
    assert_eq!(instance.connections(), 0);
    let config = load("");
    assert_eq!(config.region(), Some("eu-west-3"));
    assert_eq!(config.region_origin().as_deref(), Some("instance metadata"));
}

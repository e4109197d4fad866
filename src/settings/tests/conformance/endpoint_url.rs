//! Precedence of configured endpoint URLs.

use std::fmt::Write;

use crate::settings::endpoint::{Variant, resolve_endpoint};
use crate::settings::env::Env;
use crate::settings::profile::{ProfilePaths, Profiles};
use crate::settings::{LoadOptions, Settings};
use serde_json::Value;

use crate::tests::suites::{json, ran};

#[test]
fn chooses_the_endpoint_of_every_case() {
    let Some(file) = json("endpoint-url/profile-tests.transposed.json") else {
        return;
    };
    let mut cases = 0;
    for suite in file["testSuites"].as_array().expect("an array") {
        let config = config_file(suite);
        for case in suite["endpointUrlTests"].as_array().expect("an array") {
            let endpoint = endpoint(&config, suite, case);
            assert_eq!(endpoint, expected(case), "{}", case["name"]);
            cases += 1;
        }
    }
    ran("endpoint-url", cases, 37);
}

/// Returns the URL that a case expects. The suite names hosts after the service; this service's host
/// is called `sdb`.
fn expected(case: &Value) -> String {
    let url = text(&case["output"]["endpointUrl"]);
    url.replace(
        "https://simpledbv2.fake-region-10.",
        "https://sdb.fake-region-10.",
    )
}

fn endpoint(config: &str, suite: &Value, case: &Value) -> String {
    let of = |kind: &str, key: &str| &suite[kind][text(&case[key])];
    let client = of("client_configs", "client_config");
    let env = entries(of("environments", "environment"));
    let env: Env = env.chain([("AWS_CONFIG_FILE", "config")]).collect();

    let options = LoadOptions {
        profile: Some(text(&case["profile"]).to_owned()),
        endpoint_url: client["endpoint_url"].as_str().map(str::to_owned),
        ignore_configured_endpoint_urls: client["ignore_configured_endpoint_urls"].as_bool(),
        ..LoadOptions::default()
    };
    let paths = ProfilePaths::from_env(&env);
    let profiles = Profiles::parse(paths, config.as_bytes(), b"").expect("a good file");
    let loaded = Settings::from_profiles(&env, options, profiles);
    let (settings, _) = loaded.expect("good settings");

    let region = settings.region.map(|region| region.value);
    let endpoint = settings.endpoint_url.map(|url| url.value);
    let variant = Variant::default();
    resolve_endpoint(region.as_deref(), variant, endpoint.as_deref()).expect("an endpoint")
}

/// Returns a config file with the suite's profiles and services.
fn config_file(suite: &Value) -> String {
    let mut file = String::new();
    for (name, properties) in suite["profiles"].as_object().expect("an object") {
        writeln!(file, "[profile {name}]").expect("memory");
        for (key, value) in entries(properties) {
            writeln!(file, "{key} = {value}").expect("memory");
        }
    }
    for (name, services) in suite["services"].as_object().expect("an object") {
        writeln!(file, "[services {name}]").expect("memory");
        for (service, properties) in services.as_object().expect("an object") {
            writeln!(file, "{service} =").expect("memory");
            for (key, value) in entries(properties) {
                writeln!(file, "  {key} = {value}").expect("memory");
            }
        }
    }
    file
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let object = object.as_object().expect("an object");
    object
        .iter()
        .map(|(key, value)| (key.as_str(), text(value)))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

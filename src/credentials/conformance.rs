//! The AWS SDKs' test cases for private items, read in place.

use std::path::Path;

use serde_json::Value;

use super::container::{Target, is_allowed};
use super::metadata::parse_metadata;
use super::plan::{Base, Plan};
use crate::settings::env::Env;
use crate::settings::profile::{Profile, ProfilePaths, Profiles};
use crate::settings::{LoadOptions, Origin, Setting, Settings};
use crate::tests::suites::{json, ran};

/// Reads a file of the suites.
fn suite(name: &str) -> Option<Value> {
    json(&format!("credentials/{name}"))
}

fn strings(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
}

/// Returns a case's sections as a config file.
fn config_file(case: &Value) -> String {
    let mut text = String::new();
    for (kind, sections) in [("profile", "profiles"), ("sso-session", "sso_sessions")] {
        for (name, keys) in case[sections].as_object().into_iter().flatten() {
            text.extend(["[", kind, " ", name, "]\n"]);
            for (key, value) in strings(keys) {
                text.extend([key, " = ", value, "\n"]);
            }
        }
    }
    text
}

fn parse(config: &str) -> Profiles {
    let paths = ProfilePaths {
        config: "config".into(),
        credentials: "credentials".into(),
    };
    Profiles::parse(paths, config.as_bytes(), b"").unwrap()
}

#[test]
fn every_assume_role_case_yields_its_plan_or_fails() {
    let Some(suite) = suite("assume-role-tests.json") else {
        return;
    };
    let cases = suite.as_array().unwrap();
    for case in cases {
        let name = &case["docs"];
        let input = &case["input"];
        let selected = input["selected_profile"].as_str().unwrap();
        let plan = Plan::of(&Profile {
            name: Setting::new(selected.to_owned(), Origin::Default),
            files: parse(&config_file(input)),
        });
        let expected = &case["output"];
        match (plan, expected["ProfileChain"].as_array()) {
            (Ok(plan), Some(expected)) => {
                let mut steps = vec![base_as_json(&plan.base)];
                steps.extend(plan.roles.iter().map(|role| {
                    step(
                        "AssumeRole",
                        &[
                            ("role_arn", Some(&role.arn)),
                            ("role_session_name", role.session_name.as_deref()),
                            ("external_id", role.external_id.as_deref()),
                        ],
                    )
                }));
                assert_eq!(&steps, expected, "{name}");
            }
            (Err(_), None) => assert!(expected["Error"].is_string(), "{name}"),
            (Ok(_), None) => panic!("{name}: no error"),
            (Err(error), Some(_)) => panic!("{name}: {error}"),
        }
    }
    ran("assume-role", cases.len(), 28);
}

fn step(kind: &str, members: &[(&str, Option<&str>)]) -> Value {
    let members = members.iter().filter_map(|(name, value)| {
        let value = Value::from((*value)?);
        Some(((*name).to_owned(), value))
    });
    Value::Object(
        [(kind.to_owned(), Value::Object(members.collect()))]
            .into_iter()
            .collect(),
    )
}

fn base_as_json(base: &Base) -> Value {
    match base {
        Base::Keys(credentials) => step(
            "AccessKey",
            &[
                ("access_key_id", Some(credentials.access_key_id())),
                ("secret_access_key", Some(credentials.secret_access_key())),
                ("account_id", credentials.account_id()),
            ],
        ),
        Base::Named { name, .. } => serde_json::json!({ "NamedSource": name }),
        Base::WebIdentity(identity) => step(
            "WebIdentityToken",
            &[
                ("role_arn", Some(&identity.role_arn)),
                ("web_identity_token_file", Some(&identity.token_file)),
                ("role_session_name", identity.session_name.as_deref()),
            ],
        ),
        Base::Sso(sso) => step(
            "Sso",
            &[
                ("sso_session", sso.session.as_deref()),
                ("sso_start_url", Some(&sso.start_url)),
                ("sso_region", Some(&sso.region)),
                (
                    "sso_account_id",
                    sso.role.as_ref().map(|role| role.account_id.as_str()),
                ),
                (
                    "sso_role_name",
                    sso.role.as_ref().map(|role| role.name.as_str()),
                ),
            ],
        ),
        Base::Process { command, .. } => step("CredentialProcess", &[("command", Some(command))]),
        Base::Login { session, .. } => step("Login", &[("session", Some(session))]),
    }
}

#[test]
fn every_container_case_yields_its_url_or_fails() {
    let Some(suite) = suite("ecs-tests.json") else {
        return;
    };
    let cases = suite["tests"].as_array().unwrap();
    for case in cases {
        let variable = |name: &str| case["env"][name].as_str();
        let target = Target::new(
            variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        );
        let url = target.ok().map(|target| target.url);
        let expected = &case["result"];
        assert_eq!(url.as_deref(), expected["Ok"].as_str(), "{}", case["docs"]);
        assert!(url.is_some() || expected["ErrorContains"].is_string());
    }
    ran("container", cases.len(), 11);
}

#[test]
fn every_full_uri_is_allowed_or_rejected() {
    let Some(suite) = suite("container-full-uri.json") else {
        return;
    };
    let cases = suite["cases"].as_array().unwrap();
    for case in cases {
        let target = Target::new(None, case["uri"].as_str());
        // The addresses of a host name are checked when connecting.
        let addresses = case["dns"].as_array().into_iter().flatten();
        let mut addresses = addresses.map(|address| address.as_str().unwrap().parse().unwrap());
        let is_ok = target.is_ok() && addresses.all(is_allowed);
        assert_eq!(Value::from(is_ok), case["ok"], "{case}");
    }
    ran("full URI", cases.len(), 10);
}

#[test]
fn every_instance_endpoint_case_yields_its_url_or_fails() {
    let Some(suite) = suite("imds-endpoint-tests.json") else {
        return;
    };
    let cases = suite["tests"].as_array().unwrap();
    for case in cases {
        let name = &case["docs"];
        // No code sets an endpoint or a mode: the last variable of a name counts in its place.
        let in_code = [
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "endpoint_override"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "mode_override"),
        ];
        let in_code = in_code
            .iter()
            .filter_map(|(variable, name)| Some((*variable, case[*name].as_str()?)));
        let env: Env = strings(&case["env"]).chain(in_code).collect();
        let config = env.get("AWS_CONFIG_FILE").unwrap();
        let config = config.and_then(|file| case["fs"][file].as_str());
        let profiles = parse(config.unwrap_or_default());
        let loaded = Settings::from_profiles(&env, LoadOptions::default(), profiles);
        let url = loaded
            .map(|(settings, _)| [&settings.ec2_metadata_endpoint, "/latest/api/token"].concat());
        let expected = &case["result"];
        assert_eq!(url.as_deref().ok(), expected["Ok"].as_str(), "{name}");
        assert!(url.is_ok() || expected["Err"].is_string(), "{name}");
    }
    ran("instance endpoint", cases.len(), 14);
}

#[test]
fn every_json_document_yields_its_credentials_or_fails() {
    let Some(suite) = suite("json-credentials.json") else {
        return;
    };
    let cases = suite["cases"].as_array().unwrap();
    for case in cases {
        let name = &case["name"];
        let parsed = parse_metadata("it", case["body"].as_str().unwrap().as_bytes());
        let expected = &case["result"];
        match parsed {
            Ok(credentials) => {
                let credentials = credentials.build();
                let expiry = credentials
                    .expiration()
                    .map(time::OffsetDateTime::unix_timestamp);
                let found = serde_json::json!({
                    "access_key_id": credentials.access_key_id(),
                    "secret_access_key": credentials.secret_access_key(),
                    "session_token": credentials.session_token(),
                    "account_id": credentials.account_id(),
                    "expiry": expiry,
                });
                assert_eq!(found, expected["Ok"], "{name}");
            }
            Err(error) => {
                assert!(expected.get("Ok").is_none(), "{name}: {error}");
                for text in expected["ServiceError"].as_array().into_iter().flatten() {
                    assert!(
                        format!("{error}").contains(text.as_str().unwrap()),
                        "{name}"
                    );
                }
            }
        }
    }
    ran("JSON", cases.len(), 9);
}

#[test]
fn every_cache_file_has_its_name_and_its_token() {
    use super::sso::{TokenFile, token_file};

    let Some(suite) = suite("sso-cache.json") else {
        return;
    };
    let names = suite["filenames"].as_array().unwrap();
    for case in names {
        let env = Env::from_pairs([("HOME", case["home"].as_str().unwrap())]);
        let directory = crate::settings::profile::expand_home(Path::new("~/.aws/sso/cache"), &env);
        let file = token_file(&directory, case["key"].as_str().unwrap());
        assert_eq!(file.path, Path::new(case["path"].as_str().unwrap()));
    }
    let documents = suite["parse"].as_array().unwrap();
    for case in documents {
        let name = &case["name"];
        let json = serde_json::to_vec(&case["body"]).unwrap();
        let Ok(file) = TokenFile::parse(&json, "it") else {
            assert!(case.get("ok").is_none(), "{name}");
            continue;
        };
        let expected = &case["ok"];
        let token = file.access_token.as_str();
        assert_eq!(Some(token), expected["accessToken"].as_str(), "{name}");
        let expires_at = file.expires_at.unix_timestamp();
        assert_eq!(Some(expires_at), expected["expiresAt"].as_i64(), "{name}");
        let registration = file.registration_expires_at;
        assert_eq!(
            registration.map(time::OffsetDateTime::unix_timestamp),
            expected["registrationExpiresAt"].as_i64(),
            "{name}"
        );
    }
    ran("SSO cache", names.len() + documents.len(), 9);
}

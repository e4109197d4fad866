//! Profile files as AWS's SDKs parse and find them.

use super::super::*;
use super::{paths, value};
use crate::settings::env::Env;
use crate::settings::profile::selected::profile_name;
use serde_json::{Map, Value};

use crate::tests::suites::{json, ran};

#[test]
fn parses_or_rejects_every_case() {
    let Some(suite) = json("config-profile/profile-parser-tests.json") else {
        return;
    };
    let cases = suite["tests"].as_array().expect("an array");
    for case in cases {
        let name = &case["name"];
        let file = |key: &str| case["input"][key].as_str().unwrap_or("").as_bytes();
        let parsed = Profiles::parse(paths(), file("configFile"), file("credentialsFile"));
        let expected = &case["output"];
        match parsed {
            Ok(profiles) => {
                assert_eq!(expected.get("errorContaining"), None, "{name}");
                let expected = &expected["config"];
                for (kind, key) in [
                    (Kind::Profile, "profiles"),
                    (Kind::SsoSession, "sso_sessions"),
                ] {
                    assert_sections(name, &expected[key], &profiles, kind);
                }
            }
            // The suite's texts are those of another SDK.
            Err(error) => assert!(expected["errorContaining"].is_string(), "{name}: {error}"),
        }
    }
    ran("config-profile parser", cases.len(), 65);
}

/// Names that the SDKs ignore are not compared: they are read, as the AWS CLI does, and used only by
/// those who give exactly that name.
fn assert_sections(case: &Value, expected: &Value, profiles: &Profiles, kind: Kind) {
    let mut found: Map<String, Value> = Map::new();
    for section in &profiles.sections {
        let name = match &section.header {
            Header::Named(found, name) if *found == kind && grammar::is_name(name) => name,
            _ => continue,
        };
        let properties = found.entry(name).or_insert_with(|| Map::new().into());
        let merged = profiles.find(kind, name).expect("there is one");
        for Property { key, .. } in &section.properties {
            properties[key] = value(merged, key).into();
        }
    }
    let expected = expected.as_object().cloned().unwrap_or_default();
    assert_eq!(found, expected, "{case}");
}

#[test]
fn finds_the_files_and_the_profile_of_every_case() {
    let Some(suite) = json("config-profile/file-location-tests.json") else {
        return;
    };
    let cases = suite["tests"].as_array().expect("an array");
    for case in cases {
        let name = &case["name"];
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let env: Env = case["environment"]
            .as_object()
            .expect("an object")
            .iter()
            .map(|(name, value)| (name, text(value)))
            .collect();
        let paths = ProfilePaths::from_env(&env);
        // Cases for Windows run everywhere: only the separator is another one.
        let found = |path: &Path| path.to_string_lossy().replace('\\', "/");
        let expected = |key: &str| text(&case[key]).replace('\\', "/");
        assert_eq!(found(&paths.config), expected("configLocation"), "{name}");
        assert_eq!(
            found(&paths.credentials),
            expected("credentialsLocation"),
            "{name}"
        );
        if let Some(profile) = case["profile"].as_str() {
            let found = profile_name(&env).expect("valid UTF-8");
            assert_eq!(found.value, profile, "{name}");
        }
    }
    ran("config-profile file locations", cases.len(), 9);
}

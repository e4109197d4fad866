//! Endpoints of the instance metadata service.

use std::path::Path;

use crate::settings::env::Env;
use crate::settings::profile::{ProfileFile, ProfilePaths, Profiles};
use crate::settings::{Ec2MetadataEndpointMode, LoadOptions, Setting, Settings};

use crate::tests::suites::{json, ran};

#[test]
fn finds_the_endpoint_of_every_case_or_rejects_it() {
    let Some(suite) = json("credentials/imds-endpoint-tests.json") else {
        return;
    };
    let cases = suite["tests"].as_array().expect("an array");
    for case in cases {
        let name = &case["docs"];
        let variables = case["env"].as_object().expect("an object").iter();
        let env: Env = variables
            .map(|(name, value)| (name, value.as_str().expect("a string")))
            .collect();
        let file = case["fs"]["config"].as_str().map(|content| ProfileFile {
            path: Path::new("config"),
            content: content.as_bytes(),
        });
        let profiles = Profiles::parse(file, None).expect("a good file");
        let paths = ProfilePaths::default();
        let options = LoadOptions::default();
        match Settings::from_profiles(&env, paths, profiles, &options) {
            Ok(mut settings) => {
                if let Some(endpoint) = case["endpoint_override"].as_str() {
                    settings.ec2_metadata_service_endpoint =
                        Some(Setting::in_code(endpoint.to_owned()));
                }
                if let Some(mode) = case["mode_override"].as_str() {
                    assert_eq!(mode, "IPv6", "{name}");
                    settings.ec2_metadata_service_endpoint_mode =
                        Some(Setting::in_code(Ec2MetadataEndpointMode::IpV6));
                }
                let url = format!("{}/latest/api/token", settings.ec2_metadata_endpoint());
                assert_eq!(case["result"]["Ok"], url, "{name}");
            }
            // The suite's texts are those of another SDK.
            Err(error) => assert!(case["result"]["Err"].is_string(), "{name}: {error}"),
        }
    }
    ran("endpoints of instance metadata", cases.len(), 14);
}

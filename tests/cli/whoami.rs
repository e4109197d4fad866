//! `whoami`.

use serde_json::Value;

use super::{Home, Ran};
use crate::support::{SECRET, with_slashes};

#[test]
fn shows_settings_and_no_secrets() {
    let home = Home::new();
    let mut command = home.command(&["whoami", "--region", "eu-west-1"]);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", "hidden-token")
        .env("AWS_ACCOUNT_ID", "111122223333");
    Ran::from(command.output().unwrap()).assert(
        0,
        r#"{
    "region": "eu-west-1",
    "regionSource": "--region",
    "endpoint": "https://sdb.eu-west-1.amazonaws.com",
    "endpointSource": "default of the region",
    "domainsEndpoint": "https://sdb.eu-west-1.amazonaws.com",
    "domainsEndpointSource": "default of the region",
    "profile": "default",
    "profileSource": "default",
    "credentialSource": "environment variables",
    "accessKeyId": "****************MPLE",
    "accountId": "111122223333",
    "expiration": null
}
"#,
        "",
    );
}

/// The errors without any configuration.
const NO_REGION: &str = "simpledb-export: no region is set: use --region, or set AWS_REGION or \
                         the profile's region\n";

const NO_CREDENTIALS: &str = "simpledb-export: no credentials: no source is configured; tried in \
                              order:\n";

#[test]
fn reports_each_missing_setting() {
    let home = Home::new();
    let ran = home.run(&["whoami", "--output=text"]);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    assert_eq!(
        ran.stdout,
        "None\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tdefault\tdefault\tNone\tNone\n"
    );
    let errors = [NO_REGION, NO_CREDENTIALS].concat();
    assert!(ran.stderr.starts_with(&errors), "{ran:?}");
    let sources = &ran.stderr[errors.len()..];
    assert!(sources.starts_with("1. environment variables: "), "{ran:?}");
    assert!(sources.ends_with(" is true\n"), "{ran:?}");
}

#[test]
fn shows_settings_beside_a_missing_one() {
    let home = Home::new();
    let mut command = home.command(&["whoami"]);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_ENDPOINT_URL", "http://localhost:1");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(253), NO_REGION),
        "{ran:?}"
    );
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(output["region"], Value::Null);
    assert_eq!(output["endpoint"], "http://localhost:1");
    assert_eq!(output["endpointSource"], "AWS_ENDPOINT_URL");
    assert_eq!(output["domainsEndpoint"], "http://localhost:1");
    assert_eq!(output["domainsEndpointSource"], "AWS_ENDPOINT_URL");
    assert_eq!(output["credentialSource"], "environment variables");
    assert_eq!(output["accessKeyId"], "****************MPLE");

    home.write(".aws/config", "[default]\nregion = eu-west-1\n");
    let ran = home.run(&["whoami"]);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    assert!(ran.stderr.starts_with(NO_CREDENTIALS), "{ran:?}");
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(output["endpoint"], "https://sdb.eu-west-1.amazonaws.com");
    let file = home.path().join(".aws/config");
    assert_eq!(
        output["regionSource"],
        format!(
            "region of profile \"default\" ({}, line 2)",
            with_slashes(&file.display().to_string())
        )
    );
}

#[test]
fn shows_the_endpoint_of_each_api() {
    let home = Home::new();
    let whoami = |variables: &[(&str, &str)]| {
        let mut command = home.command(&["whoami", "--region=eu-west-1"]);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .envs(variables.iter().copied());
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let output: Value = serde_json::from_str(&ran.stdout).unwrap();
        (ran.stderr, output)
    };
    let exports = ("AWS_ENDPOINT_URL_SIMPLEDBV2", "http://localhost:1");
    let domains = ("AWS_ENDPOINT_URL_SIMPLEDB", "http://localhost:2");

    let (notes, output) = whoami(&[exports, domains]);
    assert_eq!(notes, "");
    assert_eq!(output["endpoint"], "http://localhost:1");
    assert_eq!(output["domainsEndpoint"], "http://localhost:2");
    assert_eq!(output["domainsEndpointSource"], "AWS_ENDPOINT_URL_SIMPLEDB");

    let (notes, output) = whoami(&[exports]);
    assert_eq!(output["domainsEndpoint"], Value::Null);
    assert_eq!(output["domainsEndpointSource"], Value::Null);
    assert_eq!(
        notes,
        "simpledb-export: no endpoint of SimpleDB's older API (ListDomains, DomainMetadata) is \
         known: AWS_ENDPOINT_URL_SIMPLEDBV2 is for the export API only; set \
         AWS_ENDPOINT_URL_SIMPLEDB, or AWS_ENDPOINT_URL for both\n"
    );
}

#[test]
fn shows_variables_beside_an_invalid_configuration() {
    let home = Home::new();
    let mut command = home.command(&["whoami"]);
    command
        .env("AWS_PROFILE", "nobody")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(253), "{ran:?}");
    let error = "simpledb-export: profile \"nobody\" (AWS_PROFILE) does not exist: ";
    assert!(ran.stderr.starts_with(error), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(output["profile"], "nobody");
    assert_eq!(output["profileSource"], "AWS_PROFILE");
    assert_eq!(output["region"], "eu-west-1");
    assert_eq!(output["regionSource"], "AWS_REGION");
    assert_eq!(output["accessKeyId"], "****************MPLE");
}

#[test]
fn uses_the_profile_of_the_option() {
    let home = Home::new();
    home.write(
        ".aws/config",
        "[profile other]\nregion = eu-west-1\nendpoint_url = http://localhost:1\n",
    );
    let with_keys = |home: &Home| {
        let mut command = home.command(&["--profile", "other", "whoami", "--output=text"]);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
        Ran::from(command.output().unwrap())
    };
    let ran = with_keys(&home);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    let starts_with_the_first_sources = ran.stderr.starts_with(
        "simpledb-export: no credentials: no source is configured; tried in order:\n\
         1. environment variables: skipped: a profile is set explicitly;\n\
         2. profile \"other\": profile \"other\" has no credentials;\n",
    );
    assert!(starts_with_the_first_sources, "{ran:?}");

    home.write(
        ".aws/credentials",
        &format!("[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = {SECRET}\n"),
    );
    let ran = with_keys(&home);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words: Vec<_> = ran.stdout.trim_end().split('\t').collect();
    assert!(words[0].ends_with("*THER"), "{ran:?}");
    assert_eq!(
        (words[5], words[7], words[8], words[9], words[10]),
        (
            "http://localhost:1",
            "None",
            "other",
            "--profile",
            "eu-west-1"
        )
    );

    let ran = home.run(&["whoami", "--profile=nobody"]);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    let error = "simpledb-export: profile \"nobody\" does not exist: ";
    assert!(ran.stderr.starts_with(error), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

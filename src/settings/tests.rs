mod conformance;

use super::*;
use crate::tests::with_slashes;

const HOME: (&str, &str) = ("HOME", "/home/user");

fn read(
    options: &LoadOptions,
    pairs: &[(&str, &str)],
    config: &str,
) -> Result<(Settings, Profile), ConfigError> {
    let env: Env = pairs.iter().copied().chain([HOME]).collect();
    let files = Profiles::parse(ProfilePaths::from_env(&env), config.as_bytes(), b"")?;
    Settings::from_profiles(&env, options.clone(), files)
}

fn load_with(
    options: &LoadOptions,
    pairs: &[(&str, &str)],
    config: &str,
) -> Result<Settings, ConfigError> {
    read(options, pairs, config).map(|(settings, _)| settings)
}

fn load(pairs: &[(&str, &str)], config: &str) -> Settings {
    load_with(&LoadOptions::default(), pairs, config).unwrap()
}

fn error(pairs: &[(&str, &str)], config: &str) -> String {
    let result = load_with(&LoadOptions::default(), pairs, config);
    with_slashes(&result.unwrap_err().to_string())
}

#[test]
fn sets_nothing_by_default() {
    let (settings, profile) = read(&LoadOptions::default(), &[], "").unwrap();
    assert_eq!(
        profile.name,
        Setting::new("default".into(), Origin::Default)
    );
    assert!(profile.section().is_none());
    assert_eq!(settings.region, None);
    assert_eq!(settings.endpoint_url, None);
    assert!(!settings.variant.fips);
    assert!(!settings.variant.dual_stack);
    assert_eq!(settings.max_attempts, None);
    assert!(!settings.ec2_metadata_disabled);
    assert_eq!(settings.ec2_metadata_endpoint, "http://169.254.169.254");
    assert_eq!(settings.ca_bundle, None);
    assert_eq!(settings.app_name, None);
    assert!(!settings.disable_clock_skew_correction);
    assert_eq!(settings.proxy, ProxySettings::default());
}

const FULL_PROFILE: &str = "[default]
region = eu-west-1
endpoint_url = https://example.com/
use_fips_endpoint = true
use_dualstack_endpoint = TRUE
max_attempts = 7
retry_mode = adaptive
ec2_metadata_service_endpoint = http://127.0.0.1:1338/
ec2_metadata_service_endpoint_mode = IPv6
ca_bundle = ~/ca.pem
sdk_ua_app_id = my-app
disable_clock_skew_correction = true
";

#[test]
fn reads_every_key_of_the_profile() {
    let settings = load(&[], FULL_PROFILE);
    let found = |origin: &Origin| origin.found().map(|place| with_slashes(&place));
    let place = |key: &str, line| {
        Some(format!(
            "{key} of profile \"default\" (/home/user/.aws/config, line {line})"
        ))
    };
    let region = settings.region.unwrap();
    assert_eq!(region.value, "eu-west-1");
    assert_eq!(found(&region.origin), place("region", 2));
    let endpoint_url = settings.endpoint_url.unwrap();
    assert_eq!(endpoint_url.value, "https://example.com");
    assert_eq!(found(&endpoint_url.origin), place("endpoint_url", 3));
    assert!(settings.variant.fips);
    assert!(settings.variant.dual_stack);
    assert_eq!(settings.max_attempts.unwrap(), 7);
    assert_eq!(settings.ec2_metadata_endpoint, "http://127.0.0.1:1338");
    assert_eq!(
        settings.ca_bundle.unwrap().value,
        Path::new("/home/user/ca.pem")
    );
    assert_eq!(settings.app_name.unwrap(), "my-app");
    assert!(settings.disable_clock_skew_correction);
}

#[test]
fn prefers_every_variable_to_its_key() {
    let settings = load(
        &[
            ("AWS_REGION", " us-west-2 "),
            ("AWS_DEFAULT_REGION", "us-west-1"),
            ("AWS_ENDPOINT_URL_SIMPLEDBV2", "http://localhost:8000"),
            ("AWS_ENDPOINT_URL", "http://localhost:9000"),
            ("AWS_USE_FIPS_ENDPOINT", "false"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "False"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_RETRY_MODE", "Standard"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:1"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4"),
            ("AWS_CA_BUNDLE", "/etc/ca.pem"),
            ("AWS_SDK_UA_APP_ID", "other"),
            ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "false"),
        ],
        FULL_PROFILE,
    );
    let from = Origin::Environment;
    assert_eq!(
        settings.region,
        Some(Setting::new("us-west-2".into(), from("AWS_REGION")))
    );
    assert_eq!(
        settings.endpoint_url,
        Some(Setting::new(
            "http://localhost:8000".into(),
            from("AWS_ENDPOINT_URL_SIMPLEDBV2")
        ))
    );
    assert!(!settings.variant.fips);
    assert!(!settings.variant.dual_stack);
    assert_eq!(settings.max_attempts.unwrap(), 1);
    assert!(settings.ec2_metadata_disabled);
    assert_eq!(settings.ec2_metadata_endpoint, "http://[::1]:1");
    assert_eq!(settings.ca_bundle.unwrap().value, Path::new("/etc/ca.pem"));
    assert_eq!(settings.app_name.unwrap(), "other");
    assert!(!settings.disable_clock_skew_correction);
}

#[test]
fn takes_the_address_of_the_instance_metadata_from_its_family() {
    let of = |family| load(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", family)], "");
    assert_eq!(of("IPv6").ec2_metadata_endpoint, "http://[fd00:ec2::254]");
    assert_eq!(of("IPv4").ec2_metadata_endpoint, "http://169.254.169.254");
}

#[test]
fn takes_blank_as_unset_in_both_places() {
    let settings = load(
        &[
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", "us-west-1"),
            ("AWS_MAX_ATTEMPTS", " "),
        ],
        "[default]\nmax_attempts =\nregion = eu-west-1",
    );
    assert_eq!(settings.region.unwrap().value, "us-west-1");
    assert_eq!(settings.max_attempts, None);
}

#[test]
fn rejects_an_invalid_variable_with_its_value_and_what_is_expected() {
    for (variable, value, expected) in [
        ("AWS_MAX_ATTEMPTS", "0", "an integer of at least 1"),
        ("AWS_USE_FIPS_ENDPOINT", "yes", "\"true\" or \"false\""),
        ("AWS_USE_DUALSTACK_ENDPOINT", "1", "\"true\" or \"false\""),
        ("AWS_EC2_METADATA_DISABLED", "on", "\"true\" or \"false\""),
        (
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "x",
            "\"true\" or \"false\"",
        ),
        (
            "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
            "x",
            "\"true\" or \"false\"",
        ),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            "IPv5",
            "\"IPv4\" or \"IPv6\"",
        ),
        (
            "AWS_RETRY_MODE",
            "patient",
            "\"standard\" (\"legacy\" and \"adaptive\" are treated as \"standard\")",
        ),
        (
            "AWS_REGION",
            "us east",
            "a region such as \"us-east-1\": letters, digits and hyphens",
        ),
        (
            "AWS_DEFAULT_REGION",
            "a.b",
            "a region such as \"us-east-1\": letters, digits and hyphens",
        ),
        (
            "AWS_SDK_UA_APP_ID",
            "my app",
            "at most 50 letters, digits and characters of !#$%&'*+-.^_`|~",
        ),
    ] {
        assert_eq!(
            error(&[(variable, value)], ""),
            format!("invalid {variable} {value:?}: expected {expected}")
        );
    }
}

#[test]
fn rejects_an_invalid_key_with_its_profile_file_and_line() {
    assert_eq!(
        error(
            &[("AWS_PROFILE", "dev")],
            "[profile dev]\nregion = eu-west-1\nmax_attempts = many"
        ),
        "invalid max_attempts \"many\" (profile \"dev\", /home/user/.aws/config, line 3): expected \
         an integer of at least 1"
    );
}

#[test]
fn rejects_an_invalid_url_without_repeating_a_password() {
    for (variable, value, text) in [
        (
            "AWS_ENDPOINT_URL",
            "localhost:8000",
            "invalid AWS_ENDPOINT_URL \"localhost:8000\": the endpoint URL must be absolute, \
             beginning with http:// or https://",
        ),
        (
            "AWS_ENDPOINT_URL_SIMPLEDBV2",
            "https://me:hidden@example.com",
            "invalid AWS_ENDPOINT_URL_SIMPLEDBV2: the endpoint URL must not have a user name or \
             password",
        ),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "http://",
            "invalid AWS_EC2_METADATA_SERVICE_ENDPOINT \"http://\": the endpoint URL must name a host",
        ),
    ] {
        assert_eq!(error(&[(variable, value)], ""), text);
    }
}

#[test]
fn rejects_a_missing_profile_unless_it_is_the_default() {
    assert_eq!(
        error(&[("AWS_PROFILE", "dev")], "[profile other]"),
        "profile \"dev\" (AWS_PROFILE) does not exist: expected [profile dev] in \
         /home/user/.aws/config or [dev] in /home/user/.aws/credentials"
    );
    let options = LoadOptions {
        profile: Some("b".into()),
        ..LoadOptions::default()
    };
    assert_eq!(
        with_slashes(&load_with(&options, &[], "[b]").unwrap_err().to_string()),
        "profile \"b\" does not exist: expected [profile b] in /home/user/.aws/config or [b] in \
         /home/user/.aws/credentials; [b] (/home/user/.aws/config, line 1) is ignored: expected \
         [profile b]"
    );
    let pairs = [("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "c")];
    let config = "[profile a]\nregion = x-1\n[profile b]\nregion = x-2\n[profile c]\nregion = x-3";
    let region = |settings: Settings| settings.region.unwrap().value;
    assert_eq!(region(load_with(&options, &pairs, config).unwrap()), "x-2");
    assert_eq!(region(load(&pairs, config)), "x-1");
    assert_eq!(region(load(&pairs[1..], config)), "x-3");
    assert_eq!(load(&[("AWS_PROFILE", "default")], "").region, None);
}

#[test]
fn quotes_the_name_of_a_missing_profile_as_the_config_file_needs_it() {
    assert_eq!(
        error(&[("AWS_PROFILE", "Foo Bar")], "[profile Foo Bar]"),
        "profile \"Foo Bar\" (AWS_PROFILE) does not exist: expected [profile 'Foo Bar'] in \
         /home/user/.aws/config or [Foo Bar] in /home/user/.aws/credentials; [profile Foo Bar] \
         (/home/user/.aws/config, line 1) is ignored: expected [profile 'Foo Bar']"
    );
}

#[test]
fn reports_an_unset_home_as_the_reason_for_a_missing_profile() {
    let env = Env::from_pairs([("AWS_PROFILE", "dev")]);
    let error = Settings::load(&env, LoadOptions::default(), Duration::MAX).unwrap_err();
    assert_eq!(
        error.to_string(),
        "profile \"dev\" (AWS_PROFILE) does not exist: expected [profile dev] in ~/.aws/config or \
         [dev] in ~/.aws/credentials; HOME is not set, so ~/.aws/config and ~/.aws/credentials were \
         not read"
    );
}

#[test]
fn prefers_a_region_set_in_code() {
    let options = LoadOptions {
        region: Some("eu-west-1".into()),
        ..LoadOptions::default()
    };
    let settings = load_with(&options, &[("AWS_REGION", "x-1")], "").unwrap();
    assert_eq!(settings.region, Some(Setting::in_code("eu-west-1".into())));
}

#[test]
fn prefers_the_endpoint_of_s3_to_that_of_all_services() {
    let config = "[default]\nservices = mine\nendpoint_url = http://g\n\
                  [services mine]\ns3 =\n  endpoint_url = http://s\n";
    let urls = |pairs: &[(&str, &str)]| {
        let settings = load(pairs, config);
        let url = |url: Option<Setting<String>>| url.map(|url| url.value);
        [url(settings.endpoint_url), url(settings.s3_endpoint_url)]
    };
    let both = |simpledb: &str, s3: &str| [simpledb, s3].map(|url| Some(url.to_owned()));
    assert_eq!(urls(&[]), both("http://g", "http://s"));
    let all = ("AWS_ENDPOINT_URL", "http://a");
    assert_eq!(urls(&[all]), both("http://a", "http://a"));
    let s3 = ("AWS_ENDPOINT_URL_S3", "http://v/");
    assert_eq!(urls(&[all, s3]), both("http://a", "http://v"));
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(urls(&[all, s3, ignored]), [None, None]);
}

#[test]
fn keeps_the_endpoints_of_both_apis_apart_unless_code_sets_one() {
    let config = |service: &str| {
        format!(
            "[default]\nservices = mine\n[services mine]\n{service} =\n  endpoint_url = http://s\n"
        )
    };
    let urls = |options: &LoadOptions, pairs: &[(&str, &str)], service: &str| {
        let settings = load_with(options, pairs, &config(service)).unwrap();
        let url = |url: Option<Setting<String>>| url.map(|url| url.value);
        [
            url(settings.endpoint_url),
            url(settings.domains_endpoint_url),
        ]
    };
    let some = |url: &str| Some(url.to_owned());
    let nothing = LoadOptions::default();
    assert_eq!(urls(&nothing, &[], "simpledbv2"), [some("http://s"), None]);
    assert_eq!(urls(&nothing, &[], "simpledb"), [None, some("http://s")]);
    let variable = ("AWS_ENDPOINT_URL_SIMPLEDB", "http://v/");
    assert_eq!(
        urls(&nothing, &[variable], "simpledb"),
        [None, some("http://v")]
    );
    let in_code = LoadOptions {
        endpoint_url: some("http://c"),
        ..nothing
    };
    assert_eq!(
        urls(&in_code, &[variable], "simpledbv2"),
        [some("http://c"), some("http://c")]
    );
}

#[test]
fn rejects_a_missing_or_malformed_services_section() {
    let profile = "[default]\nservices = mine\n";
    assert_eq!(
        error(&[], profile),
        "invalid services \"mine\" (profile \"default\", /home/user/.aws/config, line 2): expected \
         the name of a [services NAME] section of the config file"
    );
    assert_eq!(
        error(
            &[],
            &format!("{profile}[services mine]\nsimpledbv2 = http://h")
        ),
        "invalid simpledbv2 \"http://h\" (services \"mine\", /home/user/.aws/config, line 4): \
         expected an empty value, and indented lines such as \"endpoint_url = URL\" below it"
    );
    assert_eq!(
        error(
            &[],
            &format!("{profile}[services mine]\nsimpledbv2 =\n  endpoint_url = h")
        ),
        "invalid endpoint_url of simpledbv2 \"h\" (services \"mine\", /home/user/.aws/config, line \
         4): the endpoint URL must be absolute, beginning with http:// or https://"
    );
    let other_service = format!("{profile}endpoint_url = http://g\n[services mine]\ns3 =\n  a = b");
    assert_eq!(
        load(&[], &other_service).endpoint_url.unwrap().value,
        "http://g"
    );
}

#[test]
fn accepts_an_invalid_url_that_is_ignored_or_overridden() {
    let bad = "[default]\nservices = none\nendpoint_url = bad\n";
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        load(&[ignore, ("AWS_ENDPOINT_URL", "bad")], bad).endpoint_url,
        None
    );
    let settings = load(&[("AWS_ENDPOINT_URL", "http://h")], bad);
    assert_eq!(settings.endpoint_url.unwrap().value, "http://h");
}

#[test]
fn ignores_configured_urls_if_code_says_so() {
    let mut options = LoadOptions {
        ignore_configured_endpoint_urls: Some(false),
        ..LoadOptions::default()
    };
    let pairs = [
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("AWS_ENDPOINT_URL", "http://h"),
    ];
    let settings = load_with(&options, &pairs, "").unwrap();
    assert_eq!(settings.endpoint_url.unwrap().value, "http://h");
    options.ignore_configured_endpoint_urls = Some(true);
    let settings = load_with(&options, &pairs[1..], "").unwrap();
    assert_eq!(settings.endpoint_url, None);
}

#[test]
fn reads_the_file_that_the_environment_names() {
    let path = std::env::temp_dir().join(format!("simpledb-export-{}.conf", std::process::id()));
    std::fs::write(&path, "[default]\nregion = eu-west-3\n").unwrap();
    let env: Env = [("AWS_CONFIG_FILE", path.as_os_str())]
        .into_iter()
        .collect();
    let loaded = Settings::load(&env, LoadOptions::default(), Duration::MAX);
    std::fs::remove_file(&path).unwrap();
    let (settings, _) = loaded.unwrap();
    assert_eq!(settings.region.unwrap().value, "eu-west-3");
}

#[test]
fn shows_no_secret_in_debug() {
    let loaded = read(
        &LoadOptions::default(),
        &[
            ("HTTPS_PROXY", "http://me:hidden@h"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ],
        "[default]\naws_secret_access_key = hidden",
    );
    let printed = format!("{:?}", loaded.unwrap());
    assert!(printed.contains("aws_secret_access_key"), "{printed}");
    assert!(!printed.contains("hidden"), "{printed}");
}

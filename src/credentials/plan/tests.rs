use super::*;
use crate::settings::Setting;
use crate::settings::profile::ProfilePaths;

fn plan(config: &str, profile: &str) -> Result<Plan, CredentialsError> {
    let paths = ProfilePaths {
        config: "config".into(),
        credentials: "credentials".into(),
    };
    Plan::of(&Profile {
        name: Setting::new(profile.to_owned(), Origin::Default),
        files: Profiles::parse(paths, config.as_bytes(), b"").unwrap(),
    })
}

fn error(config: &str) -> CredentialsError {
    plan(config, "default").err().unwrap()
}

const KEYS: &str = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";

#[test]
fn reads_keys_with_a_token_and_an_account() {
    let config = format!(
        "[default]\n{KEYS}aws_session_token = token\naws_account_id = 111122223333\nregion = x\n"
    );
    let plan = plan(&config, "default").unwrap();
    let Base::Keys(credentials) = plan.base else {
        panic!("no keys");
    };
    assert!(plan.roles.is_empty());
    assert_eq!(credentials.session_token(), Some("token"));
    assert_eq!(credentials.account_id(), Some("111122223333"));
    assert_eq!(credentials.source(), "profile \"default\" (keys)");
}

#[test]
fn reads_the_older_name_of_the_session_token() {
    for (tokens, expected) in [
        ("aws_security_token = old\n", "old"),
        ("aws_session_token = new\naws_security_token = old\n", "new"),
    ] {
        let plan = plan(&format!("[default]\n{KEYS}{tokens}"), "default").unwrap();
        let Base::Keys(credentials) = plan.base else {
            panic!("no keys");
        };
        assert_eq!(credentials.session_token(), Some(expected));
    }
}

#[test]
fn reads_every_key_of_a_role() {
    let config = format!(
        "[default]\nrole_arn = R\nsource_profile = b\nexternal_id = E\nrole_session_name = N\n\
         duration_seconds = 900\n[profile b]\n{KEYS}"
    );
    let plan = plan(&config, "default").unwrap();
    let [role] = plan.roles.as_slice() else {
        panic!("{} roles", plan.roles.len());
    };
    assert_eq!(role.arn, "R");
    assert_eq!(role.external_id.as_deref(), Some("E"));
    assert_eq!(role.session_name.as_deref(), Some("N"));
    assert_eq!(role.duration_seconds, Some(900));
    assert_eq!(
        role.place,
        "role_arn of profile \"default\" (config, line 2)"
    );
}

#[test]
fn orders_the_roles_as_they_are_assumed() {
    let config = format!(
        "[default]\nrole_arn = first\nsource_profile = b\n[profile b]\nrole_arn = second\n\
         source_profile = b\n{KEYS}credential_process = never\n"
    );
    // Keys in a source profile come before its role.
    let plan_of_default = plan(&config, "default").unwrap();
    assert_eq!(plan_of_default.roles.len(), 1);
    // A profile that is its own source has its own keys as the base.
    let plan_of_b = plan(&config, "b").unwrap();
    assert_eq!(plan_of_b.roles.len(), 1);
    assert!(matches!(plan_of_b.base, Base::Keys(_)));
}

#[test]
fn web_identity_sso_login_and_process_take_precedence_over_keys() {
    let all = "web_identity_token_file = F\nrole_arn = R\nsso_session = s\nlogin_session = l\n\
               credential_process = p\n";
    let lines: Vec<&str> = all.lines().collect();
    let base = |from: usize| {
        let own = lines[from..].join("\n");
        let config =
            format!("[default]\n{KEYS}{own}\n[sso-session s]\nsso_start_url = u\nsso_region = r\n");
        plan(&config, "default").unwrap().base
    };
    assert!(matches!(base(0), Base::WebIdentity(_)));
    assert!(matches!(base(2), Base::Sso(_)));
    assert!(matches!(base(3), Base::Login { .. }));
    assert!(matches!(base(4), Base::Process { .. }));
    assert!(matches!(base(5), Base::Keys(_)));
}

#[test]
fn a_profile_without_credentials_is_not_configured() {
    let error = error("[default]\nregion = us-east-1\naws_access_key_id =\n");
    assert!(error.is_not_configured());
    assert_eq!(format!("{error}"), "profile \"default\" has no credentials");
}

#[test]
fn reports_each_mistake_with_its_place_and_what_to_do() {
    for (config, text) in [
        (
            "[default]\naws_secret_access_key = hidden",
            "aws_secret_access_key of profile \"default\" (config, line 2) is set, but \
             aws_access_key_id is not: set both",
        ),
        (
            "[default]\naws_secret_access_key = hid den\naws_access_key_id = x",
            "aws_secret_access_key of profile \"default\" contains characters not allowed in \
             a key: expected printable ASCII",
        ),
        (
            "[default]\nrole_arn = R",
            "role_arn of profile \"default\" (config, line 2) needs one of \
             source_profile, credential_source, web_identity_token_file in the same profile",
        ),
        (
            "[default]\nrole_arn = R\nsource_profile = b\ncredential_source = Environment",
            "credential_source of profile \"default\" (config, line 4) conflicts with \
             source_profile: set only one of them",
        ),
        (
            "[default]\nrole_arn = R\ncredential_source = Elsewhere",
            "credential_source of profile \"default\" (config, line 3) is \"Elsewhere\": expected \
             Environment, Ec2InstanceMetadata or EcsContainer",
        ),
        (
            "[default]\nrole_arn = R\nsource_profile = b\nduration_seconds = 1h",
            "duration_seconds of profile \"default\" (config, line 4) is \"1h\": expected a number \
             of seconds, such as 3600",
        ),
        (
            "[default]\nrole_arn = R\nsource_profile = b",
            "profile \"b\", the source_profile of profile \"default\", does not exist",
        ),
        (
            "[default]\nrole_arn = R\nsource_profile = b\n[profile b]\nregion = x",
            "profile \"b\", a source_profile, has no credentials: expected keys, or one of \
             role_arn, sso_session, credential_process",
        ),
        (
            "[default]\nrole_arn = R\nsource_profile = b\n[profile b]\nrole_arn = S\n\
             source_profile = default",
            "source_profile cycle: default -> b -> default",
        ),
        (
            "[default]\nweb_identity_token_file = F",
            "web_identity_token_file of profile \"default\" (config, line 2) needs role_arn \
             in the same profile",
        ),
        (
            "[default]\nsso_session = s",
            "sso_session of profile \"default\" (config, line 2) is \"s\": expected the name of \
             an [sso-session NAME] section of the config file",
        ),
        (
            "[default]\nsso_session = s\n[sso-session s]\nsso_region = r",
            "sso-session \"s\" has no sso_start_url: set it there",
        ),
        (
            "[default]\nsso_session = s\nsso_region = q\n[sso-session s]\nsso_region = r\n\
             sso_start_url = u",
            "sso_region of profile \"default\" (config, line 3) differs from that of sso-session \
             \"s\": set it only there",
        ),
        (
            "[default]\nsso_start_url = u\nsso_region = r",
            "profile \"default\" uses SSO but has no sso_account_id: run \"aws configure sso\" \
             or set it",
        ),
        (
            "[default]\nsso_start_url = u\nsso_region = a.example\nsso_account_id = \
             1\nsso_role_name = r",
            "sso_region for profile \"default\" is \"a.example\": expected a region such as \
             \"us-east-1\"",
        ),
    ] {
        let error = error(config);
        assert!(!error.is_not_configured(), "{text}");
        assert_eq!(format!("{error}"), text);
    }
}

//! What a build without `sts` or `sso` says about profiles that need them.

use super::Home;

fn broken(keys: &str) -> String {
    let config = format!("[default]\n{keys}[sso-session s]\nsso_start_url = u\nsso_region = r\n");
    Home::new().with_config(&config).broken()
}

fn needs(feature: &str, key: &str) -> String {
    format!(
        "profile \"default\": {key} of profile \"default\" (~/.aws/config, line 2) needs the \
         feature {feature} of simpledb-export, which this build was made without"
    )
}

#[cfg(not(feature = "sts"))]
#[test]
fn roles_need_sts() {
    let keys = "source_profile = default\naws_access_key_id = a\naws_secret_access_key = b\n";
    let role = format!("role_arn = arn:r\n{keys}");
    assert_eq!(broken(&role), needs("sts", "role_arn"));
    let web_identity = "web_identity_token_file = /t\nrole_arn = arn:r\n";
    assert_eq!(
        broken(web_identity),
        needs("sts", "web_identity_token_file")
    );
}

#[cfg(not(feature = "sso"))]
#[test]
fn single_sign_on_needs_sso() {
    let sso = "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n";
    assert_eq!(broken(sso), needs("sso", "sso_session"));
}

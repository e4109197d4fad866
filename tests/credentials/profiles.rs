//! Profiles with unusual names: never another identity in their place.

use simpledb_export::credentials::ProvideCredentials;
use simpledb_export::{Config, Credentials};

use super::{Home, PATIENT};
use crate::support::Server;

const KEYS: &str = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";

/// A home on an instance whose metadata must not be requested.
fn home(server: &Server) -> Home {
    Home::new()
        .with("AWS_EC2_METADATA_DISABLED", "false")
        .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url())
}

fn nobody() -> Server {
    Server::responding(|_, request| panic!("{} was requested", request.path))
}

fn with_profile(home: &Home, name: &str) -> Result<Credentials, String> {
    let chain = home.loader().profile(name).load_credentials();
    let chain = chain.map_err(|error| error.to_string())?;
    chain
        .provide_credentials(PATIENT)
        .map_err(|error| home.text(&error))
}

#[test]
fn uses_the_keys_of_a_profile_with_any_name() {
    for name in ["Foo Bar", "José", "acme (prod)", "Someone's Mac"] {
        let server = nobody();
        let home = home(&server)
            .with_config("[default]\nregion = us-east-1\n")
            .with_file(".aws/credentials", &format!("[{name}]\n{KEYS}"));
        let credentials = with_profile(&home, name).expect("credentials");
        assert_eq!(credentials.source(), format!("profile {name:?} (keys)"));
        assert_eq!(server.connections(), 0);
    }
}

#[test]
fn uses_a_source_profile_with_any_name() {
    let server = nobody();
    let home = home(&server)
        .with_config(
            "[profile role]\nrole_arn = arn:r\nsource_profile = Foo Bar\nendpoint_url = \
             http://127.0.0.1:1\n",
        )
        .with("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        .with_file(".aws/credentials", &format!("[Foo Bar]\n{KEYS}"));
    let error = with_profile(&home, "role").expect_err("no service");
    assert!(error.contains("role_arn of profile \"role\""), "{error}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn rejects_a_profile_whose_keys_are_in_a_section_that_is_not_read() {
    let server = nobody();
    let home = home(&server)
        .with_config("[profile dev]\nregion = us-east-1\n")
        .with_file(".aws/credentials", &format!("[profile dev]\n{KEYS}"));
    let reason = "profile \"dev\" has no credentials; [profile dev] \
                  (~/.aws/credentials, line 1) is ignored: expected [dev]";
    let error = with_profile(&home, "dev").expect_err("no keys");
    assert!(error.contains(reason), "{error}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn rejects_a_default_profile_whose_section_is_not_read() {
    let server = nobody();
    let home = home(&server).with_file(".aws/credentials", &format!("[profile default]\n{KEYS}"));
    assert_eq!(
        home.broken(),
        "profile \"default\": profile \"default\" does not exist; [profile default] \
         (~/.aws/credentials, line 1) is ignored: expected [default]"
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn reports_an_unset_home_if_profiles_are_missing() {
    let environment = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let chain = Config::loader().environment(environment).load_credentials();
    let error = chain
        .expect("good settings")
        .provide_credentials(PATIENT)
        .expect_err("no credentials");
    let text = error.to_string();
    let expected = "profile \"default\": profile \"default\" does not exist; HOME is not set, so \
                    ~/.aws/config and ~/.aws/credentials were not read;";
    assert!(text.contains(expected), "{text}");
}

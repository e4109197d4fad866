//! The session of `aws login`, and its refresh.

#[cfg(feature = "rustls")]
mod refresh;

use super::{EARLIER, Home, LATER, assert_is};

/// The SHA-256 of `abc`, from its standard.
const NAME: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json";
const FILE: &str =
    ".aws/login/cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json";

const SOURCE: &str = "profile \"dev\" (aws login)";

fn home() -> Home {
    Home::new()
        .with_config("[profile dev]\nlogin_session = abc\n")
        .with("AWS_PROFILE", "dev")
}

fn cache(expires_at: &str) -> String {
    format!(
        r#"{{"accessToken":{{"accessKeyId":"login","secretAccessKey":"hidden-key",
        "sessionToken":"hidden-token","accountId":"111122223333","expiresAt":"{expires_at}"}}}}"#
    )
}

#[test]
fn uses_a_session_until_it_expires() {
    let home = home().with_file(FILE, &cache(LATER));
    assert_is(&home.credentials(), "login", SOURCE);
    home.write(FILE, &cache("2026-02-16T12:00:01Z"));
    assert_is(&home.credentials(), "login", SOURCE);
    home.write(FILE, &cache(EARLIER));
    assert_eq!(
        home.broken(),
        format!(
            "profile \"dev\": the login of profile \"dev\" has expired and cannot be refreshed \
             (~/{FILE} has no clientId): run \"aws login --profile dev\""
        )
    );
}

#[test]
fn reads_the_directory_that_the_environment_names() {
    let home = home()
        .with("AWS_LOGIN_CACHE_DIRECTORY", "~/elsewhere")
        .with_file(&format!("elsewhere/{NAME}"), &cache(LATER));
    assert_is(&home.credentials(), "login", SOURCE);
}

#[test]
fn reports_a_missing_or_invalid_file() {
    let home = home();
    assert_eq!(
        home.broken(),
        format!(
            "profile \"dev\": no login of profile \"dev\" (~/{FILE} does not exist): run \"aws \
             login --profile dev\""
        )
    );
    home.write(FILE, "hidden");
    assert_eq!(
        home.broken(),
        format!("profile \"dev\": ~/{FILE} is not valid JSON (line 1, column 1)")
    );
}

#[cfg(not(feature = "rustls"))]
#[test]
fn a_build_that_cannot_refresh_says_so_once_the_session_has_expired() {
    let refreshable = |expires_at| {
        let more = r#","clientId":"c","refreshToken":"hidden","dpopKey":"hidden"}"#;
        cache(expires_at)
            .strip_suffix('}')
            .expect("an object")
            .to_owned()
            + more
    };
    let home = home().with_file(FILE, &refreshable("2026-02-16T12:00:01Z"));
    assert_is(&home.credentials(), "login", SOURCE);
    home.write(FILE, &refreshable(EARLIER));
    assert_eq!(
        home.broken(),
        "profile \"dev\": the login of profile \"dev\" has expired and cannot be refreshed (this \
         build cannot sign the request: enable the feature rustls): run \"aws login --profile dev\""
    );
}

//! The session of `aws login`.

use super::{EARLIER, Home, LATER, assert_is};

/// The SHA-256 of `abc`, from its standard.
const FILE: &str =
    ".aws/login/cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.json";

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
    assert_is(&home.credentials(), "login", "profile \"dev\" (aws login)");
    home.write(FILE, &cache(EARLIER));
    assert_eq!(
        home.broken(),
        "profile \"dev\": the login of profile \"dev\" has expired: run \"aws login --profile \
         dev\""
    );
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

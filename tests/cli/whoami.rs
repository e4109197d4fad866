//! `whoami`.

use super::{Home, Ran};
use crate::support::SECRET;

#[test]
fn it_shows_who_and_where_and_no_secrets() {
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
    "endpoint": "https://sdb.eu-west-1.amazonaws.com",
    "profile": "default",
    "credentialSource": "environment variables",
    "accessKeyId": "****************MPLE",
    "accountId": "111122223333",
    "expiration": null
}
"#,
        "",
    );
}

#[test]
fn it_shows_what_is_known_and_tells_what_is_missing() {
    let home = Home::new();
    home.run(&["whoami", "--output=text"]).assert(
        253,
        "None\tNone\tNone\tNone\tNone\tdefault\tNone\n",
        "simpledb-export: no region is set: set AWS_REGION, or region in the profile, or call \
         Config::region\n\
         simpledb-export: to set it for one command: --region REGION\n",
    );
}

#[test]
fn the_profile_of_the_flag_decides() {
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
    assert_eq!(
        ran.stderr,
        "simpledb-export: no credentials: no source has any; asked in this order:\n\
         1. environment variables: left out, since a profile was named in code;\n\
         2. profile \"other\": profile \"other\" says nothing about credentials;\n\
         3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set;\n\
         4. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and \
         AWS_CONTAINER_CREDENTIALS_FULL_URI are not set;\n\
         5. instance metadata: AWS_EC2_METADATA_DISABLED is true\n"
    );

    home.write(
        ".aws/credentials",
        &format!("[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = {SECRET}\n"),
    );
    let ran = with_keys(&home);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words: Vec<_> = ran.stdout.trim_end().split('\t').collect();
    assert!(words[0].ends_with("*THER"), "{ran:?}");
    assert_eq!(
        words[3..],
        ["http://localhost:1", "None", "other", "eu-west-1"]
    );

    let ran = home.run(&["whoami", "--profile=nobody"]);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    assert!(ran.stderr.contains("nobody"), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

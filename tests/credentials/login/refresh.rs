//! The refresh of a login by the sign-in service.

use std::fs;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use simpledb_export::credentials::{CredentialsCache, ProvideCredentials};
use time::OffsetDateTime;

use super::{FILE, SOURCE, home};
use crate::credentials::{EARLIER, Home, PATIENT, assert_is, unix};
use crate::support::{Request, Server, Step, json_response, response, suites};

/// Four minutes after the start of these tests.
const SOON: &str = "2026-02-16T12:04:00Z";

const CREATED: &str = r#"{"accessToken":{"accessKeyId":"new","secretAccessKey":"hidden-key",
    "sessionToken":"hidden-token"},"tokenType":"aws_sigv4","expiresIn":900,
    "refreshToken":"hidden-next"}"#;

const LOG_IN: &str = "run \"aws login --profile dev\"";

fn with_service(server: &Server) -> Home {
    home().with("AWS_ENDPOINT_URL_SIGNIN", &server.url())
}

/// Returns a new key, as `aws login` writes it.
fn new_key() -> String {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let pkcs8 = pkcs8.expect("a key");
    // What follows the algorithm is SEC1.
    let base64 = BASE64_STANDARD.encode(&pkcs8.as_ref()[29..]);
    format!("-----BEGIN EC PRIVATE KEY-----\n{base64}\n-----END EC PRIVATE KEY-----\n")
}

fn cache(id: &str, expires_at: &str) -> Value {
    json!({
        "accessToken": {
            "accessKeyId": id,
            "secretAccessKey": "hidden-key",
            "sessionToken": "hidden-token",
            "accountId": "111122223333",
            "expiresAt": expires_at,
        },
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "hidden-again",
        "idToken": "hidden-id",
        "dpopKey": new_key(),
    })
}

fn old(expires_at: &str) -> String {
    cache("old", expires_at).to_string()
}

fn kept(home: &Home) -> Value {
    serde_json::from_str(&home.read(FILE)).expect("JSON")
}

/// Returns the payload of a request's proof, after checking its signature.
#[track_caller]
fn proven(request: &Request) -> Value {
    let proof = request.header("dpop").expect("a proof");
    let (signed, signature) = proof.rsplit_once('.').expect("a signature");
    let (header, payload) = signed.split_once('.').expect("a payload");
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let json = |text| serde_json::from_slice::<Value>(&decode(text)).expect("JSON");
    let key = &json(header)["jwk"];
    let [x, y] = ["x", "y"].map(|name| decode(key[name].as_str().expect("a coordinate")));
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], x, y].concat());
    let verified = public.verify(signed.as_bytes(), &decode(signature));
    verified.expect("a valid signature");
    json(payload)
}

#[test]
fn refreshes_a_session_five_minutes_before_it_expires() {
    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let home = with_service(&server).with_file(FILE, &old("2026-02-16T12:05:01Z"));
    assert_is(&home.credentials(), "old", SOURCE);
    assert_eq!(server.connections(), 0);

    home.write(FILE, &old("2026-02-16T12:05:00Z"));
    let mut expected = kept(&home);
    let credentials = home.credentials();
    assert_is(&credentials, "new", SOURCE);
    assert_eq!(credentials.account_id(), Some("111122223333"));
    assert_eq!(unix(credentials.expiration()), 1_771_244_100);
    let request = server.request();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/v1/token")
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.json(),
        json!({
            "clientId": "arn:aws:signin:::devtools/same-device",
            "grantType": "refresh_token",
            "refreshToken": "hidden-again",
        })
    );
    let proof = proven(&request);
    assert_eq!(proof["htm"], "POST");
    assert_eq!(proof["htu"], format!("{}/v1/token", server.url()));
    assert_eq!(proof["iat"], 1_771_243_200);
    assert_eq!(proof["jti"].as_str().map(str::len), Some(36));

    expected["accessToken"]["accessKeyId"] = json!("new");
    expected["accessToken"]["expiresAt"] = json!("2026-02-16T12:15:00Z");
    expected["refreshToken"] = json!("hidden-next");
    assert_eq!(kept(&home), expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(home.path(FILE)).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    // It is valid for 15 minutes.
    home.credentials();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn keeps_a_client_going_for_hours() {
    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let home = with_service(&server).with_file(FILE, &old(EARLIER));
    let cache = CredentialsCache::new(home.chain()).system(home.system.clone());
    for minute in 0..180 {
        let now = OffsetDateTime::from_unix_timestamp(1_771_243_200 + minute * 60);
        let now = now.expect("a time");
        home.system.set_now(now);
        let credentials = cache.provide_credentials(PATIENT).expect("credentials");
        assert!(credentials.expiration() > Some(now));
    }
    let requests = server.requests();
    assert!((12..=18).contains(&requests.len()), "{}", requests.len());
    let tokens = requests.iter().map(Request::json);
    let tokens: Vec<_> = tokens.map(|json| json["refreshToken"].clone()).collect();
    assert_eq!(tokens[0], "hidden-again");
    assert_eq!(tokens[1], "hidden-next");
}

#[test]
fn a_failed_refresh_matters_only_after_the_session_has_expired() {
    let server = Server::with_responses(vec![json_response(400, "{}")]);
    let home = with_service(&server).with_file(FILE, &old(SOON));
    assert_is(&home.credentials(), "old", SOURCE);
    assert_eq!(server.requests().len(), 1);
    home.write(FILE, &old(EARLIER));
    assert_eq!(
        home.broken(),
        format!("profile \"dev\": the sign-in service responded with HTTP 400: {LOG_IN}")
    );
}

#[test]
fn refreshes_a_session_that_a_service_refuses_as_expired() {
    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let home = with_service(&server).with_file(FILE, &old("2026-02-16T12:14:00Z"));
    let chain = home.chain();
    let provide = || chain.provide_credentials(PATIENT).expect("credentials");
    let old = provide();
    assert_eq!(old.access_key_id(), "old");
    assert!(chain.reject(&old));
    assert_eq!(provide().access_key_id(), "new");
}

#[test]
fn advises_what_to_do_about_a_refusal() {
    for (code, advice) in [
        ("TOKEN_EXPIRED", LOG_IN),
        ("USER_CREDENTIALS_CHANGED", LOG_IN),
        ("INVALID_REQUEST", LOG_IN),
        (
            "INSUFFICIENT_PERMISSIONS",
            "allow the action signin:CreateOAuth2Token",
        ),
    ] {
        let body = format!(r#"{{"error":"{code}","message":"not\nyou"}}"#);
        let server = Server::with_responses(vec![json_response(403, &body)]);
        let home = with_service(&server).with_file(FILE, &old(EARLIER));
        assert_eq!(
            home.broken(),
            format!(
                "profile \"dev\": the sign-in service responded with HTTP 403: {code}: not you: \
                 {advice}"
            )
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn retries_temporary_failures_with_a_new_proof() {
    let server = Server::with_responses(vec![
        json_response(500, r#"{"error":"server_error","message":"later"}"#),
        json_response(429, "{}"),
        json_response(200, CREATED),
    ]);
    let home = with_service(&server).with_file(FILE, &old(EARLIER));
    assert_is(&home.credentials(), "new", SOURCE);
    let ids: Vec<_> = server.requests().iter().map(proven).collect();
    assert_ne!(ids[0]["jti"], ids[1]["jti"]);
    assert_ne!(ids[1]["jti"], ids[2]["jti"]);

    let body = r#"{"error":"server_error","message":"later"}"#;
    let server = Server::with_responses(vec![json_response(500, body)]);
    let home = with_service(&server).with_file(FILE, &old(EARLIER));
    assert_eq!(
        home.broken(),
        "profile \"dev\": the sign-in service responded with HTTP 500: server_error: later"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn dates_the_proof_by_the_clock_of_the_service() {
    let refusal = r#"{"error":"INVALID_REQUEST","message":"no"}"#;
    let date = ("date", "Mon, 16 Feb 2026 13:00:00 GMT");
    let server = Server::with_responses(vec![
        response(400, &[date], refusal.as_bytes()),
        json_response(200, CREATED),
    ]);
    let home = with_service(&server).with_file(FILE, &old(EARLIER));
    // The expiration is in the time of the system, which it is compared with.
    let expiration = unix(home.credentials().expiration());
    assert!((1_771_244_100..1_771_244_400).contains(&expiration));
    let requests = server.requests();
    let times = requests
        .iter()
        .map(|request| proven(request)["iat"].as_i64());
    let times: Vec<i64> = times.map(|time| time.expect("a number")).collect();
    assert_eq!(times[0], 1_771_243_200);
    let corrected = 1_771_243_200 + 3_600;
    assert!((corrected..corrected + 60).contains(&times[1]), "{times:?}");
    assert_eq!(times.len(), 2);
}

#[test]
fn uses_what_another_process_has_refreshed() {
    let home = home();
    let path = home.path(FILE);
    let server = Server::responding(move |_, _| {
        fs::write(&path, cache("other", "2026-02-16T12:15:00Z").to_string()).expect("a file");
        let body = r#"{"error":"TOKEN_EXPIRED","message":"used"}"#;
        vec![Step::Send(json_response(400, body))]
    });
    let home = home
        .with("AWS_ENDPOINT_URL_SIGNIN", &server.url())
        .with_file(FILE, &old(EARLIER));
    assert_is(&home.credentials(), "other", SOURCE);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn names_what_is_wrong_with_the_file_or_the_response() {
    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let home = with_service(&server);
    for (member, value, reason) in [
        ("clientId", Value::Null, format!("~/{FILE} has no clientId")),
        (
            "refreshToken",
            json!(""),
            format!("~/{FILE} has no refreshToken"),
        ),
        ("dpopKey", Value::Null, format!("~/{FILE} has no dpopKey")),
        (
            "dpopKey",
            json!("hidden"),
            "its dpopKey is not a P-256 key in PEM with its public key".to_owned(),
        ),
    ] {
        let mut file = cache("old", EARLIER);
        file[member] = value;
        home.write(FILE, &file.to_string());
        assert_eq!(
            home.broken(),
            format!(
                "profile \"dev\": the login of profile \"dev\" has expired and cannot be refreshed \
                 ({reason}): {LOG_IN}"
            )
        );
    }
    assert_eq!(server.connections(), 0);
    for (part, replacement, reason) in [
        ("{", "", "is not a JSON object"),
        ("\"accessToken\"", "\"a\"", "has no accessToken"),
        ("\"new\"", "null", "has no accessKeyId"),
        ("900", "0", "has no expiresIn in seconds"),
    ] {
        let body = CREATED.replacen(part, replacement, 1);
        let server = Server::with_responses(vec![json_response(200, &body)]);
        let file = old(EARLIER);
        let home = with_service(&server).with_file(FILE, &file);
        let text = format!("profile \"dev\": the response from the sign-in service {reason}");
        assert_eq!(home.broken(), text);
        assert_eq!(home.read(FILE), file);
    }
}

#[test]
fn finds_the_endpoint_url_as_for_every_other_service() {
    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let config = format!(
        "[profile dev]\nlogin_session = abc\nservices = s\n[services s]\nsignin =\n  \
         endpoint_url = {}\n",
        server.url()
    );
    home()
        .with_config(&config)
        .with_file(FILE, &old(EARLIER))
        .credentials();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn rejects_a_region_that_is_not_a_host_label() {
    let mut file = cache("old", EARLIER);
    file["signInRegion"] = json!("evil.example/#");
    let home = home().with_file(FILE, &file.to_string());
    assert_eq!(
        home.broken(),
        "profile \"dev\": invalid region \"evil.example/#\": expected a region such as \
         \"us-east-1\""
    );
}

#[cfg(unix)]
#[test]
fn does_not_use_up_a_token_whose_successor_cannot_be_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = Server::with_responses(vec![json_response(200, CREATED)]);
    let home = with_service(&server).with_file(FILE, &old(EARLIER));
    let file = home.path(FILE);
    let directory = file.parent().expect("a directory");
    let set_mode = |mode| fs::set_permissions(directory, fs::Permissions::from_mode(mode));
    set_mode(0o500).expect("the directory's owner");
    let is_privileged = fs::File::create(directory.join("file")).is_ok();
    let error = home
        .provide()
        .map(|credentials| credentials.access_key_id().to_owned());
    set_mode(0o700).expect("the directory's owner");
    if is_privileged {
        // No permission restricts this user.
        return;
    }
    let error = home.text(&error.expect_err("a directory that cannot be written to"));
    let expected = format!(
        "profile \"dev\": the login of profile \"dev\" has expired and cannot be refreshed (cannot \
         write ~/{FILE}: Permission denied (os error 13)): {LOG_IN}"
    );
    assert_eq!(error.lines().next(), Some(format!("{expected};").as_str()));
    assert_eq!(server.connections(), 0);
}

#[test]
fn every_case_of_the_sdks_yields_its_credentials_and_its_cache() {
    let Some(suite) = suites::json("credentials/login-cases.json") else {
        return;
    };
    let cases = suite.as_array().expect("cases");
    for case in cases {
        run(case);
    }
    suites::ran("aws login", cases.len(), 8);
}

fn run(case: &Value) {
    let name = &case["documentation"];
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let calls = case["mockApiCalls"].as_array();
    let responses = calls.into_iter().flatten().map(|call| {
        let status = call["responseCode"].as_u64().unwrap_or(200);
        let body = call["response"]["tokenOutput"].to_string();
        json_response(u16::try_from(status).expect("a status"), &body)
    });
    let server = Server::with_responses(responses.chain([json_response(500, "{}")]).collect());
    let home = Home::new()
        .with_config(&text(&case["configContents"]))
        .with("AWS_PROFILE", "signin")
        .with("AWS_ENDPOINT_URL_SIGNIN", &server.url());
    let now = OffsetDateTime::from_unix_timestamp(1_763_510_400).expect("2025-11-19");
    home.system.set_now(now);
    for (file, content) in case["cacheContents"].as_object().expect("files") {
        home.write(&format!(".aws/login/cache/{file}"), &content.to_string());
    }
    let provided = home.provide();
    let outcomes = case["outcomes"].as_array().expect("outcomes");
    for outcome in outcomes {
        match text(&outcome["result"]).as_str() {
            "error" => assert!(provided.is_err(), "{name}"),
            "credentials" => {
                let found = provided
                    .as_ref()
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                let at = found.expiration().expect("an expiration");
                let (hour, minute, second) = at.to_hms();
                let found = json!({
                    "result": "credentials",
                    "accessKeyId": found.access_key_id(),
                    "secretAccessKey": found.secret_access_key(),
                    "sessionToken": found.session_token(),
                    "accountId": found.account_id(),
                    "expiresAt": format!("{}T{hour:02}:{minute:02}:{second:02}Z", at.date()),
                });
                assert_eq!(&found, outcome, "{name}");
            }
            "cacheContents" => {
                for (file, content) in outcome.as_object().expect("files") {
                    if file != "result" {
                        let found = home.read(&format!(".aws/login/cache/{file}"));
                        let found: Value = serde_json::from_str(&found).expect("JSON");
                        assert_eq!(&found, content, "{name}");
                    }
                }
            }
            other => panic!("{name}: unknown outcome {other}"),
        }
    }
    let requests = server.requests();
    let expected = calls.map_or(0, Vec::len);
    assert_eq!(requests.len(), expected, "{name}");
    for (request, call) in requests.iter().zip(calls.into_iter().flatten()) {
        assert_eq!(request.json(), call["request"]["tokenInput"], "{name}");
        assert_eq!(proven(request)["iat"], 1_763_510_400, "{name}");
    }
}

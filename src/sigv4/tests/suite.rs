//! The suite of AWS's signers: every stage of every case.

use std::path::Path;

use serde_json::Value;

use super::string_to_sign;
use crate::sigv4::{Credentials, HexHash, OffsetDateTime, SignableBody, SignableRequest, Signer};
use crate::tests::suites::{find, ran};

#[test]
fn signs_every_case_as_expected_at_every_stage() {
    let Some(suite) = find("sigv4") else {
        return;
    };
    let mut cases = 0;
    for entry in std::fs::read_dir(suite).expect("a readable directory") {
        let directory = entry.expect("an entry").path();
        // Such a path only S3 signs, which has no `..` to keep.
        let is_unnormalized = directory.to_string_lossy().ends_with("-unnormalized");
        if directory.is_dir() && !is_unnormalized {
            check(&directory);
            cases += 1;
        }
    }
    ran("sigv4", cases, 31);
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn check(directory: &Path) {
    let name = directory.display();
    let expected = |file: &str| read(&directory.join(format!("header-{file}.txt")));
    let context: Value =
        serde_json::from_str(&read(&directory.join("context.json"))).expect("valid JSON");
    let request = read(&directory.join("request.txt"));
    let request = Request::parse(&request);
    let mut headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let is = |name: &str| context[name].as_bool().unwrap_or(false);
    let hash = HexHash::of(request.body.as_bytes());
    if is("sign_body") {
        headers.push(("x-amz-content-sha256", hash.as_str()));
    }
    let signable = SignableRequest {
        method: request.method,
        uri: request.uri,
        headers: &headers,
        body: SignableBody::Bytes(request.body.as_bytes()),
    };

    assert_eq!(context["normalize"], true);
    let text = |name: &str| context[name].as_str().expect("a string");
    let signer = Signer::new(text("service"), text("region"));
    let given = &context["credentials"];
    // The session token is then sent, but not signed.
    let unsigned_token = given["token"].as_str().filter(|_| is("omit_session_token"));
    let credentials = credentials(given, unsigned_token.is_none());
    assert_eq!(context["timestamp"], "2015-08-30T12:36:00Z", "{name}");
    let time = OffsetDateTime::from_unix_timestamp(1_440_938_160).expect("a time");

    let canonical = signer.canonical_request(&signable, &credentials, time);
    assert_eq!(canonical, expected("canonical-request"), "{name}");
    let string_to_sign = string_to_sign(&signer, &signable, &credentials, time);
    assert_eq!(string_to_sign, expected("string-to-sign"), "{name}");
    let signed = signer.sign(&signable, &credentials, time);
    assert_eq!(signed.signature(), expected("signature"), "{name}");

    let mut added: Vec<(&str, &str)> = signed.headers().collect();
    added.extend(unsigned_token.map(|token| ("x-amz-security-token", token)));
    let sent = sorted(headers.iter().chain(&added).copied());
    let signed_request = expected("signed-request");
    let signed_request = Request::parse(&signed_request);
    let expected = signed_request.headers.iter();
    let expected = sorted(expected.map(|(name, value)| (*name, value.as_str())));
    assert_eq!(sent, expected, "{name}");
}

fn sorted<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, &'a str)> {
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    headers.sort_unstable();
    headers
}

fn credentials(given: &Value, with_token: bool) -> Credentials {
    let text = |name: &str| given[name].as_str();
    let credentials = Credentials::builder(
        text("access_key_id").expect("a string"),
        text("secret_access_key").expect("a string"),
    );
    match text("token").filter(|_| with_token) {
        Some(token) => credentials.session_token(token).build(),
        None => credentials.build(),
    }
}

/// A request as its file writes it: neither path nor query is percent-encoded.
struct Request<'a> {
    method: &'a str,
    uri: &'a str,
    headers: Vec<(&'a str, String)>,
    body: &'a str,
}

impl<'a> Request<'a> {
    fn parse(text: &'a str) -> Request<'a> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let first = lines.next().expect("a request line");
        let (method, rest) = first.split_once(' ').expect("a method");
        let (uri, _version) = rest.rsplit_once(' ').expect("a version");
        let mut headers: Vec<(&str, String)> = Vec::new();
        for line in lines {
            match line.split_once(':') {
                Some((name, value)) if !line.starts_with(' ') => {
                    headers.push((name, value.to_owned()));
                }
                _ => {
                    let (_, value) = headers.last_mut().expect("a header to continue");
                    value.push('\n');
                    value.push_str(line);
                }
            }
        }
        Request {
            method,
            uri,
            headers,
            body,
        }
    }
}
